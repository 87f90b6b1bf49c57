//! Callouts on their way: what is due when, what was answered, what is given up.
//! Refuses to retry what Zuora would not: a 400, 401, 404, 410 or 422 loses the callout at once.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{CalloutRetry, Definition, Event, Outgoing};
use crate::ids::mix;
use crate::tenant::Tenant;

/// How many attempts the history remembers; the oldest are forgotten first.
const HISTORY_MOST: usize = 10_000;

/// One callout until it is delivered or given up.
#[derive(Debug, Clone)]
struct Pending {
    due: Timestamp,
    /// Set while somebody delivers it.
    in_flight: bool,
    attempt: u32,
    notification: String,
    definition: Definition,
    event: Event,
}

/// One attempt that was answered.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    number: u32,
    at: Timestamp,
    notification: String,
    method: String,
    url: String,
    event: Event,
    /// The HTTP status, or a negative code for a connection that failed.
    code: i32,
}

/// All callouts of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    next: u64,
    pending: BTreeMap<u64, Pending>,
    history: VecDeque<Attempt>,
}

/// Whether Zuora would try again after this answer.
fn is_retriable(code: i32) -> bool {
    code < 0 || (100..200).contains(&code) || matches!(code, 403 | 408 | 429) || (500..600).contains(&code)
}

impl Queue {
    /// The number that the next callout will have; faults choose by it.
    pub(crate) fn next_number(&self) -> u64 {
        self.next
    }

    /// Queues the callout of an event `times` times: 0 loses it, 2 doubles it.
    pub(crate) fn push(&mut self, definition: &Definition, event: &Event, due: Timestamp, times: u32) {
        let number = self.next;
        self.next += 1;
        for copy in 0..u64::from(times) {
            let pending = Pending {
                due,
                in_flight: false,
                attempt: 1,
                notification: format!("{:032x}", u128::from(mix(0xCA11, number)) << 32 | u128::from(number)),
                definition: definition.clone(),
                event: event.clone(),
            };
            // Copies share the notification id, as Zuora's own duplicates do; only the handle differs.
            self.pending.insert(number * 8 + copy, pending);
        }
    }

    /// When the next callout is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.pending.values().filter(|one| !one.in_flight).map(|one| one.due).min()
    }

    /// Hands out what is due; each is in flight until it is answered.
    pub(crate) fn take(&mut self, now: Timestamp) -> Vec<Outgoing> {
        let due = self.pending.iter_mut().filter(|(_, one)| !one.in_flight && one.due <= now);
        let take = |(id, one): (&u64, &mut Pending)| {
            one.in_flight = true;
            one.outgoing(*id)
        };
        due.map(take).collect()
    }

    /// Records how an attempt went and plans the next one, if there is to be one.
    pub(crate) fn answered(&mut self, id: u64, code: i32, now: Timestamp, retry: CalloutRetry) {
        let Some(mut one) = self.pending.remove(&id) else { return };
        self.history.push_back(Attempt {
            number: one.attempt,
            at: now,
            notification: one.definition.name.clone(),
            method: one.definition.method.clone(),
            url: one.definition.url.clone(),
            event: one.event.clone(),
            code,
        });
        if self.history.len() > HISTORY_MOST {
            self.history.pop_front();
        }
        if one.definition.retry && is_retriable(code) && one.attempt < retry.attempts {
            one.attempt += 1;
            one.in_flight = false;
            one.due = now.checked_add(retry.interval).unwrap_or(now);
            self.pending.insert(id, one);
        }
    }

    /// Every answered attempt, oldest first.
    pub(crate) fn history(&self) -> impl DoubleEndedIterator<Item = &Attempt> {
        self.history.iter()
    }
}

