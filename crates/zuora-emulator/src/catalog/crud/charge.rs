//! Product rate plan charges through `/v1/object/product-rate-plan-charge`.
//! Refuses what could not be billed: tiers, usage, arrears, and bill cycles that are not emulated.

use std::collections::BTreeMap;

use rating::{BillingPeriod, Currency};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{created, deleted};
use crate::call::Call;
use crate::catalog::{Alignment, Catalog, ChargeModel, ChargeType, ProductRatePlanCharge, period_name};
use crate::error::Refusal;
use crate::ids::Series;
use crate::json::{Fields, number, with_custom};

/// Fields of a charge that Zuora knows and that change nothing in what is emulated.
const CHARGE_ACCEPTED: &[&str] = &[
    "AccountingCode",
    "DeferredRevenueAccount",
    "EndDateCondition",
    "ListPriceBase",
    "MaxQuantity",
    "MinQuantity",
    "NumberOfPeriod",
    "PriceChangeOption",
    "RecognizedRevenueAccount",
    "RevRecCode",
    "RevRecTriggerCondition",
    "RevenueRecognitionRuleName",
    "TaxCode",
    "TaxMode",
    "Taxable",
    "UseDiscountSpecificAccountingCode",
    "UseTenantDefaultForPriceChange",
];

/// The ways to choose the day on which billing periods begin.
const BILL_CYCLE_TYPES: &[&str] =
    &["DefaultFromCustomer", "SubscriptionStartDay", "ChargeTriggerDay", "TermStartDay"];

fn billing_period(name: &str) -> Result<BillingPeriod, Refusal> {
    // CRUD writes `Semi-Annual`, the service API `Semi_Annual`; both are taken, as the enum has two spellings.
    match name.replace(['-', ' '], "_").as_str() {
        "Month" => Ok(BillingPeriod::Month),
        "Quarter" => Ok(BillingPeriod::Quarter),
        "Semi_Annual" => Ok(BillingPeriod::SemiAnnual),
        "Annual" => Ok(BillingPeriod::Annual),
        "Two_Years" => Ok(BillingPeriod::TwoYears),
        "Three_Years" => Ok(BillingPeriod::ThreeYears),
        "Five_Years" => Ok(BillingPeriod::FiveYears),
        _ => Err(Refusal::invalid(
            "BillingPeriod",
            &format!("'{name}' is not a billing period that is emulated"),
        )),
    }
}

fn read_tiers(fields: &mut Fields) -> Result<BTreeMap<&'static str, Decimal>, Refusal> {
    let mut prices = BTreeMap::new();
    let mut data = fields.object("ProductRatePlanChargeTierData")?;
    for mut tier in data.list("ProductRatePlanChargeTier")? {
        let (path, code) = (tier.path("Currency"), tier.text("Currency")?);
        let currency = Currency::from_code(&code)
            .ok_or_else(|| Refusal::invalid(&path, "an ISO 4217 code is expected"))?;
        let path = tier.path("Price");
        let price = tier.decimal("Price")?;
        if price.is_sign_negative() && !price.is_zero() {
            return Err(Refusal::invalid(&path, "a price cannot be negative"));
        }
        if prices.insert(currency.code(), price).is_some() {
            return Err(Refusal::invalid(&path, "two tiers of one currency are not emulated yet"));
        }
        tier.finish(&[
            "Active",
            "DiscountAmount",
            "DiscountPercentage",
            "EndingUnit",
            "IncludedUnits",
            "OveragePrice",
            "PriceFormat",
            "StartingUnit",
            "Tier",
            "IsOveragePrice",
        ])?;
    }
    data.finish(&[])?;
    if prices.is_empty() {
        return Err(Refusal::missing("ProductRatePlanChargeTierData.ProductRatePlanChargeTier"));
    }
    Ok(prices)
}

fn read_charge(call: &Call, mut charge: ProductRatePlanCharge) -> Result<ProductRatePlanCharge, Refusal> {
    let mut fields = Fields::of_body(&call.body)?;
    let new = charge.plan.is_empty();
    if new {
        charge.plan.clone_from(&call.tenant.catalog.plan(&fields.text("ProductRatePlanId")?)?.id);
    }
    if new || fields.has("Name") {
        charge.name = fields.text("Name")?;
    }
    if new || fields.has("ChargeType") {
        charge.charge_type = match fields.text("ChargeType")?.as_str() {
            "OneTime" | "One-Time" => ChargeType::OneTime,
            "Recurring" => ChargeType::Recurring(billing_period(&fields.text("BillingPeriod")?)?),
            other => return Err(Refusal::invalid("ChargeType", &format!("'{other}' is not emulated yet"))),
        };
    }
    if new || fields.has("ChargeModel") {
        charge.model = match fields.text("ChargeModel")?.as_str() {
            "Flat Fee Pricing" | "FlatFee" => ChargeModel::FlatFee,
            "Per Unit Pricing" | "PerUnit" => ChargeModel::PerUnit,
            other => return Err(Refusal::invalid("ChargeModel", &format!("'{other}' is not emulated yet"))),
        };
    }
    if new || fields.has("ProductRatePlanChargeTierData") {
        charge.prices = read_tiers(&mut fields)?;
    }
    read_charge_dates(&mut fields, &mut charge, new)?;
    charge.description = fields.maybe_text("Description")?.unwrap_or(charge.description);
    charge.number = fields.maybe_text("ProductRatePlanChargeNumber")?.unwrap_or(charge.number);
    charge.uom = fields.maybe_text("UOM")?.or(charge.uom);
    charge.default_quantity = fields.maybe_decimal("DefaultQuantity")?.or(charge.default_quantity);
    charge.custom.extend(fields.flat_custom());
    charge.updated = call.now;
    // Read again without effect where the charge type did not ask for it (`BillingPeriod` of a one-time charge).
    fields.maybe_text("BillingPeriod")?;
    fields.finish(CHARGE_ACCEPTED)?;
    Ok(charge)
}

