//! Weighs an answer: status and body together say what happened, and so whether and how to try again.
//! Refuses to call anything a decision of Zuora's that Zuora's application did not write.

use std::time::Duration;

use ::http::{HeaderMap, StatusCode};

use crate::code::Category;
use crate::dialect::{self, Dialect, Reason, Said};
use crate::error::{Kind, Retry};

/// What came of a call that was answered, but not with success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub kind: Kind,
    pub retry: Retry,
    pub dialect: Dialect,
    pub reasons: Vec<Reason>,
}

/// Judges an answer; `keyed` says whether an idempotency key went with the request.
pub(crate) fn judge(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    keyed: bool,
) -> Result<(), Refusal> {
    let (dialect, reasons) = match dialect::read(body) {
        Said::Nothing if status.is_success() => return Ok(()),
        Said::Nothing => (Dialect::Foreign, Vec::new()),
        Said::No(dialect, reasons) => (dialect, reasons),
    };
    let kind = kind(status, dialect, &reasons, keyed);
    Err(Refusal { kind, retry: retry(kind, headers), dialect, reasons })
}

/// Judges an answer of the token service, which speaks the front's dialects: a 4xx of its own is about credentials.
pub(crate) fn judge_token(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
    judge(status, headers, body, false).map_err(|refusal| match refusal.dialect {
        Dialect::Foreign => refusal,
        _ if status.is_client_error() && refusal.kind == Kind::InFront => {
            Refusal { kind: Kind::Unauthorized, ..refusal }
        }
        _ => refusal,
    })
}

fn kind(status: StatusCode, dialect: Dialect, reasons: &[Reason], keyed: bool) -> Kind {
    // Whatever the body, the gateway gave up waiting: the call may still be running behind it.
    if status == StatusCode::GATEWAY_TIMEOUT {
        return Kind::InFront;
    }
    // Before the codes: should Zuora give "in progress" the lock's category, a new key would make it twice.
    let of_the_key = reasons.iter().any(|reason| reason.message.to_ascii_lowercase().contains("idempot"));
    if status == StatusCode::CONFLICT && keyed && of_the_key {
        return Kind::InProgress;
    }
    if status == StatusCode::UNPROCESSABLE_ENTITY && keyed && of_the_key {
        return Kind::KeyMismatch;
    }
    let own = dialect.is_zuoras_own();
    if own && let Some(kind) = reasons.iter().filter_map(kind_of_reason).max_by_key(|kind| finality(*kind)) {
        return kind;
    }
    match status.as_u16() {
        401 => Kind::Unauthorized,
        400 if reasons.iter().any(|reason| reason.message.contains("bearer token")) => Kind::Unauthorized,
        429 => Kind::Limited,
        409 if keyed => Kind::InProgress,
        409 => Kind::Conflict,
        422 if keyed && dialect != Dialect::Foreign => Kind::KeyMismatch,
        _ if !own => Kind::InFront,
        403 => Kind::Forbidden,
        404 => Kind::NotFound,
        500.. => Kind::Failed,
        _ => Kind::Rejected,
    }
}

fn kind_of_reason(reason: &Reason) -> Option<Kind> {
    match reason.code {
        Some(code) => kind_of_category(Category::of(code)),
        None => kind_of_label(reason.label.as_deref()?),
    }
}

fn kind_of_category(category: Category) -> Option<Kind> {
    Some(match category {
        Category::Permission => Kind::Forbidden,
        Category::Authentication => Kind::Unauthorized,
        Category::InvalidValue
        | Category::UnknownField
        | Category::MissingField
        | Category::MissingParameter
        | Category::InvalidParameter
        | Category::UnsupportedMethod
        | Category::Malformed => Kind::Invalid,
        Category::BusinessRule => Kind::Rejected,
        Category::NotFound => Kind::NotFound,
        Category::Locked => Kind::Locked,
        Category::Internal | Category::Temporary | Category::Integration => Kind::Failed,
        Category::LimitExceeded => Kind::Limited,
        Category::Undocumented(_) => return None,
    })
}

/// The words of CRUD calls and ZOQL that mean something else than "your request is wrong".
fn kind_of_label(label: &str) -> Option<Kind> {
    Some(match label {
        "LOCK_COMPETITION" => Kind::Locked,
        "REQUEST_EXCEEDED_LIMIT" | "REQUEST_EXCEEDED_RATE" => Kind::Limited,
        "INVALID_SESSION" | "INVALID_LOGIN" => Kind::Unauthorized,
        "NO_PERMISSION" => Kind::Forbidden,
        "SERVER_UNAVAILABLE"
        | "TEMPORARY_ERROR"
        | "UNKNOWN_ERROR"
        | "QUERY_TIMEOUT"
        | "TRANSACTION_TIMEOUT"
        | "TRANSACTION_FAILED"
        | "TRANSACTION_TERMINATED" => Kind::Failed,
        "INVALID_FIELD"
        | "INVALID_ID"
        | "INVALID_TYPE"
        | "INVALID_VALUE"
        | "MALFORMED_QUERY"
        | "MISSING_REQUIRED_VALUE"
        | "DUPLICATE_VALUE" => Kind::Invalid,
        _ => return None,
    })
}

/// Of several reasons the one that waiting does not cure decides.
fn finality(kind: Kind) -> u8 {
    match kind {
        Kind::Unauthorized => 3,
        Kind::Invalid | Kind::Rejected | Kind::Forbidden | Kind::NotFound => 2,
        _ => 1,
    }
}

fn retry(kind: Kind, headers: &HeaderMap) -> Retry {
    match kind {
        Kind::NotSent => Retry::NotSent,
        Kind::NoAnswer | Kind::InFront | Kind::Unreadable => Retry::Unknown,
        Kind::InProgress => Retry::InProgress,
        Kind::Forbidden | Kind::NotFound | Kind::Invalid | Kind::Rejected | Kind::KeyMismatch => Retry::Never,
        Kind::Limited => Retry::Later { after: retry_after(headers) },
        Kind::Unauthorized | Kind::Locked | Kind::Failed | Kind::Conflict => Retry::Later { after: None },
    }
}

/// `Retry-After` in seconds, or else when the rate limit's window ends.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    ["retry-after", "ratelimit-reset"]
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs)
}
