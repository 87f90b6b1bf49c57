//! Zuora's to ours: what the sync read, as our nouns.
//! Refuses to guess: what cannot be understood is an error that names it.

use std::collections::BTreeMap;

use domain::account::Account;
use domain::invoice::{Invoice, InvoiceItem};
use domain::offer::{CatalogCharge, ChargeTerms};
use domain::payment::Payment;
use domain::subscription::{Line, Subscription, SubscriptionStatus};
use domain::target::Target;
use domain::{
    ChargeNumber, Currency, Day, Instant, InvoiceNumber, OrderNumber, PaymentNumber, RatePlanNumber,
    SubscriptionNumber, ZuoraId,
};
use jiff::civil::Date;
use rating::{BillingPeriod, Charge, Money, Period, Price};
use rust_decimal::Decimal;
use zuora::wire;

use crate::translate::OUR_TARGET;
use crate::{Error, Result};

/// When something was read, and when Zuora had changed it.
#[derive(Debug, Clone, Copy)]
pub struct Read {
    /// Zuora's time of the last change.
    pub updated_at: Instant,
    /// Our time of the read.
    pub synced_at: Instant,
}

/// The charges of the mirrored catalog by Zuora's id, whatever the currency.
pub type Charges = BTreeMap<ZuoraId, CatalogCharge>;

fn unreadable(noun: &'static str, number: &str, why: impl Into<String>) -> Error {
    Error::Mirror { noun, number: number.to_owned(), why: why.into() }
}

/// A subscription version.
pub fn subscription(
    theirs: &wire::Subscription,
    account: &Account,
    charges: &Charges,
    read: Read,
) -> Result<Subscription> {
    let number = &theirs.subscription_number;
    let date = |date: Option<Date>, name| {
        date.ok_or_else(|| unreadable("subscription", number, format!("{name} is missing")))
    };
    let term_start = date(theirs.term_start_date.or(theirs.subscription_start_date), "termStartDate")?;
    let term_end = date(theirs.term_end_date.or(theirs.subscription_end_date), "termEndDate")?;
    let mut lines = Vec::new();
    for plan in theirs.rate_plans.iter() {
        for charge in plan.rate_plan_charges.iter().flat_map(wire::RatePlanCharge::segments) {
            let at = |why: &str| unreadable("subscription", number, format!("charge {}: {why}", charge.id));
            lines.extend(line(plan, &charge, (term_start, term_end), charges).map_err(|why| at(&why))?);
        }
    }
    Ok(Subscription {
        number: SubscriptionNumber::from(number.clone()),
        version: i64::from(theirs.version),
        zuora_id: ZuoraId::from(theirs.id.clone()),
        account_id: account.id,
        status: match theirs.status {
            wire::SubscriptionStatus::Active => SubscriptionStatus::Active,
            wire::SubscriptionStatus::Cancelled => SubscriptionStatus::Cancelled,
            wire::SubscriptionStatus::Expired => SubscriptionStatus::Expired,
            wire::SubscriptionStatus::Suspended => SubscriptionStatus::Suspended,
            _ => SubscriptionStatus::Other,
        },
        target: theirs
            .custom_fields
            .get(OUR_TARGET)
            .and_then(|value| value.as_str())
            .and_then(|text| text.parse::<Target>().ok()),
        term_start: Day(term_start),
        term_end: Day(term_end),
        lines: lines.into(),
        order_number: theirs.order_number.clone().map(OrderNumber::from),
        updated_at: read.updated_at,
        synced_at: read.synced_at,
    })
}

