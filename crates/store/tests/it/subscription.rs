//! Mirrored subscription versions.
//! Refuses to change one that is there, in whatever order they come.

use domain::obligation::{Obligation, ObligationStatus};
use domain::subscription::{Subscription, SubscriptionStatus};
use sqlx::types::Json;
use store::testing::databases;
use store::{Error, Tx, obligation, subscription};

use crate::sample::{at, day, id, insert_account, insert_first_account, line};

fn sample(number: &str, version: i64) -> Subscription {
    Subscription {
        number: number.parse().unwrap(),
        version,
        zuora_id: format!("{number}-v{version}").parse().unwrap(),
        account_id: id(1),
        status: SubscriptionStatus::Active,
        target: Some("namespace:brightwater".parse().unwrap()),
        term_start: day("0999-01-01"),
        term_end: day("9999-12-31"),
        lines: Json(vec![line(), line()]),
        order_number: Some("P-O1".parse().unwrap()),
        updated_at: at(10),
        synced_at: at(11),
    }
}

fn bare(number: &str, version: i64) -> Subscription {
    Subscription { target: None, order_number: None, lines: Json(vec![]), ..sample(number, version) }
}

async fn insert(tx: &mut Tx, version: &Subscription) -> bool {
    subscription::insert(tx, version, "{}").await.unwrap()
}

#[tokio::test]
async fn a_version_comes_back_as_it_went_in() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        for version in [sample("P-S1", i64::MAX), bare("P-S2", 1)] {
            assert!(insert(&mut tx, &version).await);
            let found = subscription::find_latest(&mut tx, &version.number).await.unwrap();
            assert_eq!(found, Some(version), "{}", db.name());
        }
        assert_eq!(subscription::find_latest(&mut tx, &"P-S3".parse().unwrap()).await.unwrap(), None);
        let same_id = Subscription { zuora_id: "P-S2-v1".parse().unwrap(), ..sample("P-S4", 1) };
        let taken = subscription::insert(&mut tx, &same_id, "{}").await;
        assert!(matches!(taken, Err(Error::Taken("subscription"))));
    }
}

#[tokio::test]
async fn the_highest_version_is_the_latest_in_whatever_order_they_come() {
    for order in [[1, 2, 3], [3, 2, 1], [2, 3, 1], [3, 1, 2]] {
        for db in databases().await {
            insert_first_account(&db).await;
            let mut tx = db.write().await.unwrap();
            let number = "P-S1".parse().unwrap();
            let mut highest = 0;
            for version in order {
                highest = highest.max(version);
                assert!(insert(&mut tx, &sample("P-S1", version)).await);
                let latest = subscription::find_latest(&mut tx, &number).await.unwrap();
                assert_eq!(latest, Some(sample("P-S1", highest)), "{} {order:?}", db.name());
            }
            let versions = subscription::versions(&mut tx, &number).await.unwrap();
            assert_eq!(versions, [1, 2, 3].map(|version| sample("P-S1", version)));
        }
    }
}

#[tokio::test]
async fn a_version_that_is_there_is_no_news_and_is_not_changed() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        assert!(insert(&mut tx, &sample("P-S1", 1)).await);
        let changed =
            Subscription { status: SubscriptionStatus::Expired, lines: Json(vec![]), ..sample("P-S1", 1) };
        assert!(!insert(&mut tx, &changed).await);
        let number = "P-S1".parse().unwrap();
        assert_eq!(
            subscription::versions(&mut tx, &number).await.unwrap(),
            [sample("P-S1", 1)],
            "{}",
            db.name()
        );
    }
}

#[tokio::test]
async fn a_refresh_takes_over_what_changed_within_a_version_and_says_whether_anything_did() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        let second = insert_account(&mut tx, 2).await;
        insert(&mut tx, &bare("P-S1", 1)).await;
        insert(&mut tx, &bare("P-S1", 2)).await;
        let number = "P-S1".parse().unwrap();
        assert!(!subscription::refresh(&mut tx, &bare("P-S1", 2), "{}").await.unwrap());
        assert!(!subscription::refresh(&mut tx, &bare("P-S1", 3), "{}").await.unwrap(), "an unknown version");

        let steps = [
            Subscription { status: SubscriptionStatus::Cancelled, ..bare("P-S1", 2) },
            Subscription {
                status: SubscriptionStatus::Cancelled,
                target: sample("P-S1", 2).target,
                ..bare("P-S1", 2)
            },
            Subscription { account_id: second, ..bare("P-S1", 2) },
            Subscription {
                updated_at: at(20),
                synced_at: at(21),
                lines: Json(vec![line()]),
                ..bare("P-S1", 2)
            },
        ];
        for step in steps {
            assert!(subscription::refresh(&mut tx, &step, "{1}").await.unwrap(), "{}", db.name());
            assert_eq!(subscription::find_latest(&mut tx, &number).await.unwrap(), Some(step));
        }
        assert_eq!(subscription::versions(&mut tx, &number).await.unwrap()[0], bare("P-S1", 1));
        for (version, second) in [(1, Some(10)), (2, Some(20)), (3, None)] {
            let zuora_id = bare("P-S1", version).zuora_id;
            let updated_at = subscription::updated_at(&mut tx, &zuora_id).await.unwrap();
            assert_eq!(updated_at, second.map(at), "{} {version}", db.name());
        }
    }
}

#[tokio::test]
async fn an_account_shows_its_latest_versions_only() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        insert_account(&mut tx, 2).await;
        for version in [sample("P-S2", 1), sample("P-S1", 1), sample("P-S1", 2)] {
            insert(&mut tx, &version).await;
        }
        insert(&mut tx, &Subscription { account_id: id(2), ..sample("P-S3", 1) }).await;
        let all = subscription::list_of_account(&mut tx, id(1)).await.unwrap();
        assert_eq!(all, [sample("P-S1", 2), sample("P-S2", 1)], "{}", db.name());
        assert_eq!(subscription::count(&mut tx).await.unwrap(), 3);
    }
}

#[tokio::test]
async fn a_target_knows_every_account_that_provisions_it_or_is_about_to() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        for number in 2..=4 {
            insert_account(&mut tx, number).await;
        }
        let target = "server:git-1".parse().unwrap();
        let of = |number: &str, account: u128| Subscription {
            account_id: id(account),
            target: Some("server:git-1".parse().unwrap()),
            ..sample(number, 1)
        };
        insert(&mut tx, &of("P-S1", 1)).await;
        insert(&mut tx, &of("P-S2", 1)).await;
        // Account 2 moved its subscription to another target.
        insert(&mut tx, &of("P-S3", 2)).await;
        insert(&mut tx, &Subscription { account_id: id(2), ..sample("P-S3", 2) }).await;
        let duty = Obligation {
            id: id(1),
            account_id: id(3),
            subscription: "P-S4".parse().unwrap(),
            effective: day("2026-11-12"),
            capability: "seats".into(),
            target: "server:git-1".into(),
            status: ObligationStatus::Waiting,
            deadline: None,
            order_id: Some(id(1)),
            version: None,
            reason: None,
            created_at: at(0),
            done_at: None,
        };
        obligation::promise(&mut tx, &duty).await.unwrap();
        let mut accounts = subscription::accounts_of_target(&mut tx, &target).await.unwrap();
        accounts.sort();
        assert_eq!(accounts, [id(1), id(3)], "{}", db.name());
    }
}
