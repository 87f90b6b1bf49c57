//! A small world for tests: a database, an emulator in process, an app, a customer.
//! Refuses real waiting: the clock runs a thousand times faster.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use app::{
    Answer, App, CalloutLogin, Clock, ConsoleLogin, Keyed, Memory, Metrics, Parts, Random, Seller, Settings,
    Signing,
};
use domain::access::Caller;
use domain::account::{Account, NewAccount};
use domain::entitlement::Zones;
use domain::obligation::Deadline;
use domain::order::{ActionKind, Order, PlaceOrder, Requested, Settlement};
use domain::policy::Policy;
use domain::token::Scope;
use domain::{AccountNumber, OrderNumber, Refusal};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use store::testing::TestDb;
use zuora::{Response, Transport, TransportError, wire};
use zuora_emulator::{Books, Emulator, Fault, Outcome};

/// Fast enough that fifteen minutes pass in a second.
const SPEED_MILLIS: u32 = 1_000_000;

/// Everything that a test needs.
pub struct World {
    pub app: App,
    pub emulator: Arc<Mutex<Emulator>>,
    pub service: Caller,
    _db: TestDb,
}

impl World {
    /// Opens a world on a database, with offers and prices.
    pub async fn open(db: TestDb) -> World {
        let clock = Clock::faster(SPEED_MILLIS, Clock::system().now().0);
        // That Zuora refuses a second order with the same number is only inferred: it must not be what saves us (I2).
        let settings_of_zuora = zuora_emulator::Settings {
            accept_duplicate_order_numbers: true,
            ..zuora_emulator::Settings::default()
        };
        let mut emulator = Emulator::new(settings_of_zuora);
        zuora_emulator::seed::demo(&mut emulator, clock.now().0).expect("the catalog is new");
        let emulator = Arc::new(Mutex::new(emulator));
        let now = clock.clone();
        let zuora = zuora::Client::new(
            in_process(emulator.clone(), clock.clone()),
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
            settings: settings(),
            metrics: Metrics::default(),
            memory: Memory::default(),
        });
        app::offer::apply(&app, include_str!("../../../../offers.toml")).await.expect("the offers are right");
        let service = Caller::Service {
            token: "tok_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().expect("a token id"),
            scopes: Scope::ALL.to_vec(),
            product_line: None,
        };
        World { app, emulator, service, _db: db }
    }

    /// Waits until the catalog is there.
    pub async fn catalog(&self) {
        self.until("the catalog is read", || async {
            let currency = "EUR".parse().expect("a currency");
            !app::offer::list(&self.app, &self.service, currency).await.expect("a list").is_empty()
        })
        .await;
    }

    /// Opens an account.
    pub async fn account(&self, name: &str) -> Account {
        let new = NewAccount {
            name: name.into(),
            currency: "EUR".parse().expect("a currency"),
            first_name: "Jana".into(),
            last_name: "Okafor".into(),
            mail: "jana@brightwater.example".into(),
            country: "DE".into(),
        };
        app::account::open(&self.app, new, "trace").await.expect("an account")
    }

    /// Places an order under a key.
    pub async fn place(&self, key: &str, request: &PlaceOrder) -> Answer {
        let keyed = Keyed { key, request_hash: format!("{request:?}"), trace_id: "trace".into() };
        app::order::place(&self.app, &self.service, keyed, request.clone(), render)
            .await
            .expect("an answer")
            .0
    }

    /// The order as it stands.
    pub async fn order(&self, answer: &Answer) -> Order {
        let number: OrderNumber = answer.body.parse().expect("a number");
        app::order::view(&self.app, &self.service, &number).await.expect("an order").order
    }

    /// Adds a card to an account in Zuora, as its hosted page would.
    pub async fn add_card(&self, account: &AccountNumber, token: &str) {
        let method = wire::CreatePaymentMethod {
            account_key: Some(account.to_string()),
            method_type: wire::PaymentMethodType::CreditCardReferenceTransaction,
            token_id: Some(token.into()),
            second_token_id: None,
            make_default: Some(true),
            custom_fields: BTreeMap::new(),
        };
        let (body, key) =
            (wire::body(&method).expect("a body"), zuora::IdempotencyKey::new(token).expect("a key"));
        self.app.zuora.payment_method_create(body, &key).await.expect("Zuora takes it");
    }

    /// The order with a number.
    pub async fn order_by(&self, number: &OrderNumber) -> Order {
        app::order::view(&self.app, &self.service, number).await.expect("an order").order
    }

    /// Takes a charge out of Zuora's catalog.
    pub fn withdraw_charge(&self, id: &str) {
        let request = http::Request::builder()
            .method("DELETE")
            .uri(format!("/v1/object/product-rate-plan-charge/{id}"))
            .header("apiAccessKeyId", zuora_emulator::DEFAULT_CLIENT_ID)
            .header("apiSecretAccessKey", zuora_emulator::DEFAULT_CLIENT_SECRET)
            .body(bytes::Bytes::new())
            .expect("a request");
        let now = self.app.now().0;
        let reply = self.zuora(|emulator| emulator.handle(request, now));
        let response = reply.response().expect("an answer").clone();
        assert!(response.status().is_success(), "{response:?}");
    }

    /// Switches faults.
    pub fn faults(&self, faults: Vec<Fault>) {
        self.zuora(|emulator| emulator.set_faults(faults));
    }

    /// What Zuora has.
    pub fn books(&self) -> Books {
        self.zuora(|emulator| emulator.books())
    }

    /// Does something with the emulator.
    pub fn zuora<T>(&self, act: impl FnOnce(&mut Emulator) -> T) -> T {
        act(&mut self.emulator.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits, at most 20 real seconds, until something is so.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, so: impl Fn() -> F) {
        for _ in 0..2_000 {
            if so().await {
                return;
            }
            self.app.clock.sleep(SignedDuration::from_secs(10)).await;
        }
        panic!("waited in vain until {what}");
    }
}

