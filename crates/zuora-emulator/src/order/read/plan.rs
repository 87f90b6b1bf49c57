//! Rate plans as an order asks for them: added with overrides, or updated charge by charge.
//! Refuses negative quantities, and pricing that is not of the four forms that are rated.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::error::Refusal;
use crate::json::{Custom, Fields};

#[derive(Debug)]
pub(in crate::order) struct PlanAsked {
    /// Where the plan stood in the request, for messages.
    pub(in crate::order) path: String,
    pub(in crate::order) plan: String,
    pub(in crate::order) number: Option<String>,
    pub(in crate::order) unique_token: Option<String>,
    pub(in crate::order) custom: Custom,
    pub(in crate::order) overrides: Vec<ChargeAsked>,
}

/// A price or quantity for one charge, as an override or as an update.
#[derive(Debug)]
pub(in crate::order) struct ChargeAsked {
    pub(in crate::order) path: String,
    /// Id or number of the charge: the catalog's in an override, the subscription's in an update.
    pub(in crate::order) charge: String,
    pub(in crate::order) pricing: Option<PricingAsked>,
    /// A day of its own on which the charge starts.
    pub(in crate::order) start: Option<Date>,
    /// A name for the charge in later orders.
    pub(in crate::order) unique_token: Option<String>,
    pub(in crate::order) custom: Custom,
}

#[derive(Debug)]
pub(in crate::order) struct PricingAsked {
    /// `recurringPerUnit` and so on: must fit the charge's type and model.
    pub(in crate::order) form: &'static str,
    pub(in crate::order) price: Option<Decimal>,
    pub(in crate::order) quantity: Option<Decimal>,
}

#[derive(Debug)]
pub(in crate::order) struct Update {
    pub(in crate::order) path: String,
    pub(in crate::order) plan: String,
    pub(in crate::order) on: Option<Date>,
    pub(in crate::order) charges: Vec<ChargeAsked>,
    pub(in crate::order) custom: Custom,
}

pub(super) fn plan(mut fields: Fields) -> Result<PlanAsked, Refusal> {
    let path = fields.path("productRatePlanId");
    let (id, number) = (fields.maybe_text("productRatePlanId")?, fields.maybe_text("productRatePlanNumber")?);
    let plan = id.or(number).ok_or_else(|| Refusal::missing(&path))?;
    let overrides = fields.list("chargeOverrides")?;
    let asked = PlanAsked {
        path,
        plan,
        number: fields.maybe_text("subscriptionRatePlanNumber")?,
        unique_token: fields.maybe_text("uniqueToken")?,
        custom: fields.nested_custom()?,
        overrides: overrides.into_iter().map(charge_override).collect::<Result<_, _>>()?,
    };
    fields.finish(&[
        "clearingExistingFeatures",
        "externallyManagedPlanId",
        "isAddingSubsetCharges",
        "isFromExternalCatalog",
        "ratePlanName",
        "subscriptionProductFeatures",
    ])?;
    Ok(asked)
}

fn charge_override(mut fields: Fields) -> Result<ChargeAsked, Refusal> {
    let path = fields.path("productRatePlanChargeId");
    let id =
        fields.maybe_text("productRatePlanChargeId")?.or(fields.maybe_text("productRatePlanChargeNumber")?);
    let charge = id.ok_or_else(|| Refusal::missing(&path))?;
    let (pricing, start) = (pricing(&mut fields)?, specific_start(&mut fields)?);
    let (unique_token, custom) = (fields.maybe_text("uniqueToken")?, fields.nested_custom()?);
    // An override's own dates and billing rules come later; refusing them is better than billing something else.
    fields.finish(&["description", "name", "chargeModel", "chargeType"])?;
    Ok(ChargeAsked { path, charge, pricing, start, unique_token, custom })
}

/// `startDate`: a specific day, or the event that starts the charge anyway.
fn specific_start(fields: &mut Fields) -> Result<Option<Date>, Refusal> {
    let Some(mut start) = fields.maybe_object("startDate")? else { return Ok(None) };
    let path = start.path("triggerEvent");
    let date = match start.maybe_text("triggerEvent")?.as_deref() {
        Some("SpecificDate") => Some(start.date("specificTriggerDate")?),
        None | Some("ContractEffective" | "ServiceActivation" | "CustomerAcceptance") => None,
        Some(other) => return Err(Refusal::invalid(&path, &format!("'{other}' is not emulated yet"))),
    };
    start.finish(&[])?;
    Ok(date)
}

fn pricing(fields: &mut Fields) -> Result<Option<PricingAsked>, Refusal> {
    let Some(mut pricing) = fields.maybe_object("pricing")? else { return Ok(None) };
    let mut asked = None;
    for form in ["recurringPerUnit", "recurringFlatFee", "oneTimePerUnit", "oneTimeFlatFee"] {
        let Some(mut inner) = pricing.maybe_object(form)? else { continue };
        let path = inner.path("quantity");
        let quantity = inner.maybe_decimal("quantity")?;
        if quantity.is_some_and(|quantity| quantity.is_sign_negative() && !quantity.is_zero()) {
            return Err(Refusal::invalid(&path, "a quantity cannot be negative"));
        }
        asked = Some(PricingAsked { form, price: inner.maybe_decimal("listPrice")?, quantity });
        inner.finish(&[
            "listPriceBase",
            "originalListPrice",
            "priceChangeOption",
            "priceIncreasePercentage",
            "specificListPriceBase",
            "uom",
        ])?;
    }
    pricing.finish(&[])?;
    Ok(asked)
}

pub(super) fn update(mut fields: Fields) -> Result<Update, Refusal> {
    let path = fields.path("ratePlanId");
    let names = ["ratePlanId", "subscriptionRatePlanNumber", "uniqueToken"];
    let named = names.iter().map(|name| fields.maybe_text(name)).collect::<Result<Vec<_>, _>>()?;
    let plan = named.into_iter().flatten().next().ok_or_else(|| Refusal::missing(&path))?;
    let mut charges = Vec::new();
    for mut one in fields.list("chargeUpdates")? {
        let path = one.path("chargeNumber");
        let names = ["chargeNumber", "uniqueToken", "productRatePlanChargeId", "productRatePlanChargeNumber"];
        let named = names.iter().map(|name| one.maybe_text(name)).collect::<Result<Vec<_>, _>>()?;
        let charge = named.into_iter().flatten().next().ok_or_else(|| Refusal::missing(&path))?;
        charges.push(ChargeAsked {
            path,
            charge,
            pricing: pricing(&mut one)?,
            start: None,
            unique_token: None,
            custom: one.nested_custom()?,
        });
        one.finish(&["description"])?;
    }
    let asked = Update {
        path,
        plan,
        on: fields.maybe_date("specificUpdateDate")?,
        charges,
        custom: fields.nested_custom()?,
    };
    fields.finish(&["clearingCustomFields", "clearingExistingFeatures", "subscriptionProductFeatures"])?;
    Ok(asked)
}
