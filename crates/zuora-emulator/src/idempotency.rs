//! The idempotency store by Zuora's rules: the first answer, good or bad, is replayed for 24 hours.
//! Refuses a key that is still in progress (409) and one that was used for another call (422).

use std::collections::{BTreeMap, VecDeque};

use http::Method;
use jiff::{SignedDuration, Timestamp};

use crate::Response;

/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// The documented longest key.
pub(crate) const KEY_LENGTH_MOST: usize = 255;

/// What the store says about a request that carries a key.
#[derive(Debug)]
pub(crate) enum Known {
    /// Never seen: go on, then `store`.
    New,
    /// Being answered right now.
    InProgress,
    /// Used for another method or URL.
    OtherCall,
    /// Answered before.
    Replay(Response),
}

#[derive(Debug)]
struct Record {
    method: Method,
    target: String,
    at: Timestamp,
    /// The answer and from when it may be replayed; none while a late commit is under way.
    answer: Option<(Response, Timestamp)>,
}

/// The keys of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Store {
    records: BTreeMap<String, Record>,
    /// Keys in the order of their first use, so that old ones can be dropped.
    order: VecDeque<(Timestamp, String)>,
}

impl Store {
    /// Looks a key up.
    pub(crate) fn look(&self, key: &str, method: &Method, target: &str, now: Timestamp) -> Known {
        match self.records.get(key).filter(|record| now.duration_since(record.at) < KEPT) {
            None => Known::New,
            Some(record) if record.method != *method || record.target != target => Known::OtherCall,
            Some(Record { answer: Some((response, ready)), .. }) if *ready <= now => {
                Known::Replay(response.clone())
            }
            Some(_) => Known::InProgress,
        }
    }

    /// Marks a key as in progress.
    pub(crate) fn begin(&mut self, key: &str, method: &Method, target: &str, now: Timestamp) {
        while let Some((at, old)) =
            self.order.front().filter(|(at, _)| now.duration_since(*at) >= KEPT).cloned()
        {
            self.order.pop_front();
            if self.records.get(&old).is_some_and(|record| record.at == at) {
                self.records.remove(&old);
            }
        }
        let record = Record { method: method.clone(), target: target.to_owned(), at: now, answer: None };
        self.records.insert(key.to_owned(), record);
        self.order.push_back((now, key.to_owned()));
    }

    /// Keeps the answer under its key; it may be replayed from `ready` on.
    pub(crate) fn store(&mut self, key: &str, response: Response, ready: Timestamp) {
        if let Some(record) = self.records.get_mut(key) {
            record.answer = Some((response, ready));
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn an_answer_is_in_progress_then_replayed_then_forgotten() {
        let (mut store, now) = (Store::default(), Timestamp::UNIX_EPOCH);
        let look = |store: &Store, method: Method, target: &str, s: i64| {
            store.look("k", &method, target, now + SignedDuration::from_secs(s))
        };
        assert!(matches!(look(&store, Method::POST, "/v1/orders", 0), Known::New));
        store.begin("k", &Method::POST, "/v1/orders", now);
        assert!(matches!(look(&store, Method::POST, "/v1/orders", 1), Known::InProgress));
        store.store("k", Response::new(Bytes::from_static(b"{}")), now + SignedDuration::from_secs(5));
        assert!(matches!(look(&store, Method::POST, "/v1/orders", 4), Known::InProgress));
        assert!(matches!(look(&store, Method::POST, "/v1/orders", 5), Known::Replay(_)));
        assert!(matches!(look(&store, Method::PATCH, "/v1/orders", 5), Known::OtherCall));
        assert!(matches!(look(&store, Method::POST, "/v1/accounts", 5), Known::OtherCall));
        assert!(matches!(look(&store, Method::POST, "/v1/orders", 86_400), Known::New));
    }
}
