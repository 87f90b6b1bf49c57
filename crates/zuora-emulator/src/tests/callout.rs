//! Callouts: who is told what, how often, and what history remembers.

use serde_json::{Value, json};

use super::desk::{Desk, new_subscription};
use crate::{Fault, FaultKind, Method, Outgoing};

fn define(desk: &mut Desk, event: &str) -> Value {
    let body = json!({
        "name": format!("tell Purser of {event}"),
        "eventTypeName": event,
        "eventTypeNamespace": "com.zuora.notification",
        "active": true,
        "calloutActive": true,
        "callout": {
            "name": "purser",
            "active": true,
            "calloutBaseurl": "http://127.0.0.1:1/callouts/zuora",
            "httpMethod": "POST",
            "calloutRetry": true,
            "requiredAuth": true,
            "calloutAuth": {"username": "zuora", "password": "s3cret", "preemptive": true},
            "calloutParams": {"Order": "<Order.OrderNumber>", "Account": "<Account.Id>", "Mine": "<Order.PurserId__c>"},
        },
    });
    desk.post("/notifications/notification-definitions", &body).ok()
}

fn ordered(faults: Vec<Fault>) -> Desk {
    let mut desk = Desk::demo();
    desk.account("N-1");
    define(&mut desk, "Order Processed");
    desk.emulator.set_faults(faults);
    desk.post("/v1/orders", &new_subscription("N-1", "PUR-1", "S-1", 10)).ok();
    desk
}

fn taken(desk: &mut Desk, seconds: i64) -> Vec<Outgoing> {
    desk.pass(seconds);
    desk.emulator.take_callouts(desk.now)
}

fn notification(callout: &Outgoing) -> &str {
    &callout.headers.iter().find(|(name, _)| name == "Zuora-Notification-Id").unwrap().1
}

#[test]
fn an_order_calls_out_with_its_merge_fields() {
    let mut desk = ordered(Vec::new());
    let callouts = taken(&mut desk, 1);
    assert_eq!(callouts.len(), 1, "only what is defined is called out");
    let body: Value = serde_json::from_slice(&callouts[0].body).unwrap();
    assert_eq!((&body["Order"], &body["Mine"]), (&json!("PUR-1"), &json!("id-PUR-1")));
    assert_eq!(body["Account"], desk.get("/v1/accounts/N-1").ok()["basicInfo"]["id"]);
    assert_eq!(callouts[0].auth.as_ref().map(|auth| auth.preemptive), Some(true));
    assert!(desk.emulator.take_callouts(desk.now).is_empty(), "it is in flight");
    desk.emulator.callout_answered(callouts[0].id, 200, desk.now);
    assert_eq!(desk.emulator.next_due(), None);
    let history = desk.get("/v1/notification-history/callout").ok()["calloutHistories"].clone();
    assert_eq!((&history[0]["responseCode"], &history[0]["attemptedNum"]), (&json!("200"), &json!(1)));
    assert_eq!(history[0]["eventContext"]["<Order.OrderNumber>"], "PUR-1");
}

#[test]
fn a_failed_callout_is_tried_three_times_half_an_hour_apart() {
    let mut desk = ordered(Vec::new());
    let mut seen = Vec::new();
    for seconds in [1, 1_800, 1_800] {
        let callouts = taken(&mut desk, seconds);
        assert_eq!(callouts.len(), 1);
        seen.push(notification(&callouts[0]).to_owned());
        desk.emulator.callout_answered(callouts[0].id, 503, desk.now);
        assert!(taken(&mut desk, 0).is_empty());
    }
    assert!(seen.iter().all(|id| *id == seen[0]), "one notification, one id");
    assert!(taken(&mut desk, 86_400).is_empty(), "then it is given up");
    desk.sign_in();
    let failed = desk.get("/v1/notification-history/callout?failedOnly=true").ok();
    assert_eq!(failed["calloutHistories"].as_array().unwrap().len(), 3);
}

