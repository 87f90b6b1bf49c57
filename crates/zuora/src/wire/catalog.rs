//! The catalog: products, their rate plans, their charges and prices.
//! From Zuora-Version 230.0 a product names its plans by URL; [`RatePlans`] is either, and the client fetches them.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use super::{
    BillingPeriod, BillingTiming, ChargeModel, ChargeType, CustomFields, PriceFormat, TriggerEvent, custom,
    decimal,
};

/// One page of `GET /v1/catalog/products`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CatalogPage {
    /// In no promised order. Required: an answer without the list is not an empty list.
    pub products: Vec<Product>,
    /// Absolute URL of the next page; absent at the end.
    #[serde(default)]
    pub next_page: Option<String>,
}

/// What is sold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// 32 hex digits.
    pub id: String,
    /// Chosen by the seller.
    #[serde(default)]
    pub sku: Option<String>,
    /// Its name.
    pub name: String,
    /// `PC-…`.
    #[serde(default)]
    pub product_number: Option<String>,
    /// Free text.
    #[serde(default)]
    pub description: Option<String>,
    /// `Base Products`, `Add On Services`, ….
    #[serde(default)]
    pub category: Option<String>,
    /// First day it can be sold.
    #[serde(default)]
    pub effective_start_date: Option<Date>,
    /// Last day it can be sold.
    #[serde(default)]
    pub effective_end_date: Option<Date>,
    /// Its plans, or where they are.
    #[serde(default)]
    pub product_rate_plans: RatePlans,
    /// The tenant's own fields.
    #[serde(flatten, deserialize_with = "custom::flat")]
    pub custom_fields: CustomFields,
}

impl Product {
    /// The plans that came with the product; none while it only names a URL.
    #[must_use]
    pub fn rate_plans(&self) -> &[ProductRatePlan] {
        match &self.product_rate_plans {
            RatePlans::Listed(plans) => plans,
            RatePlans::At(_) => &[],
        }
    }
}

/// The plans of a product: listed, or the URL of the list.
#[derive(Clone, Debug, PartialEq)]
pub enum RatePlans {
    /// Up to version 229.0, and after the client has fetched them.
    Listed(Vec<ProductRatePlan>),
    /// From version 230.0.
    At(String),
}

impl Default for RatePlans {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

// Not `#[serde(untagged)]`: that buffers, and a buffered number no longer reads as an integer.
impl<'de> Deserialize<'de> for RatePlans {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(url) => Ok(Self::At(url)),
            Value::Null => Ok(Self::default()),
            list => serde_json::from_value(list).map(Self::Listed).map_err(de::Error::custom),
        }
    }
}

impl Serialize for RatePlans {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Listed(plans) => plans.serialize(serializer),
            Self::At(url) => url.serialize(serializer),
        }
    }
}

/// One page of `GET /v1/rateplan/{product-key}/productRatePlan`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductRatePlanPage {
    /// In no promised order. Required: an answer without the list is not an empty list.
    pub product_rate_plans: Vec<ProductRatePlan>,
    /// Absolute URL of the next page; absent at the end.
    #[serde(default)]
    pub next_page: Option<String>,
}

/// A way to buy a product.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductRatePlan {
    /// 32 hex digits.
    pub id: String,
    /// `Active`, `Expired` or `NotStarted`.
    #[serde(default)]
    pub status: Option<String>,
    /// Its name.
    pub name: String,
    /// `PRP-…`.
    #[serde(default)]
    pub product_rate_plan_number: Option<String>,
    /// Free text.
    #[serde(default)]
    pub description: Option<String>,
    /// First day it can be sold.
    #[serde(default)]
    pub effective_start_date: Option<Date>,
    /// Last day it can be sold.
    #[serde(default)]
    pub effective_end_date: Option<Date>,
    /// What it charges.
    #[serde(default, deserialize_with = "custom::null_is_empty")]
    pub product_rate_plan_charges: Vec<ProductRatePlanCharge>,
    /// The tenant's own fields.
    #[serde(flatten, deserialize_with = "custom::flat")]
    pub custom_fields: CustomFields,
}

