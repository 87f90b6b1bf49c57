//! A small world for tests: a database, an emulator in process, an app, the router, and people to send requests.
//! Refuses the network: requests are handed to the router.

use std::sync::{Arc, Mutex, PoisonError};

use app::{
    App, CalloutLogin, Clock, ConsoleLogin, Duty, Memory, Metrics, Parts, Random, Seller, Settings, Signing,
    Worker,
};
use axum::Router;
use axum::body::{Body, to_bytes};
use domain::account::{Account, NewAccount};
use domain::entitlement::Zones;
use domain::obligation::Deadline;
use domain::person::{MemberRole, Person, StaffRole};
use domain::policy::Policy;
use domain::token::{Scope, hash};
use http::{HeaderMap, Request, StatusCode};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::Value;
use store::testing::TestDb;
use tower::ServiceExt;
use zuora::{Response, Transport, TransportError};
use zuora_emulator::{Emulator, Outcome};

/// The credentials of callouts.
pub const CALLOUT_BASIC: &str = "Basic enVvcmE6czNjcmV0";

/// Everything that a test needs.
pub struct World {
    pub app: App,
    router: Router,
    _db: TestDb,
}

/// An answer, read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The code of the typed problem that this must be.
    pub fn problem(&self) -> String {
        let body = self.json();
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        assert_eq!(body["status"], self.status.as_u16());
        assert_eq!(body["trace_id"], self.header("x-trace-id"));
        assert!(!body["detail"].as_str().unwrap_or_default().is_empty() && !body["hint"].is_null());
        body["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl World {
    /// A world whose console is open for staff.
    pub async fn open(db: TestDb) -> World {
        World::with(db, ConsoleLogin::Development).await
    }

    /// A world with offers and prices; its worker has done what it had to and stands still.
    pub async fn with(db: TestDb, console_login: ConsoleLogin) -> World {
        let clock = Clock::system();
        let mut emulator = Emulator::new(zuora_emulator::Settings::default());
        zuora_emulator::seed::demo(&mut emulator, clock.now().0).expect("the catalog is new");
        let now = clock.clone();
        let zuora = zuora::Client::new(
            in_process(Arc::new(Mutex::new(emulator)), clock.clone()),
            zuora::Credentials {
                client_id: zuora_emulator::DEFAULT_CLIENT_ID.into(),
                client_secret: zuora_emulator::DEFAULT_CLIENT_SECRET.into(),
            },
            zuora::Seams { now: Arc::new(move || now.now().0) },
            zuora::Options::default(),
        );
        let app = App::new(Parts {
            db: (*db).clone(),
            clock,
            random: Random::system(),
            zuora,
            saas: None,
            mailer: None,
            settings: settings(console_login),
            metrics: Metrics::default(),
            memory: Memory::default(),
        });
        app::offer::apply(&app, include_str!("../../../../offers.toml")).await.expect("the offers are right");
        let world = World { router: web::router(app.clone()), app, _db: db };
        let token = world.token(&[Scope::OrdersRead], None).await;
        world.work_until(async || world.sells(&token).await).await;
        world
    }

    async fn sells(&self, token: &str) -> bool {
        let offers = self.get("/api/v1/offers?currency=EUR", token).await.json();
        offers["offers"].as_array().is_some_and(|offers| !offers.is_empty())
    }

    /// Lets the worker run until something is so, at most 20 seconds.
    pub async fn work_until(&self, so: impl AsyncFn() -> bool) {
        let worker = Worker::start(&self.app, Duty::Work);
        for _ in 0..400 {
            if so().await {
                worker.stop(&self.app).await;
                return;
            }
            self.app.clock.sleep(SignedDuration::from_millis(50)).await;
        }
        panic!("waited in vain");
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("a router does not fail");
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body");
        Answer {
            status: head.status,
            headers: head.headers,
            body: String::from_utf8(bytes.into()).expect("UTF-8"),
        }
    }

    /// GET with a token or, if it names a cookie, with a session.
    pub async fn get(&self, path: &str, as_whom: &str) -> Answer {
        self.send(signed(Request::get(path), as_whom).body(Body::empty()).expect("a request")).await
    }

    /// POST of JSON with a fresh key.
    pub async fn post(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.post_keyed(path, token, &self.app.random.secret(), &body.to_string()).await
    }

    /// POST of whatever with a key.
    pub async fn post_keyed(&self, path: &str, token: &str, key: &str, body: &str) -> Answer {
        let request = signed(Request::post(path), token).header("idempotency-key", key);
        let request = request.header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_owned())).expect("a request")).await
    }

    /// POST of a form, as a browser sends it.
    pub async fn post_form(&self, path: &str, session: &str, form: &str) -> Answer {
        let request = signed(Request::post(path), session).header("sec-fetch-site", "same-origin");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.to_owned())).expect("a request")).await
    }

    /// A token with scopes, perhaps bound to a product line.
    pub async fn token(&self, scopes: &[Scope], product_line: Option<&str>) -> String {
        let life = SignedDuration::from_hours(1);
        let line = product_line.map(str::to_owned);
        app::token::create(&self.app, "test", scopes.to_vec(), line, life).await.expect("a token").1
    }

    /// Opens an account.
    pub async fn account(&self, name: &str, currency: &str) -> Account {
        let new = NewAccount {
            name: name.into(),
            currency: currency.parse().expect("a currency"),
            first_name: "Jana".into(),
            last_name: "Okafor".into(),
            mail: "jana@brightwater.example".into(),
            country: "DE".into(),
        };
        app::account::open(&self.app, new, "trace").await.expect("an account")
    }

    /// Somebody who may act for the account, and the cookie of their session.
    pub async fn member(&self, account: &Account, role: MemberRole) -> String {
        let invited = self.somebody();
        let person = app::person::membership_grant(&self.app, invited, &account.number, role).await;
        self.session(&person.expect("a person")).await
    }

    /// A staff member's cookie.
    pub async fn staff(&self, role: StaffRole) -> String {
        let person = app::person::staff_invite(&self.app, self.somebody(), role).await;
        self.session(&person.expect("a person")).await
    }

    fn somebody(&self) -> app::person::Invited {
        let mail = format!("p{}@brightwater.example", &self.app.random.secret()[..12]);
        app::person::Invited { mail, name: "Jana Okafor".into() }
    }

    /// Signs a person in by a link of their own.
    pub async fn session(&self, person: &Person) -> String {
        let link = self.link(person).await;
        let session = app::person::sign_in(&self.app, &link).await.expect("a database").expect("a session");
        format!("purser_session={session}")
    }

    /// The secret of a fresh sign-in link; the mailed one is nobody's business.
    pub async fn link(&self, person: &Person) -> String {
        let secret = self.app.random.secret();
        let mut tx = self.app.db.write().await.expect("a database");
        let until = self.app.now().after(SignedDuration::from_hours(1));
        store::person::add_link(&mut tx, &hash(&secret), person.id, until).await.expect("a link");
        tx.commit().await.expect("a database");
        secret
    }

    /// Everything that a refused request must leave as it was: orders, unfinished jobs, callouts, accounts.
    pub async fn count(&self) -> [i64; 4] {
        let mut tx = self.app.db.read().await.expect("a database");
        let orders = store::order::count_by_status(&mut tx).await.expect("orders");
        // What is promised for later counts too.
        let ever = self.app.now().after(SignedDuration::from_hours(24 * 365));
        let (_, jobs) = store::lane::count_waiting(&mut tx, ever).await.expect("jobs");
        let callouts = store::callout::count(&mut tx).await.expect("callouts");
        let accounts = store::account::count(&mut tx).await.expect("accounts");
        [orders.iter().map(|(_, count, _)| count).sum(), jobs, callouts, accounts]
    }
}

