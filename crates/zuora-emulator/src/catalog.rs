//! What the tenant sells: products, rate plans and charges, as the service API lists them.
//! Refuses charge models whose arithmetic `rating` does not have yet.

pub(crate) mod crud;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rating::{BillingPeriod, Currency};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::call::{Call, with_next};
use crate::error::Refusal;
use crate::json::{Custom, number, with_custom};
use crate::version::Version;

/// Zuora cuts a listed product's rate plans and charges at this many.
const LISTED_MOST: usize = 300;

/// Products, plans and charges by id.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    pub(crate) products: BTreeMap<String, Product>,
    pub(crate) plans: BTreeMap<String, ProductRatePlan>,
    pub(crate) charges: BTreeMap<String, ProductRatePlanCharge>,
}

#[derive(Debug, Clone)]
pub(crate) struct Product {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) sku: String,
    pub(crate) description: String,
    pub(crate) category: Option<String>,
    pub(crate) start: Date,
    pub(crate) end: Date,
    pub(crate) custom: Custom,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

#[derive(Debug, Clone)]
pub(crate) struct ProductRatePlan {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) product: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) start: Date,
    pub(crate) end: Date,
    pub(crate) custom: Custom,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

/// The two charge types that are billed so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChargeType {
    OneTime,
    Recurring(BillingPeriod),
}

/// The two charge models that are rated so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChargeModel {
    FlatFee,
    PerUnit,
}

/// The day from which billing periods are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alignment {
    Charge,
    SubscriptionStart,
    TermStart,
}

#[derive(Debug, Clone)]
pub(crate) struct ProductRatePlanCharge {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) plan: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) charge_type: ChargeType,
    pub(crate) model: ChargeModel,
    pub(crate) alignment: Alignment,
    pub(crate) bill_cycle_type: String,
    pub(crate) trigger_event: String,
    pub(crate) uom: Option<String>,
    pub(crate) default_quantity: Option<Decimal>,
    pub(crate) prices: BTreeMap<&'static str, Decimal>,
    pub(crate) custom: Custom,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

impl ChargeType {
    /// As the service API spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            ChargeType::OneTime => "OneTime",
            ChargeType::Recurring(_) => "Recurring",
        }
    }

    pub(crate) fn billing_period(self) -> Option<&'static str> {
        match self {
            ChargeType::OneTime => None,
            ChargeType::Recurring(period) => Some(period_name(period)),
        }
    }

    /// What `rating` calls it.
    pub(crate) fn rated(self) -> rating::Charge {
        match self {
            ChargeType::OneTime => rating::Charge::OneTime,
            ChargeType::Recurring(every) => rating::Charge::Recurring { every },
        }
    }
}

impl ChargeModel {
    /// As the service API spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            ChargeModel::FlatFee => "FlatFee",
            ChargeModel::PerUnit => "PerUnit",
        }
    }
}

impl Alignment {
    /// As both APIs spell it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Alignment::Charge => "AlignToCharge",
            Alignment::SubscriptionStart => "AlignToSubscriptionStart",
            Alignment::TermStart => "AlignToTermStart",
        }
    }
}

/// A billing period as the service API spells it.
pub(crate) fn period_name(period: BillingPeriod) -> &'static str {
    match period {
        BillingPeriod::Month => "Month",
        BillingPeriod::Quarter => "Quarter",
        BillingPeriod::SemiAnnual => "Semi_Annual",
        BillingPeriod::Annual => "Annual",
        BillingPeriod::TwoYears => "Two_Years",
        BillingPeriod::ThreeYears => "Three_Years",
        BillingPeriod::FiveYears => "Five_Years",
    }
}

impl Catalog {
    pub(crate) fn product(&self, key: &str) -> Result<&Product, Refusal> {
        let by_number = || self.products.values().find(|product| product.number == key || product.sku == key);
        self.products.get(key).or_else(by_number).ok_or_else(|| Refusal::not_found(key))
    }

    pub(crate) fn plan(&self, key: &str) -> Result<&ProductRatePlan, Refusal> {
        let by_number = || self.plans.values().find(|plan| plan.number == key);
        self.plans.get(key).or_else(by_number).ok_or_else(|| Refusal::not_found(key))
    }

    pub(crate) fn plans_of(&self, product: &str) -> impl Iterator<Item = &ProductRatePlan> {
        self.plans.values().filter(move |plan| plan.product == product)
    }

    pub(crate) fn charges_of(&self, plan: &str) -> impl Iterator<Item = &ProductRatePlanCharge> {
        self.charges.values().filter(move |charge| charge.plan == plan)
    }
}

impl ProductRatePlanCharge {
    /// The list price in a currency.
    pub(crate) fn price(&self, currency: Currency) -> Option<Decimal> {
        self.prices.get(currency.code()).copied()
    }

    fn pricing(&self, currency: &str, price: Decimal) -> Value {
        json!({
            "currency": currency,
            "price": number(price),
            "tiers": null,
            "includedUnits": null,
            "overagePrice": null,
            "discountPercentage": null,
            "discountAmount": null,
        })
    }

