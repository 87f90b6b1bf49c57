//! Rate windows and concurrency classes, counted for real and told in the response headers.
//! Refuses calls over the limit; failed calls count too.

use http::{HeaderMap, HeaderValue};
use jiff::{SignedDuration, Timestamp};

/// How much a tenant may ask. The defaults are those of a production tenant.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Calls in a minute.
    pub per_minute: u64,
    /// Calls in an hour.
    pub per_hour: u64,
    /// Calls in a day.
    pub per_day: u64,
    /// Calls at once, of those that have no class of their own.
    pub concurrent: u64,
    /// Calls at once that create, preview or change accounts, orders and subscriptions.
    pub concurrent_high_volume: u64,
    /// Object Queries at once.
    pub concurrent_queries: u64,
    /// What `Retry-After` says after too many calls at once; seconds.
    pub retry_after_s: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            per_minute: 50_000,
            per_hour: 2_250_000,
            per_day: 27_000_000,
            concurrent: 40,
            concurrent_high_volume: 200,
            concurrent_queries: 80,
            retry_after_s: 120,
        }
    }
}

/// The three pools in which Zuora counts concurrent calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Default,
    HighVolume,
    Query,
}

impl Class {
    fn name(self) -> &'static str {
        match self {
            Class::Default => "Default",
            Class::HighVolume => "High-volume transactions",
            Class::Query => "Object Query",
        }
    }

    fn most(self, limits: &Limits) -> u64 {
        match self {
            Class::Default => limits.concurrent,
            Class::HighVolume => limits.concurrent_high_volume,
            Class::Query => limits.concurrent_queries,
        }
    }
}

/// A window that begins when its length has passed since it last began.
#[derive(Debug)]
struct Window {
    name: &'static str,
    length: SignedDuration,
    began: Option<Timestamp>,
    used: u64,
}

/// The counters of a tenant.
#[derive(Debug)]
pub(crate) struct Counters {
    limits: Limits,
    windows: [Window; 3],
    /// The calls that are still being answered: their class and when they end.
    running: Vec<(Class, Timestamp)>,
}

impl Counters {
    pub(crate) fn new(limits: Limits) -> Counters {
        let window =
            |name, seconds| Window { name, length: SignedDuration::from_secs(seconds), began: None, used: 0 };
        let windows = [window("minute", 60), window("hour", 3_600), window("day", 86_400)];
        Counters { limits, windows, running: Vec::new() }
    }

    fn most(&self) -> [u64; 3] {
        [self.limits.per_minute, self.limits.per_hour, self.limits.per_day]
    }

    /// Counts a call; the error is the name of the window that is full.
    pub(crate) fn count(&mut self, now: Timestamp) -> Result<(), &'static str> {
        let most = self.most();
        let mut full = None;
        for (window, most) in self.windows.iter_mut().zip(most) {
            if window.began.is_none_or(|began| now.duration_since(began) >= window.length) {
                (window.began, window.used) = (Some(now), 0);
            }
            window.used += 1;
            if window.used > most {
                full = full.or(Some(window.name));
            }
        }
        full.map_or(Ok(()), Err)
    }

    /// How many calls of a class are being answered.
    fn in_use(&self, class: Class) -> u64 {
        self.running.iter().filter(|(other, _)| *other == class).count() as u64
    }

    /// Whether another call of this class may begin.
    pub(crate) fn has_room(&mut self, class: Class, now: Timestamp) -> bool {
        self.running.retain(|(_, ends)| *ends > now);
        self.in_use(class) < class.most(&self.limits)
    }

    /// Remembers a call until it is answered.
    pub(crate) fn begin(&mut self, class: Class, ends: Timestamp) {
        self.running.push((class, ends));
    }

    /// What `Retry-After` says.
    pub(crate) fn retry_after_s(&self) -> u64 {
        self.limits.retry_after_s
    }

    /// The window closest to exhaustion, as Zuora tells it: what it allows, what is left, and the seconds until it ends.
    fn closest(&self, now: Timestamp) -> (u64, u64, i64) {
        let told = self.windows.iter().zip(self.most()).map(|(window, most)| {
            let past = window.began.map_or(SignedDuration::ZERO, |began| now.duration_since(began));
            let ends = window.length.saturating_sub(past).as_secs().max(0);
            (most, most.saturating_sub(window.used), ends)
        });
        // Of two windows with as little left, the one that ends later holds the caller back.
        told.min_by_key(|(_, left, ends)| (*left, -ends)).unwrap_or_default()
    }

    /// The headers that every answer of the API carries.
    pub(crate) fn headers(&self, class: Class, now: Timestamp, headers: &mut HeaderMap) {
        let [minute, hour, day] = self.most();
        let (limit, left, ends) = self.closest(now);
        let in_use = self.in_use(class);
        let most = class.most(&self.limits);
        let values = [
            ("ratelimit-limit", format!("{limit}, {minute};w=60, {hour};w=3600, {day};w=86400")),
            ("ratelimit-remaining", left.to_string()),
            ("ratelimit-reset", ends.to_string()),
            ("concurrency-limit-type", class.name().to_owned()),
            ("concurrency-limit-limit", most.to_string()),
            ("concurrency-limit-remaining", most.saturating_sub(in_use).to_string()),
        ];
        for (name, value) in values {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minute_fills_first_and_empties_after_a_minute() {
        let mut counters = Counters::new(Limits { per_minute: 2, ..Limits::default() });
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!((counters.count(now), counters.count(now)), (Ok(()), Ok(())));
        assert_eq!(counters.count(now), Err("minute"));
        assert_eq!(counters.count(now + SignedDuration::from_secs(60)), Ok(()));
    }

    #[test]
    fn the_headers_tell_of_the_window_that_is_closest_to_exhaustion() {
        let mut counters = Counters::new(Limits { per_minute: 3, per_hour: 4, ..Limits::default() });
        let told = |counters: &Counters, now| {
            let mut headers = HeaderMap::new();
            counters.headers(Class::Default, now, &mut headers);
            ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"]
                .map(|name| headers[name].to_str().unwrap().to_owned())
        };
        let start = Timestamp::UNIX_EPOCH;
        counters.count(start).unwrap();
        let minute = ["3, 3;w=60, 4;w=3600, 27000000;w=86400", "2", "60"];
        assert_eq!(told(&counters, start), minute);
        let later = start + SignedDuration::from_secs(60);
        counters.count(later).unwrap();
        let hour = ["4, 3;w=60, 4;w=3600, 27000000;w=86400", "2", "3540"];
        assert_eq!(told(&counters, later), hour, "both have 2 left, and the hour lasts longer");
    }

    #[test]
    fn a_class_has_room_again_when_a_call_has_ended() {
        let mut counters = Counters::new(Limits { concurrent_queries: 1, ..Limits::default() });
        let now = Timestamp::UNIX_EPOCH;
        assert!(counters.has_room(Class::Query, now));
        counters.begin(Class::Query, now + SignedDuration::from_secs(2));
        assert!(!counters.has_room(Class::Query, now + SignedDuration::from_secs(1)));
        assert!(counters.has_room(Class::Default, now));
        assert!(counters.has_room(Class::Query, now + SignedDuration::from_secs(2)));
    }
}
