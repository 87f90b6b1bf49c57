//! Invoices and their items, and the documents that a bill run makes.
//! Refuses an invoice below zero: that becomes a credit memo.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rating::{Currency, Money};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::account::{self, Account};
use crate::billing::{self, Line};
use crate::call::{Call, with_next};
use crate::callout::Event;
use crate::credit_memo::{self, CreditMemo};
use crate::error::Refusal;
use crate::ids::Series;
use crate::json::{Fields, number};
use crate::subscription::Subscription;
use crate::table::Row;
use crate::tenant::Tenant;

#[derive(Debug, Clone)]
pub(crate) struct Invoice {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) account: String,
    pub(crate) currency: Currency,
    /// The number of the order that caused it, if one did.
    pub(crate) order: Option<String>,
    pub(crate) posted: bool,
    pub(crate) invoice_date: Date,
    pub(crate) due_date: Date,
    pub(crate) target_date: Date,
    pub(crate) amount: Money,
    pub(crate) balance: Money,
    pub(crate) items: Vec<InvoiceItem>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

#[derive(Debug, Clone)]
pub(crate) struct InvoiceItem {
    pub(crate) id: String,
    pub(crate) line: Line,
}

impl Row for Invoice {
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

/// What billing made, not yet part of the books.
#[derive(Debug, Clone)]
pub(crate) enum Document {
    Invoice(Invoice),
    CreditMemo(CreditMemo),
}

impl Document {
    /// The invoice in it, if it is one that may be paid.
    pub(crate) fn posted_invoice(&self) -> Option<&Invoice> {
        match self {
            Document::Invoice(invoice) if invoice.posted => Some(invoice),
            Document::Invoice(_) | Document::CreditMemo(_) => None,
        }
    }
}

/// What a document needs to know beside its lines.
#[derive(Debug, Clone)]
pub(crate) struct Billing {
    pub(crate) order: Option<String>,
    pub(crate) document_date: Date,
    pub(crate) target_date: Date,
    pub(crate) post: bool,
    pub(crate) now: Timestamp,
}

/// Puts the lines of one account on one document: an invoice, or a credit memo if they sum to less than zero.
pub(crate) fn document(
    tenant: &mut Tenant,
    account: &Account,
    lines: Vec<Line>,
    billing: &Billing,
) -> Result<Option<Document>, Refusal> {
    if lines.is_empty() {
        return Ok(None);
    }
    let amount = Money::sum(account.currency, lines.iter().map(|line| line.item.amount))?;
    let item = |tenant: &mut Tenant, line| InvoiceItem { id: tenant.ids.id(), line };
    if amount.minor < 0 {
        let mut items = Vec::with_capacity(lines.len());
        for mut line in lines {
            line.item = line.item.negated()?;
            items.push(item(tenant, line));
        }
        let amount = amount.negated()?;
        return Ok(Some(Document::CreditMemo(credit_memo::new(tenant, account, (amount, items), billing))));
    }
    let items = lines.into_iter().map(|line| item(tenant, line)).collect();
    Ok(Some(Document::Invoice(Invoice {
        id: tenant.ids.id(),
        number: tenant.ids.number(Series::Invoice),
        account: account.id.clone(),
        currency: account.currency,
        order: billing.order.clone(),
        posted: billing.post,
        invoice_date: billing.document_date,
        due_date: due_date(&account.payment_term, billing.document_date),
        target_date: billing.target_date,
        amount,
        balance: amount,
        items,
        created: billing.now,
        updated: billing.now,
    })))
}

/// The day by which a term of payment wants the money: `Net 30` is 30 days on, anything else is at once.
fn due_date(term: &str, from: Date) -> Date {
    let days = term.strip_prefix("Net ").and_then(|days| days.trim().parse::<i64>().ok()).unwrap_or(0);
    let span = jiff::Span::new().try_days(days);
    span.and_then(|span| from.checked_add(span)).unwrap_or(from)
}

/// Makes a document part of the books.
pub(crate) fn book(tenant: &mut Tenant, document: Document) {
    match document {
        Document::Invoice(invoice) => {
            if invoice.posted {
                tenant.events.push(Event::invoice_posted(&invoice));
            }
            tenant.invoices.insert(invoice);
        }
        Document::CreditMemo(memo) => tenant.credit_memos.insert(memo),
    }
}

/// The invoice with this id or number.
pub(crate) fn get<'t>(tenant: &'t Tenant, key: &str) -> Result<&'t Invoice, Refusal> {
    tenant.invoices.get(key).ok_or_else(|| Refusal::not_found(key))
}

