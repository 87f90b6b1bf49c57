//! The way of an order when everything works.
//! Refuses outages: those are next door.

use app::{Duty, Worker};
use domain::obligation::ObligationStatus;
use domain::order::{ActionKind, OrderStatus};
use store::testing::databases;

use crate::world::{World, subscribe};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_becomes_a_subscription_an_invoice_and_a_license() {
    for db in databases().await {
        let world = World::open(db).await;
        let worker = Worker::start(&world.app, Duty::Work);
        world.catalog().await;
        let account = world.account("Brightwater Labs GmbH").await;
        let answer = world.place("key-1", &subscribe(&account, "server-business", 25, "server:git-1")).await;
        assert_eq!(answer.status, 201, "{}", answer.body);

        world
            .until("the order is billed and provisioned", || async {
                let order = world.order(&answer).await;
                let view =
                    app::order::view(&world.app, &world.service, &order.number).await.expect("an order");
                order.status == OrderStatus::Billed
                    && order.confirmed
                    && view.invoice.is_some()
                    && view.obligations.iter().all(|duty| duty.status == ObligationStatus::Done)
            })
            .await;

        let order = world.order(&answer).await;
        assert_eq!(order.total_minor, 720_000, "25 seats at 288.00");
        let books = world.books();
        let numbers: Vec<&str> = books.accounts[0].orders.iter().map(|book| book.number.as_str()).collect();
        assert_eq!(numbers, [order.number.as_str()]);
        let view = app::order::view(&world.app, &world.service, &order.number).await.expect("an order");
        assert_eq!(view.invoice.expect("an invoice").amount_minor, 720_000);
        assert!(!view.obligations.is_empty());

        let mut tx = world.app.db.read().await.expect("a transaction");
        let licenses = store::license::list_of_account(&mut tx, account.id).await.expect("licenses");
        assert_eq!(licenses.len(), 1);
        let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key();
        let payload =
            domain::license::verify(&licenses[0].file, &[("test".into(), key)]).expect("a good license");
        assert_eq!((payload.server.as_str(), payload.lines[0].quantity), ("git-1", 25));
        assert!(store::drift::list_open(&mut tx, 10).await.expect("drifts").is_empty());
        drop(tx);

        // Ten more seats later in the term: a second version, its difference invoiced to the cent as previewed.
        let mut more = subscribe(&account, "server-business", 35, "server:git-1");
        more.actions[0].kind = ActionKind::ChangeQuantity;
        more.actions[0].target = None;
        more.actions[0].subscription = Some(order.actions[0].subscription.clone());
        let answer = world.place("key-2", &more).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        world
            .until("the change is billed and provisioned", || async {
                let order = world.order(&answer).await;
                let view =
                    app::order::view(&world.app, &world.service, &order.number).await.expect("an order");
                order.confirmed
                    && view.invoice.is_some()
                    && view.obligations.iter().all(|duty| duty.status == ObligationStatus::Done)
            })
            .await;
        let mut tx = world.app.db.read().await.expect("a transaction");
        let drifts = store::drift::list_open(&mut tx, 10).await.expect("drifts");
        assert!(drifts.is_empty(), "{drifts:?}");
        let licenses = store::license::list_of_account(&mut tx, account.id).await.expect("licenses");
        drop(tx);
        let payload =
            domain::license::verify(&licenses[0].file, &[("test".into(), key)]).expect("a good license");
        assert_eq!(payload.lines.iter().map(|line| line.quantity).collect::<Vec<_>>(), [35], "{payload:?}");
        worker.stop(&world.app).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_gets_the_same_answer_and_one_order() {
    for db in databases().await {
        let world = World::open(db).await;
        let worker = Worker::start(&world.app, Duty::Work);
        world.catalog().await;
        let account = world.account("Kestrel Freight Ltd").await;
        let request = subscribe(&account, "cloud-business", 15, "namespace:kestrel");
        let first = world.place("key", &request).await;
        let again = world.place("key", &request).await;
        assert_eq!(first, again);
        let refused = world.place("bad", &subscribe(&account, "no-such-offer", 1, "namespace:kestrel")).await;
        assert_eq!((refused.status, refused.body.as_str()), (422, "unknown_offer"));
        let orders = app::order::list(&world.app, &world.service, &account.number, &store::Page::first(10))
            .await
            .expect("a list");
        assert_eq!(orders.len(), 1);
        worker.stop(&world.app).await;
    }
}
