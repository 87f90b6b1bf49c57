//! `GET /v1/accounts/{account-key}/summary`: an account at a glance.
//! Refuses to be complete: six of each list, latest first, as Zuora does.

use serde_json::{Value, json};

use super::{get, invoice_balance};
use crate::call::Call;
use crate::error::Refusal;
use crate::invoice::Invoice;
use crate::json::{number, with_custom};
use crate::payment::{Applied, Payment};
use crate::subscription::Subscription;
use crate::tenant::Tenant;

/// Zuora shows this many invoices and payments in a summary.
const LISTED_MOST: usize = 6;

/// `GET /v1/accounts/{account-key}/summary`
pub(crate) fn view(call: &mut Call) -> Result<Value, Refusal> {
    let tenant = &*call.tenant;
    let account = get(tenant, call.key(0))?;
    let latest = tenant.invoices.of_account(&account.id).next_back();
    let basic = json!({
        "id": account.id,
        "name": account.name,
        "accountNumber": account.number,
        "status": "Active",
        "batch": account.batch,
        "billCycleDay": account.bill_cycle_day,
        "currency": account.currency.code(),
        "balance": number(invoice_balance(tenant, account)?.amount()),
        "lastInvoiceDate": latest.map(|invoice| invoice.invoice_date.to_string()),
    });
    let subscriptions = tenant.subscriptions.of_account(&account.id).filter(|one| one.is_latest(tenant));
    let invoices = tenant.invoices.of_account(&account.id).rev().take(LISTED_MOST);
    let payments = tenant.payments.of_account(&account.id).rev().take(LISTED_MOST);
    Ok(json!({
        "basicInfo": with_custom(basic, &account.custom),
        "billToContact": account.bill_to.shown(&account.id),
        "soldToContact": account.sold_to.shown(&account.id),
        "subscriptions": subscriptions.map(subscription).collect::<Vec<_>>(),
        "invoices": invoices.map(invoice).collect::<Vec<_>>(),
        "payments": payments.map(|one| payment(tenant, one)).collect::<Vec<_>>(),
        "usage": [],
    }))
}

fn subscription(one: &Subscription) -> Value {
    json!({
        "id": one.id,
        "subscriptionNumber": one.number,
        "status": one.status(),
        "subscriptionStartDate": one.start.to_string(),
        "termType": if one.term_end.is_some() { "TERMED" } else { "EVERGREEN" },
        "termStartDate": one.start.to_string(),
        "termEndDate": one.term_end.map(|day| day.to_string()),
        "autoRenew": one.auto_renew,
    })
}

fn invoice(one: &Invoice) -> Value {
    json!({
        "id": one.id,
        "invoiceNumber": one.number,
        "amount": number(one.amount.amount()),
        "balance": number(one.balance.amount()),
        "invoiceDate": one.invoice_date.to_string(),
        "dueDate": one.due_date.to_string(),
        "status": one.status(),
    })
}

fn payment(tenant: &Tenant, one: &Payment) -> Value {
    let part = |part: &Applied| {
        let paid = tenant.invoices.get(&part.invoice);
        json!({
            "invoiceId": part.invoice,
            "invoiceNumber": paid.map(|paid| &paid.number),
            "appliedPaymentAmount": number(part.amount.amount()),
        })
    };
    json!({
        "id": one.id,
        "paymentNumber": one.number,
        "paymentType": if one.electronic { "Electronic" } else { "External" },
        "paidInvoices": one.applied.iter().map(part).collect::<Vec<_>>(),
        "effectiveDate": one.effective.to_string(),
        "status": one.status(),
    })
}
