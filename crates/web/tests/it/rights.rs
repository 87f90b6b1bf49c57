//! The whole table of rights over HTTP: every operation of every role is tried, and does what the table says.
//! Refuses an operation without a request that does it: a new one fails to compile here.

use domain::access::{Operation, Role, allowed};
use domain::account::Account;
use domain::person::{MemberRole, StaffRole};
use domain::token::Scope;
use http::StatusCode;
use store::testing::databases;

use crate::world::{Answer, World, subscribe};

/// What is asked for and what there is to see.
struct Things {
    account: Account,
    order: String,
    target: &'static str,
}

#[tokio::test]
async fn every_operation_of_every_token_does_what_the_table_says() {
    for db in databases().await {
        let world = World::open(db).await;
        let things = things(&world).await;
        for scope in Scope::ALL {
            let token = world.token(&[*scope], None).await;
            for operation in Operation::ALL {
                let Some(answer) = by_api(&world, *operation, &token, &things).await else { continue };
                expect(*operation, Role::Service(*scope), &answer, "API");
            }
        }
    }
}

#[tokio::test]
async fn every_operation_of_every_member_does_what_the_table_says() {
    for db in databases().await {
        let world = World::open(db).await;
        let things = things(&world).await;
        for role in MemberRole::ALL {
            let session = world.member(&things.account, *role).await;
            for operation in Operation::ALL {
                let Some(answer) = by_page(&world, *operation, &session, &things).await else { continue };
                expect(*operation, Role::Member(*role), &answer, "portal");
            }
        }
    }
}

#[tokio::test]
async fn the_console_is_for_staff_and_the_portal_is_not() {
    for db in databases().await {
        let world = World::open(db).await;
        let things = things(&world).await;
        for role in StaffRole::ALL {
            let session = world.staff(*role).await;
            let answer = by_page(&world, Operation::ConsoleView, &session, &things).await.expect("a page");
            expect(Operation::ConsoleView, Role::Staff(*role), &answer, "console");
            let portal = by_page(&world, Operation::AccountView, &session, &things).await.expect("a page");
            assert_eq!(portal.status, StatusCode::NOT_FOUND, "staff are not members");
        }
    }
}

#[tokio::test]
async fn without_a_proof_or_with_another_kind_of_proof_nothing_is_done() {
    for db in databases().await {
        let world = World::open(db).await;
        let things = things(&world).await;
        let before = world.count().await;
        let token = world.token(Scope::ALL, None).await;
        let session = world.member(&things.account, MemberRole::Manager).await;
        let jobs = world.count().await[1] - before[1];
        for operation in Operation::ALL {
            for wrong in ["", "purser_guessed", session.as_str()] {
                let Some(answer) = by_api(&world, *operation, wrong, &things).await else { continue };
                assert_eq!(answer.problem(), "unauthorized", "{operation}");
                assert!(answer.header("www-authenticate").starts_with("Bearer"));
            }
            for wrong in ["", "purser_session=guessed", token.as_str()] {
                let Some(answer) = by_page(&world, *operation, wrong, &things).await else { continue };
                assert_eq!(
                    (answer.status, answer.header("location")),
                    (StatusCode::SEE_OTHER, "/portal/sign-in"),
                    "{operation}"
                );
            }
        }
        let after = world.count().await;
        assert_eq!([after[0], after[1] - jobs, after[2], after[3]], before, "only the invitation was mailed");
    }
}

