//! Orders: what `POST /v1/orders` takes and answers, and what reading one prints.
//! The answer changed its shape at Zuora-Version 223.0; [`OrderCreated::subscription_numbers`] reads both.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{CustomFields, LocalTime, OrderAction, custom, decimal};

/// The request of `POST /v1/orders`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateOrder {
    /// The day that order metrics count it on.
    pub order_date: Date,
    /// The account by number; or see the next field.
    #[serde(default)]
    pub existing_account_number: Option<String>,
    /// The account by id.
    #[serde(default)]
    pub existing_account_id: Option<String>,
    /// Our own number; without `#`, `?` or `/`.
    #[serde(default)]
    pub order_number: Option<String>,
    /// Free text.
    #[serde(default)]
    pub description: Option<String>,
    /// `NewSales` or `Return`.
    #[serde(default)]
    pub category: Option<String>,
    /// The tenant's own fields of the order, nested here and not flat.
    #[serde(
        default,
        deserialize_with = "custom::null_is_empty",
        skip_serializing_if = "CustomFields::is_empty"
    )]
    pub custom_fields: CustomFields,
    /// Whether to bill and to collect in the same call.
    #[serde(default)]
    pub processing_options: Option<ProcessingOptions>,
    /// At most 50, with at most 50 actions in all.
    #[serde(default, deserialize_with = "custom::null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub subscriptions: Vec<OrderedSubscription>,
}

/// What an order does to one subscription.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderedSubscription {
    /// An existing subscription; absent when the first action creates one.
    #[serde(default)]
    pub subscription_number: Option<String>,
    /// The tenant's own fields of the subscription.
    #[serde(
        default,
        deserialize_with = "custom::null_is_empty",
        skip_serializing_if = "CustomFields::is_empty"
    )]
    pub custom_fields: CustomFields,
    /// Free text.
    #[serde(default)]
    pub notes: Option<String>,
    /// In the order in which they are done.
    pub order_actions: Vec<OrderAction>,
}

/// What else to do while the order is made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessingOptions {
    /// Whether to bill it now.
    #[serde(default)]
    pub run_billing: Option<bool>,
    /// Whether to collect the invoice now; a failed payment then undoes everything.
    #[serde(default)]
    pub collect_payment: Option<bool>,
    /// Whether the order stands when the payment fails.
    #[serde(default)]
    pub allow_payment_failure: Option<bool>,
    /// How to bill it.
    #[serde(default)]
    pub billing_options: Option<BillingOptions>,
}

/// How an order is billed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BillingOptions {
    /// Charges up to this day are billed.
    #[serde(default)]
    pub target_date: Option<Date>,
    /// The date on the document.
    #[serde(default)]
    pub document_date: Option<Date>,
    /// Whether the invoice waits for somebody to post it.
    #[serde(default)]
    pub generate_draft_invoice: Option<bool>,
}

/// What `POST /v1/orders` answers, in both families of Zuora-Version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderCreated {
    /// The number we chose, or Zuora's.
    pub order_number: String,
    /// The account it was made on.
    #[serde(default)]
    pub account_number: Option<String>,
    /// How far it came.
    #[serde(default)]
    pub status: Option<OrderStatus>,
    /// From version 223.0.
    #[serde(default)]
    pub subscriptions: Option<Vec<OrderSubscription>>,
    /// Below version 223.0; read both through [`OrderCreated::subscription_numbers`].
    #[serde(default, rename = "subscriptionNumbers")]
    pub numbers_before_223: Option<Vec<String>>,
    /// Invoices that billing made.
    #[serde(default, deserialize_with = "custom::null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub invoice_numbers: Vec<String>,
    /// Credit memos that billing made.
    #[serde(default, deserialize_with = "custom::null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub credit_memo_numbers: Vec<String>,
    /// What was collected; text in some answers, a number in others.
    #[serde(default, with = "decimal::option")]
    pub paid_amount: Option<Decimal>,
    /// The payment that collected it.
    #[serde(default)]
    pub payment_number: Option<String>,
}

