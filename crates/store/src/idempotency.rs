//! Idempotency records of our own API: same key, same answer.
//! Refuses a second answer: the first one committed stands.

use domain::{AccountId, Instant};
use sqlx::FromRow;

use crate::db::on;
use crate::{Error, ReadTx, Result, Tx};

/// An answer that was given.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Record {
    /// Caller and operation.
    pub scope: String,
    /// The caller's key.
    pub key: String,
    /// The hash of the parsed request.
    pub request_hash: String,
    /// The HTTP status.
    pub status: i32,
    /// The body.
    pub response: String,
    /// The `Location` header.
    pub location: Option<String>,
    /// The account concerned, for the check before a replay.
    pub account_id: Option<AccountId>,
    /// When it was given.
    pub created_at: Instant,
}

/// The answer that was given under this key.
pub async fn find(tx: &mut ReadTx, scope: &str, key: &str) -> Result<Option<Record>> {
    let query = "SELECT * FROM idempotency_records WHERE scope = $1 AND key = $2";
    on!(tx, conn => sqlx::query_as(query).bind(scope).bind(key).fetch_optional(conn).await)
        .map_err(Error::of("idempotency record"))
}

/// Records the answer; `false` if there is one already. Waits for a concurrent request with the same key to end.
pub async fn insert(tx: &mut Tx, record: &Record) -> Result<bool> {
    let query = "INSERT INTO idempotency_records (scope, key, request_hash, status, response, location, account_id, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (scope, key) DO NOTHING";
    let rows = on!(tx, conn => sqlx::query(query)
        .bind(&record.scope).bind(&record.key).bind(&record.request_hash).bind(record.status)
        .bind(&record.response).bind(&record.location).bind(record.account_id).bind(record.created_at)
        .execute(conn).await.map(|done| done.rows_affected()));
    Ok(rows.map_err(Error::of("idempotency record"))? > 0)
}
