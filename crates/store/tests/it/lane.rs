//! Lanes: one worker at a time, in turn.
//! Refuses a worker whose lease is gone.

use std::time::Duration;

use domain::Instant;
use jiff::SignedDuration;
use store::job::{self, Job};
use store::lane::{self, Lease};
use store::testing::{TestDb, databases};
use store::{Db, Engine, Error};

use crate::sample::{self, at, id};

const CLASS: &str = "test";
const LEASE: SignedDuration = SignedDuration::from_secs(180);

async fn enqueue(db: &Db, job: Job) {
    let mut tx = db.write().await.unwrap();
    job::enqueue(&mut tx, &job).await.unwrap();
    tx.commit().await.unwrap();
}

async fn claim(db: &Db, now: Instant, lease: SignedDuration) -> Option<Lease> {
    let mut tx = db.write().await.unwrap();
    let claimed = lane::claim(&mut tx, CLASS, now, lease).await.unwrap();
    tx.commit().await.unwrap();
    claimed
}

/// A lease that is over at once, by whoever's clock the engine uses; returns the time at which it is.
async fn expire(db: &TestDb, claimed_at: Instant) -> Instant {
    match db.engine() {
        Engine::Sqlite => claimed_at.after(TINY).after(SignedDuration::from_micros(1)),
        Engine::Postgres => {
            tokio::time::sleep(Duration::from_millis(20)).await;
            claimed_at
        }
    }
}

const TINY: SignedDuration = SignedDuration::from_millis(5);

#[tokio::test]
async fn a_leased_lane_is_nobody_elses_until_the_lease_ends() {
    for db in databases().await {
        enqueue(&db, sample::job(1, "test:a", 0)).await;
        let first = claim(&db, at(1), TINY).await.unwrap();
        assert_eq!((first.name.as_str(), first.fence), ("test:a", 1));
        let second = match db.engine() {
            // The worker's clock decides nothing here.
            Engine::Postgres => claim(&db, at(999_999_999), LEASE).await,
            Engine::Sqlite => claim(&db, at(1).after(TINY), LEASE).await,
        };
        // A slow machine may have let the lease of a few milliseconds pass on a server.
        if let Some(second) = &second {
            assert_eq!((db.engine(), second.fence), (Engine::Postgres, 2));
            continue;
        }
        let now = expire(&db, at(1)).await;
        let third = claim(&db, now, LEASE).await.unwrap();
        assert_eq!((third.name.as_str(), third.fence), ("test:a", 2), "{}", db.name());
        assert_eq!(claim(&db, now, LEASE).await, None);
    }
}

#[tokio::test]
async fn what_a_worker_did_after_it_lost_its_lane_is_not_recorded() {
    for db in databases().await {
        enqueue(&db, sample::job(1, "test:a", 0)).await;
        let slow = claim(&db, at(1), TINY).await.unwrap();
        let now = expire(&db, at(1)).await;
        let quick = claim(&db, now, LEASE).await.unwrap();

        let mut tx = db.write().await.unwrap();
        assert!(matches!(lane::check(&mut tx, &slow).await, Err(Error::Fenced)), "{}", db.name());
        lane::check(&mut tx, &quick).await.unwrap();
        // Even a worker that does not ask cannot give away what is not its own.
        lane::release(&mut tx, &slow).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(claim(&db, now, LEASE).await, None, "{}", db.name());
    }
}

#[tokio::test]
async fn a_late_worker_that_nobody_replaced_may_still_record() {
    for db in databases().await {
        enqueue(&db, sample::job(1, "test:a", 0)).await;
        let lease = claim(&db, at(1), TINY).await.unwrap();
        expire(&db, at(1)).await;
        let mut tx = db.write().await.unwrap();
        lane::check(&mut tx, &lease).await.unwrap();
    }
}

#[tokio::test]
async fn lanes_are_taken_in_the_order_in_which_they_became_ready() {
    for db in databases().await {
        for (number, name, second) in
            [(1, "test:late", 30), (2, "test:early", 10), (3, "test:future", 90), (4, "test:middle", 20)]
        {
            enqueue(&db, sample::job(number, name, second)).await;
        }
        let mut names = Vec::new();
        while let Some(lease) = claim(&db, at(40), LEASE).await {
            names.push(lease.name);
        }
        assert_eq!(names, ["test:early", "test:middle", "test:late"], "{}", db.name());
    }
}