    fn listed(&self) -> Value {
        let recurring = self.charge_type != ChargeType::OneTime;
        let per = if self.model == ChargeModel::PerUnit { "/Each" } else { "" };
        let summary = |(currency, price): (&&str, &Decimal)| json!(format!("{currency}{price}{per}"));
        let pricing = |(currency, price): (&&str, &Decimal)| self.pricing(currency, *price);
        let body = json!({
            "id": self.id,
            "productRatePlanChargeNumber": self.number,
            "name": self.name,
            "description": self.description,
            "type": self.charge_type.name(),
            "model": self.model.name(),
            "uom": self.uom,
            "pricingSummary": self.prices.iter().map(summary).collect::<Vec<_>>(),
            "pricing": self.prices.iter().map(pricing).collect::<Vec<_>>(),
            "defaultQuantity": self.default_quantity.map(number),
            "applyDiscountTo": null,
            "discountLevel": null,
            "discountClass": null,
            "endDateCondition": if recurring { "Subscription_End" } else { "One_Time" },
            "upToPeriods": null,
            "upToPeriodsType": null,
            "billingDay": self.bill_cycle_type,
            "listPriceBase": recurring.then_some("Per_Billing_Period"),
            "billingTiming": recurring.then_some("IN_ADVANCE"),
            "ratingGroup": null,
            "billingPeriod": self.charge_type.billing_period(),
            "billingPeriodAlignment": recurring.then_some(self.alignment.name()),
            "specificBillingPeriod": null,
            "smoothingModel": null,
            "numberOfPeriods": null,
            "overageCalculationOption": null,
            "priceChangeOption": "NoChange",
            "priceIncreasePercentage": null,
            "triggerEvent": self.trigger_event,
            "taxable": false,
            "taxCode": null,
            "taxMode": null,
            "isStackedDiscount": false,
        });
        with_custom(body, &self.custom)
    }
}

impl ProductRatePlan {
    fn listed(&self, catalog: &Catalog, today: Date) -> Value {
        let status = match today {
            today if today < self.start => "NotStarted",
            today if today >= self.end => "Expired",
            _ => "Active",
        };
        let charges: Vec<Value> =
            catalog.charges_of(&self.id).take(LISTED_MOST).map(ProductRatePlanCharge::listed).collect();
        let body = json!({
            "id": self.id,
            "productRatePlanNumber": self.number,
            "status": status,
            "name": self.name,
            "description": self.description,
            "effectiveStartDate": self.start.to_string(),
            "effectiveEndDate": self.end.to_string(),
            "externallyManagedPlanIds": [],
            "productRatePlanCharges": charges,
        });
        with_custom(body, &self.custom)
    }
}

fn product_listed(call: &Call, product: &Product) -> Value {
    let catalog = &call.tenant.catalog;
    let plans = if call.version < Version::PLANS_BY_URL {
        let listed = |plan: &ProductRatePlan| plan.listed(catalog, call.today());
        Value::Array(catalog.plans_of(&product.id).take(LISTED_MOST).map(listed).collect())
    } else {
        json!(format!("{}/v1/rateplan/{}/productRatePlan", call.address.origin, product.id))
    };
    let body = json!({
        "id": product.id,
        "productNumber": product.number,
        "sku": product.sku,
        "name": product.name,
        "description": product.description,
        "category": product.category,
        "effectiveStartDate": product.start.to_string(),
        "effectiveEndDate": product.end.to_string(),
        "allowFeatureChanges": false,
        "productFeatures": [],
        "productRatePlans": plans,
    });
    with_custom(body, &product.custom)
}

/// `GET /v1/catalog/products`
pub(crate) fn list(call: &mut Call) -> Result<Value, Refusal> {
    let all: Vec<&Product> = call.tenant.catalog.products.values().collect();
    let (products, next) = call.page(all)?;
    let listed: Vec<Value> = products.into_iter().map(|product| product_listed(call, product)).collect();
    Ok(with_next(json!({ "products": listed }), next))
}

/// `GET /v1/catalog/product/{product-key}`
pub(crate) fn view(call: &mut Call) -> Result<Value, Refusal> {
    let product = call.tenant.catalog.product(call.key(0))?;
    Ok(product_listed(call, product))
}

/// `GET /v1/rateplan/{product-key}/productRatePlan`
pub(crate) fn list_plans(call: &mut Call) -> Result<Value, Refusal> {
    let catalog = &call.tenant.catalog;
    let product = catalog.product(call.key(0))?;
    let (plans, next) = call.page(catalog.plans_of(&product.id).collect())?;
    let listed: Vec<Value> = plans.into_iter().map(|plan| plan.listed(catalog, call.today())).collect();
    Ok(with_next(json!({ "productRatePlans": listed }), next))
}

/// `GET /v1/product-rate-plans/{id}`
pub(crate) fn view_plan(call: &mut Call) -> Result<Value, Refusal> {
    let catalog = &call.tenant.catalog;
    let mut body = catalog.plan(call.key(0))?.listed(catalog, call.today());
    if let Value::Object(map) = &mut body {
        map.remove("productRatePlanCharges");
    }
    Ok(body)
}
