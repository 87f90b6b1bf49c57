//! Idempotency records: same key, same answer.
//! Refuses a second answer, also to those who race for it.

use store::idempotency::{self, Record};
use store::testing::databases;

use crate::sample::{at, id};

fn sample(key: &str, hash: &str) -> Record {
    Record {
        scope: "tok_1 order_place".into(),
        key: key.into(),
        request_hash: hash.into(),
        status: 201,
        response: r#"{"total":1234567890123456.789012}"#.into(),
        location: Some("/api/v1/orders/P-O1".into()),
        account_id: Some(id(1)),
        created_at: at(0),
    }
}

#[tokio::test]
async fn an_answer_is_found_by_scope_and_key_and_stands() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        let scope = "tok_1 order_place";
        assert_eq!(idempotency::find(&mut tx, scope, "k1").await.unwrap(), None);
        let bare = Record { location: None, account_id: None, ..sample("k2", "b") };
        assert!(idempotency::insert(&mut tx, &sample("k1", "a")).await.unwrap());
        assert!(idempotency::insert(&mut tx, &bare).await.unwrap());
        assert!(!idempotency::insert(&mut tx, &sample("k1", "other")).await.unwrap());
        assert_eq!(idempotency::find(&mut tx, scope, "k1").await.unwrap(), Some(sample("k1", "a")));
        assert_eq!(idempotency::find(&mut tx, scope, "k2").await.unwrap(), Some(bare), "{}", db.name());
        assert_eq!(idempotency::find(&mut tx, "tok_2 order_place", "k1").await.unwrap(), None);
        let elsewhere = Record { scope: "tok_2 order_place".into(), ..sample("k1", "c") };
        assert!(idempotency::insert(&mut tx, &elsewhere).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_race_for_a_key_exactly_one_wins_and_the_others_see_its_answer() {
    const RACERS: usize = 6;
    for db in databases().await {
        for round in 0..10 {
            let race = (0..RACERS).map(|racer| {
                let db = (*db).clone();
                tokio::spawn(async move {
                    let mut tx = db.write().await.unwrap();
                    let mine = sample(&format!("k{round}"), &format!("racer {racer}"));
                    let won = idempotency::insert(&mut tx, &mine).await.unwrap();
                    let stands = idempotency::find(&mut tx, &mine.scope, &mine.key).await.unwrap().unwrap();
                    tx.commit().await.unwrap();
                    (won, stands.request_hash)
                })
            });
            let mut answers = Vec::new();
            for racer in race.collect::<Vec<_>>() {
                answers.push(racer.await.unwrap());
            }
            let winners: Vec<_> = answers.iter().filter(|(won, _)| *won).collect();
            assert_eq!(winners.len(), 1, "{} {answers:?}", db.name());
            assert!(answers.iter().all(|(_, stands)| stands == &winners[0].1), "{} {answers:?}", db.name());
        }
    }
}

#[tokio::test]
async fn a_winner_that_is_undone_leaves_the_key_to_the_next() {
    for db in databases().await {
        let mut first = db.write().await.unwrap();
        assert!(idempotency::insert(&mut first, &sample("k", "first")).await.unwrap());
        first.undo().await.unwrap();
        let mut second = db.write().await.unwrap();
        assert!(idempotency::insert(&mut second, &sample("k", "second")).await.unwrap(), "{}", db.name());
    }
}