#[tokio::test]
async fn workers_of_a_class_see_only_its_lanes() {
    for db in databases().await {
        for (number, name, second) in [(1, "account:1", 10), (2, "accounts", 5), (3, "target:1:2", 20)] {
            enqueue(&db, sample::job(number, name, second)).await;
        }
        let mut tx = db.write().await.unwrap();
        for (class, name, second) in [("target", "target:1:2", 20), ("account", "account:1", 10)] {
            assert_eq!(lane::class(name), class);
            assert_eq!(lane::next_at(&mut tx, class).await.unwrap(), Some(at(second)), "{}", db.name());
            let lease = lane::claim(&mut tx, class, at(99), LEASE).await.unwrap().unwrap();
            assert_eq!(lease.name, name, "{}", db.name());
            assert_eq!(lane::claim(&mut tx, class, at(99), LEASE).await.unwrap(), None);
        }
        assert_eq!(lane::next_at(&mut tx, "mail").await.unwrap(), None);
    }
}

#[tokio::test]
async fn places_in_a_lane_are_counted_from_one() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        for place in 1..=3 {
            assert_eq!(lane::extend(&mut tx, "test:a", at(0)).await.unwrap(), place, "{}", db.name());
        }
        assert_eq!(lane::extend(&mut tx, "test:b", at(0)).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn one_more_job_wakes_a_lane_earlier_and_never_later() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        assert_eq!(lane::next_at(&mut tx, CLASS).await.unwrap(), None);
        for (second, next) in [(50, 50), (90, 50), (20, 20)] {
            lane::extend(&mut tx, "test:a", at(second)).await.unwrap();
            assert_eq!(lane::next_at(&mut tx, CLASS).await.unwrap(), Some(at(next)), "{}", db.name());
        }
    }
}

#[tokio::test]
async fn an_empty_lane_sleeps_and_a_leased_one_is_not_waited_for() {
    for db in databases().await {
        enqueue(&db, sample::job(1, "test:a", 0)).await;
        let lease = claim(&db, at(1), LEASE).await.unwrap();
        let mut tx = db.write().await.unwrap();
        assert_eq!(lane::next_at(&mut tx, CLASS).await.unwrap(), None);
        lane::check(&mut tx, &lease).await.unwrap();
        job::finish(&mut tx, &lease, id(1), at(2)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(claim(&db, at(999), LEASE).await, None, "{}", db.name());
        enqueue(&db, sample::job(2, "test:a", 5)).await;
        assert_eq!(claim(&db, at(999), LEASE).await.unwrap().fence, 2);
    }
}

#[tokio::test]
async fn staff_see_the_lanes_that_wait_longest_first_with_what_holds_them() {
    for db in databases().await {
        let created =
            |number, name: &str, second| Job { created_at: at(second), ..sample::job(number, name, 60) };
        for job in [
            created(1, "test:young", 20),
            created(2, "test:old", 10),
            created(3, "test:old", 5),
            created(4, "test:done", 0),
        ] {
            enqueue(&db, job).await;
        }
        let mut tx = db.write().await.unwrap();
        let lease = |name: &str| Lease { name: name.into(), fence: 0 };
        job::finish(&mut tx, &lease("test:done"), id(4), at(1)).await.unwrap();
        job::again(&mut tx, &lease("test:old"), id(2), at(70), "down").await.unwrap();
        assert_eq!(lane::count_waiting(&mut tx, at(59)).await.unwrap(), (1, 1), "what failed waits");
        assert_eq!(lane::count_waiting(&mut tx, at(60)).await.unwrap(), (2, 3), "and what is due");
        let lanes = lane::list_waiting(&mut tx, at(60), 9).await.unwrap();
        let told: Vec<_> = lanes.iter().map(|lane| (lane.name.as_str(), lane.waiting, lane.oldest)).collect();
        assert_eq!(told, [("test:old", 2, at(5)), ("test:young", 1, at(20))], "{}", db.name());
        assert_eq!((lanes[0].head, lanes[0].last_error.as_deref()), (id(2), Some("down")));
        assert_eq!((lanes[0].next_at, lanes[1].last_error.as_deref()), (Some(at(60)), None));
        assert_eq!(lane::list_waiting(&mut tx, at(60), 1).await.unwrap(), lanes[..1]);
    }
}
