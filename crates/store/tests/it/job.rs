//! Jobs: their turn, their end, and what stays of those that fail.
//! Refuses to lose one.

use jiff::SignedDuration;
use sqlx::types::Json;
use store::job::{self, Job};
use store::lane::{self, Lease};
use store::testing::databases;
use store::{Db, Error, ReadTx, Tx};

use crate::sample::{self, LONG, at, id};

const CLASS: &str = "test";
const LEASE: SignedDuration = SignedDuration::from_secs(180);

async fn enqueue(db: &Db, jobs: &[Job]) {
    let mut tx = db.write().await.unwrap();
    for job in jobs {
        job::enqueue(&mut tx, job).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn claim(tx: &mut Tx, second: i64) -> Lease {
    lane::claim(tx, CLASS, at(second), LEASE).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_job_comes_back_as_it_was_promised() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        let exact: serde_json::Value =
            serde_json::from_str(&format!(r#"{{"price":{LONG},"n":{},"s":"ü\"\\"}}"#, i64::MIN)).unwrap();
        let full =
            Job { payload: Json(exact), schema: i32::MAX, blocking: true, ..sample::job(1, "test:a", 0) };
        job::enqueue(&mut tx, &full).await.unwrap();
        let back = job::head(&mut tx, "test:a", at(0)).await.unwrap().unwrap();
        assert_eq!(back, full, "{}", db.name());
        assert!(back.payload.to_string().contains(LONG));
        assert_eq!(job::head(&mut tx, "test:b", at(0)).await.unwrap(), None);
        let twice = job::enqueue(&mut tx, &full).await;
        assert!(matches!(twice, Err(Error::Taken("job"))));
    }
}

#[tokio::test]
async fn a_lane_is_first_in_first_out_whatever_the_ids() {
    for db in databases().await {
        enqueue(
            &db,
            &[sample::job(9, "test:a", 0), sample::job(1, "test:a", 0), sample::job(5, "test:a", 0)],
        )
        .await;
        let mut order = Vec::new();
        for _ in 0..3 {
            let mut tx = db.write().await.unwrap();
            let lease = claim(&mut tx, 1).await;
            let head = job::head(&mut tx, &lease.name, at(1)).await.unwrap().unwrap();
            lane::check(&mut tx, &lease).await.unwrap();
            job::finish(&mut tx, &lease, head.id, at(2)).await.unwrap();
            tx.commit().await.unwrap();
            order.push(head.id);
        }
        assert_eq!(order, [9, 1, 5].map(id), "{}", db.name());
        let mut tx = db.write().await.unwrap();
        assert_eq!(lane::claim(&mut tx, CLASS, at(99), LEASE).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_waiting_job_is_passed_by_unless_it_blocks() {
    for db in databases().await {
        enqueue(&db, &[sample::job(1, "test:a", 50), sample::job(2, "test:a", 0)]).await;
        enqueue(&db, &[Job { blocking: true, ..sample::job(3, "test:b", 50) }, sample::job(4, "test:b", 0)])
            .await;
        let mut tx = db.write().await.unwrap();
        let head = |job: Option<Job>| job.map(|job| job.id);
        assert_eq!(head(job::head(&mut tx, "test:a", at(1)).await.unwrap()), Some(id(2)), "{}", db.name());
        assert_eq!(head(job::head(&mut tx, "test:a", at(50)).await.unwrap()), Some(id(1)));
        assert_eq!(head(job::head(&mut tx, "test:b", at(49)).await.unwrap()), None);
        assert_eq!(head(job::head(&mut tx, "test:b", at(50)).await.unwrap()), Some(id(3)));
    }
}

#[tokio::test]
async fn a_blocking_job_in_the_middle_holds_what_is_behind_it_and_nothing_before() {
    for db in databases().await {
        let blocks = Job { blocking: true, ..sample::job(2, "test:a", 50) };
        enqueue(&db, &[sample::job(1, "test:a", 100), blocks, sample::job(3, "test:a", 0)]).await;
        let mut tx = db.write().await.unwrap();
        let lease = claim(&mut tx, 1).await;
        assert_eq!(job::head(&mut tx, "test:a", at(1)).await.unwrap(), None, "{}", db.name());
        lane::release(&mut tx, &lease).await.unwrap();
        // Waking up before the blocking job may run would find nothing to do, again and again.
        assert_eq!(lane::next_at(&mut tx, CLASS).await.unwrap(), Some(at(50)), "{}", db.name());
    }
}

#[tokio::test]
async fn a_job_that_is_to_run_again_keeps_its_place_and_says_why() {
    for db in databases().await {
        let blocking = Job { blocking: true, ..sample::job(1, "test:a", 0) };
        enqueue(&db, &[blocking.clone(), sample::job(2, "test:a", 0)]).await;
        let mut tx = db.write().await.unwrap();
        let lease = claim(&mut tx, 1).await;
        job::begin(&mut tx, id(1)).await.unwrap();
        job::again(&mut tx, &lease, id(1), at(60), "Zuora is down").await.unwrap();
        assert_eq!(lane::next_at(&mut tx, CLASS).await.unwrap(), Some(at(60)), "{}", db.name());
        assert_eq!(lane::claim(&mut tx, CLASS, at(59), LEASE).await.unwrap(), None);
        claim(&mut tx, 60).await;
        let again = Job { run_at: at(60), tries: 1, last_error: Some("Zuora is down".into()), ..blocking };
        assert_eq!(job::head(&mut tx, "test:a", at(60)).await.unwrap(), Some(again));
    }
}

#[tokio::test]
async fn a_dead_job_is_kept_and_frees_its_lane() {
    for db in databases().await {
        let blocking = Job { blocking: true, kind: "push".into(), ..sample::job(1, "test:a", 0) };
        enqueue(&db, &[blocking, sample::job(2, "test:a", 0), sample::job(3, "test:b", 0)]).await;
        let mut tx = db.write().await.unwrap();
        assert_eq!(job::count_dead(&mut tx).await.unwrap(), []);
        assert_eq!(job::count_ready(&mut tx, "submit_order").await.unwrap(), 2);
        let lease = claim(&mut tx, 1).await;
        job::bury(&mut tx, &lease, id(1), "refused", at(2)).await.unwrap();
        assert_eq!(job::head(&mut tx, "test:a", at(3)).await.unwrap().unwrap().id, id(2), "{}", db.name());
        let lease = Lease { name: "test:b".into(), fence: 0 };
        job::bury(&mut tx, &lease, id(3), "refused", at(2)).await.unwrap();
        let dead = job::count_dead(&mut tx).await.unwrap();
        assert_eq!(dead, [("push".to_owned(), 1), ("submit_order".to_owned(), 1)]);
        assert_eq!(job::count_ready(&mut tx, "submit_order").await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_job_waits_until_it_has_begun() {
    for db in databases().await {
        enqueue(&db, &[sample::job(1, "test:a", 500), sample::job(2, "test:a", 400)]).await;
        let mut tx = db.write().await.unwrap();
        let kind = "submit_order";
        assert_eq!(
            job::first_waiting(&mut tx, "test:a", kind).await.unwrap(),
            Some(at(400)),
            "{}",
            db.name()
        );
        assert_eq!(job::first_waiting(&mut tx, "test:a", "push").await.unwrap(), None);
        assert_eq!(job::first_waiting(&mut tx, "test:b", kind).await.unwrap(), None);
        job::begin(&mut tx, id(2)).await.unwrap();
        assert_eq!(
            job::first_waiting(&mut tx, "test:a", kind).await.unwrap(),
            Some(at(500)),
            "{}",
            db.name()
        );
        let lease = Lease { name: "test:a".into(), fence: 0 };
        job::again(&mut tx, &lease, id(2), at(450), "down").await.unwrap();
        assert_eq!(
            job::first_waiting(&mut tx, "test:a", kind).await.unwrap(),
            Some(at(450)),
            "it begins anew"
        );
    }
}

#[tokio::test]
async fn what_a_mail_said_is_forgotten_once_it_is_sent() {
    for db in databases().await {
        enqueue(&db, &[Job { kind: "send_mail".into(), ..sample::job(1, "test:a", 0) }]).await;
        enqueue(&db, &[sample::job(2, "test:b", 0)]).await;
        let mut tx = db.write().await.unwrap();
        for number in [1, 2] {
            let lease = claim(&mut tx, 1).await;
            job::finish(&mut tx, &lease, id(number), at(2)).await.unwrap();
        }
        let query = "SELECT CAST(payload AS TEXT) FROM jobs ORDER BY id";
        let payloads: Vec<String> = match &mut *tx {
            ReadTx::Postgres(tx) => sqlx::query_scalar(query).fetch_all(&mut **tx).await.unwrap(),
            ReadTx::Sqlite(tx) => sqlx::query_scalar(query).fetch_all(&mut **tx).await.unwrap(),
        };
        assert_eq!(payloads[0], "{}", "{}", db.name());
        assert!(payloads[1].contains("order"), "{}", db.name());
    }
}

#[tokio::test]
async fn a_touch_changes_nothing_and_is_refused_where_nothing_can_be_written() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        job::enqueue(&mut tx, &sample::job(1, "test:a", 0)).await.unwrap();
        job::touch(&mut tx).await.unwrap();
        let head = job::head(&mut tx, "test:a", at(0)).await.unwrap();
        assert_eq!(head, Some(sample::job(1, "test:a", 0)), "{}", db.name());
        if let ReadTx::Postgres(raw) = &mut *tx {
            // What a standby answers.
            sqlx::query("SET TRANSACTION READ ONLY").execute(&mut **raw).await.unwrap();
            assert!(matches!(job::touch(&mut tx).await, Err(Error::Driver(_))));
        }
    }
}
