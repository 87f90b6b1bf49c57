//! What a caller gets: an answer after a while, or no answer at all.
//! Refuses to decide anything; it only builds responses.

use std::time::Duration;

use ::http::{HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;
use serde_json::Value;

use crate::Response;

/// How a call ends.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// An HTTP answer.
    Answer(Response),
    /// Nobody could connect.
    Refuse,
    /// The connection broke; whether before or after the call was done is not for the caller to know.
    Reset,
}

/// How a call ends, and after how much trace time.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The end.
    pub outcome: Outcome,
    /// How long the caller waits for it.
    pub after: Duration,
}

impl Reply {
    /// The answer, if there is one.
    pub fn response(&self) -> Option<&Response> {
        match &self.outcome {
            Outcome::Answer(response) => Some(response),
            Outcome::Refuse | Outcome::Reset => None,
        }
    }

    pub(crate) fn now(outcome: Outcome) -> Reply {
        Reply { outcome, after: Duration::ZERO }
    }
}

impl From<Response> for Outcome {
    fn from(response: Response) -> Outcome {
        Outcome::Answer(response)
    }
}

/// An answer with a JSON body.
pub(crate) fn json(status: StatusCode, body: &Value) -> Response {
    typed(status, "application/json;charset=utf-8", Bytes::from(body.to_string()))
}

/// An answer of a gateway or proxy that speaks no JSON.
pub(crate) fn typed(status: StatusCode, content_type: &'static str, body: Bytes) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    set(&mut response, "content-type", content_type);
    response
}

/// Sets a header; a value that HTTP cannot carry is left out.
pub(crate) fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
}

/// The gateway's page when a call took longer than it waits.
pub(crate) fn gateway_timeout() -> Response {
    let page = "<html><head><title>504 Gateway Time-out</title></head>\
        <body><center><h1>504 Gateway Time-out</h1></center></body></html>";
    typed(StatusCode::GATEWAY_TIMEOUT, "text/html", Bytes::from_static(page.as_bytes()))
}

/// The page in front of a service that is not there.
pub(crate) fn unavailable() -> Response {
    let page = "<html><body><h1>503 Service Unavailable</h1>\
        <p>No server is available to handle this request.</p></body></html>";
    typed(StatusCode::SERVICE_UNAVAILABLE, "text/html", Bytes::from_static(page.as_bytes()))
}

/// A server error in plain text.
pub(crate) fn server_error() -> Response {
    let text = "We're sorry, but something went wrong.";
    typed(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", Bytes::from_static(text.as_bytes()))
}
