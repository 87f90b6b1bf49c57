//! Readers: they look at orders, entitlements and pages all the time, and count what did not come.
//! Refuses to count a page that shows the wrong order as a success.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::time::Instant;

use super::{Client, Crowd, Visitor};
use crate::Dice;
use crate::ledger::{Ledger, Placed};

/// Between two reads of one reader, in real time.
const PAUSE: Duration = Duration::from_millis(100);

/// The longest read that is told apart from longer ones.
const LONGEST_US: u64 = 60_000_000;

/// What became of the reads.
#[derive(Debug)]
pub struct Reads {
    total: AtomicU64,
    failed: AtomicU64,
    took_us: Mutex<Option<Histogram<u64>>>,
    first_failure: Mutex<Option<String>>,
}

impl Default for Reads {
    fn default() -> Reads {
        let took_us = Mutex::new(Histogram::new_with_max(LONGEST_US, 2).ok());
        Reads {
            total: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            took_us,
            first_failure: Mutex::default(),
        }
    }
}

impl Reads {
    /// All of them, and those that failed.
    pub fn counts(&self) -> (u64, u64) {
        (self.total.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed))
    }

    /// In how many milliseconds 99 of 100 were answered.
    pub fn p99_ms(&self) -> Option<u64> {
        let took = self.took_us.lock().unwrap_or_else(PoisonError::into_inner);
        took.as_ref().map(|took| took.value_at_quantile(0.99).div_ceil(1_000))
    }

    /// The first failure in words.
    pub fn first_failure(&self) -> Option<String> {
        self.first_failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn count(&self, took: Duration, failure: Option<String>) {
        self.total.fetch_add(1, Ordering::Relaxed);
        if let Some(histogram) = self.took_us.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            histogram.saturating_record(u64::try_from(took.as_micros()).unwrap_or(LONGEST_US));
        }
        if let Some(failure) = failure {
            self.failed.fetch_add(1, Ordering::Relaxed);
            self.first_failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failure);
        }
    }
}

/// Something to read, and a text that must be in the answer.
struct Page {
    path: String,
    shows: String,
}

/// Who reads.
#[derive(Debug, Clone)]
pub enum Reader {
    /// A product that asks the API.
    Product(Client),
    /// A customer who looks at the pages of an account.
    Customer(Visitor, String),
    /// Somebody of the seller who looks at the console.
    Staff(Visitor),
}

/// Reads until it is dropped.
pub(super) async fn read_on(crowd: Crowd, reader: Reader, seed: u64) {
    let mut dice = Dice::new(seed);
    loop {
        if let Some(page) = crowd.ledger(|ledger| reader.next(ledger, &mut dice)) {
            let begun = Instant::now();
            let answer = match &reader {
                Reader::Product(client) => client.get(&page.path).await,
                Reader::Customer(visitor, _) | Reader::Staff(visitor) => visitor.get(&page.path).await,
            };
            let right = answer.status == 200 && answer.body.contains(&page.shows);
            let failure = (!right).then(|| format!("GET {}: {} {}", page.path, answer.status, answer.body));
            crowd.reads().count(begun.elapsed(), failure);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl Reader {
    /// What it looks at next; nothing if nothing was ordered yet.
    fn next(&self, ledger: &Ledger, dice: &mut Dice) -> Option<Page> {
        let page = |path: &str, shows: &str| Page { path: path.to_owned(), shows: shows.to_owned() };
        match self {
            Reader::Product(_) => {
                let Placed { account, numbers, bought, .. } = dice.pick(&ledger.placed)?;
                let (number, target) = (numbers.first()?, &bought.target);
                Some(match dice.roll(5) {
                    0 => page("/status", "</html>"),
                    1 => page(&format!("/api/v1/accounts/{account}/orders"), "\"orders\""),
                    2 => page(&format!("/api/v1/orders/{number}"), number),
                    _ => page(&format!("/api/v1/entitlements/{}", target.replace('/', "%2F")), target),
                })
            }
            Reader::Customer(_, account) => {
                let own: Vec<&Placed> =
                    ledger.placed.iter().filter(|order| &order.account == account).collect();
                let number = dice.pick(&own)?.numbers.first()?;
                let base = format!("/portal/{account}");
                Some(match dice.roll(6) {
                    0 => page(&format!("{base}/orders"), number),
                    1 => page(&format!("{base}/invoices"), "</html>"),
                    2 => page(&format!("{base}/licenses"), "</html>"),
                    3 => page(&format!("{base}/buy"), "</html>"),
                    4 => page(&format!("{base}/orders/{number}"), number),
                    _ => page(&base, account),
                })
            }
            Reader::Staff(_) => Some(page("/console", "</html>")),
        }
    }
}
