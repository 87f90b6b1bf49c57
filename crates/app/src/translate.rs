//! Ours to Zuora's: the bodies of the writes. Deterministic, so that the same order is the same request.
//! Refuses to decide anything: what is sent was decided at intake.

use std::collections::BTreeMap;

use bytes::Bytes;
use domain::account::Account;
use domain::order::{ActionKind, Order, OrderAction, OrderLine};
use domain::subscription::{Line, Subscription};
use rating::{Charge, Price};
use serde_json::Value;
use zuora::wire;

use crate::{Error, Result};

/// The custom field that carries our id on everything that we create.
pub const OUR_ID: &str = "PurserId__c";

/// The custom field that names what a subscription provisions.
pub const OUR_TARGET: &str = "PurserTarget__c";

/// Whether an object of Zuora carries our id.
pub fn is_ours(fields: &wire::CustomFields, id: &str) -> bool {
    fields.get(OUR_ID).and_then(Value::as_str) == Some(id)
}

fn custom(fields: &[(&str, String)]) -> BTreeMap<String, Value> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), Value::String(value.clone()))).collect()
}

/// The body that creates an account.
pub fn account(account: &Account) -> Result<Bytes> {
    let contact = wire::Contact {
        first_name: Some(account.contact_first_name.clone()),
        last_name: Some(account.contact_last_name.clone()),
        work_email: Some(account.contact_mail.clone()),
        country: Some(account.contact_country.clone()),
        ..wire::Contact::default()
    };
    body(&wire::CreateAccount {
        name: account.name.clone(),
        currency: account.currency.to_string(),
        account_number: Some(account.number.to_string()),
        bill_to_contact: contact,
        sold_to_contact: None,
        auto_pay: Some(false),
        bill_cycle_day: Some(1),
        payment_term: Some("Net 30".to_owned()),
        crm_id: None,
        notes: None,
        custom_fields: custom(&[(OUR_ID, account.id.to_string())]),
    })
}

/// The body that creates an order.
pub fn order(order: &Order, account: &Account, versions: &[Subscription]) -> Result<Bytes> {
    let subscriptions: Result<Vec<_>> =
        order.actions.iter().map(|action| subscription(order, action, versions)).collect();
    let target_date = order.actions.iter().map(|action| action.start.0).max().unwrap_or(order.order_date.0);
    body(&wire::CreateOrder {
        order_date: order.order_date.0,
        existing_account_number: Some(account.number.to_string()),
        existing_account_id: None,
        order_number: Some(order.number.to_string()),
        description: order.po_number.as_ref().map(|number| format!("PO {number}")),
        category: None,
        custom_fields: custom(&[(OUR_ID, order.id.to_string())]),
        processing_options: Some(wire::ProcessingOptions {
            run_billing: Some(true),
            // Collecting is a job of its own with a guard of its own.
            collect_payment: Some(false),
            allow_payment_failure: None,
            billing_options: Some(wire::BillingOptions {
                target_date: Some(target_date.max(order.order_date.0)),
                document_date: None,
                generate_draft_invoice: None,
            }),
        }),
        subscriptions: subscriptions?,
    })
}

fn subscription(
    order: &Order,
    action: &OrderAction,
    versions: &[Subscription],
) -> Result<wire::OrderedSubscription> {
    let version = versions.iter().find(|version| version.number == action.subscription);
    let start = action.start.0;
    let translated = match action.kind {
        ActionKind::Subscribe => wire::OrderAction::create_subscription(start, creation(action)),
        ActionKind::Add => wire::OrderAction::add_product(start, rate_plan(action)),
        ActionKind::ChangeQuantity => wire::OrderAction::update_product(start, update(action, version)?),
        ActionKind::Cancel => wire::OrderAction::cancel_subscription(
            start,
            wire::CancelSubscription {
                cancellation_policy: wire::CancellationPolicy::SpecificDate,
                cancellation_effective_date: Some(start),
            },
        ),
    };
    let target = action.target.as_ref().filter(|_| action.kind == ActionKind::Subscribe);
    let mut fields = vec![(OUR_ID, order.id.to_string())];
    fields.extend(target.map(|target| (OUR_TARGET, target.to_string())));
    let creates = action.kind == ActionKind::Subscribe;
    Ok(wire::OrderedSubscription {
        subscription_number: (!creates).then(|| action.subscription.to_string()),
        custom_fields: if creates { custom(&fields) } else { BTreeMap::new() },
        notes: None,
        order_actions: vec![translated],
    })
}

