//! The way of a call: faults, limits, token, idempotency key, account lock, handler, answer.
//! Refuses to block, to sleep and to look at a clock: time comes in, delays go out in the reply.

mod lock;
mod run;

use std::time::Duration;

use ::http::{Method, StatusCode};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::auth::{Credentials, Tokens};
use crate::books::{self, Books};
use crate::callout::{CalloutRetry, Outgoing};
use crate::error::{CallIds, Category, Dialect, Refusal};
use crate::fault::{Aim, Fault, FaultKind, FaultTrace, Faults};
use crate::idempotency::{self, Known, Store};
use crate::ids::mix;
use crate::limits::{Counters, Limits};
use crate::reply::{self, Outcome, Reply};
use crate::route::{self, Found};
use crate::tenant::Tenant;
use crate::version::Version;
use crate::{Request, Response, admin, path};
use lock::Locks;

/// The gateway waits this long for an answer, then says 504.
const GATEWAY_TIMEOUT: SignedDuration = SignedDuration::from_secs(120);

/// Pacific time by rule, so that no time zone database is needed.
const PACIFIC: &str = "PST8PDT,M3.2.0,M11.1.0";

/// How an emulator is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Makes ids, tokens and the choices of faults; the same seed gives the same run.
    pub seed: u64,
    /// Who may ask for a token.
    pub credentials: Credentials,
    /// The tenant's zone, in which billing dates and v1 timestamps are.
    pub time_zone: TimeZone,
    /// Whether an order number may be used twice; real Zuora is said to refuse it, but no document says so.
    pub accept_duplicate_order_numbers: bool,
    /// What every call takes without any fault; only then can calls overlap and locks contend.
    pub latency: Duration,
    /// How much may be asked.
    pub limits: Limits,
    /// How callouts are retried.
    pub callout_retry: CalloutRetry,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            seed: 1,
            credentials: Credentials::default(),
            time_zone: TimeZone::posix(PACIFIC).unwrap_or(TimeZone::UTC),
            accept_duplicate_order_numbers: false,
            latency: Duration::ZERO,
            limits: Limits::default(),
            callout_retry: CalloutRetry::default(),
        }
    }
}

/// A call that was answered 504 and is still under way.
#[derive(Debug)]
struct Late {
    due: Timestamp,
    request: Request,
    key: Option<String>,
    account: Option<String>,
    ids: CallIds,
}

/// One tenant of an emulated Zuora.
///
/// ```
/// use zuora_emulator::{Emulator, Settings, seed};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let now = "2026-11-12T20:00:00Z".parse()?;
/// let mut emulator = Emulator::new(Settings::default());
/// seed::demo(&mut emulator, now)?;
/// let request = http::Request::get("/v1/catalog/products").body(bytes::Bytes::new())?;
/// let reply = emulator.handle(request, now);
/// assert_eq!(reply.response().map(|answer| answer.status().as_u16()), Some(401), "nobody has signed in");
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Emulator {
    pub(crate) settings: Settings,
    pub(crate) tenant: Tenant,
    tokens: Tokens,
    counters: Counters,
    faults: Faults,
    idempotency: Store,
    locks: Locks,
    late: Vec<Late>,
    calls: u64,
}

/// What is known of a call before it is let in.
struct Incoming {
    request: Request,
    found: Found,
    version: Version,
    dialect: Dialect,
    ids: CallIds,
    account: Option<String>,
    faults: Vec<Fault>,
}

impl Incoming {
    fn is_write(&self) -> bool {
        self.request.method() != Method::GET && self.request.uri().path() != "/v1/orders/preview"
    }

    fn fault(&self, kind: FaultKind) -> Option<&Fault> {
        self.faults.iter().find(|fault| fault.kind == kind)
    }

    fn key(&self) -> Option<&str> {
        let keyed = matches!(*self.request.method(), Method::POST | Method::PATCH);
        let key = self.request.headers().get("idempotency-key").filter(|_| keyed);
        key.and_then(|key| key.to_str().ok()).filter(|key| !key.is_empty())
    }

