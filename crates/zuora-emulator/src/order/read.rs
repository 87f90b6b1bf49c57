//! An order as it was asked for, read field by field before anything is decided.
//! Refuses what Zuora would refuse on sight: missing and unknown fields, over-long lists, forbidden characters.

mod plan;

use jiff::civil::Date;

use crate::account::check_number;
use crate::error::Refusal;
use crate::json::{Custom, Fields};
use crate::subscription::{TermLength, TermUnit};
pub(super) use plan::{ChargeAsked, PlanAsked, Update};

/// Documented limits of a synchronous order.
const SUBSCRIPTIONS_MOST: usize = 50;
const ACTIONS_MOST: usize = 50;
/// The documented longest order number.
pub(super) const NUMBER_LENGTH_MOST: usize = 100;

/// What is asked of one subscription.
#[derive(Debug)]
pub(super) struct SubscriptionAsked {
    /// The existing subscription, or the number a new one should get.
    pub(super) number: Option<String>,
    pub(super) custom: Custom,
    pub(super) notes: Option<String>,
    pub(super) actions: Vec<ActionAsked>,
}

#[derive(Debug)]
pub(super) struct ActionAsked {
    pub(super) dates: TriggerDates,
    pub(super) change_reason: Option<String>,
    pub(super) action: Action,
}

/// When an action takes effect; whatever is left out falls back to the contract effective date.
#[derive(Debug, Clone, Copy)]
pub(super) struct TriggerDates {
    pub(super) contract_effective: Date,
    pub(super) service_activation: Option<Date>,
    pub(super) customer_acceptance: Option<Date>,
}

#[derive(Debug)]
pub(super) enum Action {
    Create(Box<Create>),
    Add(PlanAsked),
    Update(Update),
    Cancel(Cancel),
}

impl Action {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Action::Create(_) => "CreateSubscription",
            Action::Add(_) => "AddProduct",
            Action::Update(_) => "UpdateProduct",
            Action::Cancel(_) => "CancelSubscription",
        }
    }
}

/// How long the first term is: a length, a last day, or no end.
#[derive(Debug)]
pub(super) enum InitialTerm {
    Length(TermLength),
    Until(Date),
    Evergreen,
}

#[derive(Debug)]
pub(super) struct Create {
    pub(super) number: Option<String>,
    pub(super) initial: InitialTerm,
    pub(super) term_start: Option<Date>,
    pub(super) renewal: TermLength,
    pub(super) auto_renew: bool,
    pub(super) renewal_setting: String,
    pub(super) owner: Option<String>,
    pub(super) invoice_owner: Option<String>,
    pub(super) invoice_separately: bool,
    pub(super) notes: Option<String>,
    pub(super) plans: Vec<PlanAsked>,
}

