//! Circuit breakers: stop asking a side that does not answer, and notice by real work when it does again.
//! Refuses to stay open: it tries by itself, at most every half minute.

use std::sync::{Mutex, PoisonError};

use domain::Instant;
use jiff::SignedDuration;

use crate::wake::Class;

/// Failures in a row that open a breaker.
const FAILURES_MAX: u32 = 3;

/// The first wait after opening; it doubles up to the longest.
const OPEN_FIRST: SignedDuration = SignedDuration::from_secs(2);

/// The longest wait: recovery is noticed within it.
const OPEN_LONGEST: SignedDuration = SignedDuration::from_secs(30);

/// Where a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Calls go through.
    Closed,
    /// No calls before the next try.
    Open,
    /// One call is trying.
    HalfOpen,
}

/// A breaker as staff see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakerView {
    /// The class of calls.
    pub name: &'static str,
    /// Where it stands.
    pub state: BreakerState,
    /// Since when; `None` if it never changed.
    pub since: Option<Instant>,
    /// What was answered last.
    pub last_answer: String,
    /// When it tries again.
    pub next_try: Option<Instant>,
}

#[derive(Debug)]
struct Breaker {
    state: BreakerState,
    failures: u32,
    opened: u32,
    since: Option<Instant>,
    next_try: Option<Instant>,
    last_answer: String,
}

impl Default for Breaker {
    fn default() -> Breaker {
        Breaker {
            state: BreakerState::Closed,
            failures: 0,
            opened: 0,
            since: None,
            next_try: None,
            last_answer: String::new(),
        }
    }
}

/// One breaker for each class of lanes.
#[derive(Debug, Default)]
pub struct Breakers([Mutex<Breaker>; 4]);

impl Breakers {
    /// Whether a worker of the class may take work now; if not, when to look again. A half-open breaker lets one through.
    pub fn permit(&self, class: Class, now: Instant) -> Result<(), SignedDuration> {
        self.with(class, |breaker| match (breaker.state, breaker.next_try) {
            (BreakerState::Closed, None) => Ok(()),
            (_, Some(at)) if now < at => Err(now.until(at)),
            (BreakerState::Closed, Some(_)) => {
                breaker.next_try = None;
                Ok(())
            }
            (BreakerState::Open | BreakerState::HalfOpen, _) => {
                // Should the one that tries vanish, the next may go after the usual wait.
                breaker.state = BreakerState::HalfOpen;
                breaker.next_try = Some(now.after(OPEN_LONGEST));
                Ok(())
            }
        })
    }

    /// The other side answered, whatever it said.
    pub fn answered(&self, class: Class, now: Instant) {
        self.with(class, |breaker| {
            if breaker.state != BreakerState::Closed {
                breaker.since = Some(now);
            }
            // A pause that was asked for holds, whatever the calls that were under way bring.
            let next_try = breaker.next_try.filter(|_| breaker.state == BreakerState::Closed);
            let (since, last_answer) = (breaker.since, "answered".to_owned());
            *breaker = Breaker { since, last_answer, next_try, ..Breaker::default() };
        });
    }

    /// The other side did not answer, or not in its own words.
    pub fn failed(&self, class: Class, why: &str, now: Instant) {
        self.with(class, |breaker| {
            breaker.failures = breaker.failures.saturating_add(1);
            breaker.last_answer = why.to_owned();
            match breaker.state {
                BreakerState::Closed if breaker.failures < FAILURES_MAX => return,
                BreakerState::Closed => breaker.since = Some(now),
                BreakerState::HalfOpen => {}
                // The calls that were under way when it opened say nothing new.
                BreakerState::Open => return,
            }
            let wait = OPEN_FIRST.saturating_mul(1 << breaker.opened.min(10)).min(OPEN_LONGEST);
            breaker.opened = breaker.opened.saturating_add(1);
            breaker.state = BreakerState::Open;
            breaker.next_try = Some(now.after(wait));
        });
    }

    /// The other side asked for a pause.
    pub fn pause(&self, class: Class, until: Instant) {
        self.with(class, |breaker| breaker.next_try = breaker.next_try.max(Some(until)));
    }

    /// A worker that was let through found nothing to try.
    pub fn unused(&self, class: Class, now: Instant) {
        self.with(class, |breaker| {
            if breaker.state == BreakerState::HalfOpen {
                breaker.state = BreakerState::Open;
                breaker.next_try = Some(now.after(OPEN_FIRST));
            }
        });
    }

    /// All breakers, as staff see them.
    pub fn views(&self) -> Vec<BreakerView> {
        let view = |class: Class| {
            self.with(class, |breaker| BreakerView {
                name: class.as_str(),
                state: breaker.state,
                since: breaker.since,
                last_answer: breaker.last_answer.clone(),
                next_try: breaker.next_try,
            })
        };
        Class::ALL.into_iter().map(view).collect()
    }

    fn with<T>(&self, class: Class, change: impl FnOnce(&mut Breaker) -> T) -> T {
        // A breaker is whole after every change, so a panic elsewhere does not spoil it.
        change(&mut self.0[class as usize].lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        "2026-11-12T10:00:00Z".parse::<Instant>().unwrap().after(SignedDuration::from_secs(seconds))
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_closes_by_itself() {
        let breakers = Breakers::default();
        for _ in 0..FAILURES_MAX {
            assert!(breakers.permit(Class::Account, at(0)).is_ok());
            breakers.failed(Class::Account, "504", at(0));
        }
        assert_eq!(breakers.permit(Class::Account, at(0)), Err(OPEN_FIRST));
        assert!(breakers.permit(Class::Sync, at(0)).is_ok(), "the classes are apart");
        assert!(breakers.permit(Class::Account, at(2)).is_ok(), "one may try");
        assert!(breakers.permit(Class::Account, at(2)).is_err(), "a second may not");
        breakers.answered(Class::Account, at(3));
        assert!(breakers.permit(Class::Account, at(3)).is_ok());
        assert!(breakers.permit(Class::Account, at(3)).is_ok());
    }

    #[test]
    fn the_waits_double_and_are_bounded() {
        let breakers = Breakers::default();
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..3 {
            breakers.failed(Class::Account, "504", at(now));
        }
        for _ in 0..6 {
            let wait = breakers.permit(Class::Account, at(now)).unwrap_err();
            waits.push(wait.as_secs());
            now += wait.as_secs();
            assert!(breakers.permit(Class::Account, at(now)).is_ok());
            breakers.failed(Class::Account, "504", at(now));
        }
        assert_eq!(waits, [2, 4, 8, 16, 30, 30]);
    }

    #[test]
    fn a_try_that_vanishes_does_not_keep_it_open() {
        let breakers = Breakers::default();
        for _ in 0..3 {
            breakers.failed(Class::Account, "504", at(0));
        }
        assert!(breakers.permit(Class::Account, at(2)).is_ok());
        assert!(breakers.permit(Class::Account, at(2 + OPEN_LONGEST.as_secs())).is_ok());
    }
}