fn creation(action: &OrderAction) -> wire::CreateSubscription {
    let term = wire::InitialTerm {
        period: action.term_months,
        period_type: Some(wire::PeriodType::Month),
        start_date: Some(action.start.0),
        end_date: None,
        term_type: wire::TermType::Termed,
    };
    wire::CreateSubscription {
        subscription_number: Some(action.subscription.to_string()),
        terms: wire::Terms {
            auto_renew: Some(true),
            initial_term: term,
            renewal_setting: Some("RENEW_WITH_SPECIFIC_TERM".to_owned()),
            renewal_terms: action
                .term_months
                .map(|period| wire::RenewalTerm { period, period_type: wire::PeriodType::Month })
                .into_iter()
                .collect(),
        },
        subscribe_to_rate_plans: vec![rate_plan(action)],
        invoice_owner_account_number: None,
        invoice_separately: None,
        payment_term: None,
        notes: None,
    }
}

fn rate_plan(action: &OrderAction) -> wire::RatePlanOverride {
    wire::RatePlanOverride {
        product_rate_plan_id: action.rate_plan_id.as_ref().map(ToString::to_string),
        product_rate_plan_number: None,
        unique_token: None,
        charge_overrides: action
            .lines
            .iter()
            .filter(|line| line.line.per_unit())
            .map(charge_override)
            .collect(),
        custom_fields: BTreeMap::new(),
    }
}

fn charge_override(line: &OrderLine) -> wire::ChargeOverride {
    wire::ChargeOverride {
        product_rate_plan_charge_id: line.charge_id.to_string(),
        // The price that the customer saw, not the one that the catalog may have by then.
        pricing: Some(pricing(&line.line)),
        start_date: None,
        unique_token: None,
        custom_fields: BTreeMap::new(),
    }
}

fn pricing(line: &Line) -> wire::ChargePricing {
    let per_unit =
        |list_price| wire::PerUnitPrice { list_price: Some(list_price), quantity: Some(line.quantity) };
    let flat = |list_price| wire::FlatFeePrice { list_price: Some(list_price) };
    let none = wire::ChargePricing::default();
    match (line.terms.charge, line.terms.price) {
        (Charge::Recurring { .. }, Price::PerUnit(price)) => {
            wire::ChargePricing { recurring_per_unit: Some(per_unit(price)), ..none }
        }
        (Charge::Recurring { .. }, Price::FlatFee(price)) => {
            wire::ChargePricing { recurring_flat_fee: Some(flat(price)), ..none }
        }
        (Charge::OneTime, Price::PerUnit(price)) => {
            wire::ChargePricing { one_time_per_unit: Some(per_unit(price)), ..none }
        }
        (Charge::OneTime, Price::FlatFee(price)) => {
            wire::ChargePricing { one_time_flat_fee: Some(flat(price)), ..none }
        }
    }
}

fn update(action: &OrderAction, version: Option<&Subscription>) -> Result<wire::UpdateProduct> {
    let own = |line: &OrderLine| version.and_then(|version| own_line(version, &line.line));
    let missing = || Error::Mirror {
        noun: "subscription",
        number: action.subscription.to_string(),
        why: "the copy lacks the charge that is to be changed".to_owned(),
    };
    let first = action.lines.first().and_then(own).ok_or_else(missing)?;
    let update = |line: &OrderLine| {
        let own = own(line).ok_or_else(missing)?;
        let quantity = wire::PerUnitPrice { list_price: None, quantity: Some(line.line.quantity) };
        let pricing =
            wire::ChargePricing { recurring_per_unit: Some(quantity), ..wire::ChargePricing::default() };
        Ok(wire::ChargeUpdate {
            charge_number: own.own_charge.clone(),
            unique_token: None,
            pricing: Some(pricing),
            custom_fields: BTreeMap::new(),
        })
    };
    Ok(wire::UpdateProduct {
        rate_plan_id: None,
        subscription_rate_plan_number: first.own_rate_plan.clone(),
        unique_token: None,
        specific_update_date: None,
        charge_updates: action.lines.iter().map(update).collect::<Result<_>>()?,
    })
}

/// The line of a version that an order's line changes.
fn own_line<'a>(version: &'a Subscription, line: &Line) -> Option<&'a Line> {
    version.lines.iter().find(|own| {
        own.charge == line.charge && own.own_charge.is_some() && own.period.contains(line.period.start)
    })
}

/// Whether the mirrored version has everything that the action changes.
pub fn fits(version: &Subscription, action: &OrderAction) -> bool {
    match action.kind {
        ActionKind::ChangeQuantity => action.lines.iter().all(|line| own_line(version, &line.line).is_some()),
        ActionKind::Subscribe | ActionKind::Add | ActionKind::Cancel => true,
    }
}

/// The body that charges the default payment method for an invoice.
pub fn payment(payment: wire::CreatePayment) -> Result<Bytes> {
    body(&payment)
}

fn body<T: serde::Serialize>(value: &T) -> Result<Bytes> {
    wire::body(value).map_err(|error| Error::Stored("request", error))
}