impl Invoice {
    pub(crate) fn status(&self) -> &'static str {
        if self.posted { "Posted" } else { "Draft" }
    }

    fn includes(&self, charge_type: &str) -> bool {
        self.items.iter().any(|item| item.line.charge_type == charge_type)
    }

    pub(crate) fn paid(&self) -> Decimal {
        self.amount.amount() - self.balance.amount()
    }

    fn shown(&self, tenant: &Tenant) -> Value {
        let zero = number(Money::zero(self.currency).amount());
        json!({
            "id": self.id,
            "invoiceNumber": self.number,
            "accountId": self.account,
            "amount": number(self.amount.amount()),
            "amountWithoutTax": number(self.amount.amount()),
            "taxAmount": zero,
            "balance": number(self.balance.amount()),
            "paymentAmount": number(self.paid()),
            "refundAmount": zero,
            "creditMemoAmount": zero,
            "discount": zero,
            "invoiceDate": self.invoice_date.to_string(),
            "dueDate": self.due_date.to_string(),
            "targetDate": self.target_date.to_string(),
            "postedDate": self.posted.then(|| tenant.date(self.created).to_string()),
            "status": self.status(),
            "source": if self.order.is_some() { "API" } else { "BillRun" },
            "sourceId": self.order,
            "sourceType": "Subscription",
            "currency": self.currency.code(),
            "billRunId": null,
            "comments": null,
            "createdDate": tenant.local(self.created),
            "updatedDate": tenant.local(self.updated),
            "includesOneTime": self.includes("OneTime"),
            "includesRecurring": self.includes("Recurring"),
            "includesUsage": false,
            "transferredToAccounting": "No",
        })
    }
}

impl InvoiceItem {
    pub(crate) fn shown(&self, tenant: &Tenant, currency: Currency) -> Value {
        let Line { item, .. } = &self.line;
        let (product, sku) = billing::product_name(tenant, &self.line.product_rate_plan);
        let amount = number(item.amount.amount());
        json!({
            "id": self.id,
            "subscriptionName": self.line.subscription_number,
            "subscriptionId": self.line.subscription,
            "chargeId": self.line.charge,
            "chargeName": self.line.charge_name,
            "chargeAmount": amount,
            "chargeType": self.line.charge_type,
            "productRatePlanChargeId": self.line.product_rate_plan_charge,
            "quantity": number(item.quantity),
            "unitPrice": number(item.unit_price),
            "unitOfMeasure": self.line.uom,
            "serviceStartDate": item.period.start.to_string(),
            "serviceEndDate": item.period.last_day().map(|day| day.to_string()).ok(),
            "processingType": "Charge",
            "taxAmount": number(Money::zero(currency).amount()),
            "balance": amount,
            "availableToCreditAmount": amount,
            "sku": sku,
            "productName": product,
            "itemType": "Charge",
            "appliedToItemId": null,
            "taxationItems": {"data": []},
        })
    }
}

/// `GET /v1/invoices/{invoice-key}`
pub(crate) fn view(call: &mut Call) -> Result<Value, Refusal> {
    Ok(get(call.tenant, call.key(0))?.shown(call.tenant))
}

/// `GET /v1/invoices/{invoice-key}/items`
pub(crate) fn items(call: &mut Call) -> Result<Value, Refusal> {
    let invoice = get(call.tenant, call.key(0))?;
    let (items, next) = call.page(invoice.items.iter().collect())?;
    let shown: Vec<Value> = items.into_iter().map(|item| item.shown(call.tenant, invoice.currency)).collect();
    Ok(with_next(json!({ "invoiceItems": shown }), next))
}

/// `POST /v1/accounts/{account-key}/billing-documents/generate`
pub(crate) fn generate(call: &mut Call) -> Result<Value, Refusal> {
    let account = account::get(call.tenant, call.key(0))?.clone();
    let mut fields = Fields::of_body(&call.body)?;
    let billing = Billing {
        order: None,
        document_date: fields.date("effectiveDate")?,
        target_date: fields.date("targetDate")?,
        post: fields.flag("autoPost")?.unwrap_or(false),
        now: call.now,
    };
    let only = fields.raw("subscriptionIds").and_then(Value::as_array).cloned();
    fields.finish(&["autoRenew", "chargeTypeToExclude", "creditMemoReasonCode"])?;
    let asked =
        |one: &Subscription| only.as_ref().is_none_or(|ids| ids.iter().any(|id| id == one.id.as_str()));
    let mine = call.tenant.subscriptions.iter().filter(|one| one.invoice_account == account.id);
    let latest: BTreeMap<&str, &Subscription> = mine.map(|one| (one.number.as_str(), one)).collect();
    let mut billed: Vec<Subscription> = latest.into_values().filter(|one| asked(one)).cloned().collect();
    let mut lines = Vec::new();
    for subscription in &mut billed {
        lines.extend(billing::bill(subscription, billing.target_date, &call.tenant.rounding)?);
    }
    let document = document(call.tenant, &account, lines, &billing)?;
    let answer = match &document {
        Some(Document::Invoice(invoice)) => json!({"invoices": [{"id": invoice.id}], "creditMemos": []}),
        Some(Document::CreditMemo(memo)) => json!({"invoices": [], "creditMemos": [{"id": memo.id}]}),
        None => json!({"invoices": [], "creditMemos": []}),
    };
    document.into_iter().for_each(|document| book(call.tenant, document));
    for subscription in billed {
        if let Some(row) = call.tenant.subscriptions.get_mut(&subscription.id) {
            *row = subscription;
        }
    }
    Ok(answer)
}
