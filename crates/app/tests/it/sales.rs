//! What others do in Zuora: an order by sales, a card added on Zuora's page.
//! Refuses our own intake: the copy has to notice by itself.

use std::collections::BTreeMap;

use app::{Duty, Worker};
use domain::obligation::ObligationStatus;
use domain::order::{OrderStatus, Settlement};
use store::testing::databases;
use zuora::IdempotencyKey;
use zuora::wire;

use crate::world::{World, subscribe};

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).expect("a key")
}

/// An order for a server that nobody placed through us; returns the subscription's number.
async fn sold_by_sales(world: &World, account: &str) -> String {
    let today = world.app.now().day(&world.app.settings.zone).0;
    let terms = wire::Terms {
        auto_renew: Some(false),
        initial_term: wire::InitialTerm {
            period: Some(12),
            period_type: Some(wire::PeriodType::Month),
            start_date: Some(today),
            end_date: None,
            term_type: wire::TermType::Termed,
        },
        renewal_setting: None,
        renewal_terms: Vec::new(),
    };
    let create = wire::CreateSubscription {
        subscription_number: None,
        terms,
        subscribe_to_rate_plans: vec![wire::RatePlanOverride {
            product_rate_plan_id: None,
            product_rate_plan_number: Some("PRP-00000005".into()),
            unique_token: None,
            charge_overrides: Vec::new(),
            custom_fields: BTreeMap::new(),
        }],
        invoice_owner_account_number: None,
        invoice_separately: None,
        payment_term: None,
        notes: None,
    };
    let order = wire::CreateOrder {
        order_date: today,
        existing_account_number: Some(account.to_owned()),
        existing_account_id: None,
        order_number: None,
        description: None,
        category: None,
        custom_fields: BTreeMap::new(),
        processing_options: None,
        subscriptions: vec![wire::OrderedSubscription {
            subscription_number: None,
            custom_fields: BTreeMap::from([("PurserTarget__c".into(), "server:harbor".into())]),
            notes: None,
            order_actions: vec![wire::OrderAction::create_subscription(today, create)],
        }],
    };
    let body = wire::body(&order).expect("a body");
    let made = world.app.zuora.order_create(body, &key("sales-1")).await.expect("Zuora takes it");
    made.value.subscription_numbers()[0].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_made_in_zuora_is_found_and_provisioned() {
    for db in databases().await {
        let world = World::open(db).await;
        let worker = Worker::start(&world.app, Duty::Work);
        world.catalog().await;
        let account = world.account("Port of Aveiro").await;
        world.until("the account is in Zuora", || async { !world.books().accounts.is_empty() }).await;

        let number = sold_by_sales(&world, account.number.as_str()).await;

        world
            .until("the license is there", || async {
                let mut tx = world.app.db.read().await.expect("a transaction");
                !store::license::list_of_account(&mut tx, account.id).await.expect("licenses").is_empty()
            })
            .await;
        let mut tx = world.app.db.read().await.expect("a transaction");
        let duties =
            store::obligation::list_in_status(&mut tx, ObligationStatus::Done, 10).await.expect("duties");
        assert_eq!(duties.len(), 1);
        assert_eq!((duties[0].subscription.as_str(), duties[0].order_id), (number.as_str(), None));
        drop(tx);
        worker.stop(&world.app).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sold_before_the_catalog_was_first_read_is_mapped() {
    for db in databases().await {
        let world = World::open(db).await;
        let account = wire::CreateAccount {
            name: "Port of Aveiro".into(),
            currency: "EUR".into(),
            account_number: Some("SALES-1".into()),
            bill_to_contact: wire::Contact {
                first_name: Some("Rui".into()),
                last_name: Some("Matos".into()),
                ..wire::Contact::default()
            },
            bill_cycle_day: Some(1),
            ..wire::CreateAccount::default()
        };
        let body = wire::body(&account).expect("a body");
        world.app.zuora.account_create(body, &key("sales-0")).await.expect("Zuora takes it");
        sold_by_sales(&world, "SALES-1").await;

        let worker = Worker::start(&world.app, Duty::Work);
        world
            .until("the duty is done", || async {
                let mut tx = world.app.db.read().await.expect("a transaction");
                let done = store::obligation::list_in_status(&mut tx, ObligationStatus::Done, 10).await;
                done.expect("duties").iter().any(|duty| duty.capability == "business-seats")
            })
            .await;
        worker.stop(&world.app).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_waits_for_a_card_goes_on_when_there_is_one_and_is_paid_once() {
    for db in databases().await {
        let world = World::open(db).await;
        let worker = Worker::start(&world.app, Duty::Work);
        world.catalog().await;
        let account = world.account("Mara Systems Oy").await;
        world
            .until("the account is in the copy", || async {
                let known = app::account::view(&world.app, &world.service, &account.number)
                    .await
                    .expect("an account");
                known.zuora_id.is_some()
            })
            .await;
        let mut request = subscribe(&account, "cloud-business", 10, "namespace:mara");
        request.settlement = Settlement::NewCard;
        let answer = world.place("card", &request).await;
        let order = world.order(&answer).await;
        assert_eq!(
            (order.status, order.trust_until),
            (OrderStatus::AwaitingPaymentMethod, None),
            "granted nothing"
        );

        world.add_card(&account.number, "tok_visa_4242").await;

        world
            .until("the order is billed and paid", || async {
                let view =
                    app::order::view(&world.app, &world.service, &order.number).await.expect("an order");
                view.invoice.is_some_and(|invoice| invoice.balance_minor == 0) && !view.payments.is_empty()
            })
            .await;
        let payments: usize = world.books().accounts.iter().map(|account| account.payments.len()).sum();
        assert_eq!(payments, 1);
        worker.stop(&world.app).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_the_bank_declines_is_charged_once_and_takes_nothing_away() {
    for db in databases().await {
        let world = World::open(db).await;
        let worker = Worker::start(&world.app, Duty::Work);
        world.catalog().await;
        let account = world.account("Solberg & Vik AS").await;
        world.until("the account is in Zuora", || async { !world.books().accounts.is_empty() }).await;
        world.add_card(&account.number, "tok_decline").await;
        world
            .until("the card is in the copy", || async {
                let known = app::account::view(&world.app, &world.service, &account.number)
                    .await
                    .expect("an account");
                known.payment_method.is_some()
            })
            .await;
        let mut request = subscribe(&account, "cloud-business", 10, "namespace:solberg");
        request.settlement = Settlement::CardOnFile;
        let order = world.order(&world.place("card", &request).await).await;
        let declined = || async {
            let view = app::order::view(&world.app, &world.service, &order.number).await.expect("an order");
            view.events.iter().any(|event| event.kind == "payment.declined")
        };
        world.until("the decline is on record", declined).await;
        let order = world.order_by(&order.number).await;
        assert_eq!(order.status, OrderStatus::Billed);
        let tried: usize = world.books().accounts.iter().map(|account| account.payments.len()).sum();
        assert!(tried <= 1, "{tried} payments");
        worker.stop(&world.app).await;
    }
}
