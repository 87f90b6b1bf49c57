//! Running a call that was let in, now or late, and dressing its answer.
//! Refuses to run two writes on one account at once.

use ::http::StatusCode;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Emulator, Incoming, Late};
use crate::call::{Address, Call};
use crate::callout::Event;
use crate::error::{CallIds, Category, Dialect, Refusal, accepted};
use crate::fault::{Aim, Fault, FaultKind};
use crate::limits::Class;
use crate::reply::{self, Outcome};
use crate::route;
use crate::version::Version;
use crate::{Request, Response, order, path};

/// The longest track id, and what it must not hold.
const TRACK_ID_LENGTH_MOST: usize = 64;
const TRACK_ID_FORBIDDEN: &str = ":;\"'";

impl Emulator {
    /// Runs a call unless its account is being written to; decides how its answer gets lost, if it does.
    pub(super) fn locked_run(&mut self, call: &Incoming, (now, ends): (Timestamp, Timestamp)) -> Outcome {
        let account = call.account.as_deref().filter(|_| call.is_write());
        let lock_fault = call.is_write() && call.fault(FaultKind::Lock).is_some();
        if lock_fault || account.is_some_and(|account| self.locks.is_held(account, now)) {
            let response = self.refused(call, &Refusal::lock(), now);
            return self.stored(call.key(), response, now).into();
        }
        if let Some(fault) = call.fault(FaultKind::LateCommit) {
            return self.begin_late(call, fault, now).into();
        }
        if let Some(account) = account.filter(|_| ends > now) {
            self.locks.hold(account, ends);
        }
        let response = self.run(&call.request, &call.ids, now);
        let response = self.stored(call.key(), response, ends);
        self.lost_or_found(call, response)
    }

    fn stored(&mut self, key: Option<&str>, response: Response, ready: Timestamp) -> Response {
        if let Some(key) = key {
            self.idempotency.store(key, response.clone(), ready);
        }
        response
    }

    /// The faults that spoil an answer after the call was done.
    fn lost_or_found(&self, call: &Incoming, mut response: Response) -> Outcome {
        for fault in &call.faults {
            match fault.kind {
                FaultKind::CommitThen504 => return reply::gateway_timeout().into(),
                FaultKind::ResetAfterCommit => return Outcome::Reset,
                FaultKind::EmptyBody => *response.body_mut() = Bytes::new(),
                FaultKind::TruncatedBody => {
                    let half = response.body().len() / 2;
                    response.body_mut().truncate(half);
                }
                _ => {}
            }
        }
        response.into()
    }

    /// Answers 504 and keeps the call for later; what Zuora would have refused on sight it still refuses now.
    fn begin_late(&mut self, call: &Incoming, fault: &Fault, now: Timestamp) -> Response {
        if let Err(refusal) = self.refused_on_sight(call) {
            let response = self.refused(call, &refusal, now);
            return self.stored(call.key(), response, now);
        }
        let due = now.checked_add(fault.delay()).unwrap_or(now);
        if let Some(account) = &call.account {
            self.locks.hold(account, due);
        }
        self.late.push(Late {
            due,
            request: call.request.clone(),
            key: call.key().map(str::to_owned),
            account: call.account.clone(),
            ids: call.ids.clone(),
        });
        reply::gateway_timeout()
    }

    fn refused_on_sight(&self, call: &Incoming) -> Result<(), Refusal> {
        if call.request.uri().path() != "/v1/orders" {
            return Ok(());
        }
        let body: Value = serde_json::from_slice(call.request.body()).unwrap_or_default();
        body["orderNumber"].as_str().map_or(Ok(()), |number| order::check_number_free(&self.tenant, number))
    }

    /// The call that was answered 504 happens now, healed or not.
    pub(super) fn commit_late(&mut self, late: Late) {
        let response = self.run(&late.request, &late.ids, late.due);
        if let Some(key) = &late.key {
            self.idempotency.store(key, response, late.due);
        }
        if let Some(account) = &late.account {
            self.locks.release(account);
        }
    }

    /// Runs the handler at an instant and queues the callouts of what happened.
    fn run(&mut self, request: &Request, ids: &CallIds, at: Timestamp) -> Response {
        let path = request.uri().path().to_owned();
        let (dialect, version) = (Dialect::of(&path), Version::of(request.headers()));
        let found = route::find(request.method(), &path);
        let result = read_body(request).and_then(|body| {
            let mut call = Call {
                tenant: &mut self.tenant,
                // Zuora keeps whole seconds.
                now: Timestamp::from_second(at.as_second()).unwrap_or(at),
                version,
                keys: found.keys.clone(),
                query: path::pairs(request.uri().query().unwrap_or_default()),
                body,
                address: Address { origin: origin(request), path },
            };
            found.run(&mut call)
        });
        self.call_out(at);
        let mut response = match result {
            Ok(body) => reply::json(StatusCode::OK, &accepted(dialect, body)),
            Err(refusal) => {
                let body = refusal.body(dialect, version, ids, found.resource());
                // What the router itself refuses has its true status in every version.
                let version = if found.route.is_some() { version } else { Version::ONE_QUERY_ERROR };
                reply::json(refusal.status(dialect, version), &body)
            }
        };
        self.dress(&mut response, (request, ids, found.class()), at);
        response
    }

