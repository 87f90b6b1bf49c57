//! What each order action does to a subscription.
//! Refuses to touch the books: it makes versions, the order commits them.

mod plan;

use jiff::Timestamp;
use jiff::civil::Date;

use super::read::{
    Action, ActionAsked, Cancel, CancelPolicy, ChargeAsked, Create, InitialTerm, SubscriptionAsked, Update,
};
use crate::account::Account;
use crate::billing;
use crate::catalog::{ChargeModel, ChargeType};
use crate::error::Refusal;
use crate::ids::Series;
use crate::json::Custom;
use crate::subscription::{Charge, FOREVER, RatePlan, Segment, Subscription, TermLength, TermUnit};
use crate::tenant::Tenant;

/// What every action of an order knows.
pub(super) struct Context<'a> {
    pub(super) tenant: &'a mut Tenant,
    /// The account that the order is under; it pays.
    pub(super) account: &'a Account,
    pub(super) order: &'a str,
    pub(super) order_date: Date,
    pub(super) now: Timestamp,
}

/// The versions that an order makes of one subscription, oldest first; the last one is billed.
pub(super) fn versions(
    context: &mut Context,
    asked: &SubscriptionAsked,
) -> Result<Vec<Subscription>, Refusal> {
    let mut versions: Vec<Subscription> = Vec::new();
    for action in &asked.actions {
        let mut next = match (&action.action, versions.last()) {
            (Action::Create(create), None) => new(context, asked, create, action)?,
            (Action::Create(_), Some(_)) => {
                return Err(Refusal::rule(
                    "CreateSubscription must be the first action of its subscription.",
                ));
            }
            (_, Some(last)) => next_version(context, &last.clone())?,
            (_, None) => {
                let number = asked.number.as_ref().ok_or_else(|| Refusal::missing("subscriptionNumber"))?;
                let latest = context.tenant.subscriptions.get(number);
                let latest = latest.ok_or_else(|| Refusal::not_found(number))?.clone();
                next_version(context, &latest)?
            }
        };
        match &action.action {
            Action::Create(_) => {}
            Action::Add(plan) => plan::add(context, &mut next, plan, action.dates.contract_effective)?,
            Action::Update(change) => update(context, &mut next, change, action)?,
            Action::Cancel(cancel) => self::cancel(context, &mut next, cancel, action)?,
        }
        next.custom.extend(asked.custom.iter().map(|(name, value)| (name.clone(), value.clone())));
        next.notes = asked.notes.clone().or(next.notes);
        versions.push(next);
    }
    Ok(versions)
}

fn next_version(context: &mut Context, last: &Subscription) -> Result<Subscription, Refusal> {
    if last.invoice_account != context.account.id {
        return Err(Refusal::rule(format!(
            "The subscription {} is not invoiced to the account {}.",
            last.number, context.account.number
        )));
    }
    if last.cancelled.is_some() {
        return Err(Refusal::rule(format!("The subscription {} is already cancelled.", last.number)));
    }
    let mut next = last.next_version(&mut context.tenant.ids, context.order, context.now);
    next.booked = context.order_date;
    Ok(next)
}

fn new(
    context: &mut Context,
    asked: &SubscriptionAsked,
    create: &Create,
    action: &ActionAsked,
) -> Result<Subscription, Refusal> {
    let chosen = create.number.as_ref().or(asked.number.as_ref());
    let number = match chosen {
        Some(number) if context.tenant.subscriptions.has_number(number) => {
            return Err(Refusal::invalid("subscriptionNumber", &format!("{number} is already in use")));
        }
        Some(number) => number.clone(),
        None => context.tenant.ids.number(Series::Subscription),
    };
    let owner = |key: &Option<String>| match key {
        Some(key) if *key != context.account.number && *key != context.account.id => {
            context.tenant.accounts.get(key).map(|one| one.id.clone()).ok_or_else(|| Refusal::not_found(key))
        }
        _ => Ok(context.account.id.clone()),
    };
    let (account, invoice_account) = (owner(&create.owner)?, owner(&create.invoice_owner)?);
    if invoice_account != context.account.id {
        return Err(Refusal::invalid("invoiceOwnerAccountNumber", "it differs from the order's account"));
    }
    let start = create.term_start.unwrap_or(action.dates.contract_effective);
    let (term_end, initial_term) = term(create, start)?;
    let id = context.tenant.ids.id();
    let mut subscription = Subscription {
        original: id.clone(),
        id,
        number,
        version: 1,
        previous: None,
        account,
        invoice_account,
        currency: context.account.currency,
        contract_effective: action.dates.contract_effective,
        service_activation: action.dates.service_activation,
        customer_acceptance: action.dates.customer_acceptance,
        start,
        term_end,
        initial_term,
        renewal_term: create.renewal.clone(),
        auto_renew: create.auto_renew,
        renewal_setting: create.renewal_setting.clone(),
        cancelled: None,
        cancel_reason: None,
        invoice_separately: create.invoice_separately,
        notes: create.notes.clone(),
        custom: Custom::new(),
        order: context.order.to_owned(),
        booked: context.order_date,
        plans: Vec::new(),
        created: context.now,
        original_created: context.now,
        updated: context.now,
    };
    for plan in &create.plans {
        plan::add(context, &mut subscription, plan, start)?;
    }
    Ok(subscription)
}

