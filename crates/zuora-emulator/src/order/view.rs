//! How orders are shown: the answer to one, and reading them back.
//! Refuses ids in the answer unless `returnIds=true`, as Zuora does.

use serde_json::{Map, Value, json};

use super::{Draft, Order, OrderSubscription};
use crate::account;
use crate::call::{Call, with_next};
use crate::catalog::Catalog;
use crate::error::Refusal;
use crate::invoice::Document;
use crate::subscription::Subscription;
use crate::tenant::Tenant;
use crate::version::Version;

/// The answer to `POST /v1/orders`, before the draft becomes part of the books.
pub(super) fn created(call: &Call, draft: &Draft) -> Value {
    let mut body = Map::new();
    body.insert("orderNumber".into(), json!(draft.order.number));
    body.insert("accountNumber".into(), json!(draft.account.number));
    body.insert("status".into(), json!("Completed"));
    let latest: Vec<&Subscription> = draft.versions.iter().filter_map(|versions| versions.last()).collect();
    if call.version < Version::SUBSCRIPTIONS_AS_OBJECTS {
        let numbers: Vec<&str> = latest.iter().map(|one| one.number.as_str()).collect();
        body.insert("subscriptionNumbers".into(), json!(numbers));
    } else {
        let one = |subscription: &&Subscription| {
            json!({
                "subscriptionNumber": subscription.number,
                "subscriptionOwnerId": subscription.account,
                "subscriptionOwnerNumber": owner_number(call.tenant, draft, subscription),
                "status": subscription.status(),
            })
        };
        body.insert("subscriptions".into(), latest.iter().map(one).collect());
    }
    let with_ids = call.param("returnIds") == Some("true");
    if with_ids {
        body.insert("orderId".into(), json!(draft.order.id));
        body.insert("accountId".into(), json!(draft.account.id));
        let ids: Vec<&str> = latest.iter().map(|one| one.id.as_str()).collect();
        body.insert("subscriptionIds".into(), json!(ids));
    }
    billed(draft, with_ids, &mut body);
    paid(draft, with_ids, &mut body);
    Value::Object(body)
}

fn owner_number(tenant: &Tenant, draft: &Draft, subscription: &Subscription) -> String {
    if subscription.account == draft.account.id {
        return draft.account.number.clone();
    }
    tenant.accounts.get(&subscription.account).map(|owner| owner.number.clone()).unwrap_or_default()
}

fn billed(draft: &Draft, with_ids: bool, body: &mut Map<String, Value>) {
    let (mut invoices, mut memos) = (Vec::new(), Vec::new());
    for document in &draft.documents {
        match document {
            Document::Invoice(invoice) => invoices.push((&invoice.number, &invoice.id)),
            Document::CreditMemo(memo) => memos.push((&memo.number, &memo.id)),
        }
    }
    let kinds = [("invoiceNumbers", "invoiceIds", invoices), ("creditMemoNumbers", "creditMemoIds", memos)];
    for (numbers, ids, documents) in kinds.into_iter().filter(|(.., documents)| !documents.is_empty()) {
        body.insert(numbers.into(), documents.iter().map(|(number, _)| json!(number)).collect());
        if with_ids {
            body.insert(ids.into(), documents.iter().map(|(_, id)| json!(id)).collect());
        }
    }
}

fn paid(draft: &Draft, with_ids: bool, body: &mut Map<String, Value>) {
    let Some(payment) = &draft.payment else { return };
    body.insert("paymentNumber".into(), json!(payment.number));
    body.insert("paymentStatus".into(), json!(payment.status()));
    if with_ids {
        body.insert("paymentId".into(), json!(payment.id));
    }
    match payment.verdict.filter(|verdict| !verdict.approved) {
        Some(verdict) => {
            body.insert("paymentErrorCode".into(), json!(verdict.code));
            body.insert("paymentErrorMessage".into(), json!(verdict.text));
        }
        // The one amount that Zuora's documentation prints as text.
        None => drop(body.insert("paidAmount".into(), json!(payment.amount.to_string()))),
    }
}

