//! Orders in the database.
//! Refuses to decide: states change as `domain` says.

use domain::order::{Order, OrderStatus};
use domain::{AccountId, Currency, Instant, InvoiceNumber, OrderId, OrderNumber};

use crate::db::on;
use crate::{Error, Page, ReadTx, Result, Tx};

/// The order with this id.
pub async fn get(tx: &mut ReadTx, id: OrderId) -> Result<Order> {
    on!(tx, conn => sqlx::query_as("SELECT * FROM orders WHERE id = $1").bind(id).fetch_one(conn).await)
        .map_err(Error::of("order"))
}

/// The order with this number.
pub async fn get_by_number(tx: &mut ReadTx, number: &OrderNumber) -> Result<Order> {
    on!(tx, conn => sqlx::query_as("SELECT * FROM orders WHERE number = $1").bind(number).fetch_one(conn).await)
        .map_err(Error::of("order"))
}

/// The order with this number, if it is one of ours.
pub async fn find_by_number(tx: &mut ReadTx, number: &str) -> Result<Option<Order>> {
    let query = "SELECT * FROM orders WHERE number = $1";
    on!(tx, conn => sqlx::query_as(query).bind(number).fetch_optional(conn).await).map_err(Error::of("order"))
}

/// A page of an account's orders, newest first.
pub async fn list_of_account(tx: &mut ReadTx, account: AccountId, page: &Page) -> Result<Vec<Order>> {
    // Every id of an order begins with `o`, which is before `p` under any collation.
    let before = page.after.clone().unwrap_or_else(|| "p".into());
    let query = "SELECT * FROM orders WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    on!(tx, conn => sqlx::query_as(query).bind(account).bind(before).bind(page.limit).fetch_all(conn).await)
        .map_err(Error::of("order"))
}

/// The oldest orders in a state.
pub async fn list_in_status(tx: &mut ReadTx, status: OrderStatus, limit: i64) -> Result<Vec<Order>> {
    let query = "SELECT * FROM orders WHERE status = $1 ORDER BY id LIMIT $2";
    on!(tx, conn => sqlx::query_as(query).bind(status).bind(limit).fetch_all(conn).await)
        .map_err(Error::of("order"))
}

/// An account's orders that no mirrored subscription version confirms yet, oldest first.
pub async fn list_unconfirmed(tx: &mut ReadTx, account: AccountId) -> Result<Vec<Order>> {
    let query =
        "SELECT * FROM orders WHERE account_id = $1 AND NOT confirmed AND status <> 'rejected' ORDER BY id";
    on!(tx, conn => sqlx::query_as(query).bind(account).fetch_all(conn).await).map_err(Error::of("order"))
}

/// How many orders are in each state, and when the oldest of each was accepted.
pub async fn count_by_status(tx: &mut ReadTx) -> Result<Vec<(OrderStatus, i64, Instant)>> {
    let query = "SELECT status, COUNT(*), MIN(accepted_at) FROM orders GROUP BY status ORDER BY status";
    on!(tx, conn => sqlx::query_as(query).fetch_all(conn).await).map_err(Error::of("order"))
}

/// How many orders accepted since then are in each state now, by the quarter hour in which they were accepted.
pub async fn count_by_quarter(tx: &mut ReadTx, since: Instant) -> Result<Vec<(String, OrderStatus, i64)>> {
    // The text form of an instant is fixed: characters 1 to 13 are date and hour, 15 and 16 the minute.
    let query = "SELECT quarter, status, COUNT(*) FROM (
                     SELECT status, substr(accepted_at, 1, 14) || CASE
                         WHEN substr(accepted_at, 15, 2) < '15' THEN '00' WHEN substr(accepted_at, 15, 2) < '30' THEN '15'
                         WHEN substr(accepted_at, 15, 2) < '45' THEN '30' ELSE '45' END AS quarter
                     FROM orders WHERE accepted_at >= $1) AS of_today
                 GROUP BY quarter, status ORDER BY quarter, status";
    on!(tx, conn => sqlx::query_as(query).bind(since).fetch_all(conn).await).map_err(Error::of("order"))
}

/// What an account has on trust, in minor units.
pub async fn exposure_of_account(
    tx: &mut ReadTx,
    account: AccountId,
    currency: Currency,
    now: Instant,
) -> Result<i64> {
    let query = "SELECT CAST(COALESCE(SUM(total_minor), 0) AS BIGINT) FROM orders
                 WHERE currency = $1 AND account_id = $2 AND trust_until IS NOT NULL AND billed_at IS NULL
                     AND trust_until > $3 AND status <> 'rejected' AND total_minor > 0";
    on!(tx, conn => sqlx::query_scalar(query).bind(currency).bind(account).bind(now).fetch_one(conn).await)
        .map_err(Error::of("order"))
}

