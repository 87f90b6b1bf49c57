//! Rate plans as they come into a subscription: their charges, prices, quantities and billing days.
//! Refuses a plan that is not on sale, a price form that does not fit, and dates outside the term.

use jiff::civil::Date;
use rating::BillingPeriod;
use rust_decimal::Decimal;

use super::Context;
use crate::account::Account;
use crate::catalog::{Alignment, ChargeModel, ChargeType, ProductRatePlanCharge};
use crate::error::Refusal;
use crate::ids::Series;
use crate::order::read::{ChargeAsked, PlanAsked};
use crate::subscription::{Charge, RatePlan, Segment, Subscription, next_day};

/// Adds a rate plan with all its charges from a day to the end of the term.
pub(super) fn add(
    context: &mut Context,
    subscription: &mut Subscription,
    asked: &PlanAsked,
    start: Date,
) -> Result<(), Refusal> {
    let end = subscription.last_day_after();
    if start < subscription.start || start >= end {
        return Err(Refusal::rule(format!("The date {start} is outside the subscription's term.")));
    }
    let plan = context.tenant.catalog.plan(&asked.plan).map_err(|_| Refusal::not_found(&asked.plan))?.clone();
    if start < plan.start || start >= plan.end {
        return Err(Refusal::invalid(&asked.path, &format!("the rate plan is not on sale on {start}")));
    }
    let listed: Vec<_> = context.tenant.catalog.charges_of(&plan.id).cloned().collect();
    let of = |charge: &ProductRatePlanCharge, key: &str| charge.id == key || charge.number == key;
    for asked in &asked.overrides {
        if !listed.iter().any(|charge| of(charge, &asked.charge)) {
            return Err(Refusal::invalid(&asked.path, "the charge does not belong to the rate plan"));
        }
    }
    let mut charges = Vec::new();
    for charge in &listed {
        let change = asked.overrides.iter().find(|asked| of(charge, &asked.charge));
        charges.push(subscribe(context, (&*subscription, charge), change, (start, end))?);
    }
    let ids = &mut context.tenant.ids;
    let id = ids.id();
    subscription.plans.push(RatePlan {
        original: id.clone(),
        id,
        number: asked.number.clone().unwrap_or_else(|| ids.number(Series::RatePlan)),
        product_rate_plan: plan.id,
        last_change: Some("Add"),
        unique_token: asked.unique_token.clone(),
        custom: asked.custom.clone(),
        charges,
    });
    Ok(())
}

/// The form of pricing that fits a charge.
pub(super) fn form(charge_type: ChargeType, model: ChargeModel) -> &'static str {
    match (charge_type, model) {
        (ChargeType::OneTime, ChargeModel::FlatFee) => "oneTimeFlatFee",
        (ChargeType::OneTime, ChargeModel::PerUnit) => "oneTimePerUnit",
        (ChargeType::Recurring(_), ChargeModel::FlatFee) => "recurringFlatFee",
        (ChargeType::Recurring(_), ChargeModel::PerUnit) => "recurringPerUnit",
    }
}

/// Price and quantity of a charge: what is asked, over what was there.
pub(super) fn terms(
    asked: Option<&ChargeAsked>,
    form: &'static str,
    (price, quantity): (Option<Decimal>, Option<Decimal>),
) -> Result<(Option<Decimal>, Option<Decimal>), Refusal> {
    let Some(pricing) = asked.and_then(|asked| asked.pricing.as_ref()) else { return Ok((price, quantity)) };
    if pricing.form != form {
        let why = format!("the charge takes '{form}'");
        return Err(Refusal::invalid(&format!("pricing.{}", pricing.form), &why));
    }
    Ok((pricing.price.or(price), pricing.quantity.or(quantity)))
}

fn subscribe(
    context: &mut Context,
    (subscription, listed): (&Subscription, &ProductRatePlanCharge),
    asked: Option<&ChargeAsked>,
    (start, end): (Date, Date),
) -> Result<Charge, Refusal> {
    let form = form(listed.charge_type, listed.model);
    let list_price = listed.price(subscription.currency);
    let (price, quantity) = terms(asked, form, (list_price, listed.default_quantity))?;
    let price = price.ok_or_else(|| {
        Refusal::rule(format!(
            "The charge '{}' has no price in {}.",
            listed.name,
            subscription.currency.code()
        ))
    })?;
    let per_unit = listed.model == ChargeModel::PerUnit;
    if per_unit && quantity.is_none() {
        return Err(Refusal::missing(&format!("pricing.{form}.quantity")));
    }
    let from = asked.and_then(|asked| asked.start).unwrap_or(start);
    if from < subscription.start || from >= end {
        return Err(Refusal::invalid(
            "startDate.specificTriggerDate",
            "it is outside the subscription's term",
        ));
    }
    let start = from;
    let ids = &mut context.tenant.ids;
    let id = ids.id();
    let end = if listed.charge_type == ChargeType::OneTime { next_day(start) } else { end };
    Ok(Charge {
        original: id.clone(),
        number: ids.number(Series::Charge),
        product_rate_plan_charge: listed.id.clone(),
        name: listed.name.clone(),
        charge_type: listed.charge_type,
        model: listed.model,
        alignment: listed.alignment,
        bill_cycle_type: listed.bill_cycle_type.clone(),
        trigger_event: listed.trigger_event.clone(),
        uom: listed.uom.clone(),
        anchor: anchor(context.account, subscription, listed, start),
        unique_token: asked.and_then(|asked| asked.unique_token.clone()),
        custom: asked.map(|asked| asked.custom.clone()).unwrap_or_default(),
        segments: vec![Segment {
            id,
            number: 1,
            version: 1,
            price,
            quantity: quantity.filter(|_| per_unit),
            start,
            end,
            charged_through: None,
            original_order_date: context.order_date,
            amended_on: None,
        }],
    })
}

/// The date from which a charge's billing periods are counted: the alignment's date, moved to the bill cycle day.
fn anchor(
    account: &Account,
    subscription: &Subscription,
    charge: &ProductRatePlanCharge,
    start: Date,
) -> Date {
    let aligned = match charge.alignment {
        Alignment::Charge => start,
        Alignment::SubscriptionStart | Alignment::TermStart => subscription.start,
    };
    let day = match charge.bill_cycle_type.as_str() {
        "DefaultFromCustomer" if account.bill_cycle_day > 0 => account.bill_cycle_day,
        "SubscriptionStartDay" | "TermStartDay" => subscription.start.day(),
        "ChargeTriggerDay" => start.day(),
        _ => aligned.day(),
    };
    if day == aligned.day() {
        return aligned;
    }
    if charge.charge_type == ChargeType::Recurring(BillingPeriod::Month) {
        // Months repeat: January has every day, and boundaries are counted from it in both directions.
        return aligned.with().month(1).day(day).build().unwrap_or(aligned);
    }
    // The first such day on or after the alignment's date; in a month without it, the month's last day.
    let in_month = |first: Date| first.with().day(day.min(first.days_in_month())).build().unwrap_or(first);
    let here = in_month(aligned.first_of_month());
    if here >= aligned { here } else { in_month(next_day(aligned.last_of_month())) }
}
