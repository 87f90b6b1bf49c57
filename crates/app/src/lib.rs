//! What the platform does: operations, jobs, the worker, the sync, and the policy that keeps it going while Zuora is down.
//! Refuses HTTP servers, HTML and SQL; gets time, randomness, tasks and transport only through `App`.
#![deny(clippy::float_arithmetic)]

mod breaker;
mod clock;
mod drift;
mod error;
mod event;
mod idempotency;
mod job;
mod mail;
mod metrics;
mod mirror;
mod random;
mod saas;
mod settings;
mod sync;
mod translate;
mod wake;
mod worker;
mod write;

pub mod account;
pub mod callout;
pub mod catalog;
pub mod console;
pub mod entitlement;
pub mod health;
pub mod invoice;
pub mod license;
pub mod offer;
pub mod order;
pub mod payment;
pub mod person;
pub mod provision;
pub mod subscription;
pub mod token;

use std::ops::Deref;
use std::sync::Arc;

use domain::{Ids, Instant};
use store::Db;

pub use breaker::{BreakerState, BreakerView};
pub use clock::{Clock, REAL_SPEED_MILLIS};
pub use error::{Error, Result};
pub use idempotency::{Answer, Keyed, Replayed};
pub use mail::{Mailer, Protection};
pub use metrics::Metrics;
pub use random::Random;
pub use saas::Saas;
pub use settings::{CalloutLogin, ConsoleLogin, Seller, Settings, Signing};
pub use worker::{Duty, Worker};

/// Everything that operations work with. Cloning it is cheap.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What an `App` is made of; a struct literal wires it.
pub struct Parts {
    /// The database.
    pub db: Db,
    /// The only clock.
    pub clock: Clock,
    /// The only source of randomness.
    pub random: Random,
    /// The way to Zuora; used by jobs only.
    pub zuora: zuora::Client,
    /// The way to the SaaS product, where there is one.
    pub saas: Option<Saas>,
    /// The way to the mail server, where there is one.
    pub mailer: Option<Mailer>,
    /// What the operator decided.
    pub settings: Settings,
    /// What is counted.
    pub metrics: Metrics,
    /// What is kept in memory: see [`App::new`].
    pub memory: Memory,
}

/// State of this process that can be lost at any time.
#[derive(Default)]
pub struct Memory {
    pub(crate) breakers: breaker::Breakers,
    pub(crate) wake: wake::Wake,
    pub(crate) offers: offer::Book,
    pub(crate) entitlements: entitlement::Cache,
    pub(crate) tokens: token::Cache,
    pub(crate) freshness: health::Cache,
}

impl App {
    /// Wires an app from its parts.
    pub fn new(parts: Parts) -> App {
        App(Arc::new(parts))
    }

    /// The time.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Ids for one operation.
    pub fn ids(&self, now: Instant) -> Ids {
        Ids::new(now, self.random.bits(), self.settings.number_prefix.clone())
    }

    /// Runs something beside the caller.
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) -> tokio::task::JoinHandle<()> {
        #[expect(clippy::disallowed_methods, reason = "this is the seam through which everybody else spawns")]
        tokio::spawn(future)
    }
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