/// The end of the first term, and how the subscription will describe its length.
fn term(create: &Create, start: Date) -> Result<(Option<Date>, TermLength), Refusal> {
    match &create.initial {
        InitialTerm::Length(length) => Ok((Some(length.end(start)?), length.clone())),
        InitialTerm::Evergreen => Ok((None, TermLength { period: 0, unit: TermUnit::Month })),
        InitialTerm::Until(end) if *end > start && *end < FOREVER => {
            let days = rating::Period { start, end: *end }.days();
            Ok((Some(*end), TermLength { period: days, unit: TermUnit::Day }))
        }
        InitialTerm::Until(_) => Err(Refusal::invalid("initialTerm.endDate", "it must lie after the start")),
    }
}

fn update(
    context: &mut Context,
    subscription: &mut Subscription,
    asked: &Update,
    action: &ActionAsked,
) -> Result<(), Refusal> {
    let original = original_plan(context.tenant, subscription, &asked.plan);
    let named = |plan: &RatePlan| {
        plan.id == asked.plan
            || plan.number == asked.plan
            || plan.unique_token.as_deref() == Some(asked.plan.as_str())
            || original.as_ref() == Some(&plan.original)
    };
    let on = asked.on.unwrap_or(action.dates.contract_effective);
    let plan = subscription.plans.iter_mut().find(|plan| named(plan) && billing::is_live(plan));
    let plan = plan.ok_or_else(|| Refusal::invalid(&asked.path, "the subscription has no such rate plan"))?;
    for change in &asked.charges {
        let of = |charge: &&mut Charge| {
            charge.number == change.charge
                || charge.product_rate_plan_charge == change.charge
                || charge.unique_token.as_ref() == Some(&change.charge)
        };
        let charge = plan.charges.iter_mut().find(of);
        let charge =
            charge.ok_or_else(|| Refusal::invalid(&change.path, "the rate plan has no such charge"))?;
        change_from(context, charge, change, on)?;
    }
    plan.last_change = Some("Update");
    plan.custom.extend(asked.custom.iter().map(|(name, value)| (name.clone(), value.clone())));
    Ok(())
}

/// The original id behind any id that the rate plan had in any version: Zuora takes them all.
fn original_plan(tenant: &Tenant, subscription: &Subscription, id: &str) -> Option<String> {
    let versions = tenant.subscriptions.with_number(&subscription.number);
    let mut plans = versions.flat_map(|version| &version.plans);
    plans.find(|plan| plan.id == id).map(|plan| plan.original.clone())
}

/// Ends the charge's segments on a day and begins a new one with other terms, up to where the charge ended.
fn change_from(
    context: &mut Context,
    charge: &mut Charge,
    asked: &ChargeAsked,
    on: Date,
) -> Result<(), Refusal> {
    if charge.charge_type == ChargeType::OneTime {
        return Err(Refusal::rule("A one-time charge cannot be updated."));
    }
    let end = charge.segments.iter().map(|segment| segment.end).max().unwrap_or(on);
    let old =
        charge.on(on).ok_or_else(|| Refusal::rule(format!("The charge is not in force on {on}.")))?.clone();
    let form = plan::form(charge.charge_type, charge.model);
    let (price, quantity) = plan::terms(Some(asked), form, (Some(old.price), old.quantity))?;
    charge.cut(on, context.order_date);
    let number = charge.segments.iter().map(|segment| segment.number).max().unwrap_or(0) + 1;
    charge.segments.push(Segment {
        id: context.tenant.ids.id(),
        number,
        version: old.version + 1,
        price: price.unwrap_or(old.price),
        quantity: if charge.model == ChargeModel::PerUnit { quantity } else { None },
        start: on,
        end,
        charged_through: None,
        original_order_date: context.order_date,
        amended_on: None,
    });
    charge.custom.extend(asked.custom.iter().map(|(name, value)| (name.clone(), value.clone())));
    Ok(())
}

fn cancel(
    context: &mut Context,
    subscription: &mut Subscription,
    asked: &Cancel,
    action: &ActionAsked,
) -> Result<(), Refusal> {
    let day = match asked.policy {
        CancelPolicy::SpecificDate(day) => day,
        CancelPolicy::EndOfCurrentTerm => subscription.term_end.ok_or_else(|| {
            Refusal::rule("An evergreen subscription has no current term; name a specific date.")
        })?,
        CancelPolicy::EndOfLastInvoicePeriod => subscription.charged_through().unwrap_or(subscription.start),
    };
    if day < subscription.start || day > subscription.last_day_after() {
        return Err(Refusal::invalid("cancellationEffectiveDate", "it is outside the subscription's term"));
    }
    subscription.cancelled = Some(day);
    subscription.cancel_reason = action.change_reason.clone();
    subscription.cut(day, context.order_date);
    Ok(())
}
