//! The worker: takes lanes, runs the job whose turn it is, and keeps the clockwork going.
//! Refuses to lose a failure: a job that fails is tried again, later and later, and in the end kept for a person.

use jiff::SignedDuration;
use store::job::Job;
use store::lane::Lease;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::job::{Guard, Kind, SCHEMA};
use crate::wake::Class;
use crate::{App, Error, Result, catalog, entitlement, health, mail, provision, sync, write};

/// How long a lane is leased: longer than the client's timeout (130 s), which is longer than Zuora's gateway (120 s).
const LEASE: SignedDuration = SignedDuration::from_secs(180);

/// How long an idle worker waits if nobody rings.
const IDLE: SignedDuration = SignedDuration::from_secs(1);

/// How often the clockwork looks: due reads, changes of other processes, gauges.
const TICK: SignedDuration = SignedDuration::from_secs(1);

/// The wait after the first failure of a job; it doubles up to the longest.
const AGAIN_FIRST: SignedDuration = SignedDuration::from_secs(2);

/// The longest wait between two runs of a job.
const AGAIN_LONGEST: SignedDuration = SignedDuration::from_mins(5);

/// The longest wait between two runs of a read: the breaker already waits for Zuora, and pages show the copy's age.
const READ_AGAIN_LONGEST: SignedDuration = SignedDuration::from_secs(15);

/// Runs of a mail before it is kept for a person. Everything else is owed and is tried until it is done.
const MAIL_TRIES_MAX: i64 = 30;

/// How long a stopping worker waits for what is under way; an open attempt is settled by the next worker.
const GRACE: SignedDuration = SignedDuration::from_secs(10);

/// A running worker.
pub struct Worker {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// What a process does by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Runs jobs, and promises those that are due.
    Work,
    /// Only follows what other processes changed.
    Follow,
}

impl Worker {
    /// Starts the tasks of every class, or, for a process that only answers, the clockwork alone.
    pub fn start(app: &App, duty: Duty) -> Worker {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = Vec::new();
        for class in Class::ALL.into_iter().filter(|_| duty == Duty::Work) {
            for _ in 0..width(app, class) {
                let (app_of_task, stopped) = (app.clone(), stopped.clone());
                tasks.push(app.spawn(async move { run_class(&app_of_task, class, stopped).await }));
            }
        }
        let app_of_task = app.clone();
        tasks.push(app.spawn(async move { tick(&app_of_task, duty, stopped).await }));
        Worker { stop, tasks }
    }

    /// Lets every task finish what it is doing, for a while.
    pub async fn stop(mut self, app: &App) {
        self.stop.send_replace(true);
        let tasks = &mut self.tasks;
        let finish = async {
            for task in tasks.iter_mut() {
                // A task that panicked has nothing left to finish.
                let _ = task.await;
            }
        };
        tokio::select! {
            biased;
            () = finish => {}
            () = app.clock.sleep(GRACE) => {}
        }
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// How many lanes of a class are worked on at the same time.
fn width(app: &App, class: Class) -> u16 {
    match class {
        Class::Account => app.settings.worker_tasks.max(1),
        Class::Target | Class::Sync => 2,
        Class::Mail => 1,
    }
}

async fn run_class(app: &App, class: Class, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let wait = match app.memory.breakers.permit(class, app.now()) {
            Err(wait) => Some(wait),
            Ok(()) => match run_one(app, class).await {
                Ok(true) => None,
                Ok(false) => {
                    app.memory.breakers.unused(class, app.now());
                    Some(IDLE)
                }
                Err(error) => {
                    tracing::warn!(error = error.chain(), class = class.as_str(), "a worker could not go on");
                    Some(AGAIN_FIRST)
                }
            },
        };
        let Some(wait) = wait else { continue };
        tokio::select! {
            biased;
            _ = stop.changed() => return,
            () = app.memory.wake.of(class).notified() => {}
            () = app.clock.sleep(wait) => {}
        }
    }
}

/// Takes a lane and runs its job; `false` if there was nothing to do.
async fn run_one(app: &App, class: Class) -> Result<bool> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let Some(lease) = store::lane::claim(&mut tx, class.as_str(), now, lease_time(app)).await? else {
        return Ok(false);
    };
    let Some(job) = store::job::head(&mut tx, &lease.name, now).await? else {
        store::lane::release(&mut tx, &lease).await?;
        tx.commit().await?;
        return Ok(true);
    };
    store::job::begin(&mut tx, job.id).await?;
    tx.commit().await?;

