//! Many workers and many callers at once.
//! Refuses a job that is forgotten, run twice at a time, or out of its turn.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::JobId;
use jiff::SignedDuration;
use store::job;
use store::lane::{self, Lease};
use store::testing::databases;
use store::{Db, Result};

use crate::sample::{self, at};

const LEASE: SignedDuration = SignedDuration::from_secs(180);

/// Longer than any machine needs; a test that hangs fails.
const PATIENCE: Duration = Duration::from_secs(120);

async fn claim(db: &Db) -> Result<Option<Lease>> {
    let mut tx = db.write().await?;
    let lease = lane::claim(&mut tx, "test", at(10), LEASE).await?;
    tx.commit().await?;
    Ok(lease)
}

/// Runs the head of a claimed lane as a worker does: each step a transaction of its own, the work between them.
async fn run(db: &Db, lease: &Lease, work: impl AsyncFnOnce(JobId)) -> Result<Option<JobId>> {
    let mut tx = db.write().await?;
    lane::check(&mut tx, lease).await?;
    let head = job::head(&mut tx, &lease.name, at(10)).await?;
    let Some(head) = head else {
        lane::release(&mut tx, lease).await?;
        tx.commit().await?;
        return Ok(None);
    };
    job::begin(&mut tx, head.id).await?;
    tx.commit().await?;
    work(head.id).await;
    let mut tx = db.write().await?;
    lane::check(&mut tx, lease).await?;
    job::finish(&mut tx, lease, head.id, at(10)).await?;
    tx.commit().await?;
    Ok(Some(head.id))
}

async fn enqueue(db: &Db, number: i64, lane: &str) {
    let mut tx = db.write().await.unwrap();
    let number = u128::try_from(number).unwrap();
    job::enqueue(&mut tx, &sample::job(number, lane, 0)).await.unwrap();
    tokio::task::yield_now().await;
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_who_claim_at_once_never_get_the_same_lane() {
    const LANES: usize = 12;
    for db in databases().await {
        for number in 0..LANES {
            enqueue(&db, i64::try_from(number).unwrap(), &format!("test:{number}")).await;
        }
        let claimers: Vec<_> = (0..6)
            .map(|_| {
                let db = (*db).clone();
                tokio::spawn(async move {
                    let mut names = Vec::new();
                    while let Some(lease) = claim(&db).await.unwrap() {
                        assert_eq!(lease.fence, 1);
                        names.push(lease.name);
                    }
                    names
                })
            })
            .collect();
        let mut names = Vec::new();
        for claimer in claimers {
            names.extend(claimer.await.unwrap());
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), LANES, "{}", db.name());
    }
}

/// What the workers did: how often each job ran, in which order within its lane, and where somebody is at work.
#[derive(Default)]
struct Log {
    runs: BTreeMap<JobId, u32>,
    lanes: BTreeMap<String, Vec<JobId>>,
    busy: BTreeSet<String>,
}

async fn worker(db: Db, log: Arc<Mutex<Log>>, left: Arc<AtomicI64>) {
    let deadline = Instant::now() + PATIENCE;
    while left.load(Ordering::SeqCst) > 0 {
        assert!(Instant::now() < deadline, "{} jobs were never run", left.load(Ordering::SeqCst));
        let Some(lease) = claim(&db).await.unwrap() else {
            tokio::time::sleep(Duration::from_millis(2)).await;
            continue;
        };
        let work = async |id| {
            {
                let mut log = log.lock().unwrap();
                assert!(log.busy.insert(lease.name.clone()), "two workers in {}", lease.name);
                *log.runs.entry(id).or_default() += 1;
                log.lanes.entry(lease.name.clone()).or_default().push(id);
            }
            tokio::task::yield_now().await;
            log.lock().unwrap().busy.remove(&lease.name);
        };
        if run(&db, &lease, work).await.unwrap().is_some() {
            left.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

fn check(log: &Log, database: &str) {
    assert_eq!(log.runs.len(), 400, "{database}");
    assert!(log.runs.values().all(|runs| *runs == 1), "{database}");
    for (lane, ids) in &log.lanes {
        assert!(ids.is_sorted() && ids.len() == 10, "{database} {lane} {ids:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn four_hundred_jobs_and_eight_workers_run_each_job_once_and_in_turn() {
    const JOBS: i64 = 400;
    const LANES: i64 = 40;
    for db in databases().await {
        let log = Arc::new(Mutex::new(Log::default()));
        let left = Arc::new(AtomicI64::new(JOBS));
        let workers: Vec<_> =
            (0..8).map(|_| tokio::spawn(worker((*db).clone(), log.clone(), left.clone()))).collect();
        for number in 0..JOBS {
            enqueue(&db, number, &format!("test:{}", number % LANES)).await;
        }
        for worker in workers {
            worker.await.unwrap();
        }
        check(&log.lock().unwrap(), db.name());
        let mut tx = db.read().await.unwrap();
        assert_eq!(lane::count_waiting(&mut tx, at(1_000_000)).await.unwrap(), (0, 0));
        assert_eq!(lane::next_at(&mut tx, "test").await.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_job_that_comes_while_its_lane_is_released_is_never_forgotten() {
    const ROUNDS: i64 = 60;
    for db in databases().await {
        for round in 0..ROUNDS {
            let lane = "test:busy";
            enqueue(&db, round * 2, lane).await;
            let lease = claim(&db).await.unwrap().expect("the lane is ready");
            let (enqueuing, working) = ((*db).clone(), (*db).clone());
            let one = tokio::spawn(async move { enqueue(&enqueuing, round * 2 + 1, lane).await });
            let two = tokio::spawn(async move { run(&working, &lease, async |_| {}).await.unwrap() });
            one.await.unwrap();
            assert!(two.await.unwrap().is_some(), "{} round {round}", db.name());

            let second = claim(&db).await.unwrap();
            let second = second.unwrap_or_else(|| panic!("{} round {round}: forgotten", db.name()));
            assert!(run(&db, &second, async |_| {}).await.unwrap().is_some(), "{} round {round}", db.name());
            assert_eq!(claim(&db).await.unwrap(), None, "{} round {round}: nothing is left", db.name());
        }
    }
}

#[tokio::test]
async fn a_release_waits_for_whoever_is_adding_a_job() {
    for db in databases().await {
        // On SQLite the second writer waits before it begins: there is nothing to interleave.
        if db.name() == "sqlite" {
            continue;
        }
        enqueue(&db, 1, "test:a").await;
        let lease = claim(&db).await.unwrap().unwrap();
        let mut adding = db.write().await.unwrap();
        job::enqueue(&mut adding, &sample::job(2, "test:a", 0)).await.unwrap();
        let (other, held) = ((*db).clone(), lease.clone());
        let releasing = tokio::spawn(async move {
            let mut tx = other.write().await.unwrap();
            lane::check(&mut tx, &held).await.unwrap();
            job::finish(&mut tx, &held, JobId(ulid::Ulid(1)), at(10)).await.unwrap();
            tx.commit().await.unwrap();
        });
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!releasing.is_finished(), "it would not see the job that is about to be committed");
        adding.commit().await.unwrap();
        releasing.await.unwrap();
        assert_eq!(claim(&db).await.unwrap().expect("the added job").name, "test:a");
    }
}
