//! The server is killed with SIGKILL at random moments while orders flow and Zuora fails in turn: nothing is lost,
//! nothing is doubled. Real processes, real sockets, a clock that runs sixty times as fast.
//! Refuses to believe our own rows: acknowledgements are compared with the emulator's books.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on must fail and say why")]

mod books;
mod customers;
mod site;

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use customers::{Acknowledged, Customers, Order};
use lab::Dice;
use site::Site;
use store::testing::{TestDb, databases};
use tokio::sync::watch;
use zuora_emulator::{Fault, FaultKind};

/// How often the server is killed, on each database.
const KILLS: u32 = 20;

/// How long a server lives before it is killed, in real milliseconds: sometimes hardly at all.
const LIFE_MS: Range<u64> = 150..1_350;

/// How long Zuora fails in one way, and how long it is well in between, in real milliseconds.
const OUTAGE_MS: Range<u64> = 500..1_200;
const WELL_MS: Range<u64> = 300..800;

/// How long everything may take to be billed and provisioned once all is well again. A write in doubt waits fifteen
/// minutes before it is asked for, a quarter of a minute here, and several may stand behind each other.
const RECOVERY: Duration = Duration::from_secs(150);

/// A `late_commit` commits three minutes after it was answered 504: three seconds here.
const LATE: Duration = Duration::from_secs(4);

/// The ways in which Zuora fails.
const FAULTS: [FaultKind; 8] = [
    FaultKind::Http500,
    FaultKind::CommitThen504,
    FaultKind::LateCommit,
    FaultKind::ResetAfterCommit,
    FaultKind::Refuse,
    FaultKind::RateLimited,
    FaultKind::Lock,
    FaultKind::Spurious401,
];

/// Set to the seed that a failed run printed to play it again, as far as processes allow.
const SEED: &str = "PURSER_TEST_SEED";

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_at_random_moments_loses_nothing_and_doubles_nothing() {
    // Refused only where another test of this process did it before.
    rustls::crypto::ring::default_provider().install_default().ok();
    let seed = std::env::var(SEED).ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
        let mut bytes = [0; 4];
        getrandom::fill(&mut bytes).expect("the machine has randomness");
        u64::from(u32::from_le_bytes(bytes))
    });
    let stories = databases().await.into_iter().map(|db| tokio::spawn(story(db, seed)));
    // All to the end: the one that fails last may tell more than the one that fails first.
    let mut failures = Vec::new();
    for told in stories.collect::<Vec<_>>() {
        failures.extend(told.await.err());
    }
    assert!(failures.is_empty(), "{SEED}={seed}: {failures:?}");
}

async fn story(db: TestDb, seed: u64) {
    let (started, name) = (Instant::now(), db.name());
    eprintln!("{name}: seed {seed}");
    let site = Arc::new(Site::open(&db).await);
    let (stop, stopped) = watch::channel(());
    let customers = Customers::start(&site, &stopped);
    let weather = tokio::spawn(weather(site.clone(), Dice::new(seed ^ 1), stopped));

    let mut dice = Dice::new(seed);
    for _ in 0..KILLS {
        tokio::time::sleep(between(&mut dice, &LIFE_MS)).await;
        site.kill_and_restart().await;
    }
    drop(stop);
    let outages = weather.await.expect("the weather changes without a panic");
    let healed = Instant::now();
    let acknowledged = customers.finish().await;
    let recovered = settled(&site, &acknowledged, healed).await;

    tokio::time::sleep((healed + LATE).saturating_duration_since(Instant::now())).await;
    let books = site.zuora.books().await.expect("the books are open");
    books::compare(name, &acknowledged, &books);
    assert!(
        acknowledged.orders.len() >= KILLS as usize,
        "orders hardly flowed: {}",
        acknowledged.orders.len()
    );
    eprintln!(
        "{name}: {KILLS} kills, {outages} outages, {} accounts and {} orders acknowledged, \
         {} requests sent again, {} of them answered from the record; 0 lost, 0 doubled; \
         all billed and provisioned {:.1} s after all was well; {:.0} s in all",
        acknowledged.accounts.len(),
        acknowledged.orders.len(),
        acknowledged.repeated,
        acknowledged.replayed,
        recovered.as_secs_f64(),
        started.elapsed().as_secs_f64(),
    );
}

/// Zuora fails, in one way after the other, until it is to stop; then it is well. Returns how often it failed.
async fn weather(site: Arc<Site>, mut dice: Dice, stopped: watch::Receiver<()>) -> usize {
    let mut outages = 0;
    // The other end is dropped when it is to stop.
    while stopped.has_changed().is_ok() {
        tokio::time::sleep(between(&mut dice, &WELL_MS)).await;
        let fault = Fault::every(FAULTS[outages % FAULTS.len()]);
        site.zuora.set_fault(Some(&fault)).await.expect("faults can be set");
        outages += 1;
        tokio::time::sleep(between(&mut dice, &OUTAGE_MS)).await;
        site.zuora.set_fault(None).await.expect("faults can be set");
    }
    outages
}

/// Waits until every order is billed and has what it promised; returns how long that took.
async fn settled(site: &Site, acknowledged: &Acknowledged, since: Instant) -> Duration {
    let mut open: Vec<&Order> = acknowledged.orders.iter().collect();
    while !open.is_empty() {
        let mut still_open = Vec::new();
        for order in open {
            let view = site.get(&format!("/api/v1/orders/{}", order.number)).await;
            assert_ne!(view["status"], "rejected", "{view}");
            let duties = view["obligations"].as_array().expect("an order has obligations");
            let is_done = !duties.is_empty() && duties.iter().all(|duty| duty["status"] == "done");
            if view["status"] != "billed" || !is_done {
                still_open.push(order);
            }
        }
        open = still_open;
        let waited = since.elapsed();
        assert!(waited < RECOVERY, "{} orders still wait, the first is {:?}", open.len(), open.first());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    since.elapsed()
}

fn between(dice: &mut Dice, millis: &Range<u64>) -> Duration {
    Duration::from_millis(millis.start + dice.roll(millis.end - millis.start))
}
