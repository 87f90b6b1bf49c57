//! Credit memos: what a bill run makes when more is given back than asked.
//! Refuses to be written by hand; that comes with refunds.

use jiff::Timestamp;
use jiff::civil::Date;
use rating::{Currency, Money};
use serde_json::{Value, json};

use crate::account::Account;
use crate::call::{Call, with_next};
use crate::error::Refusal;
use crate::ids::Series;
use crate::invoice::{Billing, InvoiceItem};
use crate::json::number;
use crate::table::Row;
use crate::tenant::Tenant;

#[derive(Debug, Clone)]
pub(crate) struct CreditMemo {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) account: String,
    pub(crate) currency: Currency,
    pub(crate) order: Option<String>,
    pub(crate) posted: bool,
    pub(crate) memo_date: Date,
    pub(crate) target_date: Date,
    pub(crate) amount: Money,
    pub(crate) unapplied: Money,
    pub(crate) items: Vec<InvoiceItem>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

impl Row for CreditMemo {
    fn id(&self) -> &str {
        &self.id
    }
    fn number(&self) -> &str {
        &self.number
    }
    fn account(&self) -> &str {
        &self.account
    }
}

/// A memo over lines whose amounts were already turned positive.
pub(crate) fn new(
    tenant: &mut Tenant,
    account: &Account,
    (amount, items): (Money, Vec<InvoiceItem>),
    billing: &Billing,
) -> CreditMemo {
    CreditMemo {
        id: tenant.ids.id(),
        number: tenant.ids.number(Series::CreditMemo),
        account: account.id.clone(),
        currency: account.currency,
        order: billing.order.clone(),
        posted: billing.post,
        memo_date: billing.document_date,
        target_date: billing.target_date,
        amount,
        unapplied: amount,
        items,
        created: billing.now,
        updated: billing.now,
    }
}

/// What an account still has to its credit.
pub(crate) fn unapplied(tenant: &Tenant, account: &Account) -> Result<Money, Refusal> {
    let memos = tenant.credit_memos.of_account(&account.id).map(|memo| memo.unapplied);
    Ok(Money::sum(account.currency, memos)?)
}

fn get<'t>(tenant: &'t Tenant, key: &str) -> Result<&'t CreditMemo, Refusal> {
    tenant.credit_memos.get(key).ok_or_else(|| Refusal::not_found(key))
}

impl CreditMemo {
    pub(crate) fn status(&self) -> &'static str {
        if self.posted { "Posted" } else { "Draft" }
    }
}

/// `GET /v1/credit-memos/{credit-memo-key}`
pub(crate) fn view(call: &mut Call) -> Result<Value, Refusal> {
    let memo = get(call.tenant, call.key(0))?;
    let zero = number(Money::zero(memo.currency).amount());
    Ok(json!({
        "id": memo.id,
        "number": memo.number,
        "accountId": memo.account,
        "amount": number(memo.amount.amount()),
        "appliedAmount": zero,
        "unappliedAmount": number(memo.unapplied.amount()),
        "refundAmount": zero,
        "taxAmount": zero,
        "creditMemoDate": memo.memo_date.to_string(),
        "targetDate": memo.target_date.to_string(),
        "currency": memo.currency.code(),
        "status": memo.status(),
        "source": if memo.order.is_some() { "API" } else { "BillRun" },
        "sourceId": memo.order,
        "sourceType": "Subscription",
        "createdDate": call.tenant.local(memo.created),
        "updatedDate": call.tenant.local(memo.updated),
    }))
}

/// `GET /v1/credit-memos/{credit-memo-key}/items`
pub(crate) fn items(call: &mut Call) -> Result<Value, Refusal> {
    let memo = get(call.tenant, call.key(0))?;
    let (items, next) = call.page(memo.items.iter().collect())?;
    let one = |item: &InvoiceItem| {
        let rated = &item.line.item;
        json!({
            "id": item.id,
            "subscriptionId": item.line.subscription,
            "amount": number(rated.amount.amount()),
            "amountWithoutTax": number(rated.amount.amount()),
            "unappliedAmount": number(rated.amount.amount()),
            "quantity": number(rated.quantity),
            "unitPrice": number(rated.unit_price),
            "unitOfMeasure": item.line.uom,
            "skuName": item.line.charge_name,
            "serviceStartDate": rated.period.start.to_string(),
            "serviceEndDate": rated.period.last_day().map(|day| day.to_string()).ok(),
            "processingType": "Charge",
            "sourceItemType": "SubscriptionComponent",
        })
    };
    let shown: Vec<Value> = items.into_iter().map(one).collect();
    Ok(with_next(json!({ "items": shown }), next))
}
