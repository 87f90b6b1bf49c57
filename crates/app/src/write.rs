//! The protocol of I2 for every write to Zuora: an attempt on record, the call, what came of it on record.
//! Refuses to keep a transaction open while Zuora thinks, and to send anything that `attempt::next` does not allow.

use bytes::Bytes;
use domain::attempt::{self, Attempt, AttemptKind, Outcome, Step};
use domain::{AttemptId, Instant, PaymentNumber, ZuoraId};
use jiff::SignedDuration;
use store::Tx;
use store::job::Job;
use store::lane::Lease;
use zuora::{IdempotencyKey, Retry};

use crate::account::Creation;
use crate::job::{Kind, OfAccount, OfOrder, OfPayment, payload};
use crate::order::Submission;
use crate::payment::Collection;
use crate::wake::Class;
use crate::{App, Error, Result};

/// How long a call that was turned away waits if Zuora does not say.
const LIMIT_PAUSE: SignedDuration = SignedDuration::from_secs(10);

/// One write, with everything that it needs loaded.
pub(crate) enum Write {
    Account(Box<Creation>),
    Order(Box<Submission>),
    Payment(Box<Collection>),
}

/// What Zuora made.
pub(crate) enum Made {
    Account(ZuoraId),
    Order { invoices: Vec<String> },
    Payment(PaymentNumber),
}

