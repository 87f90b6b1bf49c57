//! Jobs: what has been promised and is not done; each may run twice.
//! Refuses to lose one: a job that fails for good is kept, dead, for a person.

use domain::{Instant, JobId};
use sqlx::FromRow;
use sqlx::types::Json;

use crate::db::on;
use crate::lane::{self, Lease};
use crate::{Error, ReadTx, Result, Tx};

/// A job as the worker gets it.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Job {
    /// Ours; with the epoch the idempotency key.
    pub id: JobId,
    /// Its lane.
    pub lane: String,
    /// Which kind of work.
    pub kind: String,
    /// The version of the payload's form; a worker runs only what it knows.
    pub schema: i32,
    /// What to work on.
    pub payload: Json<serde_json::Value>,
    /// Not before then.
    pub run_at: Instant,
    /// Whether the jobs behind it must wait for it, even while it waits.
    pub blocking: bool,
    /// How often it was run.
    pub tries: i64,
    /// What it ran into last.
    pub last_error: Option<String>,
    /// The trace it belongs to.
    pub trace_id: String,
    /// When it was promised.
    pub created_at: Instant,
}

/// Promises a job, in the same transaction as what needs it.
pub async fn enqueue(tx: &mut Tx, job: &Job) -> Result<()> {
    let position = lane::extend(tx, &job.lane, job.run_at).await?;
    let query = "INSERT INTO jobs (id, lane, position, kind, schema, payload, state, run_at, blocking, tries, trace_id, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6, 'ready', $7, $8, 0, $9, $10)";
    on!(tx, conn => sqlx::query(query)
        .bind(job.id).bind(&job.lane).bind(position).bind(&job.kind).bind(job.schema).bind(&job.payload)
        .bind(job.run_at).bind(job.blocking).bind(&job.trace_id).bind(job.created_at)
        .execute(conn).await.map(drop))
    .map_err(Error::of("job"))
}

/// When the first job of this kind that has not begun, or will begin anew because it failed, is due in the lane; another
/// one may be needless. One that is running for the first time does not count: it may have looked already.
pub async fn first_waiting(tx: &mut ReadTx, lane: &str, kind: &str) -> Result<Option<Instant>> {
    let query = "SELECT MIN(run_at) FROM jobs WHERE lane = $1 AND kind = $2 AND state = 'ready'
                     AND (tries = 0 OR last_error IS NOT NULL)";
    on!(tx, conn => sqlx::query_scalar(query).bind(lane).bind(kind).fetch_one(conn).await)
        .map_err(Error::of("job"))
}

/// The job whose turn it is in a lane: the first that may run, unless one before it blocks.
pub async fn head(tx: &mut ReadTx, lane: &str, now: Instant) -> Result<Option<Job>> {
    let query = "SELECT id, lane, kind, schema, payload, run_at, blocking, tries, last_error, trace_id, created_at
                 FROM jobs WHERE lane = $1 AND state = 'ready' AND (blocking OR run_at <= $2) ORDER BY position LIMIT 1";
    let head: Option<Job> =
        on!(tx, conn => sqlx::query_as(query).bind(lane).bind(now).fetch_optional(conn).await)
            .map_err(Error::of("job"))?;
    Ok(head.filter(|job| job.run_at <= now))
}

/// Counts one more run.
pub async fn begin(tx: &mut Tx, id: JobId) -> Result<()> {
    let query = "UPDATE jobs SET tries = tries + 1 WHERE id = $1";
    on!(tx, conn => sqlx::query(query).bind(id).execute(conn).await.map(drop)).map_err(Error::of("job"))
}

/// The job is done. The lane goes on. What a mail said is forgotten: it may have held a sign-in link.
pub async fn finish(tx: &mut Tx, lease: &Lease, id: JobId, now: Instant) -> Result<()> {
    let query = "UPDATE jobs SET state = 'done', finished_at = $2,
                     payload = CASE WHEN kind = 'send_mail' THEN '{}' ELSE payload END WHERE id = $1";
    on!(tx, conn => sqlx::query(query).bind(id).bind(now).execute(conn).await.map(drop))
        .map_err(Error::of("job"))?;
    lane::release(tx, lease).await
}

/// The job is to be run again at that time. The lane goes on, unless the job blocks it.
pub async fn again(tx: &mut Tx, lease: &Lease, id: JobId, at: Instant, why: &str) -> Result<()> {
    let query = "UPDATE jobs SET run_at = $2, last_error = $3 WHERE id = $1";
    on!(tx, conn => sqlx::query(query).bind(id).bind(at).bind(why).execute(conn).await.map(drop))
        .map_err(Error::of("job"))?;
    lane::release(tx, lease).await
}

/// The job cannot be done; it waits for a person. The lane goes on.
pub async fn bury(tx: &mut Tx, lease: &Lease, id: JobId, why: &str, now: Instant) -> Result<()> {
    let query = "UPDATE jobs SET state = 'dead', last_error = $2, finished_at = $3 WHERE id = $1";
    on!(tx, conn => sqlx::query(query).bind(id).bind(why).bind(now).execute(conn).await.map(drop))
        .map_err(Error::of("job"))?;
    lane::release(tx, lease).await
}

/// How many jobs are dead, by kind.
pub async fn count_dead(tx: &mut ReadTx) -> Result<Vec<(String, i64)>> {
    let query = "SELECT kind, COUNT(*) FROM jobs WHERE state = 'dead' GROUP BY kind ORDER BY kind";
    on!(tx, conn => sqlx::query_as(query).fetch_all(conn).await).map_err(Error::of("job"))
}

/// How many jobs of a kind are unfinished.
pub async fn count_ready(tx: &mut ReadTx, kind: &str) -> Result<i64> {
    let query = "SELECT COUNT(*) FROM jobs WHERE state = 'ready' AND kind = $1";
    on!(tx, conn => sqlx::query_scalar(query).bind(kind).fetch_one(conn).await).map_err(Error::of("job"))
}

/// Writes nothing, but only where writing is possible: a standby refuses it.
pub async fn touch(tx: &mut Tx) -> Result<()> {
    let query = "UPDATE jobs SET tries = tries WHERE id = ''";
    on!(tx, conn => sqlx::query(query).execute(conn).await.map(drop)).map_err(Error::of("job"))
}
