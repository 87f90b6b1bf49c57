//! Payments: what `POST /v1/payments` takes and answers, and what reading one prints.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{CustomFields, LocalTime, custom, decimal};

/// The request of `POST /v1/payments`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatePayment {
    /// Our own number; Zuora documents payment numbers as unique.
    #[serde(default)]
    pub number: Option<String>,
    /// Who pays, by id; or see the next field.
    #[serde(default)]
    pub account_id: Option<String>,
    /// Who pays, by number.
    #[serde(default)]
    pub account_number: Option<String>,
    /// What is collected in all.
    #[serde(with = "decimal")]
    pub amount: Decimal,
    /// ISO 4217 code.
    pub currency: String,
    /// Collected by Zuora, or elsewhere and only recorded.
    #[serde(rename = "type")]
    pub payment_type: PaymentType,
    /// The day it counts on.
    #[serde(default)]
    pub effective_date: Option<Date>,
    /// For electronic payments.
    #[serde(default)]
    pub payment_method_id: Option<String>,
    /// For external payments: `Check`, `WireTransfer`, ….
    #[serde(default)]
    pub payment_method_type: Option<String>,
    /// What it pays; the rest stays unapplied.
    #[serde(default, deserialize_with = "custom::null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub invoices: Vec<InvoiceApplication>,
    /// Free text.
    #[serde(default)]
    pub comment: Option<String>,
    /// The tenant's own fields.
    #[serde(flatten, deserialize_with = "custom::flat")]
    pub custom_fields: CustomFields,
}

/// How much of a payment goes to one invoice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvoiceApplication {
    /// The invoice by id; or see the next field.
    #[serde(default)]
    pub invoice_id: Option<String>,
    /// The invoice by number.
    #[serde(default)]
    pub invoice_number: Option<String>,
    /// How much.
    #[serde(with = "decimal")]
    pub amount: Decimal,
}

/// Who collects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaymentType {
    /// Zuora, through a gateway.
    Electronic,
    /// Somebody else; Zuora only records it.
    External,
    /// A value newer than this crate.
    #[serde(untagged)]
    Other(String),
}

/// A payment, as creating and reading it answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// 32 hex digits.
    pub id: String,
    /// The business key.
    #[serde(default)]
    pub number: Option<String>,
    /// Who paid.
    #[serde(default)]
    pub account_id: Option<String>,
    /// The paying account's number; absent in older answers.
    #[serde(default)]
    pub account_number: Option<String>,
    /// What was collected.
    #[serde(with = "decimal")]
    pub amount: Decimal,
    /// What went to invoices.
    #[serde(default, with = "decimal::option")]
    pub applied_amount: Option<Decimal>,
    /// What did not.
    #[serde(default, with = "decimal::option")]
    pub unapplied_amount: Option<Decimal>,
    /// What was given back.
    #[serde(default, with = "decimal::option")]
    pub refund_amount: Option<Decimal>,
    /// ISO 4217 code.
    #[serde(default)]
    pub currency: Option<String>,
    /// The day it counts on.
    #[serde(default)]
    pub effective_date: Option<Date>,
    /// Whether it went through; a refused card is an `Error` payment, not an error answer.
    pub status: PaymentStatus,
    /// Collected by Zuora, or elsewhere.
    #[serde(default, rename = "type")]
    pub payment_type: Option<PaymentType>,
    /// How far the gateway is.
    #[serde(default)]
    pub gateway_state: Option<GatewayState>,
    /// The gateway's words.
    #[serde(default)]
    pub gateway_response: Option<String>,
    /// The gateway's code.
    #[serde(default)]
    pub gateway_response_code: Option<String>,
    /// The gateway's id of it.
    #[serde(default)]
    pub reference_id: Option<String>,
    /// What paid.
    #[serde(default)]
    pub payment_method_id: Option<String>,
    /// Free text.
    #[serde(default)]
    pub comment: Option<String>,
    /// When it was made, in the tenant's zone.
    #[serde(default)]
    pub created_date: Option<LocalTime>,
    /// When it last changed, in the tenant's zone.
    #[serde(default)]
    pub updated_date: Option<LocalTime>,
    /// The tenant's own fields.
    #[serde(flatten, deserialize_with = "custom::flat")]
    pub custom_fields: CustomFields,
}

/// Whether a payment went through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaymentStatus {
    /// Saved, not tried.
    Draft,
    /// At the gateway.
    Processing,
    /// Yes.
    Processed,
    /// No.
    Error,
    /// Undone.
    Canceled,
    /// Recorded.
    Posted,
    /// A value newer than this crate.
    #[serde(untagged)]
    Other(String),
}

/// How far the gateway is with a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GatewayState {
    /// To be sent.
    MarkedForSubmission,
    /// Sent.
    Submitted,
    /// The money moved.
    Settled,
    /// Not sent: external payments stay here.
    NotSubmitted,
    /// The money did not move.
    FailedToSettle,
    /// A value newer than this crate.
    #[serde(untagged)]
    Other(String),
}