#[derive(Debug)]
pub(super) struct Cancel {
    pub(super) policy: CancelPolicy,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum CancelPolicy {
    EndOfCurrentTerm,
    EndOfLastInvoicePeriod,
    SpecificDate(Date),
}

/// Reads the subscriptions of an order.
pub(super) fn subscriptions(
    fields: &mut Fields,
    order_date: Date,
) -> Result<Vec<SubscriptionAsked>, Refusal> {
    let asked = fields.list("subscriptions")?;
    if asked.is_empty() {
        return Err(Refusal::missing("subscriptions"));
    }
    if asked.len() > SUBSCRIPTIONS_MOST {
        return Err(Refusal::invalid("subscriptions", &format!("at most {SUBSCRIPTIONS_MOST} are allowed")));
    }
    asked.into_iter().map(|one| subscription(one, order_date)).collect()
}

fn subscription(mut fields: Fields, order_date: Date) -> Result<SubscriptionAsked, Refusal> {
    let path = fields.path("orderActions");
    let actions = fields.list("orderActions")?;
    if actions.is_empty() {
        return Err(Refusal::missing(&path));
    }
    if actions.len() > ACTIONS_MOST {
        return Err(Refusal::invalid(&path, &format!("at most {ACTIONS_MOST} are allowed")));
    }
    let actions = actions.into_iter().map(|one| action(one, order_date)).collect::<Result<_, _>>()?;
    let asked = SubscriptionAsked {
        number: chosen_number(&mut fields)?,
        custom: fields.nested_custom()?,
        notes: fields.maybe_text("notes")?,
        actions,
    };
    fields.finish(&["clearingCustomFields", "quote", "ramp"])?;
    Ok(asked)
}

fn chosen_number(fields: &mut Fields) -> Result<Option<String>, Refusal> {
    let path = fields.path("subscriptionNumber");
    let number = fields.maybe_text("subscriptionNumber")?.filter(|number| !number.is_empty());
    if let Some(number) = &number {
        check_number(&path, number, NUMBER_LENGTH_MOST)?;
    }
    Ok(number)
}

fn action(mut fields: Fields, order_date: Date) -> Result<ActionAsked, Refusal> {
    let dates = trigger_dates(&mut fields, order_date)?;
    let path = fields.path("type");
    let action = match fields.text("type")?.as_str() {
        "CreateSubscription" => Action::Create(Box::new(create(fields.object("createSubscription")?)?)),
        "AddProduct" => Action::Add(plan::plan(fields.object("addProduct")?)?),
        "UpdateProduct" => Action::Update(plan::update(fields.object("updateProduct")?)?),
        "CancelSubscription" => Action::Cancel(cancel(fields.object("cancelSubscription")?)?),
        known @ ("RemoveProduct" | "RenewSubscription" | "TermsAndConditions" | "OwnerTransfer"
        | "Suspend" | "Resume" | "ChangePlan") => {
            return Err(Refusal::invalid(&path, &format!("the order action '{known}' is not emulated yet")));
        }
        other => return Err(Refusal::invalid(&path, &format!("'{other}' is not an order action"))),
    };
    let change_reason = fields.maybe_text("changeReason")?;
    fields.nested_custom()?;
    fields.finish(&[])?;
    Ok(ActionAsked { dates, change_reason, action })
}

fn trigger_dates(fields: &mut Fields, order_date: Date) -> Result<TriggerDates, Refusal> {
    let mut dates =
        TriggerDates { contract_effective: order_date, service_activation: None, customer_acceptance: None };
    for mut one in fields.list("triggerDates")? {
        let path = one.path("name");
        let date = one.maybe_date("triggerDate")?;
        match one.text("name")?.as_str() {
            "ContractEffective" => dates.contract_effective = date.unwrap_or(order_date),
            "ServiceActivation" => dates.service_activation = date,
            "CustomerAcceptance" => dates.customer_acceptance = date,
            other => return Err(Refusal::invalid(&path, &format!("'{other}' is not a trigger date"))),
        }
        one.finish(&[])?;
    }
    Ok(dates)
}

fn term_length(fields: &mut Fields, what: &str) -> Result<TermLength, Refusal> {
    let path = fields.path("period");
    let period = fields.maybe_int("period")?.ok_or_else(|| Refusal::missing(&path))?;
    if !(1..=12_000).contains(&period) {
        return Err(Refusal::invalid(&path, &format!("a {what} of at least one period is expected")));
    }
    let path = fields.path("periodType");
    let unit = match fields.maybe_text("periodType")?.as_deref() {
        None | Some("Month") => TermUnit::Month,
        Some("Day") => TermUnit::Day,
        Some("Week") => TermUnit::Week,
        Some("Year") => TermUnit::Year,
        Some(other) => {
            return Err(Refusal::invalid(&path, &format!("'{other}' is not Day, Week, Month or Year")));
        }
    };
    Ok(TermLength { period, unit })
}

fn initial_term(mut fields: Fields) -> Result<(InitialTerm, Option<Date>), Refusal> {
    let start = fields.maybe_date("startDate")?;
    let path = fields.path("termType");
    let term = match fields.maybe_text("termType")?.as_deref() {
        None | Some("TERMED") => match fields.maybe_date("endDate")? {
            Some(end) if !fields.has("period") => InitialTerm::Until(end),
            _ => InitialTerm::Length(term_length(&mut fields, "term")?),
        },
        Some("EVERGREEN") => InitialTerm::Evergreen,
        Some(other) => return Err(Refusal::invalid(&path, &format!("'{other}' is not TERMED or EVERGREEN"))),
    };
    fields.finish(&["endDate", "period", "periodType"])?;
    Ok((term, start))
}

fn create(mut fields: Fields) -> Result<Create, Refusal> {
    let plans = fields.list("subscribeToRatePlans")?;
    if plans.is_empty() {
        return Err(Refusal::missing(&fields.path("subscribeToRatePlans")));
    }
    let plans = plans.into_iter().map(plan::plan).collect::<Result<_, _>>()?;
    let mut terms = fields.object("terms")?;
    let (initial, term_start) = initial_term(terms.object("initialTerm")?)?;
    let mut renewal = match &initial {
        InitialTerm::Length(length) => length.clone(),
        InitialTerm::Until(_) | InitialTerm::Evergreen => TermLength { period: 12, unit: TermUnit::Month },
    };
    for mut term in terms.list("renewalTerms")?.into_iter().take(1) {
        renewal = term_length(&mut term, "renewal term")?;
        term.finish(&[])?;
    }
    let auto_renew = terms.flag("autoRenew")?.unwrap_or(false);
    let renewal_setting = terms.maybe_text("renewalSetting")?;
    terms.finish(&[])?;
    let asked = Create {
        number: chosen_number(&mut fields)?,
        initial,
        term_start,
        renewal,
        auto_renew,
        renewal_setting: renewal_setting.unwrap_or_else(|| "RENEW_WITH_SPECIFIC_TERM".to_owned()),
        owner: fields.maybe_text("subscriptionOwnerAccountNumber")?,
        invoice_owner: fields.maybe_text("invoiceOwnerAccountNumber")?,
        invoice_separately: fields.flag("invoiceSeparately")?.unwrap_or(false),
        notes: fields.maybe_text("notes")?,
        plans,
    };
    fields.finish(&[
        "billToContactId",
        "communicationProfileId",
        "currency",
        "invoiceGroupNumber",
        "invoiceTemplateId",
        "paymentTerm",
        "sequenceSetId",
        "shipToContactId",
        "soldToContactId",
        "uniqueToken",
    ])?;
    Ok(asked)
}

fn cancel(mut fields: Fields) -> Result<Cancel, Refusal> {
    let path = fields.path("cancellationPolicy");
    let policy = match fields.text("cancellationPolicy")?.as_str() {
        "EndOfCurrentTerm" => CancelPolicy::EndOfCurrentTerm,
        "EndOfLastInvoicePeriod" => CancelPolicy::EndOfLastInvoicePeriod,
        "SpecificDate" => CancelPolicy::SpecificDate(fields.date("cancellationEffectiveDate")?),
        other => return Err(Refusal::invalid(&path, &format!("'{other}' is not a cancellation policy"))),
    };
    fields.finish(&["cancellationEffectiveDate"])?;
    Ok(Cancel { policy })
}
