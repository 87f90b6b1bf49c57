//! Every bad input of an order and of a callout gets a typed problem, changes nothing and loses nothing.
//! Refuses to count a refusal as right because of its status alone: the code says why.

use axum::body::Body;
use domain::token::Scope;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use store::testing::databases;

use crate::world::{Answer, CALLOUT_BASIC, World, subscribe};

const ORDERS: &str = "/api/v1/orders";

#[tokio::test]
async fn an_order_that_a_rule_refuses_is_told_why_and_leaves_nothing() {
    for db in databases().await {
        let world = World::open(db).await;
        let token = world.token(&[Scope::OrdersWrite], None).await;
        let account = world.account("Brightwater Labs GmbH", "EUR").await;
        let pounds = world.account("Dunmore Analytics", "GBP").await;
        let good = subscribe(&account, "cloud-business", 15, "namespace:brightwater");
        let with = |pointer: &str, value: Value| {
            let mut order = good.clone();
            *order.pointer_mut(pointer).expect("a field") = value;
            order
        };
        let mut past = good.clone();
        past["actions"][0]["start"] = json!("2020-01-01");
        let cases = [
            (with("/actions/0/offer", json!("moon")), "unknown_offer", "actions[0].offer"),
            (with("/actions/0/quantity", json!(-3)), "quantity_out_of_range", "actions[0].quantity"),
            (with("/actions/0/quantity", json!(0)), "quantity_out_of_range", "actions[0].quantity"),
            (
                with("/actions/0/quantity", json!(9_000_000_000_i64)),
                "quantity_out_of_range",
                "actions[0].quantity",
            ),
            (with("/actions/0/target", json!("server:git-1")), "wrong_target", "actions[0].target"),
            (with("/actions/0/offer", json!("review-assist")), "add_on_only", "actions[0].offer"),
            (with("/account", json!(pounds.number)), "wrong_currency", "actions[0].offer"),
            (with("/settlement", json!("card_on_file")), "no_payment_method", "settlement"),
            (with("/actions", json!([])), "wrong_number_of_actions", "actions"),
            (past, "start_date_out_of_range", "actions[0].start"),
        ];
        let before = world.count().await;
        for (order, code, field) in cases {
            let answer = world.post(ORDERS, &token, &order).await;
            assert_eq!(answer.problem(), code, "{order}");
            assert_eq!(
                (answer.status.as_u16(), answer.json()["field"].as_str()),
                (422, Some(field)),
                "{order}"
            );
            assert_eq!(world.post("/api/v1/orders/preview", &token, &order).await.problem(), code);
        }
        assert_eq!(world.count().await, before);
        assert_eq!(
            world.post(ORDERS, &token, &good).await.status,
            StatusCode::CREATED,
            "the good one still goes"
        );
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_told_how() {
    for db in databases().await {
        let world = World::open(db).await;
        let token = world.token(&[Scope::OrdersWrite], None).await;
        let large = format!("{{\"account\":\"{}\"}}", "A".repeat(300 * 1024));
        let cases: [(Vec<u8>, &str, u16); 9] = [
            (b"order please".to_vec(), "body_not_json", 400),
            (b"".to_vec(), "body_not_json", 400),
            (b"{\"account\":\"PA-1\"".to_vec(), "body_not_json", 400),
            (large.into_bytes(), "body_too_large", 413),
            ("[".repeat(10_000).into_bytes(), "body_too_deep", 400),
            (b"{\"account\":\"\xff\xfe\"}".to_vec(), "body_not_utf8", 400),
            (b"{\"account\":7}".to_vec(), "field_not_readable", 422),
            (b"{\"card\":\"4242\"}".to_vec(), "field_not_readable", 422),
            (b"[]".to_vec(), "field_not_readable", 422),
        ];
        let before = world.count().await;
        for (body, code, status) in cases {
            let request = Request::post(ORDERS).header("authorization", format!("Bearer {token}"));
            let request = request.header("idempotency-key", code).header("content-type", "application/json");
            let answer = world.send(request.body(Body::from(body)).expect("a request")).await;
            assert_eq!(
                (answer.problem().as_str(), answer.status.as_u16()),
                (code, status),
                "{}",
                answer.body
            );
        }
        let form = world.post_form(ORDERS, &token, "account=PA-1").await;
        assert_eq!(form.problem(), "idempotency_key_missing");
        let request = Request::post(ORDERS).header("authorization", format!("Bearer {token}"));
        let request = request.header("idempotency-key", "k").body(Body::from("{}")).expect("a request");
        assert_eq!(world.send(request).await.problem(), "unsupported_media_type");
        assert_eq!(world.count().await, before);
    }
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer_and_another_order_under_it_a_problem() {
    for db in databases().await {
        let world = World::open(db).await;
        let token = world.token(&[Scope::OrdersWrite], None).await;
        let account = world.account("Brightwater Labs GmbH", "EUR").await;
        let order = subscribe(&account, "cloud-business", 15, "namespace:brightwater");
        let first = world.post_keyed(ORDERS, &token, "order-1", &order.to_string()).await;
        let spaced = serde_json::to_string_pretty(&order).expect("JSON");
        let again = world.post_keyed(ORDERS, &token, "order-1", &spaced).await;
        assert_eq!((first.status, &first.body), (again.status, &again.body));
        assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
        assert_eq!(first.header("location"), again.header("location"));
        let other = subscribe(&account, "cloud-business", 16, "namespace:brightwater");
        let reused = world.post_keyed(ORDERS, &token, "order-1", &other.to_string()).await;
        assert_eq!((reused.problem().as_str(), reused.status.as_u16()), ("idempotency_key_reused", 422));
        // A decided rejection is an answer like any other; a malformed request is none.
        let refused = subscribe(&account, "moon", 1, "namespace:brightwater").to_string();
        let (one, two) = (
            world.post_keyed(ORDERS, &token, "order-2", &refused).await,
            world.post_keyed(ORDERS, &token, "order-2", &refused).await,
        );
        assert_eq!((one.problem(), one.header("idempotent-replayed")), ("unknown_offer".into(), ""));
        assert_eq!((two.problem(), two.header("idempotent-replayed")), ("unknown_offer".into(), "true"));
        assert_eq!(world.post_keyed(ORDERS, &token, "order-3", "{").await.problem(), "body_not_json");
        assert_eq!(
            world.post_keyed(ORDERS, &token, "order-3", &order.to_string()).await.status,
            StatusCode::CREATED
        );
        // The key of another caller is another key.
        let stranger = world.token(&[Scope::OrdersWrite], None).await;
        let theirs = world.post_keyed(ORDERS, &stranger, "order-1", &order.to_string()).await;
        assert_ne!(theirs.json()["number"], first.json()["number"]);
    }
}

#[tokio::test]
async fn an_address_or_a_method_that_is_not_there_is_a_problem_too() {
    for db in databases().await {
        let world = World::open(db).await;
        let token = world.token(Scope::ALL, None).await;
        assert_eq!(world.get("/api/v1/nowhere", &token).await.problem(), "not_found");
        let wrong = world.get(ORDERS, &token).await;
        assert_eq!((wrong.problem().as_str(), wrong.status.as_u16()), ("method_not_allowed", 405));
        assert_eq!(wrong.header("allow"), "POST");
        for path in [
            "/api/v1/orders/PO-1",
            "/api/v1/orders/a%2Fb",
            "/api/v1/accounts/%00/orders",
            "/api/v1/accounts/PA-1",
        ] {
            assert_eq!(world.get(path, &token).await.problem(), "not_found", "{path}");
        }
        for path in ["/api/v1/entitlements/brightwater", "/api/v1/offers", "/api/v1/offers?currency=euro"] {
            assert_eq!(world.get(path, &token).await.problem(), "field_not_readable", "{path}");
        }
        assert_eq!(world.get("/api/v1/entitlements/%ff", &token).await.problem(), "bad_request");
        let account = world.account("Brightwater Labs GmbH", "EUR").await;
        for query in ["limit=0", "limit=x", "after=PO-1", "after=%00"] {
            let path = format!("/api/v1/accounts/{}/orders?{query}", account.number);
            assert_eq!(world.get(&path, &token).await.problem(), "field_not_readable", "{query}");
        }
    }
}

#[tokio::test]
async fn a_callout_counts_only_if_it_is_zuoras_and_only_once() {
    for db in databases().await {
        let world = World::open(db).await;
        let before = world.count().await;
        let body = r#"{"OrderNumber":"PO-1"}"#;
        let anonymous = callout(&world, "", "n1", body.as_bytes()).await;
        assert_eq!((anonymous.problem().as_str(), anonymous.status.as_u16()), ("unauthorized", 401));
        assert!(
            anonymous.header("www-authenticate").starts_with("Basic"),
            "Zuora asks a second time after this"
        );
        for wrong in ["Basic enVvcmE6d3Jvbmc=", "Basic !!", "Bearer s3cret", "Basic /////w=="] {
            assert_eq!(
                callout(&world, wrong, "n1", body.as_bytes()).await.problem(),
                "unauthorized",
                "{wrong}"
            );
        }
        let cases: [(&[u8], &str); 5] = [
            (b"<xml/>", "body_not_json"),
            (b"[]", "callout_not_an_object"),
            (b"{\"a\":\"\xff\"}", "body_not_utf8"),
            (&[b' '; 70_000], "body_too_large"),
            (&[b'['; 1_000], "body_too_deep"),
        ];
        for (body, code) in cases {
            assert_eq!(callout(&world, CALLOUT_BASIC, "n1", body).await.problem(), code);
        }
        assert_eq!(world.count().await, before);
        for _ in 0..3 {
            let taken = callout(&world, CALLOUT_BASIC, "n1", body.as_bytes()).await;
            assert_eq!((taken.status.as_u16(), taken.body.as_str()), (200, r#"{"success":true}"#));
        }
        assert_eq!(world.count().await[2], before[2] + 1, "a callout that is replayed is one callout");
    }
}

async fn callout(world: &World, authorization: &str, notification: &str, body: &[u8]) -> Answer {
    let request = Request::post("/callouts/zuora").header("zuora-notification-id", notification);
    let request =
        if authorization.is_empty() { request } else { request.header("authorization", authorization) };
    world.send(request.body(Body::from(body.to_vec())).expect("a request")).await
}