fn line(
    plan: &wire::RatePlan,
    charge: &wire::RatePlanCharge,
    term: (Date, Date),
    charges: &Charges,
) -> Result<Option<Line>, String> {
    let (term_start, term_end) = term;
    let product_id = charge.product_rate_plan_charge_id.clone().unwrap_or_default();
    let known = charges.get(&ZuoraId::from(product_id.clone()));
    let start = charge.effective_start_date.unwrap_or(term_start);
    let period = Period { start, end: charge.effective_end_date.unwrap_or(term_end) };
    if period.is_empty() {
        return Ok(None);
    }
    let price =
        charge.price.or_else(|| charge.tiers.as_ref().and_then(|tiers| tiers.first()).map(|tier| tier.price));
    let terms =
        terms(charge.charge_type.as_ref(), charge.billing_period.as_ref(), charge.model.as_ref(), price)?;
    Ok(Some(Line {
        rate_plan: match (known, &plan.product_rate_plan_number) {
            (Some(known), _) => known.rate_plan.clone(),
            (None, Some(number)) => RatePlanNumber::from(number.clone()),
            (None, None) => RatePlanNumber::from(plan.product_rate_plan_id.clone().unwrap_or_default()),
        },
        // A charge that the catalog lacks keeps its id, so that whoever looks at the unmapped duty can find it.
        charge: known.map_or_else(|| ChargeNumber::from(product_id), |known| known.charge.clone()),
        own_rate_plan: plan.subscription_rate_plan_number.clone(),
        own_charge: charge.number.clone(),
        quantity: charge.quantity.unwrap_or(Decimal::ONE),
        terms,
        period,
        anchor: term_start,
    }))
}

fn terms(
    kind: Option<&wire::ChargeType>,
    every: Option<&wire::BillingPeriod>,
    model: Option<&wire::ChargeModel>,
    price: Option<Decimal>,
) -> Result<ChargeTerms, String> {
    let price = price.unwrap_or(Decimal::ZERO);
    let price = match model {
        Some(wire::ChargeModel::FlatFee) => Price::FlatFee(price),
        Some(wire::ChargeModel::PerUnit) => Price::PerUnit(price),
        other => return Err(format!("the charge model {other:?} is not known yet")),
    };
    let charge = match kind {
        Some(wire::ChargeType::OneTime) => Charge::OneTime,
        Some(wire::ChargeType::Recurring) => Charge::Recurring { every: billing_period(every)? },
        other => return Err(format!("the charge type {other:?} is not known yet")),
    };
    Ok(ChargeTerms { charge, price })
}

fn billing_period(every: Option<&wire::BillingPeriod>) -> Result<BillingPeriod, String> {
    Ok(match every {
        Some(wire::BillingPeriod::Month) => BillingPeriod::Month,
        Some(wire::BillingPeriod::Quarter) => BillingPeriod::Quarter,
        Some(wire::BillingPeriod::SemiAnnual) => BillingPeriod::SemiAnnual,
        Some(wire::BillingPeriod::Annual) => BillingPeriod::Annual,
        Some(wire::BillingPeriod::TwoYears) => BillingPeriod::TwoYears,
        Some(wire::BillingPeriod::ThreeYears) => BillingPeriod::ThreeYears,
        Some(wire::BillingPeriod::FiveYears) => BillingPeriod::FiveYears,
        other => return Err(format!("the billing period {other:?} is not known yet")),
    })
}

/// The charges of a catalog product, one for each currency; with what could not be understood.
pub fn catalog(product: &wire::Product, synced_at: Instant) -> (Vec<CatalogCharge>, Vec<String>) {
    let (mut charges, mut unknown) = (Vec::new(), Vec::new());
    for plan in product.rate_plans() {
        for charge in &plan.product_rate_plan_charges {
            for pricing in &charge.pricing {
                match catalog_charge(plan, charge, pricing, synced_at) {
                    Ok(charge) => charges.push(charge),
                    Err(why) => unknown
                        .push(format!("{} {} in {}: {why}", product.name, charge.name, pricing.currency)),
                }
            }
        }
    }
    (charges, unknown)
}

