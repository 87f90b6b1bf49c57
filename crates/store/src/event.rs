//! Events: what happened, appended in the same transaction; the audit trail, and a table that others tail.
//! Refuses to be read by id alone: ids become visible out of order.

use domain::{AccountId, EventId, Instant};
use sqlx::FromRow;
use sqlx::types::Json;

use crate::db::on;
use crate::{Error, ReadTx, Result, Tx};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Event {
    /// Ours.
    pub id: EventId,
    /// Noun and past participle: `order.accepted`.
    pub kind: String,
    /// The version of the payload's form.
    pub schema: i32,
    /// What it happened to.
    pub noun_id: String,
    /// Whose it is.
    pub account_id: Option<AccountId>,
    /// Who did it.
    pub actor: String,
    /// What else is to be known.
    pub payload: Json<serde_json::Value>,
    /// The trace it belongs to.
    pub trace_id: String,
    /// When.
    pub occurred_at: Instant,
}

/// A place in the order in which transactions became visible.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tail {
    /// The transaction.
    pub xid: i64,
    /// The event in it.
    pub id: String,
}

/// Appends an event.
pub async fn append(tx: &mut Tx, event: &Event) -> Result<()> {
    let done = match tx.raw() {
        ReadTx::Postgres(tx) => {
            let query = "INSERT INTO events (id, xid, kind, schema, noun_id, account_id, actor, payload, trace_id, occurred_at)
                         VALUES ($1, CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT), $2, $3, $4, $5, $6, $7, $8, $9)";
            let query =
                sqlx::query(query).bind(event.id).bind(&event.kind).bind(event.schema).bind(&event.noun_id);
            let query =
                query.bind(event.account_id).bind(&event.actor).bind(&event.payload).bind(&event.trace_id);
            query.bind(event.occurred_at).execute(&mut **tx).await.map(drop)
        }
        // One writer: the next number is the order of commits.
        ReadTx::Sqlite(tx) => {
            let query = "INSERT INTO events (id, xid, kind, schema, noun_id, account_id, actor, payload, trace_id, occurred_at)
                         VALUES ($1, (SELECT COALESCE(MAX(xid), 0) + 1 FROM events), $2, $3, $4, $5, $6, $7, $8, $9)";
            let query =
                sqlx::query(query).bind(event.id).bind(&event.kind).bind(event.schema).bind(&event.noun_id);
            let query =
                query.bind(event.account_id).bind(&event.actor).bind(&event.payload).bind(&event.trace_id);
            query.bind(event.occurred_at).execute(&mut **tx).await.map(drop)
        }
    };
    done.map_err(Error::of("event"))
}

#[derive(FromRow)]
struct Tailed {
    xid: i64,
    #[sqlx(flatten)]
    event: Event,
}

/// The events of a kind after a place, in the order in which they became visible, none ever skipped.
pub async fn tail(tx: &mut ReadTx, kind: &str, after: &Tail, limit: i64) -> Result<Vec<(Tail, Event)>> {
    let rows: Result<Vec<Tailed>, sqlx::Error> = match tx.raw() {
        ReadTx::Postgres(tx) => {
            // Below the oldest transaction that still runs, everything is visible.
            let query = "SELECT * FROM events WHERE kind = $1 AND (xid, id) > ($2, $3)
                             AND xid < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)
                         ORDER BY xid, id LIMIT $4";
            sqlx::query_as(query)
                .bind(kind)
                .bind(after.xid)
                .bind(&after.id)
                .bind(limit)
                .fetch_all(&mut **tx)
                .await
        }
        ReadTx::Sqlite(tx) => {
            let query =
                "SELECT * FROM events WHERE kind = $1 AND (xid, id) > ($2, $3) ORDER BY xid, id LIMIT $4";
            sqlx::query_as(query)
                .bind(kind)
                .bind(after.xid)
                .bind(&after.id)
                .bind(limit)
                .fetch_all(&mut **tx)
                .await
        }
    };
    let rows = rows.map_err(Error::of("event"))?;
    Ok(rows.into_iter().map(|row| (Tail { xid: row.xid, id: row.event.id.to_string() }, row.event)).collect())
}

/// The place after everything that is visible now.
pub async fn end(tx: &mut ReadTx) -> Result<Tail> {
    let xid: Result<i64, sqlx::Error> = match tx.raw() {
        ReadTx::Postgres(tx) => {
            let query = "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)";
            sqlx::query_scalar(query).fetch_one(&mut **tx).await
        }
        ReadTx::Sqlite(tx) => {
            sqlx::query_scalar("SELECT COALESCE(MAX(xid), 0) + 1 FROM events").fetch_one(&mut **tx).await
        }
    };
    Ok(Tail { xid: xid.map_err(Error::of("event"))?, id: String::new() })
}

/// What happened to something, oldest first.
pub async fn list_of_noun(tx: &mut ReadTx, noun_id: &str, limit: i64) -> Result<Vec<Event>> {
    let query = "SELECT * FROM events WHERE noun_id = $1 ORDER BY id LIMIT $2";
    on!(tx, conn => sqlx::query_as(query).bind(noun_id).bind(limit).fetch_all(conn).await)
        .map_err(Error::of("event"))
}
