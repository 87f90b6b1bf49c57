//! Previews: what an order would bill, from `POST /v1/orders/preview`.
//! Zuora keeps nothing of it, so it needs no idempotency key and may be asked again at will.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{CustomFields, OrderedSubscription, custom, decimal};

/// The request of `POST /v1/orders/preview`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewOrder {
    /// The day that order metrics would count it on.
    pub order_date: Date,
    /// The account by number.
    #[serde(default)]
    pub existing_account_number: Option<String>,
    /// `NewSales` or `Return`.
    #[serde(default)]
    pub category: Option<String>,
    /// The tenant's own fields of the order.
    #[serde(
        default,
        deserialize_with = "custom::null_is_empty",
        skip_serializing_if = "CustomFields::is_empty"
    )]
    pub custom_fields: CustomFields,
    /// What to show, and how far ahead.
    pub preview_options: PreviewOptions,
    /// What the order would do.
    #[serde(default, deserialize_with = "custom::null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub subscriptions: Vec<OrderedSubscription>,
}

/// What a preview shows, and how far ahead.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewOptions {
    /// `TermEnd`, `SpecificDate` or `NumberOfPeriods`.
    #[serde(default)]
    pub preview_thru_type: Option<String>,
    /// For `SpecificDate`.
    #[serde(default)]
    pub specific_preview_thru_date: Option<Date>,
    /// For `NumberOfPeriods`.
    #[serde(default)]
    pub preview_number_of_periods: Option<i32>,
    /// `BillingDocs`, `ChargeMetrics`, ….
    #[serde(default, deserialize_with = "custom::null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub preview_types: Vec<String>,
    /// Whether to leave tax out.
    #[serde(default)]
    pub skip_tax: Option<bool>,
}

/// What a preview answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderPreviewed {
    /// What would come of the order.
    #[serde(default)]
    pub preview_result: PreviewResult,
}

/// What would come of the order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewResult {
    /// The invoices that would be made.
    #[serde(default, deserialize_with = "custom::null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub invoices: Vec<PreviewInvoice>,
}

/// An invoice that would be made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewInvoice {
    /// With tax.
    #[serde(default, with = "decimal::option")]
    pub amount: Option<Decimal>,
    /// The sum of its items.
    #[serde(default, with = "decimal::option")]
    pub amount_without_tax: Option<Decimal>,
    /// An estimate.
    #[serde(default, with = "decimal::option")]
    pub tax_amount: Option<Decimal>,
    /// Charges up to this day.
    #[serde(default)]
    pub target_date: Option<Date>,
    /// One for each charge and period.
    #[serde(default, deserialize_with = "custom::null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub invoice_items: Vec<PreviewItem>,
}

/// An invoice item that would be made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewItem {
    /// The charge's name.
    #[serde(default)]
    pub charge_name: Option<String>,
    /// The charge's number; of a charge that does not exist yet it is provisional.
    #[serde(default)]
    pub charge_number: Option<String>,
    /// The charge in the catalog.
    #[serde(default)]
    pub product_rate_plan_charge_id: Option<String>,
    /// `Charge`, `Discount`, ….
    #[serde(default)]
    pub processing_type: Option<String>,
    /// First day it covers.
    #[serde(default)]
    pub service_start_date: Option<Date>,
    /// Last day it covers, inclusive.
    #[serde(default)]
    pub service_end_date: Option<Date>,
    /// Before tax.
    #[serde(default, with = "decimal::option")]
    pub amount_without_tax: Option<Decimal>,
    /// An estimate.
    #[serde(default, with = "decimal::option")]
    pub tax_amount: Option<Decimal>,
    /// The subscription it is for.
    #[serde(default)]
    pub subscription_number: Option<String>,
    /// The price of one.
    #[serde(default, with = "decimal::option")]
    pub unit_price: Option<Decimal>,
}