fn catalog_charge(
    plan: &wire::ProductRatePlan,
    charge: &wire::ProductRatePlanCharge,
    pricing: &wire::Pricing,
    synced_at: Instant,
) -> Result<CatalogCharge, String> {
    let number = |number: &Option<String>, id: &str| number.clone().unwrap_or_else(|| id.to_owned());
    let kind = Some(&charge.charge_type);
    Ok(CatalogCharge {
        rate_plan: RatePlanNumber::from(number(&plan.product_rate_plan_number, &plan.id)),
        rate_plan_id: ZuoraId::from(plan.id.clone()),
        charge: ChargeNumber::from(number(&charge.product_rate_plan_charge_number, &charge.id)),
        charge_id: ZuoraId::from(charge.id.clone()),
        name: charge.name.clone(),
        currency: pricing.currency.parse().map_err(|error: domain::Unreadable| error.to_string())?,
        terms: terms(kind, charge.billing_period.as_ref(), Some(&charge.model), pricing.price)?.into(),
        synced_at,
    })
}

/// An invoice with its items.
pub fn invoice(
    theirs: &wire::Invoice,
    items: &[wire::InvoiceItem],
    account: &Account,
    read: Read,
) -> Result<Invoice> {
    let number = &theirs.invoice_number;
    let money = |amount: Decimal| {
        let money = Money::exact(amount, account.currency.0);
        money.map(|money| money.minor).ok_or_else(|| {
            unreadable("invoice", number, format!("{amount} is no amount of {}", account.currency))
        })
    };
    let item = |item: &wire::InvoiceItem| {
        let date = |date: Option<Date>| {
            date.map(Day).ok_or_else(|| unreadable("invoice", number, "a service date is missing"))
        };
        Ok(InvoiceItem {
            name: item.charge_name.clone().or_else(|| item.product_name.clone()).unwrap_or_default(),
            subscription: item.subscription_name.clone().map(SubscriptionNumber::from),
            amount_minor: money(item.charge_amount)?,
            tax_minor: money(item.tax_amount.unwrap_or(Decimal::ZERO))?,
            service_start: date(item.service_start_date)?,
            service_end: date(item.service_end_date.or(item.service_start_date))?,
        })
    };
    let invoice_date =
        theirs.invoice_date.ok_or_else(|| unreadable("invoice", number, "invoiceDate is missing"))?;
    Ok(Invoice {
        number: InvoiceNumber::from(number.clone()),
        zuora_id: ZuoraId::from(theirs.id.clone()),
        account_id: account.id,
        status: word(&theirs.status)?,
        amount_minor: money(theirs.amount)?,
        balance_minor: money(theirs.balance.unwrap_or(theirs.amount))?,
        currency: account.currency,
        invoice_date: Day(invoice_date),
        due_date: Day(theirs.due_date.unwrap_or(invoice_date)),
        items: items.iter().map(item).collect::<Result<Vec<_>>>()?.into(),
        updated_at: read.updated_at,
        synced_at: read.synced_at,
    })
}

/// A payment.
pub fn payment(
    theirs: &wire::Payment,
    invoice: Option<InvoiceNumber>,
    account: &Account,
    read: Read,
) -> Result<Payment> {
    let number = theirs.number.clone().unwrap_or_else(|| theirs.id.clone());
    let amount = Money::exact(theirs.amount, account.currency.0);
    let amount = amount.ok_or_else(|| {
        unreadable("payment", &number, format!("{} is no amount of {}", theirs.amount, account.currency))
    })?;
    Ok(Payment {
        number: PaymentNumber::from(number),
        zuora_id: ZuoraId::from(theirs.id.clone()),
        account_id: account.id,
        status: word(&theirs.status)?,
        amount_minor: amount.minor,
        currency: Currency(amount.currency),
        invoice_number: invoice,
        gateway_response: theirs.gateway_response.clone(),
        updated_at: read.updated_at,
        synced_at: read.synced_at,
    })
}

/// Zuora's own word for an open enum.
fn word<T: serde::Serialize>(value: &T) -> Result<String> {
    let value = serde_json::to_value(value).map_err(|error| Error::Stored("word", error))?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}

/// The currency of an account, as Zuora names it.
pub fn currency(theirs: &wire::Account) -> Result<Currency> {
    let number = &theirs.basic_info.account_number;
    let named = theirs.billing_and_payment.currency.as_deref().unwrap_or_default();
    named.parse().map_err(|error: domain::Unreadable| unreadable("account", number, error.to_string()))
}
