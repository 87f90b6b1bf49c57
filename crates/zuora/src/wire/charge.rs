//! The vocabulary of prices: what kind of charge, how it is priced, how often and when it is billed.
//! Every enum is open; where Zuora has two spellings of one value both are read and the service API's is written.

use serde::{Deserialize, Serialize};

/// When in a subscription's life a charge falls due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChargeType {
    /// Once, when it starts.
    #[serde(alias = "One-Time")]
    OneTime,
    /// Every billing period.
    Recurring,
    /// By what was used.
    Usage,
    /// A value newer than this crate.
    #[serde(untagged)]
    Other(String),
}

/// How a charge turns a quantity into an amount; the CRUD calls spell these differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChargeModel {
    /// One price whatever the quantity.
    #[serde(alias = "Flat Fee Pricing")]
    FlatFee,
    /// A price for each unit.
    #[serde(alias = "Per Unit Pricing")]
    PerUnit,
    /// Each unit at the price of the tier it falls in.
    #[serde(alias = "Tiered Pricing")]
    Tiered,
    /// All units at the price of the tier that the quantity falls in.
    #[serde(alias = "Volume Pricing")]
    Volume,
    /// Units beyond the included ones at a price each.
    #[serde(alias = "Overage Pricing")]
    Overage,
    /// Tiers, and a price for units beyond the last.
    #[serde(alias = "Tiered with Overage Pricing")]
    TieredWithOverage,
    /// A sum off.
    #[serde(alias = "Discount-Fixed Amount")]
    DiscountFixedAmount,
    /// A share off.
    #[serde(alias = "Discount-Percentage")]
    DiscountPercentage,
    /// By deliveries on a schedule.
    #[serde(alias = "Delivery Pricing")]
    Delivery,
    /// A value this crate has no arithmetic name for.
    #[serde(untagged)]
    Other(String),
}

/// How long one recurring charge covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BillingPeriod {
    /// One month.
    Month,
    /// Three months.
    Quarter,
    /// Six months.
    #[serde(rename = "Semi_Annual", alias = "Semi-Annual")]
    SemiAnnual,
    /// Twelve months.
    Annual,
    /// Eighteen months.
    #[serde(rename = "Eighteen_Months", alias = "Eighteen Months")]
    EighteenMonths,
    /// Twenty-four months.
    #[serde(rename = "Two_Years", alias = "Two Years")]
    TwoYears,
    /// Thirty-six months.
    #[serde(rename = "Three_Years", alias = "Three Years")]
    ThreeYears,
    /// Sixty months.
    #[serde(rename = "Five_Years", alias = "Five Years")]
    FiveYears,
    /// As many months as `specificBillingPeriod` says.
    #[serde(rename = "Specific_Months", alias = "Specific Months")]
    SpecificMonths,
    /// The whole term at once.
    #[serde(rename = "Subscription_Term", alias = "Subscription Term")]
    SubscriptionTerm,
    /// Seven days.
    Week,
    /// As many weeks as `specificBillingPeriod` says.
    #[serde(rename = "Specific_Weeks", alias = "Specific Weeks")]
    SpecificWeeks,
    /// As many days as `specificBillingPeriod` says.
    #[serde(rename = "Specific_Days", alias = "Specific Days")]
    SpecificDays,
    /// A value newer than this crate.
    #[serde(untagged)]
    Other(String),
}

/// Which end of a period its charge is billed at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BillingTiming {
    /// At the start.
    #[serde(rename = "IN_ADVANCE", alias = "In Advance")]
    InAdvance,
    /// At the end.
    #[serde(rename = "IN_ARREARS", alias = "In Arrears")]
    InArrears,
    /// A value newer than this crate.
    #[serde(untagged)]
    Other(String),
}

/// Which of a subscription's three dates starts a charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TriggerEvent {
    /// The contract takes effect.
    ContractEffective,
    /// The service is switched on.
    ServiceActivation,
    /// The customer accepts it.
    CustomerAcceptance,
    /// A date given with the charge.
    SpecificDate,
    /// A value newer than this crate.
    #[serde(untagged)]
    Other(String),
}

/// The unit a term is counted in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PeriodType {
    /// Calendar days.
    Day,
    /// Seven days.
    Week,
    /// Calendar months.
    Month,
    /// Calendar years.
    Year,
    /// A value newer than this crate.
    #[serde(untagged)]
    Other(String),
}

/// Whether a subscription ends by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TermType {
    /// It runs for a term.
    #[serde(rename = "TERMED")]
    Termed,
    /// It runs until it is cancelled.
    #[serde(rename = "EVERGREEN")]
    Evergreen,
    /// A value newer than this crate.
    #[serde(untagged)]
    Other(String),
}

/// Whether a tier's price is for the tier or for each unit in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PriceFormat {
    /// One price for the whole tier.
    #[serde(alias = "Flat Fee")]
    FlatFee,
    /// A price for each unit.
    #[serde(alias = "Per Unit")]
    PerUnit,
    /// A value newer than this crate.
    #[serde(untagged)]
    Other(String),
}
