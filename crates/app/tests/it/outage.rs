//! The way of an order while Zuora is slow, wrong or down: billed once, whatever happens.
//! Refuses to trust our own rows: the emulator's books count.

use app::{Duty, Worker};
use domain::order::OrderStatus;
use jiff::SignedDuration;
use store::testing::databases;
use zuora_emulator::{Fault, FaultKind};

use crate::world::{World, subscribe};

#[tokio::test(flavor = "multi_thread")]
async fn every_order_is_billed_once_through_every_kind_of_outage() {
    use FaultKind::*;
    let kinds =
        [Refuse, Http500, CommitThen504, LateCommit, ResetAfterCommit, RateLimited, Lock, Spurious401];
    for db in databases().await {
        let world = World::open(db).await;
        let worker = Worker::start(&world.app, Duty::Work);
        world.catalog().await;
        let mut placed = Vec::new();
        for (round, kind) in kinds.into_iter().enumerate() {
            let account = world.account(&format!("Company {round}")).await;
            world
                .until("the account is in Zuora", || async {
                    world.books().accounts.iter().any(|book| book.number == account.number.as_str())
                })
                .await;
            world.faults(vec![Fault::every(kind)]);
            for n in 0..3 {
                let request =
                    subscribe(&account, "cloud-business", 10 + n, &format!("namespace:c{round}-{n}"));
                let answer = world.place(&format!("{round}-{n}"), &request).await;
                assert_eq!(answer.status, 201, "orders are taken while Zuora has {kind:?}");
                placed.push(answer);
            }
            world.app.clock.sleep(SignedDuration::from_mins(5)).await;
            world.faults(Vec::new());
        }
        for answer in &placed {
            world
                .until("every order is billed", || async {
                    world.order(answer).await.status == OrderStatus::Billed
                })
                .await;
        }
        // What was answered 504 and comes late has come by now, or will be refused by its number.
        world.app.clock.sleep(SignedDuration::from_mins(8)).await;
        let books = world.books();
        let mut numbers: Vec<&str> = books
            .accounts
            .iter()
            .flat_map(|account| &account.orders)
            .map(|book| book.number.as_str())
            .collect();
        numbers.sort_unstable();
        let mut ours: Vec<String> = placed.iter().map(|answer| answer.body.clone()).collect();
        ours.sort_unstable();
        assert_eq!(numbers, ours, "each once");
        let invoices: usize = books.accounts.iter().map(|account| account.invoices.len()).sum();
        assert_eq!(invoices, placed.len());
        worker.stop(&world.app).await;
    }
}