impl Pending {
    fn outgoing(&self, id: u64) -> Outgoing {
        let params: BTreeMap<&str, String> = self
            .definition
            .params
            .iter()
            .map(|(name, template)| (name.as_str(), merged(template, &self.event.fields)))
            .collect();
        let in_query = matches!(self.definition.method.as_str(), "GET" | "DELETE");
        let (url, body) = if in_query {
            (with_query(&self.definition.url, &params), Bytes::new())
        } else {
            (self.definition.url.clone(), Bytes::from(json!(params).to_string()))
        };
        let request = mix(mix(0x2E9, id), u64::from(self.attempt));
        let mut headers = vec![
            ("Zuora-Notification-Id".to_owned(), self.notification.clone()),
            ("Zuora-Request-Id".to_owned(), format!("{request:016x}")),
            ("User-Agent".to_owned(), "Zuora-Callout".to_owned()),
        ];
        if !in_query {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        let method = self.definition.method.clone();
        Outgoing { id, url, method, headers, body, auth: self.definition.auth.clone() }
    }
}

impl Attempt {
    pub(crate) fn failed(&self) -> bool {
        self.code != 200
    }

    pub(crate) fn shown(&self, tenant: &Tenant) -> Value {
        let context: BTreeMap<String, &String> =
            self.event.fields.iter().map(|(name, value)| (format!("<{name}>"), value)).collect();
        json!({
            "attemptedNum": self.number,
            "createTime": tenant.local(self.at).replace(' ', "T"),
            "eventCategory": self.event.category.map_or_else(|| json!(self.event.name), |code| json!(code)),
            "eventContext": context,
            "notification": self.notification,
            "requestMethod": self.method,
            "requestUrl": self.url,
            "responseCode": self.code.to_string(),
            "responseContent": "",
        })
    }
}

/// Fills `<Object.Field>` and `{{DataSource.Object.Field}}` with what the event holds; an unknown field is empty.
fn merged(template: &str, fields: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    let mut rest = template;
    loop {
        let classic = rest.find('<').map(|at| (at, "<", ">"));
        let modern = rest.find("{{").map(|at| (at, "{{", "}}"));
        let Some((at, open, close)) = [classic, modern].into_iter().flatten().min() else { break };
        let (before, inside) = (&rest[..at], &rest[at + open.len()..]);
        let Some(end) = inside.find(close) else { break };
        let name = inside[..end].trim().trim_start_matches("DataSource.");
        let value = fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        text.push_str(before);
        text.push_str(value.map_or("", |(_, value)| value.as_str()));
        rest = &inside[end + close.len()..];
    }
    text.push_str(rest);
    text
}

fn with_query(url: &str, params: &BTreeMap<&str, String>) -> String {
    let pair = |(name, value): (&&str, &String)| format!("{name}={}", crate::path::encoded(value));
    let pairs: Vec<String> = params.iter().map(pair).collect();
    let join = if url.contains('?') { '&' } else { '?' };
    if pairs.is_empty() { url.to_owned() } else { format!("{url}{join}{}", pairs.join("&")) }
}

/// How long after an event its callout leaves; Zuora processes them in batches within seconds.
pub(crate) const LEAVES_AFTER: SignedDuration = SignedDuration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_answers_that_zuora_retries_are_retried() {
        for code in [-1, 100, 403, 408, 429, 500, 503, 599] {
            assert!(is_retriable(code), "{code}");
        }
        for code in [200, 204, 301, 400, 401, 404, 410, 422] {
            assert!(!is_retriable(code), "{code}");
        }
    }

    #[test]
    fn merge_fields_of_both_kinds_are_filled_and_unknown_ones_are_empty() {
        let fields = BTreeMap::from([("Order.OrderNumber".to_owned(), "O-1".to_owned())]);
        assert_eq!(merged("<Order.OrderNumber>", &fields), "O-1");
        assert_eq!(merged("n={{DataSource.Order.OrderNumber}};x=<Order.Nothing>!", &fields), "n=O-1;x=!");
        assert_eq!(merged("a < b", &fields), "a < b");
    }
}
