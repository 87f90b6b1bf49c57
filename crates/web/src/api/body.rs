//! Reading a request's body: size, type, UTF-8, depth, JSON and form, each with a problem of its own.
//! Refuses unknown fields (the types say so) and everything that it cannot read to the end.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// The largest body of an API request: above every order of the most actions, with room.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// How deep a body may nest: no request of ours is deeper than 4.
const DEPTH_MAX: usize = 32;

/// A body of JSON, read.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Json<T>, Problem> {
        let (head, body) = request.into_parts();
        check_media_type(&head.headers)?;
        let text = text(body, BODY_BYTES_MAX).await?;
        parse(&text).map(Json)
    }
}

/// Reads a body of at most so many bytes that must be UTF-8.
pub async fn text(body: Body, bytes_max: usize) -> Result<String, Problem> {
    let bytes = to_bytes(body, bytes_max).await.map_err(|error| {
        let source = std::error::Error::source(&error);
        match source.is_some_and(|source| source.is::<LengthLimitError>()) {
            true => Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                format!("The body is larger than {bytes_max} bytes."),
                "Send less in one request.",
            ),
            false => malformed("body_incomplete", "The body ended before it was complete."),
        }
    })?;
    utf8(bytes)
}

fn utf8(bytes: Bytes) -> Result<String, Problem> {
    String::from_utf8(bytes.into()).map_err(|_| malformed("body_not_utf8", "The body is not UTF-8."))
}

/// Reads JSON into a type; a wrong or unknown field is named by its path.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    check_depth(text)?;
    let mut json = serde_json::Deserializer::from_str(text);
    let parsed = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if !error.is_data() {
            let detail = format!("The body is not JSON: {}.", reason(&error));
            return malformed("body_not_json", detail);
        }
        let hint = "See /api/openapi.json for the fields and their types.";
        let problem = Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "field_not_readable",
            sentence(&reason(&error)),
            hint,
        );
        if path == "." { problem } else { problem.of_field(path) }
    })?;
    json.end().map_err(|_| malformed("body_not_json", "Something follows the JSON value."))?;
    Ok(parsed)
}

/// serde's words without the place, which `field` says better.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let is_json = essence.eq_ignore_ascii_case("application/json");
    is_json.then_some(()).ok_or_else(|| {
        let hint = "Send the body as JSON, with the header Content-Type: application/json.";
        let detail = "The body must be of type application/json.";
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail, hint)
    })
}

/// Counts brackets outside strings: a parser that recurses never sees a body that could exhaust its stack.
pub fn check_depth(text: &str) -> Result<(), Problem> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            let detail = format!("The body nests deeper than {DEPTH_MAX} levels.");
            return Err(malformed("body_too_deep", detail));
        }
    }
    Ok(())
}

fn malformed(code: &'static str, detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, code, detail, "Send one complete JSON value in UTF-8.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        actions: Vec<Action>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Action {
        quantity: i64,
    }

    fn told(body: &str) -> (&'static str, Option<String>) {
        let problem = parse::<Asked>(body).unwrap_err();
        (problem.code, problem.field)
    }

    #[test]
    fn a_wrong_field_is_named_by_its_path() {
        assert_eq!(parse::<Asked>(r#"{"actions":[{"quantity":15}]}"#).unwrap().actions[0].quantity, 15);
        let field = |path: &str| ("field_not_readable", Some(path.to_owned()));
        assert_eq!(told(r#"{"actions":[{"quantity":15},{"quantity":"15"}]}"#), field("actions[1].quantity"));
        assert_eq!(told(r#"{"actions":[{"quantity":1.5}]}"#), field("actions[0].quantity"));
        assert_eq!(told(r#"{"actions":[{"quantity":99999999999999999999}]}"#), field("actions[0].quantity"));
        assert_eq!(told(r#"{"actions":[{"quantity":1,"price":0}]}"#), field("actions[0].price"));
        assert_eq!(told("{}"), ("field_not_readable", None));
        let missing = parse::<Asked>("{}").unwrap_err();
        assert_eq!(missing.detail, "Missing field `actions`.");
    }

    #[test]
    fn what_is_not_json_is_told_apart_from_what_is_too_deep() {
        assert_eq!(told(r#"{"actions":"#).0, "body_not_json");
        assert_eq!(told("order please").0, "body_not_json");
        assert_eq!(told(r#"{"actions":[]} {}"#).0, "body_not_json");
        assert_eq!(told(&"[".repeat(100_000)).0, "body_too_deep");
        assert_eq!(told(&format!(r#"{{"actions":"{}"}}"#, "[".repeat(1_000))).0, "field_not_readable");
    }

    #[tokio::test]
    async fn size_and_encoding_are_checked_before_anything_is_parsed() {
        let large = text(Body::from(vec![b' '; 11]), 10).await.unwrap_err();
        assert_eq!((large.status.as_u16(), large.code), (413, "body_too_large"));
        let wrong = text(Body::from(vec![0xff, 0xfe]), 10).await.unwrap_err();
        assert_eq!((wrong.status.as_u16(), wrong.code), (400, "body_not_utf8"));
    }
}
