//! Invoices and their items, as `GET /v1/invoices/{key}` and its `/items` print them.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::{CustomFields, LocalTime, custom, decimal};

/// An invoice without its items.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invoice {
    /// 32 hex digits.
    pub id: String,
    /// The business key.
    pub invoice_number: String,
    /// Who owes it.
    pub account_id: String,
    /// The owing account's number; absent in older answers.
    #[serde(default)]
    pub account_number: Option<String>,
    /// With tax.
    #[serde(with = "decimal")]
    pub amount: Decimal,
    /// The sum of its items.
    #[serde(default, with = "decimal::option")]
    pub amount_without_tax: Option<Decimal>,
    /// The sum of its taxation items.
    #[serde(default, with = "decimal::option")]
    pub tax_amount: Option<Decimal>,
    /// Still owed.
    #[serde(default, with = "decimal::option")]
    pub balance: Option<Decimal>,
    /// Paid.
    #[serde(default, with = "decimal::option")]
    pub payment_amount: Option<Decimal>,
    /// The date on it.
    #[serde(default)]
    pub invoice_date: Option<Date>,
    /// Owed by.
    #[serde(default)]
    pub due_date: Option<Date>,
    /// Charges up to this day.
    #[serde(default)]
    pub target_date: Option<Date>,
    /// The day it became binding, in the tenant's zone. `GET` prints a date, where older answers printed a time.
    #[serde(default, deserialize_with = "day_of_date_or_time")]
    pub posted_date: Option<Date>,
    /// Whether it is binding.
    pub status: InvoiceStatus,
    /// ISO 4217 code.
    #[serde(default)]
    pub currency: Option<String>,
    /// What made it: `BillRun`, `API`, ….
    #[serde(default)]
    pub source: Option<String>,
    /// What it is for: `Subscription`, `Order`, ….
    #[serde(default)]
    pub source_type: Option<String>,
    /// Free text.
    #[serde(default)]
    pub comments: Option<String>,
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

/// Whether an invoice is binding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvoiceStatus {
    /// Not yet.
    Draft,
    /// Yes.
    Posted,
    /// Never will be.
    Canceled,
    /// Being made.
    Generating,
    /// Being canceled.
    CancelInProgress,
    /// Waits for the tax engine.
    PendingForTax,
    /// Replaced by its parts.
    Split,
    /// A value newer than this crate.
    #[serde(untagged)]
    Other(String),
}

/// One page of an invoice's items.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvoiceItemPage {
    /// In the invoice's order. Required: an answer without the list is not an empty list.
    pub invoice_items: Vec<InvoiceItem>,
    /// Absolute URL of the next page; absent at the end.
    #[serde(default)]
    pub next_page: Option<String>,
}

/// What one charge costs in one period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvoiceItem {
    /// 32 hex digits.
    pub id: String,
    /// The subscription's number, under the name it had before Orders.
    #[serde(default)]
    pub subscription_name: Option<String>,
    /// The subscription version it was billed from.
    #[serde(default)]
    pub subscription_id: Option<String>,
    /// The charge it was billed from.
    #[serde(default)]
    pub charge_id: Option<String>,
    /// The charge's name.
    #[serde(default)]
    pub charge_name: Option<String>,
    /// The charge in the catalog.
    #[serde(default)]
    pub product_rate_plan_charge_id: Option<String>,
    /// The product's name.
    #[serde(default)]
    pub product_name: Option<String>,
    /// The product's SKU.
    #[serde(default)]
    pub sku: Option<String>,
    /// Before tax.
    #[serde(with = "decimal")]
    pub charge_amount: Decimal,
    /// Its tax.
    #[serde(default, with = "decimal::option")]
    pub tax_amount: Option<Decimal>,
    /// Still owed.
    #[serde(default, with = "decimal::option")]
    pub balance: Option<Decimal>,
    /// How many.
    #[serde(default, with = "decimal::option")]
    pub quantity: Option<Decimal>,
    /// The price of one.
    #[serde(default, with = "decimal::option")]
    pub unit_price: Option<Decimal>,
    /// First day it covers.
    #[serde(default)]
    pub service_start_date: Option<Date>,
    /// Last day it covers, inclusive.
    #[serde(default)]
    pub service_end_date: Option<Date>,
    /// `Charge`, `Discount`, `Prepayment` or `Tax`.
    #[serde(default)]
    pub processing_type: Option<String>,
    /// Of a discount: the item it reduces.
    #[serde(default)]
    pub applied_to_item_id: Option<String>,
    /// The tenant's own fields.
    #[serde(flatten, deserialize_with = "custom::flat")]
    pub custom_fields: CustomFields,
}

/// How long `yyyy-mm-dd` is.
const DATE_LENGTH: usize = 10;

/// The day of a date, or of a time with or without an offset, as it stands there: it is not moved to another zone.
fn day_of_date_or_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    let (day, time) = text.split_at_checked(DATE_LENGTH).unwrap_or((&text, ""));
    if !time.is_empty() && !time.starts_with(['T', ' ']) {
        return Err(D::Error::custom("a date, or a date and a time, is expected"));
    }
    day.parse().map(Some).map_err(D::Error::custom)
}
