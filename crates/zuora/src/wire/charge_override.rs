//! What an order changes in a charge of the catalog: price, quantity, start.
//! One pricing object is set, the one of the charge's type and model.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{CustomFields, Tier, TriggerEvent, custom, decimal};

/// What differs from the catalog in one charge.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChargeOverride {
    /// The charge in the catalog; reading an order spells it with a small `p`.
    #[serde(alias = "productRateplanChargeId")]
    pub product_rate_plan_charge_id: String,
    /// Price and quantity.
    #[serde(default)]
    pub pricing: Option<ChargePricing>,
    /// When it starts.
    #[serde(default)]
    pub start_date: Option<TriggerParams>,
    /// A name for it within this order.
    #[serde(default)]
    pub unique_token: Option<String>,
    /// The tenant's own fields of the charge.
    #[serde(
        default,
        deserialize_with = "custom::null_is_empty",
        skip_serializing_if = "CustomFields::is_empty"
    )]
    pub custom_fields: CustomFields,
}

/// Price and quantity by charge type and model; one object is set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChargePricing {
    /// Recurring, one price.
    #[serde(default)]
    pub recurring_flat_fee: Option<FlatFeePrice>,
    /// Recurring, a price a unit.
    #[serde(default)]
    pub recurring_per_unit: Option<PerUnitPrice>,
    /// Recurring, each unit at its tier's price.
    #[serde(default)]
    pub recurring_tiered: Option<TieredPrice>,
    /// Recurring, all units at one tier's price.
    #[serde(default)]
    pub recurring_volume: Option<TieredPrice>,
    /// Once, one price.
    #[serde(default)]
    pub one_time_flat_fee: Option<FlatFeePrice>,
    /// Once, a price a unit.
    #[serde(default)]
    pub one_time_per_unit: Option<PerUnitPrice>,
}

/// A flat price.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlatFeePrice {
    /// Instead of the catalog's.
    #[serde(default, with = "decimal::option")]
    pub list_price: Option<Decimal>,
}

/// A price a unit, and how many.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PerUnitPrice {
    /// Instead of the catalog's.
    #[serde(default, with = "decimal::option")]
    pub list_price: Option<Decimal>,
    /// How many; the new total, not a difference.
    #[serde(default, with = "decimal::option")]
    pub quantity: Option<Decimal>,
}

/// Prices by tier, and how many.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TieredPrice {
    /// How many; the new total, not a difference.
    #[serde(default, with = "decimal::option")]
    pub quantity: Option<Decimal>,
    /// Instead of the catalog's.
    #[serde(default, deserialize_with = "custom::null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Tier>,
}

/// When a charge starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TriggerParams {
    /// Which date starts it.
    #[serde(default)]
    pub trigger_event: Option<TriggerEvent>,
    /// For [`TriggerEvent::SpecificDate`].
    #[serde(default)]
    pub specific_trigger_date: Option<Date>,
}
