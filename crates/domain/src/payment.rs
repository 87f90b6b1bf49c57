//! Payments as Zuora made them.
//! Refuses card numbers: only ids of payment methods are known here.

use serde::Serialize;

use crate::{AccountId, Currency, Instant, InvoiceNumber, PaymentNumber, ZuoraId};

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Payment {
    /// Our number where we collected, Zuora's otherwise.
    pub number: PaymentNumber,
    /// Zuora's id.
    pub zuora_id: ZuoraId,
    /// Who paid.
    pub account_id: AccountId,
    /// Zuora's word: `Processed`, `Error`, …
    pub status: String,
    /// In minor units of `currency`.
    pub amount_minor: i64,
    /// The account's currency.
    pub currency: Currency,
    /// The invoice it was made for, where we collected it.
    pub invoice_number: Option<InvoiceNumber>,
    /// What the gateway said, where it declined.
    pub gateway_response: Option<String>,
    /// When Zuora changed it last.
    pub updated_at: Instant,
    /// When we read it.
    pub synced_at: Instant,
}
