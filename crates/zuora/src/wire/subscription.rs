//! Subscriptions, as `GET /v1/subscriptions/{key}` prints one version of them.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{CustomFields, LocalTime, PeriodType, RatePlanCharge, TermType, custom, decimal};

/// One version of a subscription, with its plans and charges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// The version's id: it changes with every version, the number does not.
    pub id: String,
    /// The business key.
    pub subscription_number: String,
    /// Rises by one with every change.
    pub version: u32,
    /// The version as Zuora shows it, `9.0`.
    #[serde(default)]
    pub revision: Option<String>,
    /// False for a version that has been replaced.
    #[serde(default)]
    pub is_latest_version: Option<bool>,
    /// The owning account's id.
    pub account_id: String,
    /// The owning account's number.
    pub account_number: String,
    /// The owning account's name.
    #[serde(default)]
    pub account_name: Option<String>,
    /// Who pays, when it is another.
    #[serde(default)]
    pub invoice_owner_account_number: Option<String>,
    /// Whether it is in force.
    pub status: SubscriptionStatus,
    /// Its past and planned states.
    #[serde(default, deserialize_with = "custom::null_is_empty")]
    pub status_history: Vec<SubscriptionState>,
    /// Termed or evergreen.
    #[serde(default)]
    pub term_type: Option<TermType>,
    /// Day the contract takes effect.
    #[serde(default)]
    pub contract_effective_date: Option<Date>,
    /// Day the service is switched on.
    #[serde(default)]
    pub service_activation_date: Option<Date>,
    /// Day the customer accepts it.
    #[serde(default)]
    pub customer_acceptance_date: Option<Date>,
    /// First day.
    #[serde(default)]
    pub subscription_start_date: Option<Date>,
    /// Last day, exclusive; null while evergreen.
    #[serde(default)]
    pub subscription_end_date: Option<Date>,
    /// First day of the term that runs.
    #[serde(default)]
    pub term_start_date: Option<Date>,
    /// Last day of the term that runs, exclusive.
    #[serde(default)]
    pub term_end_date: Option<Date>,
    /// Length of the first term.
    #[serde(default)]
    pub initial_term: Option<i32>,
    /// Unit of the first term.
    #[serde(default)]
    pub initial_term_period_type: Option<PeriodType>,
    /// Length of the term that runs.
    #[serde(default)]
    pub current_term: Option<i32>,
    /// Unit of the term that runs.
    #[serde(default)]
    pub current_term_period_type: Option<PeriodType>,
    /// Whether it renews by itself.
    #[serde(default)]
    pub auto_renew: Option<bool>,
    /// Length of the next term.
    #[serde(default)]
    pub renewal_term: Option<i32>,
    /// Unit of the next term.
    #[serde(default)]
    pub renewal_term_period_type: Option<PeriodType>,
    /// ISO 4217 code.
    #[serde(default)]
    pub currency: Option<String>,
    /// Monthly recurring revenue under contract.
    #[serde(default, with = "decimal::option")]
    pub contracted_mrr: Option<Decimal>,
    /// Worth of the contract over its term.
    #[serde(default, with = "decimal::option")]
    pub total_contracted_value: Option<Decimal>,
    /// Free text.
    #[serde(default)]
    pub notes: Option<String>,
    /// Why it was cancelled.
    #[serde(default)]
    pub cancel_reason: Option<String>,
    /// The order that made this version.
    #[serde(default)]
    pub order_number: Option<String>,
    /// When this version was made, in the tenant's zone.
    #[serde(default)]
    pub create_time: Option<LocalTime>,
    /// When it last changed, in the tenant's zone.
    #[serde(default)]
    pub update_time: Option<LocalTime>,
    /// What was bought; removed plans stay listed.
    #[serde(default, deserialize_with = "custom::null_is_empty")]
    pub rate_plans: Vec<RatePlan>,
    /// The tenant's own fields.
    #[serde(flatten, deserialize_with = "custom::flat")]
    pub custom_fields: CustomFields,
}

/// One page of an account's subscriptions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionPage {
    /// The latest version of each. Required: an answer without the list is not an empty list.
    pub subscriptions: Vec<Subscription>,
    /// Absolute URL of the next page; absent at the end.
    #[serde(default)]
    pub next_page: Option<String>,
}

/// Whether a subscription is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SubscriptionStatus {
    /// Saved, not in force.
    Draft,
    /// Waits for its activation date.
    #[serde(rename = "Pending Activation")]
    PendingActivation,
    /// Waits for its acceptance date.
    #[serde(rename = "Pending Acceptance")]
    PendingAcceptance,
    /// In force.
    Active,
    /// Ended early, or will be.
    Cancelled,
    /// Its term is over.
    Expired,
    /// Paused.
    Suspended,
    /// Between terms: real in status histories, absent from Zuora's own enum.
    OutOfTerm,
    /// A value newer than this crate.
    #[serde(untagged)]
    Other(String),
}

/// A span of a subscription's status history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionState {
    /// First day.
    #[serde(default)]
    pub start_date: Option<Date>,
    /// Last day, exclusive; null while it lasts.
    #[serde(default)]
    pub end_date: Option<Date>,
    /// The state.
    pub status: SubscriptionStatus,
}

/// A plan on a subscription.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RatePlan {
    /// Changes with every version of the subscription.
    pub id: String,
    /// `Add`, `Update`, `Remove` or null; a removed plan stays listed.
    #[serde(default)]
    pub last_change_type: Option<String>,
    /// The product in the catalog.
    #[serde(default)]
    pub product_id: Option<String>,
    /// The product's name.
    #[serde(default)]
    pub product_name: Option<String>,
    /// The product's SKU.
    #[serde(default)]
    pub product_sku: Option<String>,
    /// The plan in the catalog.
    #[serde(default)]
    pub product_rate_plan_id: Option<String>,
    /// The plan's number in the catalog.
    #[serde(default)]
    pub product_rate_plan_number: Option<String>,
    /// The plan's name.
    #[serde(default)]
    pub rate_plan_name: Option<String>,
    /// `SRP-…`: does not change from version to version.
    #[serde(default)]
    pub subscription_rate_plan_number: Option<String>,
    /// What it charges.
    #[serde(default, deserialize_with = "custom::null_is_empty")]
    pub rate_plan_charges: Vec<RatePlanCharge>,
    /// The tenant's own fields.
    #[serde(flatten, deserialize_with = "custom::flat")]
    pub custom_fields: CustomFields,
}

impl RatePlan {
    /// Whether the plan was taken off the subscription and is listed only as history.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.last_change_type.as_deref() == Some("Remove")
    }
}
