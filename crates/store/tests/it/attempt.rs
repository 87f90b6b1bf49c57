//! Attempts: on record before the call, closed once.
//! Refuses to rewrite what came of one.

use domain::JobId;
use domain::attempt::{Attempt, AttemptKind, Outcome};
use store::Error;
use store::attempt;
use store::testing::databases;

use crate::sample::{at, id};

fn open(number: u128, kind: AttemptKind) -> Attempt {
    Attempt {
        id: id(number),
        job_id: id(1),
        epoch: i64::MAX,
        kind,
        request: (kind == AttemptKind::Send).then(|| r#"{"quantity":1234567890123456.789012}"#.into()),
        opened_at: at(1),
        outcome: None,
        answer: None,
        closed_at: None,
    }
}

#[tokio::test]
async fn attempts_come_back_oldest_first_and_only_those_of_the_job() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        let (send, probe) = (open(1, AttemptKind::Send), open(2, AttemptKind::Probe));
        attempt::open(&mut tx, &probe).await.unwrap();
        attempt::open(&mut tx, &send).await.unwrap();
        attempt::open(&mut tx, &Attempt { job_id: id(2), ..open(3, AttemptKind::Send) }).await.unwrap();
        assert_eq!(attempt::list(&mut tx, id::<JobId>(1)).await.unwrap(), [send, probe]);
        assert!(attempt::list(&mut tx, id::<JobId>(3)).await.unwrap().is_empty());
        let twice = attempt::open(&mut tx, &open(1, AttemptKind::Send)).await;
        assert!(matches!(twice, Err(Error::Taken("attempt"))), "{}", db.name());
    }
}

#[tokio::test]
async fn a_closed_attempt_stays_as_it_was_closed() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        attempt::open(&mut tx, &open(1, AttemptKind::Send)).await.unwrap();
        attempt::open(&mut tx, &open(2, AttemptKind::Send)).await.unwrap();
        attempt::close(&mut tx, id(1), Outcome::Unknown, "no answer", at(2)).await.unwrap();
        attempt::close(&mut tx, id(1), Outcome::Done, "late", at(3)).await.unwrap();
        let closed = Attempt {
            outcome: Some(Outcome::Unknown),
            answer: Some("no answer".into()),
            closed_at: Some(at(2)),
            ..open(1, AttemptKind::Send)
        };
        let all = attempt::list(&mut tx, id::<JobId>(1)).await.unwrap();
        assert_eq!(all, [closed, open(2, AttemptKind::Send)]);
    }
}

#[tokio::test]
async fn a_worker_whose_clock_is_ahead_does_not_bring_an_old_epoch_back() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        let ahead = Attempt { epoch: 0, ..open(9, AttemptKind::Send) };
        let newer = Attempt { epoch: 1, ..open(2, AttemptKind::Send) };
        attempt::open(&mut tx, &ahead).await.unwrap();
        attempt::open(&mut tx, &newer).await.unwrap();
        assert_eq!(attempt::list(&mut tx, id::<JobId>(1)).await.unwrap(), [ahead, newer], "{}", db.name());
    }
}
