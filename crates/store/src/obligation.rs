//! Obligations in the database; one row a key, whoever comes first.
//! Refuses a second row for one change: a version takes over what an order promised.

use domain::obligation::{Obligation, ObligationStatus};
use domain::{Instant, OrderId};

use crate::db::on;
use crate::{Error, ReadTx, Result, Tx};

/// The first half of both inserts; `concat!` takes literals only.
macro_rules! insert_or {
    ($update:literal) => {
        concat!(
            "INSERT INTO obligations (id, account_id, subscription, effective, capability, target, status,
    deadline, order_id, version, reason, created_at, done_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    ON CONFLICT (subscription, effective, capability, target) DO UPDATE SET ",
            $update
        )
    };
}

/// Adds a duty for a change that nobody promised before; a second change under the same key makes it due again.
pub async fn promise(tx: &mut Tx, duty: &Obligation) -> Result<()> {
    let query = insert_or!(
        "status = excluded.status, deadline = excluded.deadline, done_at = NULL, reason = NULL,
        order_id = COALESCE(excluded.order_id, obligations.order_id), version = excluded.version,
        created_at = excluded.created_at"
    );
    insert(tx, duty, query).await
}

/// Lets a subscription version take over what our own order promised; a waiting duty becomes due, a done one stays done.
pub async fn confirm(tx: &mut Tx, duty: &Obligation) -> Result<()> {
    let query = insert_or!(
        "version = excluded.version,
        deadline = COALESCE(obligations.deadline, excluded.deadline),
        status = CASE WHEN obligations.status IN ('waiting', 'unmapped') THEN excluded.status
                      ELSE obligations.status END"
    );
    insert(tx, duty, query).await
}

async fn insert(tx: &mut Tx, duty: &Obligation, query: &'static str) -> Result<()> {
    on!(tx, conn => sqlx::query(query)
        .bind(duty.id).bind(duty.account_id).bind(&duty.subscription).bind(duty.effective).bind(&duty.capability)
        .bind(&duty.target).bind(duty.status).bind(duty.deadline).bind(duty.order_id).bind(duty.version)
        .bind(&duty.reason).bind(duty.created_at).bind(duty.done_at)
        .execute(conn).await.map(drop))
    .map_err(Error::of("obligation"))
}

/// The duties of an order.
pub async fn list_of_order(tx: &mut ReadTx, order: OrderId) -> Result<Vec<Obligation>> {
    let query = "SELECT * FROM obligations WHERE order_id = $1 ORDER BY id";
    on!(tx, conn => sqlx::query_as(query).bind(order).fetch_all(conn).await).map_err(Error::of("obligation"))
}

/// The duties in a state, those with the earliest deadline first.
pub async fn list_in_status(
    tx: &mut ReadTx,
    status: ObligationStatus,
    limit: i64,
) -> Result<Vec<Obligation>> {
    let query = "SELECT * FROM obligations WHERE status = $1 ORDER BY deadline NULLS LAST, id LIMIT $2";
    on!(tx, conn => sqlx::query_as(query).bind(status).bind(limit).fetch_all(conn).await)
        .map_err(Error::of("obligation"))
}

/// Makes an order's waiting duties due: billing confirmed it.
pub async fn set_due(tx: &mut Tx, order: OrderId, deadline: Instant) -> Result<()> {
    let query =
        "UPDATE obligations SET status = 'due', deadline = $2 WHERE order_id = $1 AND status = 'waiting'";
    on!(tx, conn => sqlx::query(query).bind(order).bind(deadline).execute(conn).await.map(drop))
        .map_err(Error::of("obligation"))
}

/// Closes what an order promised and nothing else confirmed; returns the targets concerned.
pub async fn close_of_order(tx: &mut Tx, order: OrderId, reason: &str, now: Instant) -> Result<Vec<String>> {
    let query = "UPDATE obligations SET status = 'closed', reason = $2, done_at = $3
                 WHERE order_id = $1 AND version IS NULL AND status <> 'closed' RETURNING target";
    on!(tx, conn => sqlx::query_scalar(query).bind(order).bind(reason).bind(now).fetch_all(conn).await)
        .map_err(Error::of("obligation"))
}

/// Ends the due duties of a target that were there when its state was computed and count by then; returns how many.
pub async fn fulfill(
    tx: &mut Tx,
    target: &str,
    computed_at: Instant,
    effective_by: &str,
    now: Instant,
) -> Result<u64> {
    let query = "UPDATE obligations SET status = 'done', done_at = $4
                 WHERE target = $1 AND status = 'due' AND created_at <= $2 AND effective <= $3";
    let rows = on!(tx, conn => sqlx::query(query).bind(target).bind(computed_at).bind(effective_by).bind(now)
        .execute(conn).await.map(|done| done.rows_affected()));
    rows.map_err(Error::of("obligation"))
}

/// How many duties are in each state.
pub async fn count_by_status(tx: &mut ReadTx) -> Result<Vec<(ObligationStatus, i64)>> {
    let query = "SELECT status, COUNT(*) FROM obligations GROUP BY status ORDER BY status";
    on!(tx, conn => sqlx::query_as(query).fetch_all(conn).await).map_err(Error::of("obligation"))
}

/// How many are due and late.
pub async fn count_late(tx: &mut ReadTx, now: Instant) -> Result<i64> {
    let query = "SELECT COUNT(*) FROM obligations WHERE status IN ('due', 'unmapped') AND deadline < $1";
    on!(tx, conn => sqlx::query_scalar(query).bind(now).fetch_one(conn).await)
        .map_err(Error::of("obligation"))
}
