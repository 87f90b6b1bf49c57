//! A whole company in one process: an emulated Zuora, a SaaS product, a mail server and the platform between them.
//! Refuses every address but loopback, a database that is not empty, and real secrets.

mod home;
mod wiring;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use app::{App, Clock, Duty, Worker};
use domain::token::Scope;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use zuora_emulator::http::{Clock as ZuoraClock, Handle, Speed};
use zuora_emulator::{Emulator, seed};

use crate::mail_sink::MailSink;
use crate::saas::SaasProduct;
use crate::zuora_user::ZuoraUser;
use crate::{Error, Result, front};
use home::Home;
pub use wiring::{DEMO_KEY_ID, OFFERS, SELLER, demo_signing_key, offers};

/// How long the API token of the demo's own programs lives, on the demo's clock: longer than anyone clicks around.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(10_000);

/// The platform's clock counts its speed in thousandths.
const THOUSANDTHS: u32 = 1_000;

/// How to start a world.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Where the API, the portal and the console listen; port 0 takes any.
    pub listen: SocketAddr,
    /// Where the metrics are.
    pub metrics: SocketAddr,
    /// An empty database; a SQLite file of its own if absent.
    pub database: Option<String>,
    /// How many seconds pass in the world for one outside.
    pub speed: u32,
    /// What every call to Zuora takes, on the world's clock.
    pub latency: Duration,
}

/// Where everything can be reached.
#[derive(Debug, Clone)]
pub struct Urls {
    /// API, portal, console, status.
    pub public: String,
    /// Prometheus metrics.
    pub metrics: String,
    /// Zuora's API.
    pub zuora: String,
    /// The emulator's faults, books and clock.
    pub zuora_admin: String,
    /// The SaaS product.
    pub saas: String,
    /// The mails.
    pub mails: String,
}

/// A running world. Dropping it ends everything; [`World::stop`] ends it in good order.
pub struct World {
    /// The platform.
    pub app: App,
    /// The emulated Zuora.
    pub zuora: Handle,
    /// The SaaS product.
    pub saas: SaasProduct,
    /// The mail server.
    pub mails: MailSink,
    /// Where everything can be reached.
    pub urls: Urls,
    /// The secret of an API token with every scope.
    pub token: String,
    /// Somebody who works in Zuora directly.
    pub zuora_user: ZuoraUser,
    worker: Worker,
    servers: JoinSet<()>,
    home: Home,
}

impl World {
    /// Starts everything and returns when all of it can be reached.
    pub async fn start(setup: Setup) -> Result<World> {
        // The first provider that is installed stays.
        drop(rustls::crypto::ring::default_provider().install_default());
        let sockets = Sockets::bind(&setup).await?;
        let urls = sockets.urls();
        let home = Home::new()?;
        let db = wiring::database(setup.database.as_deref(), &home).await?;

        // Both clocks show the same time at the same moment and run at the same speed.
        let origin = Timestamp::now();
        let clock = Clock::faster(setup.speed.saturating_mul(THOUSANDTHS), origin);
        let zuora_clock = ZuoraClock::new(origin, Speed::times(setup.speed));

        let mut emulator = Emulator::new(zuora_emulator::Settings {
            latency: setup.latency,
            // Real Zuora is said to refuse a number that is taken; nothing may rest on that.
            accept_duplicate_order_numbers: true,
            ..Default::default()
        });
        seed::demo(&mut emulator, origin)?;
        let zuora = Handle::new(emulator);
        let saas = SaasProduct::new(wiring::SAAS_TOKEN);
        let mails = MailSink::default();
        let app = wiring::app(db, clock, &urls, sockets.smtp_port)?;
        app::offer::apply(&app, OFFERS).await.map_err(Error::Setup)?;
        let (_, token) =
            app::token::create(&app, "the demo's own programs", Scope::ALL.to_vec(), None, TOKEN_LIFE)
                .await?;

        let mut servers = JoinSet::new();
        sockets.serve(&mut servers, (&app, &zuora, &zuora_clock), (&saas, &mails));
        let zuora_user = ZuoraUser::new(&urls.zuora)?;
        zuora_user.define_callouts(&urls.public, &wiring::callout_login()).await?;
        let worker = Worker::start(&app, Duty::Work);
        Ok(World { app, zuora, saas, mails, urls, token, zuora_user, worker, servers, home })
    }

