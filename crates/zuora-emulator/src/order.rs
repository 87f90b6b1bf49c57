//! Orders: all or nothing, from the account through billing to the payment.
//! Refuses to leave a trace of an order that failed, and a number that is taken, at the start and again at the commit.

mod action;
mod preview;
mod read;
pub(crate) mod view;

use jiff::Timestamp;
use jiff::civil::Date;
use rating::Money;
use serde_json::Value;

use crate::account::{self, Account};
use crate::billing;
use crate::call::Call;
use crate::callout::Event;
use crate::error::Refusal;
use crate::ids::Series;
use crate::invoice::{self, Billing, Document, Invoice};
use crate::json::{Custom, Fields};
use crate::payment::{self, Applied, Payment};
use crate::payment_method::{self, PaymentMethod};
use crate::subscription::Subscription;
use crate::table::Row;
use crate::tenant::Tenant;
use action::Context;
pub(crate) use preview::preview;
use read::SubscriptionAsked;

#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) account: String,
    pub(crate) order_date: Date,
    pub(crate) description: Option<String>,
    pub(crate) category: String,
    pub(crate) custom: Custom,
    pub(crate) subscriptions: Vec<OrderSubscription>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

/// What an order did to one subscription, action by action as it came.
#[derive(Debug, Clone)]
pub(crate) struct OrderSubscription {
    pub(crate) number: String,
    pub(crate) base_version: u32,
    pub(crate) new_version: u32,
    pub(crate) actions: Vec<(&'static str, Value)>,
}

impl Row for Order {
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

/// `processingOptions` of an order.
#[derive(Debug, Default)]
struct Processing {
    run_billing: bool,
    collect: bool,
    allow_payment_failure: bool,
    target_date: Option<Date>,
    document_date: Option<Date>,
    draft: bool,
    payment_method: Option<String>,
}

/// Everything an order would change, while it may still fail.
struct Draft {
    order: Order,
    account: Account,
    /// Whether the account is made by this order, and with which payment method.
    new_account: Option<Option<PaymentMethod>>,
    /// The versions made, grouped by subscription, oldest first.
    versions: Vec<Vec<Subscription>>,
    documents: Vec<Document>,
    payment: Option<Payment>,
}

/// `POST /v1/orders`
pub(crate) fn create(call: &mut Call) -> Result<Value, Refusal> {
    let ids = call.tenant.ids.clone();
    let draft = draft(call).and_then(|draft| {
        // The number was free at the start; a late commit may have taken it since.
        check_number_free(call.tenant, &draft.order.number)?;
        Ok(draft)
    });
    match draft {
        Ok(draft) => commit(call, draft),
        Err(refusal) => {
            call.tenant.ids = ids;
            Err(refusal)
        }
    }
}

/// Refuses an order number that another order has, unless the tenant is told to take both.
pub(crate) fn check_number_free(tenant: &Tenant, number: &str) -> Result<(), Refusal> {
    if tenant.orders.has_number(number) && !tenant.duplicate_order_numbers {
        return Err(Refusal::rule(format!("The order number {number} is already in use.")));
    }
    Ok(())
}

fn draft(call: &mut Call) -> Result<Draft, Refusal> {
    let body = std::mem::take(&mut call.body);
    let mut fields = Fields::of_body(&body)?;
    let order_date = fields.date("orderDate")?;
    let number = match fields.maybe_text("orderNumber")?.filter(|number| !number.is_empty()) {
        Some(number) => {
            account::check_number("orderNumber", &number, read::NUMBER_LENGTH_MOST)?;
            check_number_free(call.tenant, &number)?;
            number
        }
        None => call.tenant.ids.number(Series::Order),
    };
    let (account, new_account) = read_account(call, &mut fields)?;
    let asked = read::subscriptions(&mut fields, order_date)?;
    let processing = read_processing(&mut fields)?;
    let order = Order {
        id: call.tenant.ids.id(),
        number,
        account: account.id.clone(),
        order_date,
        description: fields.maybe_text("description")?,
        category: fields.maybe_text("category")?.unwrap_or_else(|| "NewSales".to_owned()),
        custom: fields.nested_custom()?,
        subscriptions: Vec::new(),
        created: call.now,
        updated: call.now,
    };
    refuse_unsupported(&mut fields)?;
    fields.finish(&["reasonCode", "externallyManagedBy"])?;
    let raw = body.get("subscriptions").unwrap_or(&Value::Null);
    let mut draft =
        Draft { order, account, new_account, versions: Vec::new(), documents: Vec::new(), payment: None };
    apply(call, &mut draft, &asked, raw)?;
    if processing.run_billing {
        bill(call, &mut draft, &processing)?;
    }
    if processing.collect {
        collect(call, &mut draft, &processing)?;
    }
    Ok(draft)
}

/// Parts of an order that would change what is billed and are not emulated: better refused than ignored.
fn refuse_unsupported(fields: &mut Fields) -> Result<(), Refusal> {
    for name in ["orderLineItems", "commitments"] {
        if fields.raw(name).and_then(Value::as_array).is_some_and(|items| !items.is_empty()) {
            return Err(Refusal::invalid(name, "it is not emulated yet"));
        }
    }
    if fields.raw("schedulingOptions").is_some() {
        return Err(Refusal::invalid("schedulingOptions", "it is not emulated yet"));
    }
    match fields.maybe_text("status")?.as_deref() {
        None | Some("Completed") => Ok(()),
        Some(other) => {
            Err(Refusal::invalid("status", &format!("an order of status '{other}' is not emulated yet")))
        }
    }
}

type NewAccount = Option<Option<PaymentMethod>>;

fn read_account(call: &mut Call, fields: &mut Fields) -> Result<(Account, NewAccount), Refusal> {
    let number = fields.maybe_text("existingAccountNumber")?;
    let existing = number.or(fields.maybe_text("existingAccountId")?);
    match (existing, fields.maybe_object("newAccount")?) {
        (Some(_), Some(_)) => Err(Refusal::invalid(
            "newAccount",
            "an order is for an existing account or for a new one, not both",
        )),
        (Some(key), None) => Ok((account::get(call.tenant, &key)?.clone(), None)),
        (None, Some(mut new)) => {
            if !new.has("billCycleDay") {
                return Err(Refusal::missing(&new.path("billCycleDay")));
            }
            let mut account = account::read(call.tenant, &mut new, call.now)?;
            let method = payment_method::read_with_account(call, &mut account, &mut new)?;
            account::finish(new)?;
            Ok((account, Some(method)))
        }
        (None, None) => Err(Refusal::missing("existingAccountNumber")),
    }
}

fn read_processing(fields: &mut Fields) -> Result<Processing, Refusal> {
    let mut processing = Processing::default();
    let Some(mut options) = fields.maybe_object("processingOptions")? else { return Ok(processing) };
    processing.run_billing = options.flag("runBilling")?.unwrap_or(false);
    processing.collect = options.flag("collectPayment")?.unwrap_or(false);
    processing.allow_payment_failure = options.flag("allowPaymentFailure")?.unwrap_or(false);
    if let Some(mut billing) = options.maybe_object("billingOptions")? {
        processing.target_date = billing.maybe_date("targetDate")?;
        processing.document_date = billing.maybe_date("documentDate")?;
        processing.draft = billing.flag("generateDraftInvoice")?.unwrap_or(false);
        billing.finish(&["creditMemoReasonCode"])?;
    }
    if let Some(mut payment) = options.maybe_object("electronicPaymentOptions")? {
        processing.payment_method = payment.maybe_text("paymentMethodId")?;
        payment.finish(&["paymentGatewayId", "authTransactionId", "gatewayOrderId"])?;
    }
    if processing.collect && !processing.run_billing {
        return Err(Refusal::rule("collectPayment needs runBilling: there is nothing to collect."));
    }
    options.finish(&["applicationOrder", "applyCredit", "applyCreditBalance", "reAssociation"])?;
    Ok(processing)
}

/// Makes the new versions of every subscription that the order names.
fn apply(
    call: &mut Call,
    draft: &mut Draft,
    asked: &[SubscriptionAsked],
    raw: &Value,
) -> Result<(), Refusal> {
    let Draft { order, account, versions: all, .. } = draft;
    let mut context = Context {
        tenant: call.tenant,
        account,
        order: &order.number,
        order_date: order.order_date,
        now: order.created,
    };
    for (index, one) in asked.iter().enumerate() {
        let versions = action::versions(&mut context, one)?;
        let Some(last) = versions.last() else { continue };
        if all.iter().flatten().any(|other: &Subscription| other.number == last.number) {
            return Err(Refusal::rule(format!("The subscription {} is in the order twice.", last.number)));
        }
        let new_version = last.version;
        let raw_action = |at: usize| raw[index]["orderActions"][at].clone();
        let actions = one.actions.iter().enumerate().map(|(at, asked)| (asked.action.name(), raw_action(at)));
        order.subscriptions.push(OrderSubscription {
            number: last.number.clone(),
            base_version: versions.first().map_or(0, |first| first.version - 1),
            new_version,
            actions: actions.collect(),
        });
        all.push(versions);
    }
    Ok(())
}

fn bill(call: &mut Call, draft: &mut Draft, processing: &Processing) -> Result<(), Refusal> {
    let today = call.today();
    let billing = Billing {
        order: Some(draft.order.number.clone()),
        document_date: processing.document_date.unwrap_or(today),
        target_date: processing.target_date.unwrap_or(today),
        post: !processing.draft,
        now: call.now,
    };
    let mut together = Vec::new();
    let mut apart = Vec::new();
    for subscription in draft.versions.iter_mut().filter_map(|versions| versions.last_mut()) {
        let lines = billing::bill(subscription, billing.target_date, &call.tenant.rounding)?;
        if subscription.invoice_separately { apart.push(lines) } else { together.extend(lines) }
    }
    for lines in std::iter::once(together).chain(apart) {
        draft.documents.extend(invoice::document(call.tenant, &draft.account, lines, &billing)?);
    }
    Ok(())
}

/// Collects what was billed; a decline undoes the whole order unless that is allowed for.
fn collect(call: &mut Call, draft: &mut Draft, processing: &Processing) -> Result<(), Refusal> {
    let invoices: Vec<&Invoice> = draft.documents.iter().filter_map(Document::posted_invoice).collect();
    let amount = Money::sum(draft.account.currency, invoices.iter().map(|invoice| invoice.balance))?;
    if amount.minor == 0 {
        return Ok(());
    }
    let method = match &draft.new_account {
        Some(Some(method)) => method.clone(),
        _ => payment::method_for(call.tenant, &draft.account, processing.payment_method.as_deref())?,
    };
    let today = call.today();
    let mut payment = Payment::new(call.tenant, &draft.account, (amount, today), call.now).through(&method);
    if let Some(verdict) = payment.verdict.filter(|verdict| !verdict.approved) {
        if !processing.allow_payment_failure {
            return Err(payment::declined(verdict));
        }
    } else {
        let part = |invoice: &&Invoice| Applied { invoice: invoice.id.clone(), amount: invoice.balance };
        payment.applied = invoices.iter().map(part).collect();
    }
    draft.payment = Some(payment);
    Ok(())
}

/// Writes everything at once; from here on nothing may fail but arithmetic that was done before.
fn commit(call: &mut Call, draft: Draft) -> Result<Value, Refusal> {
    let answer = view::created(call, &draft);
    let tenant = &mut *call.tenant;
    if let Some(method) = draft.new_account {
        tenant.accounts.insert(draft.account.clone());
        method.into_iter().for_each(|method| tenant.payment_methods.insert(method));
    }
    for subscription in draft.versions.into_iter().flatten() {
        if let Some(superseded) = tenant.subscriptions.get_mut(&subscription.number) {
            superseded.updated = call.now;
        }
        tenant.subscriptions.insert(subscription);
    }
    draft.documents.into_iter().for_each(|document| invoice::book(tenant, document));
    if let Some(payment) = draft.payment {
        payment::book(tenant, payment)?;
    }
    tenant.events.push(Event::order_processed(&draft.order));
    tenant.events.extend(Event::order_actions_processed(&draft.order));
    tenant.orders.insert(draft.order);
    Ok(answer)
}