    /// Queues a callout for every definition that asks for what just happened.
    fn call_out(&mut self, at: Timestamp) {
        let events = std::mem::take(&mut self.tenant.events);
        for event in &events {
            let asked =
                self.tenant.definitions.iter().filter(|one| one.active && is_named(event, &one.event));
            for definition in asked.cloned().collect::<Vec<_>>() {
                self.call_out_one(&definition, event, at);
            }
        }
    }

    fn call_out_one(&mut self, definition: &crate::callout::Definition, event: &Event, at: Timestamp) {
        let number = self.tenant.callouts.next_number();
        let account = self.tenant.accounts.get(&event.account).map(|account| account.number.clone());
        let aim = Aim { number, path: event.name, account: account.as_deref() };
        let mut due = at.checked_add(crate::callout::LEAVES_AFTER).unwrap_or(at);
        let mut times = 1;
        for fault in self.faults.on_callout(&aim, at) {
            let delay = match fault.kind {
                FaultKind::CalloutsLate => fault.delay(),
                FaultKind::CalloutsReordered => self.faults.part_of(fault.delay(), number),
                _ => jiff::SignedDuration::ZERO,
            };
            due = due.checked_add(delay).unwrap_or(due);
            times = match fault.kind {
                FaultKind::CalloutsLost => 0,
                FaultKind::CalloutsDoubled => times * 2,
                _ => times,
            };
        }
        self.tenant.callouts.push(definition, event, due, times);
    }

    /// A refusal that is told before or instead of running the handler.
    pub(super) fn refused(&self, call: &Incoming, refusal: &Refusal, now: Timestamp) -> Response {
        let body = refusal.body(call.dialect, call.version, &call.ids, call.found.resource());
        let mut response = reply::json(refusal.status(call.dialect, call.version), &body);
        if refusal.category == Category::Authentication {
            let schemes =
                "Basic realm=\"Zuora API\", ZSession realm=\"Zuora API\", Bearer realm=\"Zuora API\"";
            reply::set(&mut response, "www-authenticate", schemes);
        }
        self.dress(&mut response, (&call.request, &call.ids, call.found.class()), now);
        response
    }

    pub(super) fn rate_limited(&self, call: &Incoming, window: &str, now: Timestamp) -> Response {
        let message = format!("API Rate limit exceeded for the {window}, retry after 600 seconds");
        let body = json!({"reasons": [{"code": Category::LimitExceeded as u32, "message": message}]});
        let mut response = reply::json(StatusCode::TOO_MANY_REQUESTS, &body);
        self.dress(&mut response, (&call.request, &call.ids, call.found.class()), now);
        reply::set(&mut response, "retry-after", &self.counters.retry_after_s().to_string());
        response
    }

    pub(super) fn too_many_at_once(&self, call: &Incoming, now: Timestamp) -> Response {
        let message = "The total number of concurrent requests has exceeded the limit allowed by the system. \
                       Please resubmit your request later.";
        let body = json!({"success": false, "reasons": [{"code": 50_000_070, "message": message}]});
        let mut response = reply::json(StatusCode::TOO_MANY_REQUESTS, &body);
        self.dress(&mut response, (&call.request, &call.ids, call.found.class()), now);
        reply::set(&mut response, "retry-after", &self.counters.retry_after_s().to_string());
        response
    }

    pub(super) fn token(&mut self, call: &Incoming, now: Timestamp) -> Response {
        let form = String::from_utf8_lossy(call.request.body());
        let issued = self.tokens.issue(&self.settings.credentials, &form, (self.settings.seed, now));
        reply::json(issued.0, &issued.1)
    }

    /// The headers of every answer: ids, and what is left of the limits.
    fn dress(
        &self,
        response: &mut Response,
        (request, ids, class): (&Request, &CallIds, Class),
        now: Timestamp,
    ) {
        reply::set(response, "zuora-request-id", &ids.request);
        let track = request.headers().get("zuora-track-id").and_then(|value| value.to_str().ok());
        let valid = |track: &&str| {
            track.len() <= TRACK_ID_LENGTH_MOST && !track.contains(|c| TRACK_ID_FORBIDDEN.contains(c))
        };
        if let Some(track) = track.filter(valid) {
            reply::set(response, "zuora-track-id", track);
        }
        self.counters.headers(class, now, response.headers_mut());
    }
}

/// Whether a definition's event name, in whichever spelling, is this event.
fn is_named(event: &Event, name: &str) -> bool {
    let plain = |text: &str| text.replace([' ', '_'], "").to_ascii_lowercase();
    plain(event.name) == plain(name)
}

fn read_body(request: &Request) -> Result<Value, Refusal> {
    if request.body().is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(request.body())
        .map_err(|error| Refusal::malformed(&format!("malformed JSON: {error}")))
}

fn origin(request: &Request) -> String {
    let host = request.headers().get("host").and_then(|value| value.to_str().ok()).unwrap_or("localhost");
    format!("http://{host}")
}