fn shown(tenant: &Tenant, order: &Order) -> Value {
    let account = tenant.accounts.get(&order.account);
    let one = |part: &OrderSubscription| {
        let version =
            tenant.subscriptions.with_number(&part.number).find(|one| one.version == part.new_version);
        let actions = part.actions.iter().enumerate().map(|(index, (name, raw))| {
            let mut action = raw.clone();
            respell(&mut action, &tenant.catalog);
            action["sequence"] = json!(index);
            action["type"] = json!(name);
            action
        });
        json!({
            "sequence": 0,
            "subscriptionNumber": part.number,
            "subscriptionOwnerAccountNumber": account.map(|account| &account.number),
            "baseVersion": part.base_version,
            "newVersion": part.new_version,
            "customFields": version.map(|version| &version.custom),
            "orderActions": actions.collect::<Vec<_>>(),
        })
    };
    json!({
        "orderNumber": order.number,
        "orderDate": order.order_date.to_string(),
        "status": "Completed",
        "category": order.category,
        "description": order.description,
        "currency": account.map(|account| account.currency.code()),
        "existingAccountNumber": account.map(|account| &account.number),
        "existingAccountDetails": account.map(|account| json!({"basicInfo": account::basic_info(account)})),
        "customFields": order.custom,
        "createdDate": tenant.local(order.created),
        "updatedDate": tenant.local(order.updated),
        "orderLineItems": [],
        "subscriptions": order.subscriptions.iter().map(one).collect::<Vec<_>>(),
    })
}

/// The two places of an action in which a plan has overrides.
const NEW_PLANS: &str = "/createSubscription/subscribeToRatePlans";
const ADDED_PLAN: &str = "/addProduct";

/// Reading an order back, Zuora names the charge of an override by its id, in a field that it spells with a small `p`.
fn respell(action: &mut Value, catalog: &Catalog) {
    let new = action.pointer_mut(NEW_PLANS).and_then(Value::as_array_mut);
    new.into_iter().flatten().for_each(|plan| respell_plan(plan, catalog));
    action.pointer_mut(ADDED_PLAN).into_iter().for_each(|plan| respell_plan(plan, catalog));
}

fn respell_plan(plan: &mut Value, catalog: &Catalog) {
    let overrides = plan.get_mut("chargeOverrides").and_then(Value::as_array_mut);
    for one in overrides.into_iter().flatten().filter_map(Value::as_object_mut) {
        let asked = one.remove("productRatePlanChargeId").filter(|id| !id.is_null());
        let number = one.get("productRatePlanChargeNumber").and_then(Value::as_str);
        let by_number = || catalog.charges.values().find(|charge| Some(charge.number.as_str()) == number);
        if let Some(id) = asked.or_else(|| by_number().map(|charge| json!(charge.id))) {
            one.insert("productRateplanChargeId".to_owned(), id);
        }
    }
}

fn page(call: &Call, orders: Vec<&Order>) -> Result<Value, Refusal> {
    let (orders, next) = call.page(orders)?;
    let shown: Vec<Value> = orders.into_iter().map(|order| shown(call.tenant, order)).collect();
    Ok(with_next(json!({ "orders": shown }), next))
}

/// `GET /v1/orders/{orderNumber}`
pub(crate) fn view(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.key(0);
    let order = call.tenant.orders.get(key).ok_or_else(|| Refusal::not_found(key))?;
    Ok(json!({ "order": shown(call.tenant, order) }))
}

/// `GET /v1/orders`, latest first
pub(crate) fn list(call: &mut Call) -> Result<Value, Refusal> {
    page(call, call.tenant.orders.iter().rev().collect())
}

/// `GET /v1/orders/subscription/{subscriptionNumber}`
pub(crate) fn of_subscription(call: &mut Call) -> Result<Value, Refusal> {
    let number = call.key(0);
    let subscription = call.tenant.subscriptions.get(number).ok_or_else(|| Refusal::not_found(number))?;
    let touches = |order: &&Order| order.subscriptions.iter().any(|part| part.number == subscription.number);
    page(call, call.tenant.orders.of_account(&subscription.invoice_account).rev().filter(touches).collect())
}

/// `GET /v1/orders/subscriptionOwner/{accountNumber}` and `GET /v1/orders/invoiceOwner/{accountNumber}`
pub(crate) fn of_account(call: &mut Call) -> Result<Value, Refusal> {
    let account = account::get(call.tenant, call.key(0))?;
    page(call, call.tenant.orders.of_account(&account.id).rev().collect())
}
