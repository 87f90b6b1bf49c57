//! Obligations: one row a change, from promise to done.
//! Refuses to lose one, or to have it twice.

use domain::obligation::{Obligation, ObligationStatus};
use store::testing::databases;
use store::{ReadTx, obligation};

use crate::sample::{at, day, id, insert_first_account};

use ObligationStatus::{Closed, Done, Due, Unmapped, Waiting};

fn promised(number: u128, status: ObligationStatus) -> Obligation {
    Obligation {
        id: id(number),
        account_id: id(1),
        subscription: format!("P-S{number}").parse().unwrap(),
        effective: day("2026-11-12"),
        capability: "seats".into(),
        target: "namespace:brightwater".into(),
        status,
        deadline: (status == Due).then(|| at(900)),
        order_id: Some(id(7)),
        version: None,
        reason: None,
        created_at: at(0),
        done_at: None,
    }
}

/// The same change as a mirrored version shows it.
fn confirmed(number: u128, status: ObligationStatus) -> Obligation {
    Obligation {
        id: id(number + 100),
        status,
        deadline: Some(at(1_000)),
        order_id: None,
        version: Some(i64::MAX),
        created_at: at(50),
        ..promised(number, status)
    }
}

async fn all(tx: &mut ReadTx) -> Vec<Obligation> {
    let mut all = Vec::new();
    for status in ObligationStatus::ALL {
        all.extend(obligation::list_in_status(tx, *status, 99).await.unwrap());
    }
    all
}

#[tokio::test]
async fn a_duty_comes_back_as_it_was_promised() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        let full = Obligation {
            version: Some(2),
            reason: Some("because".into()),
            done_at: Some(at(3)),
            ..promised(1, Due)
        };
        let bare = Obligation { order_id: None, ..promised(2, Waiting) };
        obligation::promise(&mut tx, &full).await.unwrap();
        obligation::promise(&mut tx, &bare).await.unwrap();
        obligation::promise(&mut tx, &promised(3, Due)).await.unwrap();
        let of_order = obligation::list_of_order(&mut tx, id(7)).await.unwrap();
        assert_eq!(of_order, [full, promised(3, Due)], "{}", db.name());
        assert_eq!(obligation::list_in_status(&mut tx, Waiting, 9).await.unwrap(), [bare]);
    }
}

#[tokio::test]
async fn a_version_takes_over_what_an_order_promised() {
    // What stood, what the version says, what stands then, and whose deadline.
    let cases = [
        (Waiting, Due, Due, at(1_000)),
        (Due, Due, Due, at(900)),
        (Unmapped, Due, Due, at(1_000)),
        (Waiting, Unmapped, Unmapped, at(1_000)),
        (Due, Unmapped, Due, at(900)),
        (Done, Due, Done, at(1_000)),
        (Closed, Due, Closed, at(1_000)),
    ];
    for (stood, says, stands, deadline) in cases {
        for db in databases().await {
            insert_first_account(&db).await;
            let mut tx = db.write().await.unwrap();
            obligation::promise(&mut tx, &promised(1, stood)).await.unwrap();
            obligation::confirm(&mut tx, &confirmed(1, says)).await.unwrap();
            obligation::confirm(&mut tx, &confirmed(1, says)).await.unwrap();
            let taken_over = Obligation {
                status: stands,
                deadline: Some(deadline),
                version: Some(i64::MAX),
                ..promised(1, stood)
            };
            assert_eq!(all(&mut tx).await, [taken_over], "{} {stood} {says}", db.name());
        }
    }
}

#[tokio::test]
async fn a_version_that_nobody_promised_makes_a_duty_of_its_own() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        obligation::confirm(&mut tx, &confirmed(1, Due)).await.unwrap();
        let other_day = Obligation { effective: day("2026-11-13"), ..confirmed(2, Due) };
        let other_day = Obligation { subscription: promised(1, Due).subscription, ..other_day };
        obligation::confirm(&mut tx, &other_day).await.unwrap();
        assert_eq!(all(&mut tx).await, [confirmed(1, Due), other_day], "{}", db.name());
    }
}

#[tokio::test]
async fn a_second_change_under_the_same_key_makes_the_duty_due_again() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        let closed = Obligation {
            reason: Some("rejected".into()),
            done_at: Some(at(5)),
            version: Some(3),
            ..promised(1, Closed)
        };
        obligation::promise(&mut tx, &closed).await.unwrap();
        let again = Obligation { id: id(2), order_id: Some(id(8)), created_at: at(9), ..promised(1, Due) };
        obligation::promise(&mut tx, &again).await.unwrap();
        assert_eq!(all(&mut tx).await, [Obligation { id: id(1), ..again }], "{}", db.name());
    }
}

