//! The way of an order over the API: previewed, placed, seen, billed, and what it entitles to.
//! Refuses to look inside: only what a product service sees is checked.

use axum::body::Body;
use domain::token::Scope;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use store::testing::databases;

use crate::world::{World, subscribe};

#[tokio::test]
async fn an_order_is_previewed_placed_billed_and_entitles() {
    for db in databases().await {
        let world = World::open(db).await;
        let token = world.token(Scope::ALL, None).await;
        let new = json!({
            "name": "Brightwater Labs GmbH", "currency": "EUR", "first_name": "Jana", "last_name": "Okafor",
            "mail": "ap@brightwater.example", "country": "DE",
        });
        let opened = world.post("/api/v1/accounts", &token, &new).await;
        assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.body);
        let number = opened.json()["number"].as_str().expect("a number").to_owned();
        assert_eq!(opened.header("location"), format!("/api/v1/accounts/{number}"));

        let order = json!({
            "account": number, "settlement": "invoice", "po_number": "PO-2026-118",
            "actions": [{ "type": "subscribe", "offer": "cloud-business", "quantity": 15, "target": "namespace:brightwater" }],
        });
        let preview = world.post("/api/v1/orders/preview", &token, &order).await.json();
        assert_eq!(preview["total"], json!({ "amount": "5220.00", "currency": "EUR" }));
        let placed = world.post("/api/v1/orders", &token, &order).await;
        assert_eq!(placed.status, StatusCode::CREATED, "{}", placed.body);
        let placed_body = placed.json();
        assert_eq!((&placed_body["account"], &placed_body["total"]), (&json!(number), &preview["total"]));
        assert_eq!(placed_body["actions"][0]["items"], preview["actions"][0]["items"]);

        let path = placed.header("location").to_owned();
        let entitled = world.get("/api/v1/entitlements/namespace:brightwater", &token).await.json();
        assert_eq!(
            (&entitled["plan"], &entitled["capabilities"][0]["quantity"]),
            (&json!("business"), &json!(15))
        );
        world.work_until(async || world.get(&path, &token).await.json()["invoice"].is_object()).await;
        let billed = world.get(&path, &token).await.json();
        assert_eq!(
            (&billed["status"], &billed["invoice"]["items"][0]["amount"]["amount"]),
            (&json!("billed"), &json!("5220.00"))
        );
        assert!(billed["as_of"].is_string() && billed["po_number"] == "PO-2026-118");

        for (list, noun) in
            [("orders", "orders"), ("subscriptions", "subscriptions"), ("invoices", "invoices")]
        {
            let listed = world.get(&format!("/api/v1/accounts/{number}/{list}"), &token).await.json();
            assert_eq!(listed[noun].as_array().map(Vec::len), Some(1), "{listed}");
            assert!(listed.get("as_of").is_some(), "every read says how old it is");
        }
    }
}

#[tokio::test]
async fn a_long_list_is_read_page_by_page_and_misses_nothing() {
    for db in databases().await {
        let world = World::open(db).await;
        let token = world.token(&[Scope::OrdersWrite], None).await;
        let account = world.account("Brightwater Labs GmbH", "EUR").await;
        for quantity in 1..=5 {
            let order = subscribe(&account, "cloud-business", quantity, "namespace:brightwater");
            assert_eq!(world.post("/api/v1/orders", &token, &order).await.status, StatusCode::CREATED);
        }
        let mut seen = Vec::new();
        let mut after = String::new();
        loop {
            let path = format!("/api/v1/accounts/{}/orders?limit=2{after}", account.number);
            let page = world.get(&path, &token).await.json();
            seen.extend(
                page["orders"]
                    .as_array()
                    .expect("orders")
                    .iter()
                    .map(|order| order["total"]["amount"].clone()),
            );
            let Value::String(next) = &page["next"] else { break };
            after = format!("&after={next}");
        }
        assert_eq!(
            seen,
            [json!("1740.00"), json!("1392.00"), json!("1044.00"), json!("696.00"), json!("348.00")]
        );
    }
}

#[tokio::test]
async fn an_order_belongs_to_the_trace_of_its_request() {
    for db in databases().await {
        let world = World::open(db).await;
        let token = world.token(&[Scope::OrdersWrite], None).await;
        let account = world.account("Brightwater Labs GmbH", "EUR").await;
        let trace = "7f3a91c2b04d4b1e9c57aa01d2e3f405";
        let order = subscribe(&account, "cloud-business", 1, "namespace:brightwater").to_string();
        let request = Request::post("/api/v1/orders").header("authorization", format!("Bearer {token}"));
        let request = request.header("idempotency-key", "k").header("content-type", "application/json");
        let request = request.header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"));
        let answer = world.send(request.body(Body::from(order)).expect("a request")).await;
        assert_eq!((answer.header("x-trace-id"), answer.json()["trace_id"].as_str()), (trace, Some(trace)));
    }
}
