//! Invoices as Zuora posted them.
//! Refuses to compute: amounts are Zuora's, compared elsewhere with what we previewed.

use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use crate::{AccountId, Currency, Day, Instant, InvoiceNumber, SubscriptionNumber, ZuoraId};

/// One invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Invoice {
    /// Zuora's number.
    pub number: InvoiceNumber,
    /// Zuora's id.
    pub zuora_id: ZuoraId,
    /// Who owes it.
    pub account_id: AccountId,
    /// Zuora's word: `Posted`, `Draft`, …
    pub status: String,
    /// The whole amount, in minor units of `currency`.
    pub amount_minor: i64,
    /// What is still owed.
    pub balance_minor: i64,
    /// The account's currency.
    pub currency: Currency,
    /// The date on it.
    pub invoice_date: Day,
    /// By when it is to be paid.
    pub due_date: Day,
    /// Its lines.
    pub items: Json<Vec<InvoiceItem>>,
    /// When Zuora changed it last.
    pub updated_at: Instant,
    /// When we read it.
    pub synced_at: Instant,
}

/// One line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceItem {
    /// Zuora's name of the charge.
    pub name: String,
    /// What it is for.
    pub subscription: Option<SubscriptionNumber>,
    /// Before tax, in minor units.
    pub amount_minor: i64,
    /// The tax on it, in minor units.
    pub tax_minor: i64,
    /// The first day of service.
    pub service_start: Day,
    /// The last day of service, inclusive, as Zuora prints it.
    pub service_end: Day,
}
