//! The `Idempotency-Key` of a request that must be made once, and the answer that a key has for ever.
//! Refuses a key that could not be logged or compared: visible ASCII only.

use app::{Answer, Replayed};
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderName, LOCATION};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use super::problem::{PROBLEM_JSON, Problem};
use crate::edge::Trace;

/// The header that carries the key.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Says that the answer was given before.
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The longest key.
const KEY_LENGTH_MAX: usize = 255;

/// The key of a request.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(pub String);

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<IdempotencyKey, Problem> {
        let hint = "Send a header Idempotency-Key with 1 to 255 visible ASCII characters, a new one for each new request.";
        let refused = |code, detail: &str| {
            Problem::new(StatusCode::BAD_REQUEST, code, detail, hint).of_field("Idempotency-Key")
        };
        let sent = parts.headers.get(IDEMPOTENCY_KEY);
        let sent = sent
            .ok_or_else(|| refused("idempotency_key_missing", "The request carries no Idempotency-Key."))?;
        let fits =
            (1..=KEY_LENGTH_MAX).contains(&sent.len()) && sent.as_bytes().iter().all(u8::is_ascii_graphic);
        let key = sent.to_str().ok().filter(|_| fits);
        let key = key.ok_or_else(|| {
            refused("idempotency_key_not_readable", "The Idempotency-Key is too long or not visible ASCII.")
        })?;
        Ok(IdempotencyKey(key.to_owned()))
    }
}

/// What two requests are compared by: the hash of what was understood, so that spaces and field order do not matter.
pub fn request_hash(request: &impl Serialize) -> String {
    // A request was read from JSON; it can be written as JSON.
    domain::token::hash(&serde_json::to_string(request).unwrap_or_default())
}

/// Answers what was stored under the key, now or before, with members that are not stored because every request brings them.
pub fn respond(concluded: (Answer, Replayed), with: &[(&str, &str)], trace: &Trace) -> Response {
    let (answer, replayed) = concluded;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (media_type, body) = match status.is_success() {
        true => ("application/json", with_members(&answer.body, with)),
        false => (PROBLEM_JSON, with_members(&answer.body, &[("trace_id", &trace.0)])),
    };
    let mut response = (status, [(CONTENT_TYPE, media_type)], body).into_response();
    if let Some(location) = answer.location.and_then(|location| HeaderValue::from_str(&location).ok()) {
        response.headers_mut().insert(LOCATION, location);
    }
    if replayed == Replayed::Yes {
        response.headers_mut().insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// Puts members in front of those of an object.
fn with_members(object: &str, members: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(object.len() + 64 * members.len());
    text.push('{');
    for (name, value) in members {
        text.push_str(&serde_json::Value::from(*name).to_string());
        text.push(':');
        text.push_str(&serde_json::Value::from(*value).to_string());
        text.push(',');
    }
    text.push_str(object.trim_start_matches('{'));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn key(value: &[u8]) -> Result<String, &'static str> {
        let request = http::Request::builder().header(IDEMPOTENCY_KEY, value).body(()).unwrap();
        let read = IdempotencyKey::from_request_parts(&mut request.into_parts().0, &()).await;
        read.map(|key| key.0).map_err(|problem| problem.code)
    }

    #[tokio::test]
    async fn a_key_is_1_to_255_visible_characters() {
        assert_eq!(key(b"order-1").await, Ok("order-1".into()));
        assert_eq!(key(&[b'k'; 255]).await.map(|key| key.len()), Ok(255));
        for wrong in [b"".as_slice(), b"a b", &[b'k'; 256], "ö".as_bytes()] {
            assert_eq!(key(wrong).await, Err("idempotency_key_not_readable"));
        }
    }

    #[test]
    fn members_are_put_in_front() {
        assert_eq!(with_members(r#"{"b":1}"#, &[("a", "x\"y")]), r#"{"a":"x\"y","b":1}"#);
    }
}
