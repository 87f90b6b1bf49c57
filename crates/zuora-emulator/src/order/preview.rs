//! `POST /v1/orders/preview`: what an order would bill, by the very code that bills it.
//! Refuses to keep anything: ids are handed back and nothing is booked.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde_json::{Value, json};

use super::action::{self, Context};
use super::{read, read::SubscriptionAsked, refuse_unsupported};
use crate::account::{self, Account};
use crate::billing::{self, Line};
use crate::call::Call;
use crate::error::Refusal;
use crate::ids::Ids;
use crate::invoice::{self, Billing, Document, InvoiceItem};
use crate::json::{Fields, number};
use crate::subscription::Subscription;
use crate::tenant::Tenant;

/// How far ahead a preview looks.
#[derive(Debug, Clone, Copy)]
enum Through {
    TermEnd,
    Date(Date),
    Periods(i64),
}

/// `POST /v1/orders/preview`
pub(crate) fn preview(call: &mut Call) -> Result<Value, Refusal> {
    let ids: Ids = call.tenant.ids.clone();
    let answer = previewed(call);
    call.tenant.ids = ids;
    answer
}

fn previewed(call: &mut Call) -> Result<Value, Refusal> {
    let body = std::mem::take(&mut call.body);
    let mut fields = Fields::of_body(&body)?;
    let order_date = fields.date("orderDate")?;
    let account = read_account(call, &mut fields)?;
    let asked = read::subscriptions(&mut fields, order_date)?;
    let mut options = fields.object("previewOptions")?;
    let through = read_through(&mut options)?;
    options.finish(&[
        "chargeTypeToExclude",
        "documentDate",
        "previewTypes",
        "skipTax",
        "validateScheduledOrders",
    ])?;
    refuse_unsupported(&mut fields)?;
    fields.finish(&["category", "customFields", "description", "orderNumber", "reasonCode"])?;
    let mut context =
        Context { tenant: call.tenant, account: &account, order: "", order_date, now: call.now };
    let mut invoices = Vec::new();
    let mut memos = Vec::new();
    let mut lines = Vec::new();
    let mut target = order_date;
    for one in &asked {
        let mut versions = action::versions(&mut context, one)?;
        let Some(last) = versions.last_mut() else { continue };
        let until = until(through, one, last)?;
        target = target.max(until);
        lines.extend(billing::bill(last, until, &context.tenant.rounding)?);
    }
    let billing =
        Billing { order: None, document_date: order_date, target_date: target, post: false, now: call.now };
    match invoice::document(call.tenant, &account, lines, &billing)? {
        Some(Document::Invoice(invoice)) => {
            let items: Vec<Value> = invoice.items.iter().map(|item| shown(call.tenant, item)).collect();
            invoices.push(json!({
                "amount": number(invoice.amount.amount()),
                "amountWithoutTax": number(invoice.amount.amount()),
                "taxAmount": number(rust_decimal::Decimal::ZERO),
                "targetDate": target.to_string(),
                "invoiceItems": items,
            }));
        }
        Some(Document::CreditMemo(memo)) => {
            let items: Vec<Value> = memo.items.iter().map(|item| shown(call.tenant, item)).collect();
            memos.push(json!({
                "amount": number(memo.amount.amount()),
                "amountWithoutTax": number(memo.amount.amount()),
                "taxAmount": number(rust_decimal::Decimal::ZERO),
                "targetDate": target.to_string(),
                "creditMemoItems": items,
            }));
        }
        None => {}
    }
    Ok(json!({"previewResult": {"invoices": invoices, "creditMemos": memos}}))
}

fn read_account(call: &mut Call, fields: &mut Fields) -> Result<Account, Refusal> {
    let existing = fields.maybe_text("existingAccountNumber")?.or(fields.maybe_text("existingAccountId")?);
    if let Some(key) = existing {
        return Ok(account::get(call.tenant, &key)?.clone());
    }
    let mut info = fields.object("previewAccountInfo")?;
    let (currency, day) = (info.text("currency")?, info.maybe_int("billCycleDay")?);
    // Nobody is billed: a stand-in with the currency and the day is all that the arithmetic needs.
    let stand_in = json!({
        "name": "preview",
        "currency": currency,
        "billCycleDay": day,
        "billToContact": {"firstName": "preview", "lastName": "preview"},
    });
    info.finish(&["accountNumber", "billToContact", "soldToContact", "customFields", "taxInfo"])?;
    account::read(call.tenant, &mut Fields::of_body(&stand_in)?, call.now)
}

fn read_through(options: &mut Fields) -> Result<Through, Refusal> {
    let path = options.path("previewThruType");
    let date = options.maybe_date("specificPreviewThruDate")?;
    let periods = options.maybe_int("previewNumberOfPeriods")?;
    match options.text("previewThruType")?.as_str() {
        "TermEnd" => Ok(Through::TermEnd),
        "SpecificDate" => {
            date.map(Through::Date).ok_or_else(|| Refusal::missing(&options.path("specificPreviewThruDate")))
        }
        "NumberOfPeriods" => {
            let periods = periods.ok_or_else(|| Refusal::missing(&options.path("previewNumberOfPeriods")))?;
            Ok(Through::Periods(periods.clamp(1, 1_200)))
        }
        other => Err(Refusal::invalid(&path, &format!("'{other}' is not a kind of preview"))),
    }
}

/// The target date of the bill run that stands behind a preview.
fn until(through: Through, asked: &SubscriptionAsked, subscription: &Subscription) -> Result<Date, Refusal> {
    let from = asked.actions.first().map_or(subscription.start, |action| action.dates.contract_effective);
    let last_day = |end: Date| end.checked_sub(1.day()).unwrap_or(end);
    match through {
        Through::Date(date) => Ok(date),
        Through::TermEnd => subscription.term_end.map(last_day).ok_or_else(|| {
            Refusal::invalid("previewOptions.previewThruType", "an evergreen subscription has no term end")
        }),
        Through::Periods(periods) => {
            let span = Span::new().try_months(periods * i64::from(longest_period(subscription)));
            let end = span.and_then(|span| from.checked_add(span)).ok();
            end.map(last_day)
                .ok_or_else(|| Refusal::invalid("previewOptions.previewNumberOfPeriods", "too many"))
        }
    }
}

fn longest_period(subscription: &Subscription) -> i32 {
    let charges = subscription.plans.iter().flat_map(|plan| &plan.charges);
    let months = charges.filter_map(|charge| match charge.charge_type.rated() {
        rating::Charge::Recurring { every } => Some(every.months()),
        rating::Charge::OneTime => None,
    });
    months.max().unwrap_or(1)
}

fn shown(tenant: &Tenant, item: &InvoiceItem) -> Value {
    let Line { item: rated, .. } = &item.line;
    let (product, _) = billing::product_name(tenant, &item.line.product_rate_plan);
    json!({
        "amountWithoutTax": number(rated.amount.amount()),
        "taxAmount": number(rust_decimal::Decimal::ZERO),
        "chargeName": item.line.charge_name,
        "chargeNumber": item.line.charge_number,
        "productName": product,
        "productRatePlanChargeId": item.line.product_rate_plan_charge,
        "processingType": "Charge",
        "unitPrice": number(rated.unit_price),
        "serviceStartDate": rated.period.start.to_string(),
        "serviceEndDate": rated.period.last_day().map(|day| day.to_string()).ok(),
        "subscriptionNumber": item.line.subscription_number,
    })
}