    /// Ends everything in good order and removes what was made for it.
    pub async fn stop(mut self) {
        self.worker.stop(&self.app).await;
        self.servers.shutdown().await;
        self.app.db.close().await;
        self.home.remove();
    }
}

/// One listener for each part, bound before anything starts, so that everyone knows everyone's address.
struct Sockets {
    public: Bound,
    metrics: Bound,
    zuora: Bound,
    zuora_admin: Bound,
    saas: Bound,
    mails: Bound,
    smtp: TcpListener,
    smtp_port: u16,
}

struct Bound {
    listener: TcpListener,
    url: String,
}

impl Bound {
    async fn to(address: SocketAddr) -> Result<Bound> {
        let failed = |what: &str| Error::io(format!("{what} {address}"));
        if !address.ip().is_loopback() {
            return Err(Error::Setup(format!(
                "{address} is not a loopback address: the demo lets anybody in who can reach it"
            )));
        }
        let listener = TcpListener::bind(address).await.map_err(failed("listen on"))?;
        let bound = listener.local_addr().map_err(failed("listen on"))?;
        Ok(Bound { listener, url: format!("http://{bound}") })
    }
}

/// Any port of loopback.
const ANY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

impl Sockets {
    async fn bind(setup: &Setup) -> Result<Sockets> {
        let smtp = TcpListener::bind(ANY).await.map_err(Error::io("listen for mail"))?;
        let smtp_port = smtp.local_addr().map_err(Error::io("listen for mail"))?.port();
        Ok(Sockets {
            public: Bound::to(setup.listen).await?,
            metrics: Bound::to(setup.metrics).await?,
            zuora: Bound::to(ANY).await?,
            zuora_admin: Bound::to(ANY).await?,
            saas: Bound::to(ANY).await?,
            mails: Bound::to(ANY).await?,
            smtp,
            smtp_port,
        })
    }

    fn urls(&self) -> Urls {
        Urls {
            public: self.public.url.clone(),
            metrics: self.metrics.url.clone(),
            zuora: self.zuora.url.clone(),
            zuora_admin: self.zuora_admin.url.clone(),
            saas: self.saas.url.clone(),
            mails: self.mails.url.clone(),
        }
    }

    fn serve(
        self,
        servers: &mut JoinSet<()>,
        (app, zuora, clock): (&App, &Handle, &ZuoraClock),
        (saas, mails): (&SaasProduct, &MailSink),
    ) {
        let pages = [
            (self.public.listener, front::public(app)),
            (self.metrics.listener, front::metrics(app)),
            (self.saas.listener, saas.router()),
            (self.mails.listener, mails.router()),
        ];
        for (listener, router) in pages {
            servers.spawn(async move { log(axum::serve(listener, router).await) });
        }
        let (handle, time) = (zuora.clone(), clock.clone());
        let api = zuora_emulator::http::serve(self.zuora.listener, handle, time, std::future::pending());
        servers.spawn(async move { log(api.await) });
        let (handle, time) = (zuora.clone(), clock.clone());
        let admin = zuora_emulator::http::serve_admin(
            self.zuora_admin.listener,
            handle,
            time,
            std::future::pending(),
        );
        servers.spawn(async move { log(admin.await) });
        servers.spawn(mails.clone().serve(self.smtp));
    }
}

fn log(served: std::io::Result<()>) {
    if let Err(error) = served {
        tracing::error!(%error, "a server of the demo ended");
    }
}
