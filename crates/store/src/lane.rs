//! Lanes: one worker at a time for an account, a target, the sync; first in, first out.
//! Refuses to trust a worker's clock on a server: there the lease is the database's time.

use domain::Instant;
use domain::JobId;
use jiff::SignedDuration;
use sqlx::FromRow;

use crate::db::on;
use crate::{Error, ReadTx, Result, Tx};

/// The right to work on a lane until the lease ends; the fence tells whether it still holds.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Lease {
    /// The lane.
    pub name: String,
    /// Rises with every claim.
    pub fence: i64,
}

/// A time that sorts before all others: the lane is free.
const FREE: &str = "";

/// The class of a lane: what stands before the colon. Each class has workers of its own, so that none starves another.
pub fn class(name: &str) -> &str {
    name.split(':').next().unwrap_or(name)
}

/// Takes the lane of a class that has waited longest, if any is ready. `now` is the worker's clock; it decides what is ready.
pub async fn claim(tx: &mut Tx, class: &str, now: Instant, lease: SignedDuration) -> Result<Option<Lease>> {
    let leased = match tx.raw() {
        ReadTx::Postgres(tx) => {
            let query = "UPDATE lanes SET fence = fence + 1, leased_until = to_char(clock_timestamp() AT TIME ZONE 'UTC'
                             + $2 * interval '1 millisecond', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')
                         WHERE name = (SELECT name FROM lanes WHERE class = $3 AND next_at <= $1 AND leased_until <
                                 to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')
                             ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
                         RETURNING name, fence";
            let millis = i64::try_from(lease.as_millis()).unwrap_or(i64::MAX);
            sqlx::query_as(query).bind(now).bind(millis).bind(class).fetch_optional(&mut **tx).await
        }
        // One process: its clock is the database's clock.
        ReadTx::Sqlite(tx) => {
            let query = "UPDATE lanes SET fence = fence + 1, leased_until = $2
                         WHERE name = (SELECT name FROM lanes WHERE class = $3 AND next_at <= $1 AND leased_until < $1
                             ORDER BY next_at LIMIT 1)
                         RETURNING name, fence";
            sqlx::query_as(query).bind(now).bind(now.after(lease)).bind(class).fetch_optional(&mut **tx).await
        }
    };
    leased.map_err(Error::of("lane"))
}

/// Locks the lane for this transaction and checks that it is still ours.
pub async fn check(tx: &mut Tx, lease: &Lease) -> Result<()> {
    let query = "UPDATE lanes SET fence = fence WHERE name = $1 AND fence = $2";
    let rows = on!(tx, conn => sqlx::query(query).bind(&lease.name).bind(lease.fence).execute(conn).await
        .map(|done| done.rows_affected()));
    match rows.map_err(Error::of("lane"))? {
        0 => Err(Error::Fenced),
        _ => Ok(()),
    }
}

/// Gives the lane back; it is ready again when its first unfinished job is. Call after `check` in the same transaction.
pub async fn release(tx: &mut Tx, lease: &Lease) -> Result<()> {
    // Whatever is ready first up to the first job that blocks, which the ones behind it cannot pass.
    let query = "UPDATE lanes SET leased_until = $3, next_at = (
                     SELECT MIN(run_at) FROM jobs WHERE lane = $1 AND state = 'ready' AND position <= COALESCE(
                         (SELECT MIN(position) FROM jobs WHERE lane = $1 AND state = 'ready' AND blocking), position))
                 WHERE name = $1 AND fence = $2";
    on!(tx, conn => sqlx::query(query).bind(&lease.name).bind(lease.fence).bind(FREE).execute(conn).await.map(drop))
        .map_err(Error::of("lane"))
}

/// Makes the lane ready for one more job and returns the job's place in it. Locks the lane: places are commit order.
pub async fn extend(tx: &mut Tx, name: &str, run_at: Instant) -> Result<i64> {
    let query = "INSERT INTO lanes (name, class, next_at, leased_until, fence, tail) VALUES ($1, $4, $2, $3, 0, 1)
                 ON CONFLICT (name) DO UPDATE SET tail = lanes.tail + 1,
                     next_at = CASE WHEN lanes.next_at < excluded.next_at THEN lanes.next_at ELSE excluded.next_at END
                 RETURNING tail";
    on!(tx, conn => sqlx::query_scalar(query).bind(name).bind(run_at).bind(FREE).bind(class(name)).fetch_one(conn).await)
        .map_err(Error::of("lane"))
}

/// When the next lane of a class is ready, for a worker that has nothing to do.
pub async fn next_at(tx: &mut ReadTx, class: &str) -> Result<Option<Instant>> {
    let query =
        "SELECT MIN(next_at) FROM lanes WHERE class = $2 AND next_at IS NOT NULL AND leased_until = $1";
    on!(tx, conn => sqlx::query_scalar(query).bind(FREE).bind(class).fetch_one(conn).await)
        .map_err(Error::of("lane"))
}

/// A lane as staff see it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct LaneState {
    /// The lane.
    pub name: String,
    /// Unfinished jobs.
    pub waiting: i64,
    /// When the oldest came into being.
    pub oldest: Instant,
    /// When it is tried next.
    pub next_at: Option<Instant>,
    /// What the first of them ran into last.
    pub last_error: Option<String>,
    /// The first of them.
    pub head: JobId,
}

/// The lanes with jobs that are due or failed, those that wait longest first; what is promised for later does not wait.
pub async fn list_waiting(tx: &mut ReadTx, now: Instant, limit: i64) -> Result<Vec<LaneState>> {
    let query = "SELECT lanes.name, waiting.count AS waiting, waiting.oldest, lanes.next_at, jobs.last_error, jobs.id AS head
                 FROM (SELECT lane, COUNT(*) AS count, MIN(created_at) AS oldest, MIN(position) AS position
                       FROM jobs WHERE state = 'ready' AND (run_at <= $2 OR last_error IS NOT NULL) GROUP BY lane) AS waiting
                 JOIN lanes ON lanes.name = waiting.lane
                 JOIN jobs ON jobs.lane = waiting.lane AND jobs.position = waiting.position AND jobs.state = 'ready'
                 ORDER BY waiting.oldest LIMIT $1";
    on!(tx, conn => sqlx::query_as(query).bind(limit).bind(now).fetch_all(conn).await)
        .map_err(Error::of("lane"))
}

/// How many lanes have jobs that are due or failed, and how many jobs these are.
pub async fn count_waiting(tx: &mut ReadTx, now: Instant) -> Result<(i64, i64)> {
    let query = "SELECT COUNT(DISTINCT lane), COUNT(*) FROM jobs
                 WHERE state = 'ready' AND (run_at <= $1 OR last_error IS NOT NULL)";
    on!(tx, conn => sqlx::query_as(query).bind(now).fetch_one(conn).await).map_err(Error::of("lane"))
}
