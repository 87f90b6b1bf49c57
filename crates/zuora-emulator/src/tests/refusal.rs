//! What Zuora would refuse: by version, by field, by limit.

use serde_json::{Value, json};

use super::desk::{Desk, new_subscription};
use crate::{Limits, Method, Settings, seed};

#[test]
fn a_call_without_a_live_token_is_refused_in_every_version() {
    let mut desk = Desk::demo();
    for version in ["", "2025-08-12"] {
        desk.version = version;
        let answer = desk.call(
            Method::GET,
            "/v1/accounts/N-1",
            &Value::Null,
            &[("apiaccesskeyid", "x"), ("apisecretaccesskey", "y")],
        );
        assert_eq!((answer.status.as_u16(), &answer.body["reasons"][0]["code"]), (401, &json!(90_000_011)));
        assert!(answer.header("www-authenticate").contains("Bearer realm="));
    }
    desk.pass(3_599);
    assert_eq!(desk.get("/v1/catalog/products").status.as_u16(), 401, "the token has expired");
    desk.sign_in();
    desk.get("/v1/catalog/products").ok();
}

#[test]
fn the_same_failure_has_a_200_before_2024_and_its_own_status_since() {
    let mut desk = Desk::demo();
    for (version, status) in [("", 200), ("341.0", 200), ("2024-05-20", 404), ("2025-08-12", 404)] {
        desk.version = version;
        let answer = desk.get("/v1/accounts/N-404");
        assert_eq!(answer.status.as_u16(), status, "{version}");
        assert_eq!(
            answer.body["reasons"][0],
            json!({"code": 50_000_040, "message": "Cannot find entity by key: 'N-404'."})
        );
        assert_eq!(answer.body["success"], false);
        assert_eq!(answer.body["processId"].as_str().unwrap().len(), 16);
    }
}

#[test]
fn unknown_paths_and_methods_have_their_true_status() {
    let mut desk = Desk::demo();
    desk.version = "";
    assert_eq!(desk.get("/v1/nothing/here").status.as_u16(), 404);
    let answer = desk.call(Method::DELETE, "/v1/orders", &Value::Null, &[]);
    assert_eq!((answer.status.as_u16(), answer.refusal().0), (405, 45));
}

const ACTION: &str = "/subscriptions/0/orderActions/0";
const PLAN: &str = "/subscriptions/0/orderActions/0/createSubscription/subscribeToRatePlans/0";

/// Where an order is spoiled, with what, and the category and words that say so.
fn bad_fields() -> Vec<(String, Value, u64, &'static str)> {
    vec![
        ("/orderDate".into(), Value::Null, 22, "'orderDate'"),
        ("/orderDate".into(), json!("2026-13-01"), 20, "'orderDate'"),
        ("/orderDate".into(), json!("2026-3-1"), 20, "'orderDate'"),
        ("/orderNumber".into(), json!("A/B"), 20, "'orderNumber'"),
        ("/orderNumber".into(), json!("x".repeat(101)), 20, "'orderNumber'"),
        ("/orderNumber".into(), json!(7), 20, "'orderNumber'"),
        ("/existingAccountNumber".into(), Value::Null, 22, "'existingAccountNumber'"),
        ("/existingAccountNumber".into(), json!("N-9"), 40, "'N-9'"),
        ("/subscriptions".into(), json!([]), 22, "'subscriptions'"),
        ("/subscriptions/0/subscriptionNumber".into(), json!("S?1"), 20, "subscriptionNumber"),
        ("/subscriptions/0/orderActions".into(), json!([]), 22, "orderActions"),
        (
            "/processingOptions/collectPayment".into(),
            json!("maybe"),
            20,
            "'processingOptions.collectPayment'",
        ),
        (format!("{ACTION}/type"), json!("Frobnicate"), 20, "'subscriptions[0].orderActions[0].type'"),
        (format!("{ACTION}/type"), json!("RenewSubscription"), 20, "not emulated yet"),
        (format!("{ACTION}/createSubscription/terms"), Value::Null, 22, "createSubscription.terms'"),
        (
            format!("{ACTION}/createSubscription/terms/initialTerm/period"),
            json!(0),
            20,
            "initialTerm.period'",
        ),
        (
            format!("{ACTION}/createSubscription/terms/initialTerm/periodType"),
            json!("Moon"),
            20,
            "periodType'",
        ),
        (format!("{PLAN}/productRatePlanNumber"), json!("PRP-9"), 40, "PRP-9"),
        (
            format!("{PLAN}/chargeOverrides/0/productRatePlanChargeNumber"),
            json!("PRPC-00000002"),
            20,
            "does not belong",
        ),
        (
            format!("{PLAN}/chargeOverrides/0/pricing/recurringPerUnit/quantity"),
            json!(-1),
            20,
            "recurringPerUnit.quantity'",
        ),
        (
            format!("{PLAN}/chargeOverrides/0/pricing/recurringPerUnit/quantity"),
            json!("many"),
            20,
            "quantity'",
        ),
        (
            format!("{PLAN}/chargeOverrides/0/pricing"),
            json!({"recurringFlatFee": {"listPrice": 1}}),
            20,
            "takes 'recurringPerUnit'",
        ),
    ]
}

