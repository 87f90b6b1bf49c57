//! The emulator's own operations: faults, traces, books. Faults never strike these.
//! Refuses to be part of Zuora's API.

use ::http::{Method, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::reply;
use crate::{Emulator, Fault, FaultTrace, Response};

/// `{"faults":[…]}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Faults {
    faults: Vec<Fault>,
}

/// Answers a request below `/emulator` or on the admin listener.
pub(crate) fn answer(
    emulator: &mut Emulator,
    (method, path): (&Method, &str),
    body: &[u8],
    now: Timestamp,
) -> Response {
    let ok = |body: Value| reply::json(StatusCode::OK, &body);
    let bad = |why: String| reply::json(StatusCode::BAD_REQUEST, &json!({ "message": why }));
    match (method.as_str(), path) {
        ("GET", "/faults") => ok(json!({ "faults": emulator.faults(now) })),
        ("PUT", "/faults") => match serde_json::from_slice::<Faults>(body) {
            Ok(Faults { faults }) => {
                emulator.set_faults(faults);
                ok(json!({ "faults": emulator.faults(now) }))
            }
            Err(error) => bad(error.to_string()),
        },
        ("POST", "/faults") => match serde_json::from_slice::<Fault>(body) {
            Ok(fault) => {
                let mut faults = emulator.faults(now);
                faults.push(fault);
                emulator.set_faults(faults);
                ok(json!({ "faults": emulator.faults(now) }))
            }
            Err(error) => bad(error.to_string()),
        },
        ("DELETE", "/faults") => {
            emulator.set_faults(Vec::new());
            ok(json!({ "faults": [] }))
        }
        ("POST", "/trace") => match std::str::from_utf8(body).map(FaultTrace::parse) {
            Ok(Ok(trace)) => {
                emulator.play(&trace, now);
                ok(json!({ "name": trace.name, "length_ms": millis(trace.length()) }))
            }
            Ok(Err(error)) => bad(chain(&error)),
            Err(_) => bad("the trace is not UTF-8".to_owned()),
        },
        ("GET", "/books") => match serde_json::to_value(emulator.books()) {
            Ok(books) => ok(books),
            Err(error) => bad(error.to_string()),
        },
        ("GET", "/clock") => ok(json!({ "now": now.to_string() })),
        _ => reply::json(StatusCode::NOT_FOUND, &json!({"message": "the emulator has no such operation"})),
    }
}

fn millis(duration: jiff::SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn chain(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}