    fn target(&self) -> String {
        self.request.uri().to_string()
    }
}

impl Emulator {
    /// An emulator in which nothing was ever sold.
    pub fn new(settings: Settings) -> Emulator {
        let mut tenant = Tenant::new(settings.seed, settings.time_zone.clone());
        tenant.duplicate_order_numbers = settings.accept_duplicate_order_numbers;
        Emulator {
            tenant,
            tokens: Tokens::default(),
            counters: Counters::new(settings.limits),
            faults: Faults::new(settings.seed),
            idempotency: Store::default(),
            locks: Locks::default(),
            late: Vec::new(),
            calls: 0,
            settings,
        }
    }

    /// Answers one request. `now` never goes back.
    pub fn handle(&mut self, request: Request, now: Timestamp) -> Reply {
        self.tick(now);
        let path = path::normalized(request.uri().path());
        if let Some(rest) = path.strip_prefix("/emulator") {
            let rest = rest.to_owned();
            return Reply::now(admin::answer(self, (request.method(), &rest), request.body(), now).into());
        }
        self.calls += 1;
        let call = self.incoming(request, path, now);
        let slow = call.fault(FaultKind::Slow).map_or(SignedDuration::ZERO, Fault::delay);
        let latency = SignedDuration::try_from(self.settings.latency).unwrap_or(SignedDuration::ZERO);
        let after = slow.saturating_add(latency);
        let ends = now.checked_add(after).unwrap_or(now);
        let outcome = match self.before(&call, now) {
            Some(outcome) => outcome,
            None => self.admitted(&call, (now, ends)),
        };
        if after >= GATEWAY_TIMEOUT && matches!(outcome, Outcome::Answer(_)) {
            return Reply { outcome: reply::gateway_timeout().into(), after: GATEWAY_TIMEOUT.unsigned_abs() };
        }
        Reply { outcome, after: after.unsigned_abs() }
    }

    fn incoming(&mut self, request: Request, path: String, now: Timestamp) -> Incoming {
        let mut request = request;
        let with_query = match request.uri().query() {
            Some(query) => format!("{path}?{query}"),
            None => path.clone(),
        };
        if let Ok(uri) = with_query.parse() {
            *request.uri_mut() = uri;
        }
        let account = lock::account_of(&self.tenant, &request);
        let aim = Aim { number: self.calls, path: &path, account: account.as_deref() };
        let faults = self.faults.on_call(&aim, now);
        let (high, low) = (mix(self.settings.seed, self.calls), mix(!self.settings.seed, self.calls));
        let hex = format!("{high:016x}{low:016x}");
        let request_id =
            format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
        Incoming {
            found: route::find(request.method(), &path),
            version: Version::of(request.headers()),
            dialect: Dialect::of(&path),
            ids: CallIds { process: format!("{high:016X}"), request: request_id },
            account,
            faults,
            request,
        }
    }

    /// What happens to a call before Zuora itself sees it.
    fn before(&mut self, call: &Incoming, now: Timestamp) -> Option<Outcome> {
        let is_token = call.request.uri().path() == "/oauth/token";
        let is_query = call.request.uri().path().starts_with("/object-query");
        for fault in &call.faults {
            let outcome = match fault.kind {
                FaultKind::Refuse => Outcome::Refuse,
                FaultKind::ResetBeforeCommit => Outcome::Reset,
                FaultKind::Http500 => reply::server_error().into(),
                FaultKind::Http503Html => reply::unavailable().into(),
                FaultKind::AuthDown if is_token => reply::unavailable().into(),
                FaultKind::QueriesDown if is_query => reply::unavailable().into(),
                FaultKind::RateLimited => self.rate_limited(call, "minute", now).into(),
                FaultKind::Spurious401 if !is_token => self.refused(call, &unauthorized(), now).into(),
                FaultKind::LateCommit if !call.is_write() => reply::gateway_timeout().into(),
                _ => continue,
            };
            return Some(outcome);
        }
        if is_token {
            return Some(self.token(call, now).into());
        }
        if let Err(window) = self.counters.count(now) {
            return Some(self.rate_limited(call, window, now).into());
        }
        if !self.tokens.admit(&self.settings.credentials, call.request.headers(), now) {
            return Some(self.refused(call, &unauthorized(), now).into());
        }
        None
    }