fn render(placed: Result<&Order, &Refusal>) -> Answer {
    match placed {
        Ok(order) => Answer { status: 201, body: order.number.to_string(), location: None },
        Err(refusal) => Answer { status: 422, body: refusal.code().to_owned(), location: None },
    }
}

/// One new subscription.
pub fn subscribe(account: &Account, offer: &str, quantity: i64, target: &str) -> PlaceOrder {
    PlaceOrder {
        account: account.number.clone(),
        settlement: Settlement::Invoice,
        actions: vec![Requested {
            kind: ActionKind::Subscribe,
            offer: Some(offer.into()),
            quantity: Some(quantity),
            target: Some(target.parse().expect("a target")),
            subscription: None,
            start: None,
        }],
        po_number: None,
    }
}

fn settings() -> Settings {
    let zone = TimeZone::get("America/Los_Angeles").expect("a zone");
    Settings {
        public_url: "http://portal.example".into(),
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
        signing: Some(Signing {
            key_id: "test".into(),
            key: ed25519_dalek::SigningKey::from_bytes(&[7; 32]),
        }),
        callouts: Some(CalloutLogin { user: "zuora".into(), password: "secret".into() }),
        console_login: ConsoleLogin::Off,
        worker_tasks: 4,
    }
}

/// The client's transport straight into the emulator; delays pass on the fast clock.
fn in_process(emulator: Arc<Mutex<Emulator>>, clock: Clock) -> Transport {
    Transport::InProcess(Arc::new(move |request: zuora::Request| {
        let (emulator, clock) = (emulator.clone(), clock.clone());
        Box::pin(async move {
            let mut built = http::Request::builder().method(request.method).uri(request.path_and_query);
            for (name, value) in &request.headers {
                built = built.header(name, value);
            }
            let request =
                built.body(request.body).map_err(|error| TransportError::NotSent(error.to_string()))?;
            let reply = {
                let mut emulator = emulator.lock().unwrap_or_else(PoisonError::into_inner);
                let now = clock.now().0;
                emulator.tick(now);
                emulator.handle(request, now)
            };
            clock.sleep(SignedDuration::try_from(reply.after).expect("a short delay")).await;
            match reply.outcome {
                Outcome::Answer(response) => Ok(Response {
                    status: response.status(),
                    headers: response.headers().clone(),
                    body: response.into_body(),
                }),
                Outcome::Refuse => Err(TransportError::NotSent("refused".into())),
                Outcome::Reset => Err(TransportError::Unknown("reset".into())),
            }
        })
    }))
}
