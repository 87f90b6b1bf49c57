//! Events: appended with what happened, tailed without a gap.
//! Refuses to skip what becomes visible late.

use std::time::{Duration, Instant};

use domain::EventId;
use store::event::{self, Event, Tail};
use store::testing::databases;
use store::{Db, Engine, Error, Tx};

use crate::sample::{LONG, at, id};

fn sample(number: u128, kind: &str) -> Event {
    Event {
        id: id(number),
        kind: kind.into(),
        schema: 1,
        noun_id: "ord_1".into(),
        account_id: Some(id(1)),
        actor: "tok_1".into(),
        payload: sqlx::types::Json(serde_json::from_str(&format!(r#"{{"total":{LONG}}}"#)).unwrap()),
        trace_id: "trace".into(),
        occurred_at: at(0),
    }
}

const START: Tail = Tail { xid: 0, id: String::new() };

async fn append(tx: &mut Tx, number: u128) {
    event::append(tx, &sample(number, "order.accepted")).await.unwrap();
}

/// Tails until so many events have come: on a server, a transaction of another test may hold them back for a while.
async fn tail(db: &Db, after: &Tail, count: usize) -> Vec<(Tail, Event)> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let rows = event::tail(&mut db.read().await.unwrap(), "order.accepted", after, 9).await.unwrap();
        assert!(rows.len() <= count && Instant::now() < deadline, "{rows:?}, not {count}");
        if rows.len() == count {
            return rows;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn ids(rows: &[(Tail, Event)]) -> Vec<EventId> {
    rows.iter().map(|(_, event)| event.id).collect()
}

#[tokio::test]
async fn events_come_back_as_they_were_appended_and_by_kind() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        let bare = Event { account_id: None, ..sample(2, "order.accepted") };
        let other = Event { noun_id: "ord_2".into(), ..sample(3, "order.billed") };
        for event in [&bare, &sample(1, "order.accepted"), &other] {
            event::append(&mut tx, event).await.unwrap();
        }
        tx.commit().await.unwrap();

        let rows = tail(&db, &START, 2).await;
        let in_order = event::list_of_noun(&mut db.read().await.unwrap(), "ord_1", 9).await.unwrap();
        assert_eq!(in_order, [sample(1, "order.accepted"), bare], "{}", db.name());
        let first = event::list_of_noun(&mut db.read().await.unwrap(), "ord_1", 1).await.unwrap();
        assert_eq!(first, in_order[..1]);
        assert!(rows.iter().all(|(_, event)| in_order.contains(event)));

        let mut tx = db.read().await.unwrap();
        let rest = event::tail(&mut tx, "order.accepted", &rows[0].0, 9).await.unwrap();
        assert_eq!(rest, rows[1..]);
        assert_eq!(event::tail(&mut tx, "order.accepted", &START, 1).await.unwrap(), rows[..1]);
        drop(tx);
        let mut tx = db.write().await.unwrap();
        assert!(matches!(event::append(&mut tx, &other).await, Err(Error::Taken("event"))));
    }
}

#[tokio::test]
async fn from_the_end_only_what_follows_is_seen() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        append(&mut tx, 1).await;
        tx.commit().await.unwrap();
        // Once it is seen, nothing that runs is older than it.
        tail(&db, &START, 1).await;
        let end = event::end(&mut db.read().await.unwrap()).await.unwrap();
        let mut tx = db.write().await.unwrap();
        append(&mut tx, 2).await;
        tx.commit().await.unwrap();
        assert_eq!(ids(&tail(&db, &end, 1).await), [id(2)], "{}", db.name());
    }
}

#[tokio::test]
async fn an_event_is_never_skipped_because_an_earlier_one_commits_later() {
    for db in databases().await {
        // On SQLite there is one writer: two transactions with events are never open at once.
        if db.engine() == Engine::Sqlite {
            continue;
        }
        let mut slow = db.write().await.unwrap();
        append(&mut slow, 1).await;
        let mut quick = db.write().await.unwrap();
        append(&mut quick, 2).await;
        quick.commit().await.unwrap();

        let place = event::end(&mut db.read().await.unwrap()).await.unwrap();
        for after in [&START, &place] {
            let rows = event::tail(&mut db.read().await.unwrap(), "order.accepted", after, 9).await.unwrap();
            assert_eq!(rows, [], "the quick one waits until the slow one is decided");
        }
        slow.commit().await.unwrap();
        let rows = tail(&db, &place, 2).await;
        assert_eq!(ids(&rows), [id(1), id(2)]);
        assert_eq!(ids(&tail(&db, &rows[0].0, 1).await), [id(2)]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_among_many_writers_sees_every_event_once() {
    const WRITERS: u128 = 4;
    const EACH: u128 = 25;
    // Each writer undoes every fifth.
    const COMMITTED: usize = 80;
    for db in databases().await {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let db = (*db).clone();
                tokio::spawn(async move {
                    for number in 0..EACH {
                        let mut tx = db.write().await.unwrap();
                        // Ids that fall while time goes on: no order of commits that a reader could rely on.
                        append(&mut tx, writer * EACH + (EACH - number)).await;
                        tokio::task::yield_now().await;
                        match number % 5 {
                            4 => tx.undo().await.unwrap(),
                            _ => tx.commit().await.unwrap(),
                        }
                    }
                })
            })
            .collect();
        let mut seen = Vec::new();
        let mut place = START;
        let deadline = Instant::now() + Duration::from_secs(60);
        while seen.len() < COMMITTED {
            assert!(Instant::now() < deadline, "{}: only {} came", db.name(), seen.len());
            let rows = event::tail(&mut db.read().await.unwrap(), "order.accepted", &place, 7).await.unwrap();
            for (tail, event) in rows {
                assert!(tail > place, "{}", db.name());
                place = tail;
                seen.push(event.id);
            }
            tokio::task::yield_now().await;
        }
        for writer in writers {
            writer.await.unwrap();
        }
        tail(&db, &place, 0).await;
        let mut distinct = seen.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!((seen.len(), distinct.len()), (COMMITTED, COMMITTED), "{}", db.name());
    }
}
