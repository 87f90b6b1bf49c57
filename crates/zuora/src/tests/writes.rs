//! What goes out with a call, and what a failed write leaves to be known.

use jiff::civil::date;

use super::{Script, answer, header, key, ok, with_headers};
use crate::wire::{
    self, CancelSubscription, CancellationPolicy, CreateOrder, CreatePayment, OrderAction,
    OrderedSubscription, PaymentType,
};
use crate::{IdempotencyKey, Kind, Options, Retry, TransportError};

const CREATED: &str = r#"{"success":true,"orderNumber":"O-1","accountNumber":"A1","status":"Completed",
    "subscriptions":[{"subscriptionNumber":"S-1","status":"Active"}]}"#;

#[tokio::test]
async fn a_write_carries_version_key_entity_and_track_id() {
    let script = Script::with([ok(CREATED)]);
    let options = Options {
        entity_id: Some("entity-1".into()),
        track_id_prefix: Some("ours:".into()),
        ..Options::default()
    };
    script.client_with(options).order_create(r#"{"a":1}"#.into(), &key()).await.unwrap();
    let request = &script.asked()[1];
    assert_eq!((request.method.as_str(), request.path_and_query.as_str()), ("POST", "/v1/orders"));
    assert_eq!(header(request, "zuora-version"), Some("2025-08-12"));
    assert_eq!(header(request, "idempotency-key"), Some("job-1.1"));
    assert_eq!(header(request, "zuora-entity-ids"), Some("entity-1"));
    assert_eq!(header(request, "zuora-track-id"), Some("ours-job-1.1"));
    assert_eq!(header(request, "content-type"), Some("application/json"));
    assert_eq!(&request.body[..], br#"{"a":1}"#);
}

#[tokio::test]
async fn a_read_carries_no_key_and_no_content_type() {
    let script = Script::with([ok(
        r#"{"basicInfo":{"id":"a1","name":"Acme","accountNumber":"A 1/ö"},"success":true}"#,
    )]);
    script.client().account("A 1/ö").await.unwrap();
    let request = &script.asked()[1];
    assert_eq!(request.path_and_query, "/v1/accounts/A%201%2F%C3%B6");
    assert_eq!(header(request, "idempotency-key"), None);
    assert_eq!(header(request, "content-type"), None);
}

#[tokio::test]
async fn a_write_without_an_answer_is_unknown_and_one_that_never_left_is_not_sent() {
    for (error, kind, retry) in [
        (TransportError::NotSent("refused".into()), Kind::NotSent, Retry::NotSent),
        (TransportError::Unknown("reset".into()), Kind::NoAnswer, Retry::Unknown),
    ] {
        let script = Script::with([Err(error)]);
        let error = script.client().order_create("{}".into(), &key()).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (kind, retry));
        assert_eq!(script.asked().len(), 2, "the client does not try again by itself");
    }
}

#[tokio::test]
async fn a_success_that_cannot_be_read_may_have_been_done() {
    let script = Script::with([ok(r#"{"success":true,"orderNumber":7}"#)]);
    let error = script.client().order_create("{}".into(), &key()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Kind::Unreadable, Retry::Unknown));
}

#[tokio::test]
async fn an_answer_keeps_its_bytes_its_request_id_and_the_limits() {
    let script = Script::with([with_headers(
        ok(CREATED),
        &[
            ("zuora-request-id", "req-1"),
            ("ratelimit-remaining", "49999"),
            ("ratelimit-reset", "41"),
            ("concurrency-limit-remaining", "199"),
        ],
    )]);
    let answer = script.client().order_create("{}".into(), &key()).await.unwrap();
    assert_eq!(&answer.body[..], CREATED.as_bytes());
    assert_eq!((answer.status, answer.request_id.as_deref()), (200, Some("req-1")));
    assert_eq!(answer.limits.rate_remaining, Some(49_999));
    assert_eq!(answer.limits.rate_reset_s, Some(41));
    assert_eq!(answer.limits.concurrency_remaining, Some(199));
}

#[tokio::test]
async fn a_refusal_keeps_its_request_id() {
    let body = r#"{"success":false,"processId":"P","reasons":[{"code":58730020,"message":"wrong date"}]}"#;
    let script = Script::with([with_headers(answer(400, body), &[("zuora-request-id", "req-2")])]);
    let error = script.client().order_create("{}".into(), &key()).await.unwrap_err();
    assert_eq!(error.request_id(), Some("req-2"));
    assert_eq!(error.status(), Some(400));
    assert!(error.stored_under_key());
}

#[tokio::test]
async fn a_probe_finds_nothing_only_when_zuora_itself_says_so() {
    let zuoras =
        r#"{"success":false,"processId":"P","reasons":[{"code":50000040,"message":"Cannot find entity"}]}"#;
    for status in [200, 404] {
        let script = Script::with([answer(status, zuoras)]);
        assert!(script.client().order_find("O-1").await.unwrap().is_none());
    }
    for body in ["", "<h1>Not Found</h1>", r#"{"message":"no Route matched with those values"}"#] {
        let script = Script::with([answer(404, body)]);
        let error = script.client().order_find("O-1").await.unwrap_err();
        assert_eq!(error.retry(), Retry::Unknown, "{body}");
    }
    let script = Script::with([ok("{}")]);
    assert!(script.client().orders_of_subscription("S-1").await.is_err(), "no list is not an empty list");
}

#[test]
fn the_bytes_of_a_request_are_always_the_same_and_hold_no_nulls() {
    let cancel = CancelSubscription {
        cancellation_policy: CancellationPolicy::SpecificDate,
        cancellation_effective_date: Some(date(2026, 12, 1)),
    };
    let order = CreateOrder {
        order_date: date(2026, 11, 1),
        existing_account_number: Some("A1".into()),
        existing_account_id: None,
        order_number: Some("O-1".into()),
        description: None,
        category: None,
        custom_fields: [("PurserOrder__c".to_owned(), "ord_1".into())].into(),
        processing_options: None,
        subscriptions: vec![OrderedSubscription {
            subscription_number: Some("S-1".into()),
            order_actions: vec![OrderAction::cancel_subscription(date(2026, 11, 1), cancel)],
            ..OrderedSubscription::default()
        }],
    };
    let expected = concat!(
        r#"{"customFields":{"PurserOrder__c":"ord_1"},"existingAccountNumber":"A1","orderDate":"2026-11-01","#,
        r#""orderNumber":"O-1","subscriptions":[{"orderActions":[{"cancelSubscription":{"#,
        r#""cancellationEffectiveDate":"2026-12-01","cancellationPolicy":"SpecificDate"},"triggerDates":["#,
        r#"{"name":"ContractEffective","triggerDate":"2026-11-01"},"#,
        r#"{"name":"ServiceActivation","triggerDate":"2026-11-01"},"#,
        r#"{"name":"CustomerAcceptance","triggerDate":"2026-11-01"}],"type":"CancelSubscription"}],"#,
        r#""subscriptionNumber":"S-1"}]}"#,
    );
    assert_eq!(wire::body(&order).unwrap(), expected);
    assert_eq!(serde_json::from_str::<CreateOrder>(expected).unwrap(), order);
}

#[test]
fn an_amount_is_sent_with_exactly_its_digits() {
    let payment = CreatePayment {
        number: Some("P-1".into()),
        account_id: None,
        account_number: Some("A1".into()),
        amount: "9999999999999.990".parse().unwrap(),
        currency: "USD".into(),
        payment_type: PaymentType::Electronic,
        effective_date: None,
        payment_method_id: None,
        payment_method_type: None,
        invoices: vec![],
        comment: None,
        custom_fields: [("PurserPayment__c".to_owned(), "pay_1".into())].into(),
    };
    let body = wire::body(&payment).unwrap();
    assert_eq!(
        body,
        r#"{"PurserPayment__c":"pay_1","accountNumber":"A1","amount":9999999999999.990,"currency":"USD","number":"P-1","type":"Electronic"}"#
    );
    assert_eq!(serde_json::from_slice::<CreatePayment>(&body).unwrap(), payment);
}

#[test]
fn a_key_is_visible_ascii_and_fits() {
    assert!(IdempotencyKey::new("a".repeat(254)).is_ok());
    for text in [String::new(), "a".repeat(255), "a b".into(), "ä".into(), "a\n".into()] {
        assert!(IdempotencyKey::new(text).is_err());
    }
}
