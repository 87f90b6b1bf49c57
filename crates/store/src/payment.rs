//! Mirrored payments. Only the sync writes them.
//! Refuses card data.

use domain::payment::Payment;
use domain::{AccountId, Instant, ZuoraId};

use crate::db::on;
use crate::{Error, ReadTx, Result, Tx};

/// An account's payments, newest first.
pub async fn list_of_account(tx: &mut ReadTx, account: AccountId, limit: i64) -> Result<Vec<Payment>> {
    let query = "SELECT * FROM payments WHERE account_id = $1 ORDER BY updated_at DESC, number DESC LIMIT $2";
    on!(tx, conn => sqlx::query_as(query).bind(account).bind(limit).fetch_all(conn).await)
        .map_err(Error::of("payment"))
}

/// Takes over a payment as Zuora has it; an older state never replaces a newer one.
pub async fn upsert(tx: &mut Tx, payment: &Payment, raw: &str) -> Result<()> {
    let query =
        "INSERT INTO payments (number, zuora_id, account_id, status, amount_minor, currency, invoice_number,
                     gateway_response, raw, updated_at, synced_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                 ON CONFLICT (number) DO UPDATE SET status = excluded.status,
                     invoice_number = COALESCE(excluded.invoice_number, payments.invoice_number),
                     gateway_response = excluded.gateway_response,
                     raw = excluded.raw, updated_at = excluded.updated_at, synced_at = excluded.synced_at
                 WHERE payments.updated_at <= excluded.updated_at";
    on!(tx, conn => sqlx::query(query)
        .bind(&payment.number).bind(&payment.zuora_id).bind(payment.account_id).bind(&payment.status)
        .bind(payment.amount_minor).bind(payment.currency).bind(&payment.invoice_number)
        .bind(&payment.gateway_response).bind(raw).bind(payment.updated_at).bind(payment.synced_at)
        .execute(conn).await.map(drop))
    .map_err(Error::of("payment"))
}

/// When Zuora had changed what we hold under its id, to tell whether there is news.
pub async fn updated_at(tx: &mut ReadTx, id: &ZuoraId) -> Result<Option<Instant>> {
    let query = "SELECT updated_at FROM payments WHERE zuora_id = $1";
    on!(tx, conn => sqlx::query_scalar(query).bind(id).fetch_optional(conn).await)
        .map_err(Error::of("payment"))
}