/// What loading a write came to.
pub(crate) enum Loaded {
    /// It can be sent.
    Ready(Write),
    /// Something that it needs is not there yet.
    NotYet(&'static str),
    /// It will never be done, or has been; the rows say so already.
    Over,
}

/// How long a write waits for something that it needs, such as the mirror of an earlier order.
const NOT_YET_PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// What is decided before the call.
enum Begun {
    /// The attempt is on record; what was tried before is with it.
    Called { write: Write, attempt: Attempt, before: Vec<Attempt> },
    /// There is nothing to call now.
    Ended(&'static str),
}

/// Takes a write one step further.
pub(crate) async fn advance(app: &App, lease: &Lease, job: &Job, kind: Kind) -> Result<&'static str> {
    let (write, attempt, before) = match begin(app, lease, job, kind).await? {
        Begun::Called { write, attempt, before } => (write, attempt, before),
        Begun::Ended(how) => return Ok(how),
    };
    let called = call(app, &write, &attempt).await; // nothing is open while Zuora thinks
    let outcome = called.outcome;
    settle(app, (lease, job), &write, (attempt, before), called).await?;
    Ok(outcome.as_str())
}

async fn begin(app: &App, lease: &Lease, job: &Job, kind: Kind) -> Result<Begun> {
    let mut tx = app.db.write().await?;
    store::lane::check(&mut tx, lease).await?;
    let now = app.now();
    let write = match Write::load(app, &mut tx, job, kind).await? {
        Loaded::Ready(write) => write,
        Loaded::NotYet(why) => {
            store::job::again(&mut tx, lease, job.id, now.after(NOT_YET_PAUSE), why).await?;
            tx.commit().await?;
            return Ok(Begun::Ended("not_yet"));
        }
        Loaded::Over => {
            store::job::finish(&mut tx, lease, job.id, now).await?;
            tx.commit().await?;
            return Ok(Begun::Ended("over"));
        }
    };
    let before = store::attempt::list(&mut tx, job.id).await?;
    let attempt = match attempt::next(&before, now) {
        Step::Wait { until } => {
            store::job::again(&mut tx, lease, job.id, until, "waits").await?;
            tx.commit().await?;
            return Ok(Begun::Ended("waits"));
        }
        // Its effect was recorded in the transaction that closed the attempt.
        Step::Finished => {
            store::job::finish(&mut tx, lease, job.id, now).await?;
            tx.commit().await?;
            return Ok(Begun::Ended("over"));
        }
        Step::GiveUp => {
            conclude(app, &mut tx, (lease, job), &write, &before).await?;
            tx.commit().await?;
            return Ok(Begun::Ended("refused"));
        }
        Step::Send { epoch } => {
            // A repeated send repeats the very bytes.
            let request = match attempt::request_of(&before, epoch) {
                Some(body) => body.to_owned(),
                None => String::from_utf8_lossy(&write.request()?).into_owned(),
            };
            opened(app, job, epoch, Some(request), now)
        }
        Step::Probe { epoch } => opened(app, job, epoch, None, now),
    };
    store::attempt::open(&mut tx, &attempt).await?;
    tx.commit().await?;
    Ok(Begun::Called { write, attempt, before })
}

/// Puts on record what came of the call, and what follows.
async fn settle(
    app: &App,
    of: (&Lease, &Job),
    write: &Write,
    tried: (Attempt, Vec<Attempt>),
    called: Called,
) -> Result<()> {
    let ((lease, job), (attempt, mut history)) = (of, tried);
    let Called { outcome, answer, made } = called;
    let mut tx = app.db.write().await?;
    store::lane::check(&mut tx, lease).await?;
    let now = app.now();
    store::attempt::close(&mut tx, attempt.id, outcome, &answer, now).await?;
    history.push(Attempt {
        outcome: Some(outcome),
        answer: Some(answer.clone()),
        closed_at: Some(now),
        ..attempt
    });
    match (made, attempt::next(&history, now)) {
        (Some(made), _) => {
            write.done(app, &mut tx, job, made).await?;
            store::job::finish(&mut tx, lease, job.id, now).await?;
        }
        (None, Step::GiveUp) => conclude(app, &mut tx, of, write, &history).await?,
        (None, next) => {
            write.waits(&mut tx, attempt::in_doubt(&history)).await?;
            let at = if let Step::Wait { until } = next { until } else { now };
            store::job::again(&mut tx, lease, job.id, at, &answer).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// What came of a call.
struct Called {
    outcome: Outcome,
    answer: String,
    made: Option<Made>,
}

fn opened(app: &App, job: &Job, epoch: i64, request: Option<String>, now: Instant) -> Attempt {
    Attempt {
        id: app.ids(now).id::<AttemptId>(),
        job_id: job.id,
        epoch,
        kind: if request.is_some() { AttemptKind::Send } else { AttemptKind::Probe },
        request,
        opened_at: now,
        outcome: None,
        answer: None,
        closed_at: None,
    }
}

async fn conclude(
    app: &App,
    tx: &mut Tx,
    of: (&Lease, &Job),
    write: &Write,
    history: &[Attempt],
) -> Result<()> {
    let (lease, job) = of;
    let refused = history.iter().rev().find(|attempt| attempt.outcome == Some(Outcome::Refused));
    let reason = refused.and_then(|attempt| attempt.answer.as_deref()).unwrap_or("refused");
    write.refused(app, tx, job, reason).await?;
    Ok(store::job::finish(tx, lease, job.id, app.now()).await?)
}

/// Makes the call and says what came of it, for the record and for the breaker.
async fn call(app: &App, write: &Write, attempt: &Attempt) -> Called {
    let answered = match &attempt.request {
        Some(request) => {
            let Ok(key) = IdempotencyKey::new(attempt::key(attempt.job_id, attempt.epoch)) else {
                return Called {
                    outcome: Outcome::Refused,
                    answer: "the key cannot be sent".to_owned(),
                    made: None,
                };
            };
            write.send(app, Bytes::from(request.clone()), &key).await.map(Some)
        }
        None => write.probe(app).await,
    };
    let now = app.now();
    let (outcome, answer, made) = match answered {
        Ok(Some(Ok(made))) => (Outcome::Done, "done".to_owned(), Some(made)),
        Ok(Some(Err(why))) => (Outcome::Refused, why, None),
        Ok(None) => (Outcome::Nothing, "there is nothing".to_owned(), None),
        Err(error) => (outcome(&error, attempt.kind), note_failure(app, &error, now), None),
    };
    if !matches!(outcome, Outcome::Unknown | Outcome::NotSent | Outcome::Failed | Outcome::TurnedAway) {
        app.memory.breakers.answered(Class::Account, now);
    }
    app.metrics.call("account", outcome.as_str());
    Called { outcome, answer, made }
}

fn outcome(error: &zuora::Error, kind: AttemptKind) -> Outcome {
    match (error.retry(), kind) {
        // Whatever keeps a question from being answered says nothing about the write.
        (_, AttemptKind::Probe) => Outcome::NotSent,
        (Retry::Never, AttemptKind::Send) => Outcome::Refused,
        (Retry::Later { .. }, AttemptKind::Send) if error.stored_under_key() => Outcome::Failed,
        (Retry::Later { .. }, AttemptKind::Send) => Outcome::TurnedAway,
        (Retry::InProgress, AttemptKind::Send) => Outcome::InProgress,
        (Retry::Unknown, AttemptKind::Send) => Outcome::Unknown,
        (Retry::NotSent, AttemptKind::Send) => Outcome::NotSent,
    }
}

/// Tells the breaker what kind of failure it was, and returns the words for staff.
fn note_failure(app: &App, error: &zuora::Error, now: Instant) -> String {
    let words = error.to_string();
    let breakers = &app.memory.breakers;
    match error.retry() {
        Retry::Unknown | Retry::NotSent => breakers.failed(Class::Account, &words, now),
        // A tenant-wide limit concerns every lane; a lock only this one.
        Retry::Later { after } if error.status() == Some(429) => {
            let pause = after.and_then(|after| SignedDuration::try_from(after).ok()).unwrap_or(LIMIT_PAUSE);
            breakers.pause(Class::Account, now.after(pause));
        }
        Retry::Later { .. } if error.status().is_some_and(|status| status >= 500) => {
            breakers.failed(Class::Account, &words, now);
        }
        Retry::Never | Retry::InProgress | Retry::Later { .. } => breakers.answered(Class::Account, now),
    }
    words
}

impl Write {
    async fn load(app: &App, tx: &mut Tx, job: &Job, kind: Kind) -> Result<Loaded> {
        Ok(match kind {
            Kind::CreateAccount => Loaded::Ready(Write::Account(Box::new(
                Creation::load(tx, &payload::<OfAccount>(job)?).await?,
            ))),
            Kind::SubmitOrder => Submission::load(app, tx, payload::<OfOrder>(job)?.order).await?,
            Kind::CollectPayment => Collection::load(tx, payload::<OfPayment>(job)?).await?,
            _ => return Err(Error::Setting("only writes to Zuora go this way")),
        })
    }

    fn request(&self) -> Result<Bytes> {
        match self {
            Write::Account(creation) => creation.request(),
            Write::Order(submission) => submission.request(),
            Write::Payment(collection) => collection.request(),
        }
    }

    /// What Zuora made, or why it was refused where Zuora says so in an answer that is none of its errors.
    async fn send(
        &self,
        app: &App,
        body: Bytes,
        key: &IdempotencyKey,
    ) -> Result<Result<Made, String>, zuora::Error> {
        match self {
            Write::Account(creation) => Ok(Ok(Made::Account(creation.send(app, body, key).await?))),
            Write::Order(submission) => submission.send(app, body, key).await.map(Ok),
            Write::Payment(collection) => collection.send(app, body, key).await,
        }
    }

    async fn probe(&self, app: &App) -> Result<Option<Result<Made, String>>, zuora::Error> {
        match self {
            Write::Account(creation) => Ok(creation.probe(app).await?.map(|found| found.map(Made::Account))),
            Write::Order(submission) => submission.probe(app).await,
            Write::Payment(collection) => collection.probe(app).await,
        }
    }

    async fn done(&self, app: &App, tx: &mut Tx, job: &Job, made: Made) -> Result<()> {
        match (self, made) {
            (Write::Account(creation), Made::Account(id)) => creation.done(tx, &id).await,
            (Write::Order(submission), Made::Order { invoices }) => {
                submission.done(app, tx, job, invoices).await
            }
            (Write::Payment(collection), Made::Payment(number)) => {
                collection.done(app, tx, job, &number).await
            }
            _ => Err(Error::Setting("an answer of another kind")),
        }
    }

    async fn refused(&self, app: &App, tx: &mut Tx, job: &Job, reason: &str) -> Result<()> {
        match self {
            Write::Account(creation) => creation.refused(tx, app.now()).await,
            Write::Order(submission) => submission.refused(app, tx, job, reason).await,
            Write::Payment(collection) => collection.refused(app, tx, job, reason).await,
        }
    }

    async fn waits(&self, tx: &mut Tx, in_doubt: bool) -> Result<()> {
        match self {
            Write::Order(submission) => submission.waits(tx, in_doubt).await,
            Write::Account(_) | Write::Payment(_) => Ok(()),
        }
    }
}
