//! What the platform is made of in the demo: its settings, its key, its database, its ways to the others.
//! Refuses anything that could be mistaken for production: key and passwords say what they are.

use std::sync::Arc;

use app::{
    App, CalloutLogin, Clock, ConsoleLogin, Mailer, Memory, Metrics, Parts, Protection, Random, Saas, Seller,
    Settings, Signing,
};
use domain::entitlement::Zones;
use domain::obligation::Deadline;
use domain::offer::{Offer, OffersFile};
use domain::policy::Policy;
use ed25519_dalek::SigningKey;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use store::Db;
use zuora::{Client, Credentials, HttpTransport, Options, Seams, Timeouts, Transport};
use zuora_emulator::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET};

use super::{Home, Urls};
use crate::{Error, Result};

/// What the demo sells.
pub const OFFERS: &str = include_str!("../../../../offers.toml");

/// What the demo sells, read.
pub fn offers() -> Result<Vec<Offer>> {
    OffersFile::parse(OFFERS).map_err(Error::Setup)
}

/// Who sells it.
pub const SELLER: &str = "Ternlight";

/// The name of the demo's license key; `serve` refuses a key of this name.
pub const DEMO_KEY_ID: &str = "demo";

/// What the demo's license key is made of: known to everybody, so that nobody trusts it.
const DEMO_KEY_SEED: &[u8; 32] = b"purser demo key, do not trust it";

/// The token that the SaaS product expects.
pub(super) const SAAS_TOKEN: &str = "saas-demo-token";

/// How long the SaaS product may take, on the demo's clock.
const SAAS_TIMEOUT: SignedDuration = SignedDuration::from_secs(60);

/// How many accounts are worked on at the same time; the default of `serve`.
const WORKER_TASKS: u16 = 8;

/// The tenant's zone, and the rule behind it for machines without a time zone database.
const ZONE: (&str, &str) = ("America/Los_Angeles", "PST8PDT,M3.2.0,M11.1.0");

/// The key that the demo signs licenses with.
pub fn demo_signing_key() -> SigningKey {
    SigningKey::from_bytes(DEMO_KEY_SEED)
}

/// What the emulator sends with its callouts.
pub(super) fn callout_login() -> CalloutLogin {
    CalloutLogin { user: "zuora".to_owned(), password: "callout-demo-password".into() }
}

/// Opens and migrates the database; one that has been used before belongs to another Zuora.
pub(super) async fn database(address: Option<&str>, home: &Home) -> Result<Db> {
    let own = format!("sqlite:{}", home.path().join("purser.sqlite").display());
    let db = Db::open(address.unwrap_or(&own)).await?;
    db.migrate().await?;
    let accounts = store::account::count(&mut db.read().await?).await?;
    match accounts {
        0 => Ok(db),
        _ => Err(Error::Setup(
            "the database has accounts already, and the demo's Zuora starts empty: name an empty database"
                .to_owned(),
        )),
    }
}

/// The platform.
pub(super) fn app(db: Db, clock: Clock, urls: &Urls, smtp_port: u16) -> Result<App> {
    let time = clock.clone();
    let usual = Timeouts::default();
    let scaled = |span| clock.real(SignedDuration::try_from(span).unwrap_or(SignedDuration::from_secs(130)));
    let timeouts = Timeouts { connect: scaled(usual.connect), total: scaled(usual.total) };
    let zuora = Client::new(
        Transport::Http(HttpTransport::new(&urls.zuora, timeouts)?),
        Credentials { client_id: DEFAULT_CLIENT_ID.into(), client_secret: DEFAULT_CLIENT_SECRET.into() },
        Seams { now: Arc::new(move || time.now().0) },
        Options::default(),
    );
    let saas = Saas::new(&urls.saas, SAAS_TOKEN.into(), clock.real(SAAS_TIMEOUT))?;
    let mailer = Mailer::new("127.0.0.1", smtp_port, Protection::Off, "billing@ternlight.example")?;
    Ok(App::new(Parts {
        db,
        clock,
        random: Random::system(),
        zuora,
        saas: Some(saas),
        mailer: Some(mailer),
        settings: settings(&urls.public)?,
        metrics: Metrics::default(),
        memory: Memory::default(),
    }))
}

fn settings(public_url: &str) -> Result<Settings> {
    let unusable = |what: &str| Error::Setup(format!("{what} cannot be used"));
    let zone = TimeZone::get(ZONE.0).or_else(|_| TimeZone::posix(ZONE.1));
    let zone = zone.map_err(|_| unusable("the tenant's time zone"))?;
    Ok(Settings {
        public_url: public_url.to_owned(),
        number_prefix: "P".parse().map_err(|_| unusable("the number prefix"))?,
        zones: Zones { tenant: zone.clone(), product: TimeZone::UTC },
        zone,
        rounding: rating::Rounding::default(),
        // The defaults of `serve`: 10,000.00 for one account, 400,000.00 in all.
        policy: Policy {
            lease: SignedDuration::from_hours(7 * 24),
            account_limit_minor: 1_000_000,
            total_limit_minor: 40_000_000,
        },
        deadline: Deadline(SignedDuration::from_mins(15)),
        seller: Seller { name: SELLER.to_owned(), support_mail: "support@ternlight.example".to_owned() },
        signing: Some(Signing { key_id: DEMO_KEY_ID.to_owned(), key: demo_signing_key() }),
        callouts: Some(callout_login()),
        console_login: ConsoleLogin::Development,
        worker_tasks: WORKER_TASKS,
    })
}
