//! Mirrored invoices. Only the sync writes them.
//! Refuses amounts of its own.

use domain::invoice::Invoice;
use domain::{AccountId, Instant, InvoiceNumber, ZuoraId};

use crate::db::on;
use crate::{Error, ReadTx, Result, Tx};

/// The invoice with this number.
pub async fn find(tx: &mut ReadTx, number: &InvoiceNumber) -> Result<Option<Invoice>> {
    let query = "SELECT * FROM invoices WHERE number = $1";
    on!(tx, conn => sqlx::query_as(query).bind(number).fetch_optional(conn).await)
        .map_err(Error::of("invoice"))
}

/// An account's invoices, newest first.
pub async fn list_of_account(tx: &mut ReadTx, account: AccountId, limit: i64) -> Result<Vec<Invoice>> {
    let query =
        "SELECT * FROM invoices WHERE account_id = $1 ORDER BY invoice_date DESC, number DESC LIMIT $2";
    on!(tx, conn => sqlx::query_as(query).bind(account).bind(limit).fetch_all(conn).await)
        .map_err(Error::of("invoice"))
}

/// Takes over an invoice as Zuora has it; an older state never replaces a newer one.
pub async fn upsert(tx: &mut Tx, invoice: &Invoice, raw: &str) -> Result<()> {
    let query = "INSERT INTO invoices (number, zuora_id, account_id, status, amount_minor, balance_minor, currency,
                     invoice_date, due_date, items, raw, updated_at, synced_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                 ON CONFLICT (number) DO UPDATE SET status = excluded.status, amount_minor = excluded.amount_minor,
                     balance_minor = excluded.balance_minor, due_date = excluded.due_date, items = excluded.items,
                     raw = excluded.raw, updated_at = excluded.updated_at, synced_at = excluded.synced_at
                 WHERE invoices.updated_at <= excluded.updated_at";
    on!(tx, conn => sqlx::query(query)
        .bind(&invoice.number).bind(&invoice.zuora_id).bind(invoice.account_id).bind(&invoice.status)
        .bind(invoice.amount_minor).bind(invoice.balance_minor).bind(invoice.currency).bind(invoice.invoice_date)
        .bind(invoice.due_date).bind(&invoice.items).bind(raw).bind(invoice.updated_at).bind(invoice.synced_at)
        .execute(conn).await.map(drop))
    .map_err(Error::of("invoice"))
}

/// When Zuora had changed what we hold under its id, to tell whether there is news.
pub async fn updated_at(tx: &mut ReadTx, id: &ZuoraId) -> Result<Option<Instant>> {
    let query = "SELECT updated_at FROM invoices WHERE zuora_id = $1";
    on!(tx, conn => sqlx::query_scalar(query).bind(id).fetch_optional(conn).await)
        .map_err(Error::of("invoice"))
}