fn read_charge_dates(
    fields: &mut Fields,
    charge: &mut ProductRatePlanCharge,
    new: bool,
) -> Result<(), Refusal> {
    if new || fields.has("BillCycleType") {
        charge.bill_cycle_type = fields.text("BillCycleType")?;
        if !BILL_CYCLE_TYPES.contains(&charge.bill_cycle_type.as_str()) {
            let why = format!("'{}' is not emulated yet", charge.bill_cycle_type);
            return Err(Refusal::invalid("BillCycleType", &why));
        }
    }
    if new || fields.has("TriggerEvent") {
        charge.trigger_event = fields.text("TriggerEvent")?;
    }
    charge.alignment = match fields.maybe_text("BillingPeriodAlignment")?.as_deref() {
        None => charge.alignment,
        Some("AlignToCharge") => Alignment::Charge,
        Some("AlignToSubscriptionStart") => Alignment::SubscriptionStart,
        Some("AlignToTermStart") => Alignment::TermStart,
        Some(other) => {
            return Err(Refusal::invalid(
                "BillingPeriodAlignment",
                &format!("'{other}' is not emulated yet"),
            ));
        }
    };
    match fields.maybe_text("BillingTiming")?.as_deref() {
        None | Some("In Advance" | "IN_ADVANCE") => Ok(()),
        Some(other) => Err(Refusal::invalid("BillingTiming", &format!("'{other}' is not emulated yet"))),
    }
}

/// `POST /v1/object/product-rate-plan-charge`
pub(crate) fn create(call: &mut Call) -> Result<Value, Refusal> {
    let blank = ProductRatePlanCharge {
        id: call.tenant.ids.id(),
        number: String::new(),
        plan: String::new(),
        name: String::new(),
        description: String::new(),
        charge_type: ChargeType::OneTime,
        model: ChargeModel::FlatFee,
        alignment: Alignment::Charge,
        bill_cycle_type: String::new(),
        trigger_event: String::new(),
        uom: None,
        default_quantity: None,
        prices: BTreeMap::new(),
        custom: BTreeMap::new(),
        created: call.now,
        updated: call.now,
    };
    let mut charge = read_charge(call, blank)?;
    if charge.number.is_empty() {
        charge.number = call.tenant.ids.number(Series::ProductRatePlanCharge);
    }
    let answer = created(&charge.id);
    call.tenant.catalog.charges.insert(charge.id.clone(), charge);
    Ok(answer)
}

fn charge<'a>(catalog: &'a Catalog, key: &str) -> Result<&'a ProductRatePlanCharge, Refusal> {
    catalog.charges.get(key).ok_or_else(|| Refusal::not_found(key))
}

/// `GET /v1/object/product-rate-plan-charge/{id}`
pub(crate) fn view(call: &mut Call) -> Result<Value, Refusal> {
    let charge = charge(&call.tenant.catalog, call.key(0))?;
    let model = match charge.model {
        ChargeModel::FlatFee => "Flat Fee Pricing",
        ChargeModel::PerUnit => "Per Unit Pricing",
    };
    let period = match charge.charge_type {
        ChargeType::OneTime => None,
        ChargeType::Recurring(period) => {
            Some(period_name(period).replace("Semi_Annual", "Semi-Annual").replace('_', " "))
        }
    };
    let body = json!({
        "Id": charge.id,
        "ProductRatePlanChargeNumber": charge.number,
        "ProductRatePlanId": charge.plan,
        "Name": charge.name,
        "Description": charge.description,
        "ChargeType": charge.charge_type.name(),
        "ChargeModel": model,
        "BillingPeriod": period,
        "BillingPeriodAlignment": charge.alignment.name(),
        "BillCycleType": charge.bill_cycle_type,
        "TriggerEvent": charge.trigger_event,
        "UOM": charge.uom,
        "DefaultQuantity": charge.default_quantity.map(number),
        "CreatedDate": call.tenant.offset(charge.created),
        "UpdatedDate": call.tenant.offset(charge.updated),
    });
    Ok(with_custom(body, &charge.custom))
}

/// `PUT /v1/object/product-rate-plan-charge/{id}`
pub(crate) fn update(call: &mut Call) -> Result<Value, Refusal> {
    let old = charge(&call.tenant.catalog, call.key(0))?.clone();
    let charge = read_charge(call, old)?;
    let answer = created(&charge.id);
    call.tenant.catalog.charges.insert(charge.id.clone(), charge);
    Ok(answer)
}

/// `DELETE /v1/object/product-rate-plan-charge/{id}`
pub(crate) fn delete(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.key(0).to_owned();
    deleted(call.tenant.catalog.charges.remove(&key).is_some(), &key)
}
