//! What every request that did not do what it asked is told: RFC 9457, with a stable code, the field and what to do next.
//! Refuses internal texts: only the words of a `Refusal` and those written here reach a client.

use app::Error;
use axum::response::{IntoResponse, Response};
use domain::Refusal;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of problems.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// When to come back after the database was not there, in seconds: longer than it takes to change over to another node.
const RETRY_AFTER_S: &str = "5";

/// A problem before it is written: the edge adds the trace and chooses the form, JSON or a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// The stable word that scripts match.
    pub code: &'static str,
    /// What is wrong, in a sentence.
    pub detail: String,
    /// The part of the request that it is about, `actions[0].quantity`.
    pub field: Option<String>,
    /// What to do next.
    pub hint: &'static str,
    /// A header that belongs to the status, in small letters.
    pub header: Option<(&'static str, &'static str)>,
}

/// A problem as it is written.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Body<'a> {
    /// A name for the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:purser:problem:quantity_out_of_range")]
    pub kind: String,
    /// The HTTP status in words.
    pub title: &'a str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// The stable word that scripts match.
    #[schema(example = "quantity_out_of_range")]
    pub code: &'a str,
    /// What is wrong, in a sentence.
    pub detail: &'a str,
    /// The part of the request that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "actions[0].quantity", nullable = false)]
    pub field: Option<&'a str>,
    /// What to do next.
    pub hint: &'a str,
    /// The trace of the request; name it to support.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub trace_id: Option<&'a str>,
}

impl Problem {
    /// A problem without a field.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        detail: impl Into<String>,
        hint: &'static str,
    ) -> Problem {
        Problem { status, code, detail: detail.into(), field: None, hint, header: None }
    }

    /// The same problem, about a part of the request.
    pub fn of_field(self, field: impl Into<String>) -> Problem {
        Problem { field: Some(field.into()), ..self }
    }

    /// The request carries no proof of who sent it, or one that does not hold.
    pub fn unauthorized(challenge: &'static str, detail: &str, hint: &'static str) -> Problem {
        let header = Some(("www-authenticate", challenge));
        Problem { header, ..Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail, hint) }
    }

    /// There is none, or none that the caller may see.
    pub fn not_found(noun: &str) -> Problem {
        let detail = format!("There is no such {noun}, or none that you may see.");
        Problem::new(
            StatusCode::NOT_FOUND,
            "not_found",
            detail,
            "Check the number; it belongs to one account.",
        )
    }

    /// Something of ours broke.
    pub fn internal() -> Problem {
        let detail = "Something went wrong on our side.";
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            detail,
            "Try again, or name the trace to support.",
        )
    }

    /// A status that some layer answered without words.
    pub fn of_status(status: StatusCode) -> Problem {
        let (code, detail, hint) = match status {
            StatusCode::METHOD_NOT_ALLOWED => {
                ("method_not_allowed", "This address does not take this method.", "See the Allow header.")
            }
            StatusCode::FORBIDDEN => (
                "cross_origin",
                "The request comes from another site.",
                "Send the form from the page that you opened here.",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => {
                ("body_too_large", "The request is too large.", "Send less in one request.")
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                ("timeout", "The request took too long.", "Try again with the same Idempotency-Key.")
            }
            StatusCode::NOT_FOUND => {
                ("not_found", "There is nothing at this address.", "See /api/openapi.json.")
            }
            status if status.is_client_error() => (
                "bad_request",
                "The request cannot be read.",
                "See /api/openapi.json for what this address takes.",
            ),
            _ => return Problem::internal(),
        };
        Problem::new(status, code, detail, hint)
    }

    /// The problem as it is written, with the trace of its request.
    pub fn body(&self, trace_id: Option<&str>) -> String {
        let body = Body {
            kind: format!("urn:purser:problem:{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            field: self.field.as_deref(),
            hint: self.hint,
            trace_id,
        };
        // Only strings and a number: nothing in it can fail to serialize.
        serde_json::to_string(&body).unwrap_or_default()
    }
}

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Problem {
        Problem {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            code: refusal.code(),
            detail: refusal.to_string(),
            field: refusal.field().map(str::to_owned),
            hint: refusal.hint(),
            header: None,
        }
    }
}

impl From<Error> for Problem {
    /// What of an error a client may see. What it may not see is logged here, once.
    fn from(error: Error) -> Problem {
        match &error {
            Error::Refused(refusal) => Problem::from(refusal),
            Error::NotFound(noun) => Problem::not_found(noun),
            Error::Forbidden => Problem::new(
                StatusCode::FORBIDDEN,
                error.code(),
                "You may not do this.",
                "Ask for a token with the scope, or for a role, that this operation needs.",
            ),
            Error::KeyReused => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                error.code(),
                "This Idempotency-Key was used for a different request.",
                "Use a new key for a new request, and the same key only to repeat the same request.",
            )
            .of_field("Idempotency-Key"),
            Error::Store(_) => {
                tracing::error!(error = error.chain(), "the store failed");
                let detail = "We cannot read or write our database at the moment. Nothing was changed.";
                let hint = "Try again shortly; repeat a POST with the same Idempotency-Key.";
                let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.code(), detail, hint);
                Problem { header: Some(("retry-after", RETRY_AFTER_S)), ..problem }
            }
            _ => {
                tracing::error!(error = error.chain(), "a request failed");
                Problem::internal()
            }
        }
    }
}

impl IntoResponse for Problem {
    /// The edge finds the problem among the response's extensions and writes it.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The content type of a written problem.
pub fn content_type() -> (HeaderName, HeaderValue) {
    (CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_keeps_its_words_code_and_field() {
        let refusal = Refusal::Quantity { field: "actions[0].quantity".into(), max: 100_000 };
        assert_eq!(
            Problem::from(&refusal).body(Some("7f3a")),
            r#"{"type":"urn:purser:problem:quantity_out_of_range","title":"Unprocessable Entity","status":422,"code":"quantity_out_of_range","detail":"The quantity must be a whole number from 1 to 100000.","field":"actions[0].quantity","hint":"Send a whole number within the range.","trace_id":"7f3a"}"#
        );
    }

    #[test]
    fn what_went_on_inside_stays_inside() {
        let error = Error::Mirror { noun: "invoice", number: "INV1".into(), why: "secret detail".into() };
        let problem = Problem::from(error);
        assert_eq!((problem.status.as_u16(), problem.code), (500, "internal"));
        assert!(!problem.body(None).contains("secret"));
    }

    #[test]
    fn a_database_that_is_gone_says_when_to_come_back() {
        let problem =
            Problem::from(Error::Store(store::Error::Address("postgres://user:password@host".into())));
        assert_eq!((problem.status.as_u16(), problem.code), (503, "store_unavailable"));
        assert!(problem.header.is_some() && !problem.body(None).contains("password"));
    }
}