    /// A call with a good token: concurrency, idempotency key, lock, then the handler.
    fn admitted(&mut self, call: &Incoming, (now, ends): (Timestamp, Timestamp)) -> Outcome {
        if !self.counters.has_room(call.found.class(), now) {
            return self.too_many_at_once(call, now).into();
        }
        self.counters.begin(call.found.class(), ends);
        let Some(key) = call.key() else { return self.locked_run(call, (now, ends)) };
        if key.len() > idempotency::KEY_LENGTH_MOST {
            let refusal = Refusal::invalid("Idempotency-Key", "at most 255 characters are allowed");
            return self.refused(call, &refusal, now).into();
        }
        let (method, target) = (call.request.method(), call.target());
        match self.idempotency.look(key, method, &target, now) {
            Known::Replay(response) => response.into(),
            Known::InProgress => conflict(call, StatusCode::CONFLICT, "is still in progress").into(),
            Known::OtherCall => {
                conflict(call, StatusCode::UNPROCESSABLE_ENTITY, "was used for another method or URL").into()
            }
            Known::New => {
                self.idempotency.begin(key, method, &target, now);
                self.locked_run(call, (now, ends))
            }
        }
    }

    /// The faults that are active now, by hand or by trace.
    pub fn faults(&self, now: Timestamp) -> Vec<Fault> {
        self.faults.active(now).cloned().collect()
    }

    /// Replaces all faults. An empty list heals; late commits that are under way still happen.
    pub fn set_faults(&mut self, faults: Vec<Fault>) {
        self.faults.set(faults);
    }

    /// Replaces all faults by a trace whose minute 0 is now.
    pub fn play(&mut self, trace: &FaultTrace, now: Timestamp) {
        self.faults.play(trace, now);
    }

    /// Whether nobody can even connect.
    pub fn refuses_connections(&self, now: Timestamp) -> bool {
        self.faults.refuse_connections(now)
    }

    /// Does what is due: late commits, in the order of their time.
    pub fn tick(&mut self, now: Timestamp) {
        while let Some(index) = self.next_late().filter(|index| self.late[*index].due <= now) {
            let late = self.late.remove(index);
            self.commit_late(late);
        }
    }

    fn next_late(&self) -> Option<usize> {
        (0..self.late.len()).min_by_key(|index| self.late[*index].due)
    }

    /// When `tick` or `take_callouts` will next have something to do.
    pub fn next_due(&self) -> Option<Timestamp> {
        let late = self.next_late().map(|index| self.late[index].due);
        [late, self.tenant.callouts.next_due()].into_iter().flatten().min()
    }

    /// Callouts to be delivered now; each must be answered with `callout_answered`.
    pub fn take_callouts(&mut self, now: Timestamp) -> Vec<Outgoing> {
        self.tick(now);
        self.tenant.callouts.take(now)
    }

    /// What the receiver of a callout said: an HTTP status, or a negative number if there was no answer.
    pub fn callout_answered(&mut self, id: u64, status: i32, now: Timestamp) {
        self.tenant.callouts.answered(id, status, now, self.settings.callout_retry);
    }

    /// Everything on record.
    pub fn books(&self) -> Books {
        books::of(&self.tenant)
    }
}

fn unauthorized() -> Refusal {
    Refusal::new(Category::Authentication, "this resource is protected, please sign in first")
}

/// The idempotency layer's own refusals, told in the gateway's dialect.
fn conflict(call: &Incoming, status: StatusCode, why: &str) -> Response {
    let message = format!("The request with this Idempotency-Key {why}.");
    let mut response = reply::json(status, &json!({"code": status.as_u16(), "message": message}));
    reply::set(&mut response, "zuora-request-id", &call.ids.request);
    response
}
