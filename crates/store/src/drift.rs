//! Differences that somebody has to see.
//! Refuses to count one difference twice.

use domain::Instant;
use domain::drift::Drift;

use crate::db::on;
use crate::{Error, ReadTx, Result, Tx};

/// Records a difference; seen again, it keeps the time when it was seen first.
pub async fn record(tx: &mut Tx, drift: &Drift) -> Result<()> {
    let query = "INSERT INTO drifts (id, noun, number, field, ours, theirs, first_seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
                 ON CONFLICT (noun, number, field, theirs) DO UPDATE SET settled_at = NULL";
    on!(tx, conn => sqlx::query(query)
        .bind(drift.id).bind(&drift.noun).bind(&drift.number).bind(&drift.field).bind(&drift.ours)
        .bind(&drift.theirs).bind(drift.first_seen_at)
        .execute(conn).await.map(drop))
    .map_err(Error::of("drift"))
}

/// The differences that are not settled, oldest first.
pub async fn list_open(tx: &mut ReadTx, limit: i64) -> Result<Vec<Drift>> {
    let query = "SELECT * FROM drifts WHERE settled_at IS NULL ORDER BY first_seen_at LIMIT $1";
    on!(tx, conn => sqlx::query_as(query).bind(limit).fetch_all(conn).await).map_err(Error::of("drift"))
}

/// Settles the differences of a thing.
pub async fn settle(tx: &mut Tx, noun: &str, number: &str, now: Instant) -> Result<()> {
    let query = "UPDATE drifts SET settled_at = $3 WHERE noun = $1 AND number = $2 AND settled_at IS NULL";
    on!(tx, conn => sqlx::query(query).bind(noun).bind(number).bind(now).execute(conn).await.map(drop))
        .map_err(Error::of("drift"))
}
