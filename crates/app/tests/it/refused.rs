//! The way back: Zuora refuses an order that was accepted, and what depends on it.
//! Refuses silence: the customer is told, the duties are closed, the target is as before.

use app::{Duty, Worker};
use domain::obligation::ObligationStatus;
use domain::order::{ActionKind, OrderStatus};
use store::testing::databases;

use crate::world::{World, subscribe};

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_order_grants_nothing_and_rejects_what_depends_on_it() {
    for db in databases().await {
        let world = World::open(db).await;
        let worker = Worker::start(&world.app, Duty::Work);
        world.catalog().await;
        let account = world.account("Dunmore Analytics").await;
        world.until("the account is in Zuora", || async { !world.books().accounts.is_empty() }).await;
        worker.stop(&world.app).await;

        // Accepted and granted on trust while nothing is sent; a second order builds on the first.
        let answer =
            world.place("first", &subscribe(&account, "cloud-business", 15, "namespace:dunmore")).await;
        let first = world.order(&answer).await;
        assert!(first.trust_until.is_some());
        let mut more = subscribe(&account, "cloud-business", 20, "namespace:dunmore");
        more.actions[0].kind = ActionKind::ChangeQuantity;
        more.actions[0].target = None;
        more.actions[0].subscription = Some(first.actions[0].subscription.clone());
        let second = world.order(&world.place("second", &more).await).await;
        let entitled = || async {
            let target = "namespace:dunmore".parse().expect("a target");
            let body = app::entitlement::check(&world.app, &world.service, &target).await.expect("an answer");
            String::from_utf8(body.to_vec()).expect("text")
        };
        assert!(entitled().await.contains("\"quantity\":20"), "{}", entitled().await);

        // The charge is withdrawn in Zuora before it hears of the order.
        world.withdraw_charge(first.actions[0].lines[0].charge_id.as_str());
        let worker = Worker::start(&world.app, Duty::Work);
        world
            .until("both orders are rejected", || async {
                world.order_by(&first.number).await.status == OrderStatus::Rejected
                    && world.order_by(&second.number).await.status == OrderStatus::Rejected
            })
            .await;
        let view = app::order::view(&world.app, &world.service, &second.number).await.expect("an order");
        assert!(view.order.reason.expect("a reason").contains("earlier order"));
        assert!(
            view.obligations.iter().all(|duty| duty.status == ObligationStatus::Closed),
            "{:?}",
            view.obligations
        );
        world
            .until("the entitlement is gone", || async { !entitled().await.contains("business-seats") })
            .await;
        let orders: usize = world.books().accounts.iter().map(|account| account.orders.len()).sum();
        assert_eq!(orders, 0, "Zuora has neither");
        worker.stop(&world.app).await;
    }
}
