//! The charges of a subscription, and the segments that changes within a term cut them into.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    BillingPeriod, BillingTiming, ChargeModel, ChargeType, CustomFields, Tier, TriggerEvent, custom, decimal,
};

/// A charge of a plan on a subscription.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RatePlanCharge {
    /// Changes with every version of the subscription; empty where only the segments have one.
    #[serde(default)]
    pub id: String,
    /// `C-…`: does not change.
    #[serde(default)]
    pub number: Option<String>,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// The id it had in the first version.
    #[serde(default)]
    pub original_charge_id: Option<String>,
    /// The charge in the catalog.
    #[serde(default)]
    pub product_rate_plan_charge_id: Option<String>,
    /// Once, recurring or by use.
    #[serde(default, rename = "type")]
    pub charge_type: Option<ChargeType>,
    /// How quantity becomes amount.
    #[serde(default)]
    pub model: Option<ChargeModel>,
    /// Unit of measure.
    #[serde(default)]
    pub uom: Option<String>,
    /// Its own version.
    #[serde(default)]
    pub version: Option<u32>,
    /// A change inside a term starts a new segment.
    #[serde(default)]
    pub segment: Option<u32>,
    /// Null for tiered models.
    #[serde(default, with = "decimal::option")]
    pub price: Option<Decimal>,
    /// Null for flat models.
    #[serde(default)]
    pub tiers: Option<Vec<Tier>>,
    /// How many.
    #[serde(default, with = "decimal::option")]
    pub quantity: Option<Decimal>,
    /// How long one charge covers.
    #[serde(default)]
    pub billing_period: Option<BillingPeriod>,
    /// Which end of the period it is billed at.
    #[serde(default)]
    pub billing_timing: Option<BillingTiming>,
    /// First day.
    #[serde(default)]
    pub effective_start_date: Option<Date>,
    /// Last day, exclusive.
    #[serde(default)]
    pub effective_end_date: Option<Date>,
    /// Billed up to this day, exclusive.
    #[serde(default)]
    pub charged_through_date: Option<Date>,
    /// Processed by billing up to this day.
    #[serde(default)]
    pub processed_through_date: Option<Date>,
    /// Which date starts it.
    #[serde(default)]
    pub trigger_event: Option<TriggerEvent>,
    /// For [`TriggerEvent::SpecificDate`].
    #[serde(default)]
    pub trigger_date: Option<Date>,
    /// Monthly recurring revenue.
    #[serde(default, with = "decimal::option")]
    pub mrr: Option<Decimal>,
    /// Total contract value.
    #[serde(default, with = "decimal::option")]
    pub tcv: Option<Decimal>,
    /// The share taken off by a percentage discount.
    #[serde(default, with = "decimal::option")]
    pub discount_percentage: Option<Decimal>,
    /// The sum taken off by a fixed discount.
    #[serde(default, with = "decimal::option")]
    pub discount_amount: Option<Decimal>,
    /// Its life in parts that differ in price or quantity, when all segments are asked for; see
    /// [`RatePlanCharge::segments`].
    #[serde(default, deserialize_with = "custom::null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub charge_segments: Vec<ChargeSegment>,
    /// The tenant's own fields.
    #[serde(flatten, deserialize_with = "custom::flat")]
    pub custom_fields: CustomFields,
}

impl RatePlanCharge {
    /// The charge once for each of its segments, in their order, with the price, quantity and dates of each; itself
    /// alone when the answer held no segments.
    #[must_use]
    pub fn segments(&self) -> Vec<Self> {
        let whole = Self { charge_segments: Vec::new(), ..self.clone() };
        if self.charge_segments.is_empty() {
            return vec![whole];
        }
        self.charge_segments.iter().map(|segment| whole.cut_to(segment)).collect()
    }

    fn cut_to(&self, segment: &ChargeSegment) -> Self {
        let segment = segment.clone();
        Self {
            id: segment.id.unwrap_or_else(|| self.id.clone()),
            segment: segment.segment.or(self.segment),
            price: segment.price,
            tiers: segment.tiers,
            quantity: segment.quantity,
            effective_start_date: segment.effective_start_date,
            effective_end_date: segment.effective_end_date,
            charged_through_date: segment.charged_through_date,
            processed_through_date: segment.processed_through_date,
            mrr: segment.mrr,
            tcv: segment.tcv,
            discount_percentage: segment.discount_percentage,
            discount_amount: segment.discount_amount,
            ..self.clone()
        }
    }
}

/// A part of a charge's life with one price and one quantity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChargeSegment {
    /// Changes with every version of the subscription.
    #[serde(default)]
    pub id: Option<String>,
    /// Counted from 1.
    #[serde(default)]
    pub segment: Option<u32>,
    /// Null for tiered models.
    #[serde(default, with = "decimal::option")]
    pub price: Option<Decimal>,
    /// Null for flat models.
    #[serde(default)]
    pub tiers: Option<Vec<Tier>>,
    /// How many.
    #[serde(default, with = "decimal::option")]
    pub quantity: Option<Decimal>,
    /// First day.
    #[serde(default)]
    pub effective_start_date: Option<Date>,
    /// Last day, exclusive.
    #[serde(default)]
    pub effective_end_date: Option<Date>,
    /// Billed up to this day, exclusive.
    #[serde(default)]
    pub charged_through_date: Option<Date>,
    /// Processed by billing up to this day.
    #[serde(default)]
    pub processed_through_date: Option<Date>,
    /// Monthly recurring revenue.
    #[serde(default, with = "decimal::option")]
    pub mrr: Option<Decimal>,
    /// Total contract value.
    #[serde(default, with = "decimal::option")]
    pub tcv: Option<Decimal>,
    /// The share taken off by a percentage discount.
    #[serde(default, with = "decimal::option")]
    pub discount_percentage: Option<Decimal>,
    /// The sum taken off by a fixed discount.
    #[serde(default, with = "decimal::option")]
    pub discount_amount: Option<Decimal>,
}