#[test]
fn every_bad_order_is_refused_with_the_field_and_nothing_changes() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    let good = new_subscription("N-1", "PUR-1", "S-1", 10);
    for (pointer, value, category, text) in bad_fields() {
        let mut bad = good.clone();
        *bad.pointer_mut(&pointer).unwrap_or(&mut Value::Null) = value.clone();
        if bad.pointer(&pointer).is_none() {
            bad["processingOptions"]["collectPayment"] = value.clone();
        }
        let answer = desk.post("/v1/orders", &bad);
        let (found, message) = answer.refusal();
        assert_eq!(found, category, "{pointer} = {value}: {message}");
        assert!(message.contains(text), "{pointer} = {value}: {message}");
    }
    for pointer in ["", "/subscriptions/0", ACTION, PLAN] {
        let mut strange = good.clone();
        strange.pointer_mut(pointer).unwrap()["flavor"] = json!("mint");
        let (category, message) = desk.post("/v1/orders", &strange).refusal();
        assert!(category == 21 && message.contains("flavor"), "{pointer}: {message}");
    }
    let mut many = good.clone();
    many["subscriptions"] = json!(vec![good["subscriptions"][0].clone(); 51]);
    assert!(desk.post("/v1/orders", &many).refusal().1.contains("at most 50"));
    assert!(desk.emulator.books().accounts[0].orders.is_empty());
}

#[test]
fn a_body_that_is_not_json_is_malformed() {
    let mut desk = Desk::demo();
    let answer = desk.post("/v1/orders", &json!([1, 2]));
    assert_eq!((answer.status.as_u16(), answer.refusal().0), (400, 90));
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let request = ::http::Request::post("/v1/orders").body(bytes::Bytes::from(deep)).unwrap();
    assert_eq!(
        super::desk::answer_of(desk.emulator.handle(request, desk.now)).status.as_u16(),
        401,
        "strangers are not read"
    );
}

#[test]
fn answers_carry_ids_and_real_counters() {
    let mut desk = Desk::demo();
    let first = desk.call(Method::GET, "/v1/catalog/products", &Value::Null, &[("zuora-track-id", "t-1")]);
    assert_eq!((first.header("zuora-track-id"), first.header("zuora-request-id").len()), ("t-1", 36));
    assert_eq!(first.header("ratelimit-limit"), "50000, 50000;w=60, 2250000;w=3600, 27000000;w=86400");
    let left = |answer: &super::desk::Answer| answer.header("ratelimit-remaining").parse::<u64>().unwrap();
    let second = desk.get("/object-query/accounts");
    assert_eq!(left(&first) - left(&second), 1);
    assert_eq!(
        (second.header("concurrency-limit-type"), second.header("concurrency-limit-limit")),
        ("Object Query", "80")
    );
    let bad = desk.call(Method::GET, "/v1/catalog/products", &Value::Null, &[("zuora-track-id", "a:b")]);
    assert_eq!(bad.header("zuora-track-id"), "");
}

#[test]
fn limits_are_enforced_by_counting() {
    let limits = Limits { per_minute: 3, retry_after_s: 7, ..Limits::default() };
    let mut desk = Desk::new(Settings { limits, ..Settings::default() });
    let codes: Vec<u16> = (0..4).map(|_| desk.get("/v1/catalog/products").status.as_u16()).collect();
    assert_eq!(codes, [200, 200, 200, 429]);
    let refused = desk.get("/v1/catalog/products");
    assert_eq!((refused.refusal().0, refused.header("retry-after")), (70, "7"));
    desk.pass(60);
    desk.get("/v1/catalog/products").ok();

    let limits = Limits { concurrent: 1, ..Limits::default() };
    let latency = std::time::Duration::from_secs(1);
    let mut desk = Desk::new(Settings { limits, latency, ..Settings::default() });
    seed::demo(&mut desk.emulator, desk.now).unwrap();
    desk.get("/v1/catalog/products").ok();
    let second = desk.get("/v1/catalog/products");
    assert_eq!((second.status.as_u16(), &second.body["reasons"][0]["code"]), (429, &json!(50_000_070)));
    assert_eq!(second.header("retry-after"), "120");
    desk.get("/object-query/accounts").ok();
    desk.pass(1);
    desk.get("/v1/catalog/products").ok();
}