#[test]
fn an_answer_that_zuora_does_not_retry_loses_the_callout() {
    for status in [400, 401, 404, 410, 422] {
        let mut desk = ordered(Vec::new());
        let callouts = taken(&mut desk, 1);
        desk.emulator.callout_answered(callouts[0].id, status, desk.now);
        assert_eq!(desk.emulator.next_due(), None, "{status}");
    }
    let mut desk = ordered(Vec::new());
    let callouts = taken(&mut desk, 1);
    desk.emulator.callout_answered(callouts[0].id, -1, desk.now);
    assert!(desk.emulator.next_due().is_some(), "no connection is retried");
}

#[test]
fn callouts_are_lost_doubled_late_and_reordered_on_demand() {
    assert!(taken(&mut ordered(vec![Fault::every(FaultKind::CalloutsLost)]), 86_400).is_empty());
    let doubled = taken(&mut ordered(vec![Fault::every(FaultKind::CalloutsDoubled)]), 1);
    assert_eq!(doubled.len(), 2);
    assert_eq!(notification(&doubled[0]), notification(&doubled[1]));
    let mut late = ordered(vec![Fault::every(FaultKind::CalloutsLate)]);
    assert!(taken(&mut late, 600).is_empty());
    assert_eq!(taken(&mut late, 1).len(), 1);

    let mut desk = ordered(vec![Fault::every(FaultKind::CalloutsReordered)]);
    for index in 2..12 {
        desk.pass(1);
        desk.post("/v1/orders", &new_subscription("N-1", &format!("PUR-{index}"), &format!("S-{index}"), 1))
            .ok();
    }
    let mut order = Vec::new();
    while let Some(due) = desk.emulator.next_due() {
        desk.now = desk.now.max(due);
        for callout in desk.emulator.take_callouts(desk.now) {
            order.push(serde_json::from_slice::<Value>(&callout.body).unwrap()["Order"].clone());
            desk.emulator.callout_answered(callout.id, 200, desk.now);
        }
    }
    assert_eq!(order.len(), 11);
    let mut sorted = order.clone();
    sorted.sort_by_key(|number| number.as_str().unwrap()[4..].parse::<u32>().unwrap());
    assert_ne!(order, sorted);
}

#[test]
fn definitions_are_listed_without_their_password_and_deleted() {
    let mut desk = Desk::demo();
    let made = define(&mut desk, "InvoicePosted");
    let id = made["id"].as_str().unwrap().to_owned();
    let listed = desk.get("/notifications/notification-definitions").ok();
    assert_eq!(listed["data"][0]["callout"]["calloutAuth"]["password"], "******");
    let path = format!("/notifications/notification-definitions/{id}");
    assert_eq!(desk.get(&path).ok()["eventTypeName"], "InvoicePosted");
    desk.call(Method::DELETE, &path, &Value::Null, &[]).ok();
    assert_eq!(desk.get(&path).status.as_u16(), 404);
    let no_url = json!({"name": "x", "eventTypeName": "y", "callout": {"httpMethod": "POST"}});
    let refused = desk.post("/notifications/notification-definitions", &no_url);
    assert_eq!((refused.status.as_u16(), refused.refusal().0), (400, 22));
}

#[test]
fn an_invoice_and_a_payment_call_out_too() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    for event in ["InvoicePosted", "PaymentProcessed", "OrderActionProcessed", "PaymentDeclined"] {
        define(&mut desk, event);
    }
    let method = json!({"type": "CreditCardReferenceTransaction", "accountKey": "N-1", "tokenId": "tok"});
    desk.post("/v1/payment-methods", &method).ok();
    let mut order = new_subscription("N-1", "PUR-1", "S-1", 10);
    order["processingOptions"]["collectPayment"] = json!(true);
    desk.post("/v1/orders", &order).ok();
    assert_eq!(taken(&mut desk, 1).len(), 3);
}