#[tokio::test]
async fn what_belongs_to_another_account_looks_like_what_is_not_there() {
    for db in databases().await {
        let world = World::open(db).await;
        let things = things(&world).await;
        let mine = world.account("Mara Systems Oy", "EUR").await;
        let session = world.member(&mine, MemberRole::Manager).await;
        for operation in Operation::ALL.iter().filter(|operation| **operation != Operation::ConsoleView) {
            let Some(theirs) = by_page(&world, *operation, &session, &things).await else { continue };
            let nowhere = Things {
                account: Account { number: "PA-NOWHERE".parse().expect("a number"), ..mine.clone() },
                order: "PO-NOWHERE".into(),
                ..things
            };
            let none = by_page(&world, *operation, &session, &nowhere).await.expect("a page");
            assert_eq!(
                (theirs.status, none.status),
                (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND),
                "{operation}"
            );
            assert_eq!(without_trace(&theirs), without_trace(&none), "{operation}");
        }
        // The order of another account below an account of one's own.
        let answer = world.get(&format!("/portal/{}/orders/{}", mine.number, things.order), &session).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_token_of_one_product_line_orders_nothing_of_another() {
    for db in databases().await {
        let world = World::open(db).await;
        let account = world.account("Brightwater Labs GmbH", "EUR").await;
        let token = world.token(&[Scope::OrdersWrite], Some("server")).await;
        let cloud = subscribe(&account, "cloud-business", 15, "namespace:brightwater");
        let before = world.count().await;
        assert_eq!(world.post("/api/v1/orders", &token, &cloud).await.problem(), "forbidden");
        assert_eq!(world.post("/api/v1/orders/preview", &token, &cloud).await.problem(), "forbidden");
        assert_eq!(world.count().await, before);
    }
}

async fn things(world: &World) -> Things {
    let account = world.account("Brightwater Labs GmbH", "EUR").await;
    let token = world.token(&[Scope::OrdersWrite], None).await;
    let target = "namespace:brightwater";
    let placed =
        world.post("/api/v1/orders", &token, &subscribe(&account, "cloud-business", 15, target)).await;
    assert_eq!(placed.status, StatusCode::CREATED, "{}", placed.body);
    let order = placed.json()["number"].as_str().expect("a number").to_owned();
    Things { account, order, target }
}

/// Does an operation over the API; `None` if it is one of pages only.
async fn by_api(world: &World, operation: Operation, token: &str, things: &Things) -> Option<Answer> {
    let account = &things.account.number;
    let body = subscribe(&things.account, "cloud-business", 3, things.target);
    let new = serde_json::json!({
        "name": "Port of Aveiro", "currency": "EUR", "first_name": "Rui", "last_name": "Lopes",
        "mail": "rui@aveiro.example", "country": "PT",
    });
    Some(match operation {
        Operation::AccountCreate => world.post("/api/v1/accounts", token, &new).await,
        Operation::AccountView => world.get(&format!("/api/v1/accounts/{account}"), token).await,
        Operation::OfferList => world.get("/api/v1/offers?currency=EUR", token).await,
        Operation::OrderPreview => world.post("/api/v1/orders/preview", token, &body).await,
        Operation::OrderPlace => world.post("/api/v1/orders", token, &body).await,
        Operation::OrderView => world.get(&format!("/api/v1/orders/{}", things.order), token).await,
        Operation::OrderList => world.get(&format!("/api/v1/accounts/{account}/orders"), token).await,
        Operation::SubscriptionList => {
            world.get(&format!("/api/v1/accounts/{account}/subscriptions"), token).await
        }
        Operation::InvoiceList => world.get(&format!("/api/v1/accounts/{account}/invoices"), token).await,
        Operation::EntitlementView => {
            world.get(&format!("/api/v1/entitlements/{}", things.target), token).await
        }
        Operation::LicenseView | Operation::ConsoleView => return None,
    })
}

/// Does an operation on a page; `None` if it is one of the API only.
async fn by_page(world: &World, operation: Operation, session: &str, things: &Things) -> Option<Answer> {
    let portal = format!("/portal/{}", things.account.number);
    let form = "offer=cloud-business&quantity=2&target=brightwater&settlement=invoice&key=portal-1";
    Some(match operation {
        Operation::AccountView | Operation::OfferList | Operation::SubscriptionList => {
            world.get(&portal, session).await
        }
        Operation::OrderPreview => world.get(&format!("{portal}/buy?{form}"), session).await,
        Operation::OrderPlace => {
            let form = format!("{form}&seen=69600&do=order");
            world.post_form(&format!("{portal}/buy"), session, &form).await
        }
        Operation::OrderView => world.get(&format!("{portal}/orders/{}", things.order), session).await,
        Operation::OrderList => world.get(&format!("{portal}/orders"), session).await,
        Operation::InvoiceList => world.get(&format!("{portal}/invoices"), session).await,
        Operation::LicenseView => world.get(&format!("{portal}/licenses"), session).await,
        Operation::ConsoleView => world.get("/console", session).await,
        Operation::AccountCreate | Operation::EntitlementView => return None,
    })
}

fn expect(operation: Operation, role: Role, answer: &Answer, face: &str) {
    let done = answer.status.is_success() || answer.status == StatusCode::SEE_OTHER;
    let refused = answer.status == StatusCode::FORBIDDEN || answer.status == StatusCode::NOT_FOUND;
    let (status, body) = (answer.status, &answer.body);
    match allowed(operation, role) {
        true => assert!(done, "{face}: {role:?} may {operation}, but {status}: {body}"),
        false => assert!(refused, "{face}: {role:?} may not {operation}, but {status}: {body}"),
    }
}

fn without_trace(answer: &Answer) -> String {
    let trace = answer.header("x-trace-id");
    answer.body.replace(trace, "").replace(&trace[..8], "")
}
