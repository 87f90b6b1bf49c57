//! Faults: what goes wrong, for which calls, from when to when; the same in every run.
//! Refuses a trace it does not wholly understand.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ids::mix;

/// A `late_commit` commits after this unless it says otherwise.
const LATE_COMMIT_MS: u64 = 180_000;
/// A `slow` call takes this long unless it says otherwise; still below the gateway's 120 s.
const SLOW_MS: u64 = 10_000;
/// `callouts_late` and `callouts_reordered` delay by at most this unless they say otherwise.
const CALLOUT_DELAY_MS: u64 = 600_000;

/// The ways in which a Zuora can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// No connection at all.
    Refuse,
    /// The connection breaks before anything happened.
    ResetBeforeCommit,
    /// A plain-text 500; nothing happened.
    #[serde(rename = "http_500")]
    Http500,
    /// An HTML page with a 503; nothing happened.
    #[serde(rename = "http_503_html")]
    Http503Html,
    /// The call is done, the answer has no body.
    EmptyBody,
    /// The call is done, the answer stops in the middle.
    TruncatedBody,
    /// The answer takes its time; beyond 120 s the gateway cuts it with a 504.
    Slow,
    /// The call is done, the gateway answers 504.
    #[serde(rename = "commit_then_504")]
    CommitThen504,
    /// The gateway answers 504 now and the call is done later, whatever happens in between.
    LateCommit,
    /// The call is done, the connection breaks before the answer.
    ResetAfterCommit,
    /// 429 with `Retry-After`.
    RateLimited,
    /// Category 50 for every write.
    Lock,
    /// 401 for a good token.
    #[serde(rename = "spurious_401")]
    Spurious401,
    /// The token endpoint is down; tokens that live keep working.
    AuthDown,
    /// Object Query is down; reads by key work.
    QueriesDown,
    /// Callouts are never sent.
    CalloutsLost,
    /// Callouts are sent twice.
    CalloutsDoubled,
    /// Callouts are sent late.
    CalloutsLate,
    /// Callouts overtake each other.
    CalloutsReordered,
}

impl FaultKind {
    fn is_about_callouts(self) -> bool {
        use FaultKind::{CalloutsDoubled, CalloutsLate, CalloutsLost, CalloutsReordered};
        matches!(self, CalloutsDoubled | CalloutsLate | CalloutsLost | CalloutsReordered)
    }
}

/// One fault while it is active.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// The share of calls it strikes, from 0 to 1; exact decimals, because which calls must be the same everywhere.
    #[serde(default = "all", with = "share")]
    pub share: rust_decimal::Decimal,
    /// Only calls whose path starts with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Only calls about this account, by number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// How late or how slow, in trace time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
}

fn all() -> rust_decimal::Decimal {
    rust_decimal::Decimal::ONE
}

/// `share` as a JSON or TOML number.
mod share {
    use rust_decimal::Decimal;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(share: &Decimal, to: S) -> Result<S::Ok, S::Error> {
        crate::json::number(*share).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Decimal, D::Error> {
        let value = serde_json::Value::deserialize(from)?;
        let share =
            crate::json::decimal(&value).filter(|share| (Decimal::ZERO..=Decimal::ONE).contains(share));
        share.ok_or_else(|| Error::custom("a share from 0 to 1 is expected"))
    }
}

impl Fault {
    /// A fault that strikes every call.
    pub fn every(kind: FaultKind) -> Fault {
        Fault { kind, share: all(), endpoint: None, account: None, delay_ms: None }
    }

    /// The delay that the fault names, or the usual one of its kind.
    pub(crate) fn delay(&self) -> SignedDuration {
        let usual = match self.kind {
            FaultKind::LateCommit => LATE_COMMIT_MS,
            FaultKind::Slow => SLOW_MS,
            FaultKind::CalloutsLate | FaultKind::CalloutsReordered => CALLOUT_DELAY_MS,
            _ => 0,
        };
        SignedDuration::from_millis(i64::try_from(self.delay_ms.unwrap_or(usual)).unwrap_or(i64::MAX))
    }

    /// Whether the fault strikes the call (or callout) with this number.
    fn strikes(&self, seed: u64, aim: &Aim) -> bool {
        let endpoint = self.endpoint.as_deref().is_none_or(|prefix| aim.path.starts_with(prefix));
        let account = self.account.as_deref().is_none_or(|account| aim.account == Some(account));
        endpoint
            && account
            && self.share * rust_decimal::Decimal::from(SHARES) > draw(seed, aim.number).into()
    }

    /// Whether nobody can connect at all while this fault lasts.
    fn is_total_refusal(&self) -> bool {
        self.kind == FaultKind::Refuse
            && self.share == all()
            && self.endpoint.is_none()
            && self.account.is_none()
    }
}

/// A share is decided in parts per million.
const SHARES: u64 = 1_000_000;

fn draw(seed: u64, number: u64) -> u64 {
    mix(seed, number) % SHARES
}

/// A call (or a callout) that faults may strike.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Aim<'a> {
    pub(crate) number: u64,
    pub(crate) path: &'a str,
    pub(crate) account: Option<&'a str>,
}

/// A schedule of faults, as design and drills write it down.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultTrace {
    /// What the trace is called.
    pub name: String,
    /// Chooses which calls a share strikes.
    #[serde(default)]
    pub seed: u64,
    /// The faults with their minutes.
    #[serde(default, rename = "fault")]
    pub faults: Vec<TimedFault>,
}