#[tokio::test]
async fn billing_makes_the_waiting_duties_of_its_order_due() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        let foreign = Obligation { order_id: Some(id(8)), ..promised(4, Waiting) };
        for duty in [promised(1, Waiting), promised(2, Done), promised(3, Due), foreign.clone()] {
            obligation::promise(&mut tx, &duty).await.unwrap();
        }
        obligation::set_due(&mut tx, id(7), at(500)).await.unwrap();
        let due = Obligation { status: Due, deadline: Some(at(500)), ..promised(1, Waiting) };
        let expected = [foreign, due, promised(3, Due), promised(2, Done)];
        assert_eq!(all(&mut tx).await, expected, "{}", db.name());
    }
}

#[tokio::test]
async fn a_rejected_order_closes_what_it_promised_and_nothing_that_a_version_confirmed() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        let foreign = Obligation { order_id: Some(id(8)), ..promised(4, Due) };
        let elsewhere = Obligation { target: "server:git-1".into(), ..promised(2, Done) };
        for duty in [promised(1, Waiting), elsewhere, promised(3, Due), foreign.clone()] {
            obligation::promise(&mut tx, &duty).await.unwrap();
        }
        obligation::confirm(&mut tx, &confirmed(3, Due)).await.unwrap();
        let mut targets = obligation::close_of_order(&mut tx, id(7), "rejected", at(9)).await.unwrap();
        targets.sort();
        assert_eq!(targets, ["namespace:brightwater", "server:git-1"], "{}", db.name());
        assert!(obligation::close_of_order(&mut tx, id(7), "again", at(10)).await.unwrap().is_empty());
        let closed = obligation::list_in_status(&mut tx, Closed, 9).await.unwrap();
        assert_eq!(closed.len(), 2);
        assert!(
            closed
                .iter()
                .all(|duty| duty.reason.as_deref() == Some("rejected") && duty.done_at == Some(at(9)))
        );
        let due = obligation::list_in_status(&mut tx, Due, 9).await.unwrap();
        assert_eq!(due, [Obligation { version: Some(i64::MAX), ..promised(3, Due) }, foreign]);
    }
}

#[tokio::test]
async fn a_push_ends_only_the_duties_that_it_knew_of_and_that_count_by_then() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        let duties = [
            promised(1, Due),
            Obligation { created_at: at(11), ..promised(2, Due) },
            Obligation { effective: day("2026-11-13"), ..promised(3, Due) },
            Obligation { target: "namespace:other".into(), ..promised(4, Due) },
            promised(5, Waiting),
        ];
        for duty in &duties {
            obligation::promise(&mut tx, duty).await.unwrap();
        }
        let target = "namespace:brightwater";
        let ended = obligation::fulfill(&mut tx, target, at(10), "2026-11-12", at(20)).await.unwrap();
        assert_eq!(ended, 1, "{}", db.name());
        let done = Obligation { status: Done, done_at: Some(at(20)), ..promised(1, Due) };
        assert_eq!(obligation::list_in_status(&mut tx, Done, 9).await.unwrap(), [done]);
        assert_eq!(obligation::list_in_status(&mut tx, Due, 9).await.unwrap(), duties[1..4]);
        let ended = obligation::fulfill(&mut tx, target, at(11), "2026-11-13", at(21)).await.unwrap();
        assert_eq!(ended, 2);
    }
}

#[tokio::test]
async fn duties_are_counted_and_the_late_ones_known_those_with_the_earliest_deadline_first() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        let late =
            |number, status, second| Obligation { deadline: Some(at(second)), ..promised(number, status) };
        let duties = [
            late(1, Due, 30),
            late(2, Due, 10),
            late(3, Unmapped, 20),
            late(4, Done, 1),
            late(5, Due, 10),
            Obligation { deadline: None, ..promised(6, Due) },
        ];
        for duty in &duties {
            obligation::promise(&mut tx, duty).await.unwrap();
        }
        let due = obligation::list_in_status(&mut tx, Due, 9).await.unwrap();
        let numbers: Vec<_> = due.iter().map(|duty| duty.subscription.as_str()).collect();
        assert_eq!(numbers, ["P-S2", "P-S5", "P-S1", "P-S6"], "{}", db.name());
        assert_eq!(obligation::list_in_status(&mut tx, Due, 2).await.unwrap(), due[..2]);
        let counts = obligation::count_by_status(&mut tx).await.unwrap();
        assert_eq!(counts, [(Done, 1), (Due, 4), (Unmapped, 1)]);
        assert_eq!(obligation::count_late(&mut tx, at(10)).await.unwrap(), 0);
        assert_eq!(obligation::count_late(&mut tx, at(21)).await.unwrap(), 3);
        assert_eq!(obligation::count_late(&mut tx, at(99)).await.unwrap(), 4);
    }
}