    // Work that nobody asked for is a trace of its own.
    let trace_id = if job.trace_id.is_empty() { job.id.to_string() } else { job.trace_id.clone() };
    let span = tracing::info_span!("job", job_id = %job.id, kind = job.kind, trace_id);
    tracing::Instrument::instrument(run_job(app, &lease, &job), span).await?;
    Ok(true)
}

/// On a server the lease is the database's time, which does not run faster with our clock.
fn lease_time(app: &App) -> SignedDuration {
    match app.db.engine() {
        store::Engine::Sqlite => LEASE,
        store::Engine::Postgres => SignedDuration::try_from(app.clock.real(LEASE)).unwrap_or(LEASE),
    }
}

async fn run_job(app: &App, lease: &Lease, job: &Job) -> Result<()> {
    let kind = Kind::from_word(&job.kind).filter(|_| job.schema <= SCHEMA);
    let Some(kind) = kind else {
        return put_off(app, lease, job, "this version does not know the job; a newer one will").await;
    };
    tracing::debug!(guard = ?kind.guard(), tries = job.tries + 1, "job runs");
    let ran = match kind {
        Kind::CreateAccount | Kind::SubmitOrder | Kind::CollectPayment => {
            write::advance(app, lease, job, kind).await.map(|outcome| app.metrics.job(kind.as_str(), outcome))
        }
        Kind::PushTarget | Kind::ReviewTarget => provision::run(app, lease, job).await,
        Kind::SyncChanges => sync::run(app, lease, job).await,
        Kind::SyncCatalog => catalog::run(app, lease, job).await,
        Kind::SendMail => mail::run(app, lease, job).await,
    };
    match ran {
        Ok(()) => Ok(()),
        // Somebody else has the lane; what was done is on their record.
        Err(error) if error.is_fenced() => {
            app.metrics.job(kind.as_str(), "fenced");
            tracing::info!("another worker took the lane over");
            Ok(())
        }
        Err(error) => {
            app.metrics.job(kind.as_str(), "failed");
            failed(app, lease, job, (kind, &error)).await
        }
    }
}

async fn failed(app: &App, lease: &Lease, job: &Job, what: (Kind, &Error)) -> Result<()> {
    let (kind, error) = what;
    let why = error.chain();
    tracing::warn!(error = why, tries = job.tries + 1, "job failed and is tried again");
    if kind == Kind::SendMail && job.tries >= MAIL_TRIES_MAX {
        let mut tx = app.db.write().await?;
        store::lane::check(&mut tx, lease).await?;
        store::job::bury(&mut tx, lease, job.id, &why, app.now()).await?;
        return Ok(tx.commit().await?);
    }
    put_off(app, lease, job, &why).await
}

async fn put_off(app: &App, lease: &Lease, job: &Job, why: &str) -> Result<()> {
    let doublings = u32::try_from(job.tries.clamp(0, 10)).unwrap_or(0);
    let reads = Kind::from_word(&job.kind).is_some_and(|kind| kind.guard() == Guard::ReadsOnly);
    let longest = if reads { READ_AGAIN_LONGEST } else { AGAIN_LONGEST };
    let wait = AGAIN_FIRST.saturating_mul(1 << doublings).min(longest);
    let mut tx = app.db.write().await?;
    match store::lane::check(&mut tx, lease).await {
        Err(store::Error::Fenced) => return Ok(()),
        checked => checked?,
    }
    store::job::again(&mut tx, lease, job.id, app.now().after(wait), why).await?;
    Ok(tx.commit().await?)
}

/// What happens by the clock.
async fn tick(app: &App, duty: Duty, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = look(app, duty).await {
            tracing::warn!(error = error.chain(), "the clockwork could not go on");
        }
        tokio::select! {
            biased;
            _ = stop.changed() => return,
            () = app.clock.sleep(TICK) => {}
        }
    }
}

async fn look(app: &App, duty: Duty) -> Result<()> {
    entitlement::follow(app).await?;
    if duty == Duty::Work {
        sync::schedule(app).await?;
    }
    health::look(app).await
}