/// A fault and when it is active, in minutes of trace time.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimedFault {
    /// The first minute.
    #[serde(with = "minutes")]
    pub from_min: SignedDuration,
    /// The minute at which it is over.
    #[serde(with = "minutes")]
    pub to_min: SignedDuration,
    /// What goes wrong.
    pub kind: FaultKind,
    /// See [`Fault::share`].
    #[serde(default = "all", with = "share")]
    pub share: rust_decimal::Decimal,
    /// See [`Fault::endpoint`].
    #[serde(default)]
    pub endpoint: Option<String>,
    /// See [`Fault::account`].
    #[serde(default)]
    pub account: Option<String>,
    /// See [`Fault::delay_ms`].
    #[serde(default)]
    pub delay_ms: Option<u64>,
}

/// Minutes, whole or decimal, as a duration.
mod minutes {
    use jiff::SignedDuration;
    use rust_decimal::Decimal;
    use rust_decimal::prelude::ToPrimitive;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer};

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SignedDuration, D::Error> {
        let value = serde_json::Value::deserialize(from)?;
        let millis = crate::json::decimal(&value)
            .filter(|minutes| !minutes.is_sign_negative())
            .and_then(|minutes| minutes.checked_mul(Decimal::from(60_000)))
            .and_then(|millis| millis.trunc().to_i64());
        millis
            .map(SignedDuration::from_millis)
            .ok_or_else(|| Error::custom("a number of minutes is expected"))
    }
}

/// Why a trace cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// It is not TOML of the right form; the source names the line.
    #[error("the fault trace cannot be read")]
    Form(#[source] toml::de::Error),
    /// A fault ends before it begins.
    #[error("fault {0} of the trace ends before it begins")]
    Backwards(usize),
}

impl FaultTrace {
    /// Reads a trace from TOML.
    pub fn parse(text: &str) -> Result<FaultTrace, TraceError> {
        let trace: FaultTrace = toml::from_str(text).map_err(TraceError::Form)?;
        match trace.faults.iter().position(|fault| fault.to_min < fault.from_min) {
            Some(index) => Err(TraceError::Backwards(index + 1)),
            None => Ok(trace),
        }
    }

    /// When the last fault is over, from the start of the trace.
    pub fn length(&self) -> SignedDuration {
        self.faults.iter().map(|fault| fault.to_min).max().unwrap_or(SignedDuration::ZERO)
    }
}

/// A fault with the span in which it is active.
#[derive(Debug, Clone)]
struct Scheduled {
    fault: Fault,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

/// All faults, those set by hand and those of a trace.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    seed: u64,
    all: Vec<Scheduled>,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Faults {
        Faults { seed, all: Vec::new() }
    }

    /// Replaces everything by faults that are active until further notice.
    pub(crate) fn set(&mut self, faults: Vec<Fault>) {
        self.all = faults.into_iter().map(|fault| Scheduled { fault, from: None, to: None }).collect();
    }

    /// Replaces everything by a trace that starts now.
    pub(crate) fn play(&mut self, trace: &FaultTrace, now: Timestamp) {
        self.seed = trace.seed;
        let at = |offset: SignedDuration| now.checked_add(offset).ok();
        let scheduled = |timed: &TimedFault| Scheduled {
            fault: Fault {
                kind: timed.kind,
                share: timed.share,
                endpoint: timed.endpoint.clone(),
                account: timed.account.clone(),
                delay_ms: timed.delay_ms,
            },
            from: at(timed.from_min),
            to: at(timed.to_min),
        };
        self.all = trace.faults.iter().map(scheduled).collect();
    }

    /// The faults that are active.
    pub(crate) fn active(&self, now: Timestamp) -> impl Iterator<Item = &Fault> {
        let on = move |one: &&Scheduled| {
            one.from.is_none_or(|from| from <= now) && one.to.is_none_or(|to| now < to)
        };
        self.all.iter().filter(on).map(|one| &one.fault)
    }

    /// The faults that strike a call of the API.
    pub(crate) fn on_call(&self, aim: &Aim, now: Timestamp) -> Vec<Fault> {
        let calls = self.active(now).filter(|fault| !fault.kind.is_about_callouts());
        calls.filter(|fault| fault.strikes(self.seed, aim)).cloned().collect()
    }

    /// The faults that strike a callout.
    pub(crate) fn on_callout(&self, aim: &Aim, now: Timestamp) -> Vec<Fault> {
        let callouts = self.active(now).filter(|fault| fault.kind.is_about_callouts());
        callouts.filter(|fault| fault.strikes(self.seed, aim)).cloned().collect()
    }

    /// A part of a delay that is its own for every callout, so that they overtake each other.
    pub(crate) fn part_of(&self, delay: SignedDuration, number: u64) -> SignedDuration {
        let part = i64::try_from(draw(!self.seed, number)).unwrap_or(0);
        SignedDuration::from_millis(delay.as_millis().try_into().unwrap_or(i64::MAX) / 1_000 * part / 1_000)
    }

    /// Whether nobody can connect.
    pub(crate) fn refuse_connections(&self, now: Timestamp) -> bool {
        self.active(now).any(Fault::is_total_refusal)
    }
}
