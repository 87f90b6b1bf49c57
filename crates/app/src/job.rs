//! The kinds of background work and how each is promised.
//! Refuses to be sent anywhere: a job is a row, promised in the transaction of what needs it.

use domain::target::Target;
use domain::{AccountId, Ids, Instant, JobId, OrderId, PaymentNumber};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::Tx;
use store::job::Job;

use crate::{Error, Result};

/// The form of all payloads so far.
pub const SCHEMA: i32 = 1;

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Creates an account in Zuora.
    CreateAccount,
    /// Creates an order in Zuora.
    SubmitOrder,
    /// Charges the card on file for an order's invoice.
    CollectPayment,
    /// Makes a target have what it is entitled to.
    PushTarget,
    /// The same, promised for the moment at which something changes by itself.
    ReviewTarget,
    /// Reads what Zuora changed.
    SyncChanges,
    /// Reads the catalog.
    SyncCatalog,
    /// Sends a mail.
    SendMail,
}

/// What makes it safe that an external write runs twice (I2). A kind without a row does not compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// An idempotency key of job and epoch, a number that we chose, and our id on the object.
    KeyAndNumber,
    /// A rising generation: the receiver ignores what is older or equal.
    Generation,
    /// The same Message-ID: a second copy can be told from a second mail.
    MessageId,
    /// It writes nothing outside.
    ReadsOnly,
}

impl Kind {
    const ALL: [Kind; 8] = [
        Kind::CreateAccount,
        Kind::SubmitOrder,
        Kind::CollectPayment,
        Kind::PushTarget,
        Kind::ReviewTarget,
        Kind::SyncChanges,
        Kind::SyncCatalog,
        Kind::SendMail,
    ];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::CreateAccount => "create_account",
            Kind::SubmitOrder => "submit_order",
            Kind::CollectPayment => "collect_payment",
            Kind::PushTarget => "push_target",
            Kind::ReviewTarget => "review_target",
            Kind::SyncChanges => "sync_changes",
            Kind::SyncCatalog => "sync_catalog",
            Kind::SendMail => "send_mail",
        }
    }

    /// The kind with this word.
    pub fn from_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The one table of guards.
    pub const fn guard(self) -> Guard {
        match self {
            Kind::CreateAccount | Kind::SubmitOrder | Kind::CollectPayment => Guard::KeyAndNumber,
            Kind::PushTarget | Kind::ReviewTarget => Guard::Generation,
            Kind::SendMail => Guard::MessageId,
            Kind::SyncChanges | Kind::SyncCatalog => Guard::ReadsOnly,
        }
    }

    /// Whether later jobs of the lane wait while it waits: true where they could depend on its effect.
    const fn blocks(self) -> bool {
        matches!(self, Kind::CreateAccount | Kind::SubmitOrder)
    }
}

/// Payload of [`Kind::CreateAccount`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OfAccount {
    /// Which.
    pub account: AccountId,
}

/// Payload of [`Kind::SubmitOrder`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OfOrder {
    /// Which.
    pub order: OrderId,
}

/// Payload of [`Kind::CollectPayment`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OfPayment {
    /// For which order's invoice.
    pub order: OrderId,
    /// The number that the payment will have.
    pub payment: PaymentNumber,
}

/// Payload of [`Kind::PushTarget`] and [`Kind::ReviewTarget`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OfTarget {
    /// Which.
    pub target: Target,
}

/// Payload of [`Kind::SyncChanges`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OfSync {
    /// Which object of Zuora.
    pub object: String,
}

/// Payload of [`Kind::SendMail`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OfMail {
    /// The address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// What all promises of one operation share.
pub struct Promise<'a> {
    /// Where ids come from.
    pub ids: &'a mut Ids,
    /// When it is promised.
    pub now: Instant,
    /// The trace they belong to.
    pub trace_id: &'a str,
}

impl Promise<'_> {
    /// Promises work for the account's lane.
    pub async fn account<T: Serialize>(
        &mut self,
        tx: &mut Tx,
        account: AccountId,
        kind: Kind,
        payload: &T,
    ) -> Result<()> {
        self.enqueue(tx, format!("account:{account}"), (kind, self.now), payload).await
    }

    /// Promises that the target will have what it is entitled to.
    pub async fn push(&mut self, tx: &mut Tx, target: &Target) -> Result<()> {
        let payload = OfTarget { target: target.clone() };
        self.enqueue(tx, format!("target:{target}"), (Kind::PushTarget, self.now), &payload).await
    }

    /// Promises another look at the target when something changes by itself, unless an earlier one is promised.
    pub async fn review(&mut self, tx: &mut Tx, target: &Target, at: Instant) -> Result<()> {
        let lane = format!("target:{target}");
        let waiting = store::job::first_waiting(tx, &lane, Kind::ReviewTarget.as_str()).await?;
        if waiting.is_some_and(|first| first <= at) {
            return Ok(());
        }
        self.enqueue(tx, lane, (Kind::ReviewTarget, at), &OfTarget { target: target.clone() }).await
    }

    /// Promises a read of what Zuora changed, unless one is promised.
    pub async fn sync(&mut self, tx: &mut Tx, object: &str) -> Result<()> {
        let lane = format!("sync:{object}");
        if store::job::first_waiting(tx, &lane, Kind::SyncChanges.as_str()).await?.is_some() {
            return Ok(());
        }
        let payload = OfSync { object: object.to_owned() };
        self.enqueue(tx, lane, (Kind::SyncChanges, self.now), &payload).await
    }

    /// Promises a read of the catalog, unless one is promised.
    pub async fn catalog(&mut self, tx: &mut Tx) -> Result<()> {
        let lane = "sync:catalog";
        if store::job::first_waiting(tx, lane, Kind::SyncCatalog.as_str()).await?.is_some() {
            return Ok(());
        }
        self.enqueue(tx, lane.to_owned(), (Kind::SyncCatalog, self.now), &serde_json::json!({})).await
    }

    /// Promises a mail.
    pub async fn mail(&mut self, tx: &mut Tx, mail: &OfMail) -> Result<()> {
        self.enqueue(tx, format!("mail:{}", mail.to), (Kind::SendMail, self.now), mail).await
    }

    async fn enqueue<T: Serialize>(
        &mut self,
        tx: &mut Tx,
        lane: String,
        what: (Kind, Instant),
        payload: &T,
    ) -> Result<()> {
        let (kind, run_at) = what;
        let payload = serde_json::to_value(payload).map_err(|error| Error::Stored("job", error))?;
        let job = Job {
            id: self.ids.id::<JobId>(),
            lane,
            kind: kind.as_str().to_owned(),
            schema: SCHEMA,
            payload: payload.into(),
            run_at,
            blocking: kind.blocks(),
            tries: 0,
            last_error: None,
            trace_id: self.trace_id.to_owned(),
            created_at: self.now,
        };
        Ok(store::job::enqueue(tx, &job).await?)
    }
}

/// Reads a job's payload.
pub fn payload<T: DeserializeOwned>(job: &Job) -> Result<T> {
    T::deserialize(&job.payload.0).map_err(|error| Error::Stored("job", error))
}
