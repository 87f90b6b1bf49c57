//! Attempts: every try of an external write, on record before the call.
//! Refuses to change a closed one.

use domain::attempt::{Attempt, Outcome};
use domain::{AttemptId, Instant, JobId};

use crate::db::on;
use crate::{Error, ReadTx, Result, Tx};

/// Everything that was tried for a job, oldest first; by epoch before id, because ids follow the clocks of workers.
pub async fn list(tx: &mut ReadTx, job: JobId) -> Result<Vec<Attempt>> {
    let query = "SELECT * FROM attempts WHERE job_id = $1 ORDER BY epoch, id";
    on!(tx, conn => sqlx::query_as(query).bind(job).fetch_all(conn).await).map_err(Error::of("attempt"))
}

/// Records a try that is about to begin.
pub async fn open(tx: &mut Tx, attempt: &Attempt) -> Result<()> {
    let query =
        "INSERT INTO attempts (id, job_id, epoch, kind, request, opened_at) VALUES ($1, $2, $3, $4, $5, $6)";
    on!(tx, conn => sqlx::query(query)
        .bind(attempt.id).bind(attempt.job_id).bind(attempt.epoch).bind(attempt.kind).bind(&attempt.request)
        .bind(attempt.opened_at)
        .execute(conn).await.map(drop))
    .map_err(Error::of("attempt"))
}

/// Records what came of it.
pub async fn close(tx: &mut Tx, id: AttemptId, outcome: Outcome, answer: &str, now: Instant) -> Result<()> {
    let query =
        "UPDATE attempts SET outcome = $2, answer = $3, closed_at = $4 WHERE id = $1 AND outcome IS NULL";
    on!(tx, conn => sqlx::query(query).bind(id).bind(outcome).bind(answer).bind(now).execute(conn).await.map(drop))
        .map_err(Error::of("attempt"))
}