impl OrderCreated {
    /// The subscriptions the order touched, whichever shape the answer had.
    #[must_use]
    pub fn subscription_numbers(&self) -> Vec<&str> {
        match (&self.subscriptions, &self.numbers_before_223) {
            (Some(subscriptions), _) => {
                subscriptions.iter().map(|subscription| subscription.subscription_number.as_str()).collect()
            }
            (None, Some(numbers)) => numbers.iter().map(String::as_str).collect(),
            (None, None) => Vec::new(),
        }
    }
}

/// A subscription in the answer to an order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderSubscription {
    /// Its business key.
    pub subscription_number: String,
    /// The owning account's id.
    #[serde(default)]
    pub subscription_owner_id: Option<String>,
    /// The owning account's number.
    #[serde(default)]
    pub subscription_owner_number: Option<String>,
    /// Its state after the order.
    #[serde(default)]
    pub status: Option<super::SubscriptionStatus>,
}

/// How far an order came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderStatus {
    /// Saved, not done.
    Draft,
    /// Done, but a subscription waits for a date.
    Pending,
    /// Done.
    Completed,
    /// To be done on a date.
    Scheduled,
    /// Being done.
    Executing,
    /// Not done.
    Failed,
    /// Given up before it was done.
    Cancelled,
    /// A value newer than this crate.
    #[serde(untagged)]
    Other(String),
}

/// What `GET /v1/orders/{orderNumber}` answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderAnswer {
    /// The order itself.
    pub order: Order,
}

/// One page of a list of orders.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderPage {
    /// Latest first. Required: an answer without the list is not an empty list.
    pub orders: Vec<Order>,
    /// Absolute URL of the next page; absent at the end.
    #[serde(default)]
    pub next_page: Option<String>,
}

/// An order as it is read back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// The business key.
    pub order_number: String,
    /// The day that order metrics count it on.
    #[serde(default)]
    pub order_date: Option<Date>,
    /// How far it came.
    #[serde(default)]
    pub status: Option<OrderStatus>,
    /// The account it was made on.
    #[serde(default)]
    pub existing_account_number: Option<String>,
    /// Free text.
    #[serde(default)]
    pub description: Option<String>,
    /// `NewSales` or `Return`.
    #[serde(default)]
    pub category: Option<String>,
    /// ISO 4217 code.
    #[serde(default)]
    pub currency: Option<String>,
    /// When it was made, in the tenant's zone.
    #[serde(default)]
    pub created_date: Option<LocalTime>,
    /// When it last changed, in the tenant's zone.
    #[serde(default)]
    pub updated_date: Option<LocalTime>,
    /// The tenant's own fields of the order, nested here and not flat.
    #[serde(
        default,
        deserialize_with = "custom::null_is_empty",
        skip_serializing_if = "CustomFields::is_empty"
    )]
    pub custom_fields: CustomFields,
    /// What it did, by subscription.
    #[serde(default, deserialize_with = "custom::null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub subscriptions: Vec<OrderOfSubscription>,
}

/// What an order did to one subscription.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderOfSubscription {
    /// The subscription's business key.
    pub subscription_number: String,
    /// Its version before; absent when the order created it.
    #[serde(default)]
    pub base_version: Option<u32>,
    /// Its version after.
    #[serde(default)]
    pub new_version: Option<u32>,
    /// The owning account's number.
    #[serde(default)]
    pub subscription_owner_account_number: Option<String>,
    /// The tenant's own fields of the subscription.
    #[serde(
        default,
        deserialize_with = "custom::null_is_empty",
        skip_serializing_if = "CustomFields::is_empty"
    )]
    pub custom_fields: CustomFields,
    /// What was done, in that order.
    #[serde(default, deserialize_with = "custom::null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub order_actions: Vec<OrderAction>,
}