/// One thing that a plan charges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductRatePlanCharge {
    /// 32 hex digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Once, recurring or by use.
    #[serde(rename = "type")]
    pub charge_type: ChargeType,
    /// How quantity becomes amount.
    pub model: ChargeModel,
    /// Unit of measure; null for flat fees.
    #[serde(default)]
    pub uom: Option<String>,
    /// `PRPC-…`.
    #[serde(default)]
    pub product_rate_plan_charge_number: Option<String>,
    /// Prices in words, `EUR282`.
    #[serde(default, deserialize_with = "custom::null_is_empty")]
    pub pricing_summary: Vec<String>,
    /// Prices, one for each currency.
    #[serde(default, deserialize_with = "custom::null_is_empty")]
    pub pricing: Vec<Pricing>,
    /// How many, when an order does not say.
    #[serde(default, with = "decimal::option")]
    pub default_quantity: Option<Decimal>,
    /// How long one charge covers; null for one-time charges.
    #[serde(default)]
    pub billing_period: Option<BillingPeriod>,
    /// How many months, weeks or days, for the specific periods.
    #[serde(default)]
    pub specific_billing_period: Option<i32>,
    /// Which end of the period it is billed at.
    #[serde(default)]
    pub billing_timing: Option<BillingTiming>,
    /// What its periods line up with.
    #[serde(default)]
    pub billing_period_alignment: Option<String>,
    /// Which day it is billed on, in words.
    #[serde(default)]
    pub billing_day: Option<String>,
    /// What the price is for: `Per_Billing_Period`, `Per_Month`, ….
    #[serde(default)]
    pub list_price_base: Option<String>,
    /// Which date starts it.
    #[serde(default)]
    pub trigger_event: Option<TriggerEvent>,
    /// What ends it.
    #[serde(default)]
    pub end_date_condition: Option<String>,
    /// Whether tax is added or included: `TaxExclusive`, `TaxInclusive`.
    #[serde(default)]
    pub tax_mode: Option<String>,
    /// Name of the tax code.
    #[serde(default)]
    pub tax_code: Option<String>,
    /// Whether it is taxed at all.
    #[serde(default)]
    pub taxable: Option<bool>,
    /// Of a discount: which charges it reduces.
    #[serde(default)]
    pub apply_discount_to: Option<String>,
    /// Of a discount: how far it reaches.
    #[serde(default)]
    pub discount_level: Option<String>,
    /// The tenant's own fields.
    #[serde(flatten, deserialize_with = "custom::flat")]
    pub custom_fields: CustomFields,
}

/// The price of a charge in one currency.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pricing {
    /// ISO 4217 code.
    pub currency: String,
    /// Null for tiered models.
    #[serde(default, with = "decimal::option")]
    pub price: Option<Decimal>,
    /// Null for flat models.
    #[serde(default)]
    pub tiers: Option<Vec<Tier>>,
    /// Units that cost nothing, for overage models.
    #[serde(default, with = "decimal::option")]
    pub included_units: Option<Decimal>,
    /// The price of a unit beyond the included ones.
    #[serde(default, with = "decimal::option")]
    pub overage_price: Option<Decimal>,
    /// Of a discount: the share taken off.
    #[serde(default, with = "decimal::option")]
    pub discount_percentage: Option<Decimal>,
    /// Of a discount: the sum taken off.
    #[serde(default, with = "decimal::option")]
    pub discount_amount: Option<Decimal>,
}

/// One step of a tiered or volume price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tier {
    /// Counted from 1.
    pub tier: i32,
    /// First unit it covers.
    #[serde(with = "decimal")]
    pub starting_unit: Decimal,
    /// Last unit it covers; null without end.
    #[serde(default, with = "decimal::option")]
    pub ending_unit: Option<Decimal>,
    /// Of each unit, or of the tier.
    #[serde(with = "decimal")]
    pub price: Decimal,
    /// Which of the two.
    pub price_format: PriceFormat,
}