fn signed(request: http::request::Builder, as_whom: &str) -> http::request::Builder {
    match as_whom {
        "" => request,
        cookie if cookie.starts_with("purser_session=") => request.header("cookie", cookie),
        token => request.header("authorization", format!("Bearer {token}")),
    }
}

/// One new subscription, as a product service asks for it.
pub fn subscribe(account: &Account, offer: &str, quantity: i64, target: &str) -> Value {
    serde_json::json!({
        "account": account.number,
        "settlement": "invoice",
        "actions": [{ "type": "subscribe", "offer": offer, "quantity": quantity, "target": target }],
    })
}

fn settings(console_login: ConsoleLogin) -> Settings {
    let zone = TimeZone::get("America/Los_Angeles").expect("a zone");
    Settings {
        public_url: "https://portal.example".into(),
        number_prefix: "P".parse().expect("a prefix"),
        zones: Zones { tenant: zone.clone(), product: TimeZone::UTC },
        zone,
        rounding: rating::Rounding::default(),
        policy: Policy {
            lease: SignedDuration::from_hours(7 * 24),
            account_limit_minor: 10_000_000,
            total_limit_minor: 40_000_000,
        },
        deadline: Deadline(SignedDuration::from_mins(15)),
        seller: Seller { name: "Ternlight".into(), support_mail: "support@ternlight.example".into() },
        signing: None::<Signing>,
        callouts: Some(CalloutLogin { user: "zuora".into(), password: "s3cret".into() }),
        console_login,
        worker_tasks: 2,
    }
}

/// The client's transport straight into the emulator.
fn in_process(emulator: Arc<Mutex<Emulator>>, clock: Clock) -> Transport {
    Transport::InProcess(Arc::new(move |request: zuora::Request| {
        let (emulator, clock) = (emulator.clone(), clock.clone());
        Box::pin(async move {
            let request = request
                .try_into()
                .map_err(|error: http::Error| TransportError::NotSent(error.to_string()))?;
            let reply = {
                let mut emulator = emulator.lock().unwrap_or_else(PoisonError::into_inner);
                let now = clock.now().0;
                emulator.tick(now);
                emulator.handle(request, now)
            };
            match reply.outcome {
                Outcome::Answer(response) => Ok(Response::from(response)),
                Outcome::Refuse => Err(TransportError::NotSent("refused".into())),
                Outcome::Reset => Err(TransportError::Unknown("reset".into())),
            }
        })
    }))
}