/// What all accounts together have on trust, by currency, in minor units.
pub async fn exposure(tx: &mut ReadTx, now: Instant) -> Result<Vec<(Currency, i64)>> {
    let query = "SELECT currency, CAST(SUM(total_minor) AS BIGINT) FROM orders
                 WHERE trust_until IS NOT NULL AND billed_at IS NULL AND trust_until > $1
                     AND status <> 'rejected' AND total_minor > 0 GROUP BY currency ORDER BY currency";
    on!(tx, conn => sqlx::query_as(query).bind(now).fetch_all(conn).await).map_err(Error::of("order"))
}

/// Adds an accepted order.
pub async fn insert(tx: &mut Tx, order: &Order) -> Result<()> {
    let query =
        "INSERT INTO orders (id, number, account_id, status, settlement, total_minor, currency, actions,
                     po_number, order_date, placed_by, trust_until, confirmed, reason, accepted_at, billed_at,
                     invoice_number, trace_id)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
    on!(tx, conn => sqlx::query(query)
        .bind(order.id).bind(&order.number).bind(order.account_id).bind(order.status).bind(order.settlement)
        .bind(order.total_minor).bind(order.currency).bind(&order.actions).bind(&order.po_number)
        .bind(order.order_date).bind(&order.placed_by).bind(order.trust_until).bind(order.confirmed)
        .bind(&order.reason).bind(order.accepted_at).bind(order.billed_at).bind(&order.invoice_number)
        .bind(&order.trace_id)
        .execute(conn).await.map(drop))
    .map_err(Error::of("order"))
}

/// Records where an order stands.
pub async fn set_status(tx: &mut Tx, id: OrderId, status: OrderStatus, reason: Option<&str>) -> Result<()> {
    let query = "UPDATE orders SET status = $2, reason = $3 WHERE id = $1 AND status <> 'billed'";
    on!(tx, conn => sqlx::query(query).bind(id).bind(status).bind(reason).execute(conn).await.map(drop))
        .map_err(Error::of("order"))
}

/// Records that Zuora has the order; returns whether that was news.
pub async fn set_billed(
    tx: &mut Tx,
    id: OrderId,
    at: Instant,
    invoice: Option<&InvoiceNumber>,
) -> Result<bool> {
    let query = "UPDATE orders SET status = 'billed', billed_at = $2, invoice_number = $3, reason = NULL
                 WHERE id = $1 AND status <> 'billed'";
    let rows = on!(tx, conn => sqlx::query(query).bind(id).bind(at).bind(invoice).execute(conn).await
        .map(|done| done.rows_affected()));
    Ok(rows.map_err(Error::of("order"))? > 0)
}

/// Records that the mirror has what the order made; returns whether that was news.
pub async fn set_confirmed(tx: &mut Tx, number: &OrderNumber) -> Result<bool> {
    let query = "UPDATE orders SET confirmed = TRUE WHERE number = $1 AND NOT confirmed";
    let rows =
        on!(tx, conn => sqlx::query(query).bind(number).execute(conn).await.map(|done| done.rows_affected()));
    Ok(rows.map_err(Error::of("order"))? > 0)
}

/// The order that an invoice was made for.
pub async fn find_by_invoice(tx: &mut ReadTx, number: &InvoiceNumber) -> Result<Option<Order>> {
    let query = "SELECT * FROM orders WHERE invoice_number = $1";
    on!(tx, conn => sqlx::query_as(query).bind(number).fetch_optional(conn).await).map_err(Error::of("order"))
}

/// An account's billed orders whose invoice is not known: Zuora was asked, and the answer that named it was lost.
pub async fn list_without_invoice(tx: &mut ReadTx, account: AccountId) -> Result<Vec<Order>> {
    let query = "SELECT * FROM orders WHERE account_id = $1 AND status = 'billed' AND invoice_number IS NULL ORDER BY id";
    on!(tx, conn => sqlx::query_as(query).bind(account).fetch_all(conn).await).map_err(Error::of("order"))
}

/// Records which invoice is the order's.
pub async fn set_invoice(tx: &mut Tx, id: OrderId, number: &InvoiceNumber) -> Result<()> {
    let query = "UPDATE orders SET invoice_number = $2 WHERE id = $1 AND invoice_number IS NULL";
    on!(tx, conn => sqlx::query(query).bind(id).bind(number).execute(conn).await.map(drop))
        .map_err(Error::of("order"))
}
