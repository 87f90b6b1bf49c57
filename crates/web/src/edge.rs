//! The outermost layer of every request: its trace, its time limit, and the last word on problems.
//! Refuses to let a bare status or a panic out: both become typed problems, or pages that say what to do.

use std::any::Any;
use std::time::Duration;

use app::App;
use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName};
use http::header::{REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use tracing::Instrument;

use crate::api::problem::{Problem, content_type};
use crate::view::page::Page;

/// The longest that a client waits: longer than the wait for a connection to a busy database.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(45);

/// Under which header the trace is answered.
const X_TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");

/// Everything comes from here; nothing is inline, nothing is framed, forms go home.
const POLICY: &str =
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'";

/// The trace of a request, 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace(pub String);

impl Trace {
    /// The trace that the caller began (W3C `traceparent`), or a new one.
    fn of(headers: &HeaderMap, app: &App) -> Trace {
        let sent = headers.get("traceparent").and_then(|value| value.to_str().ok()).and_then(Trace::parse);
        sent.unwrap_or_else(|| Trace(format!("{:032x}", app.random.bits())))
    }

    fn parse(traceparent: &str) -> Option<Trace> {
        let mut parts = traceparent.split('-');
        let (version, trace) = (parts.next()?, parts.next()?);
        let hex =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let fits = version.len() == 2 && version != "ff" && hex(version) && trace.len() == 32 && hex(trace);
        (fits && trace.bytes().any(|byte| byte != b'0')).then(|| Trace(trace.to_owned()))
    }
}

impl<S: Sync> FromRequestParts<S> for Trace {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Trace, Problem> {
        // The edge put it there.
        parts.extensions.get().cloned().ok_or_else(Problem::internal)
    }
}

/// Puts the edge around the routes.
pub fn around(routes: Router<App>, app: &App) -> Router<App> {
    routes
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIME_MAX))
        .layer(from_fn_with_state(app.clone(), edge))
}

fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    // The panic hook has logged where and why.
    Problem::internal().into_response()
}

async fn edge(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let trace = Trace::of(request.headers(), &app);
    // The route, not the path: paths hold secrets (sign-in links) and numbers.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let span = tracing::info_span!("request", trace_id = trace.0, http.request.method = %request.method(), http.route = route);
    let for_people = is_for_people(request.uri().path());
    request.extensions_mut().insert(trace.clone());
    let mut response = next.run(request).instrument(span).await;
    if let Some(problem) = problem_of(&mut response) {
        response = match for_people {
            true => as_page(&app, &problem, &trace, response.headers()),
            false => as_json(&problem, &trace, response.headers()),
        };
    }
    finish(&mut response, &trace, &app, for_people);
    response
}

/// Pages answer in HTML, everything else in JSON.
fn is_for_people(path: &str) -> bool {
    !["/api", "/callouts", "/healthz", "/readyz", "/assets"].iter().any(|prefix| path.starts_with(prefix))
}

/// The problem that a handler answered, or the one that stands behind a bare status of some layer.
fn problem_of(response: &mut Response) -> Option<Problem> {
    let status = response.status();
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        return Some(problem);
    }
    let is_error = status.is_client_error() || status.is_server_error();
    let has_words =
        response.headers().get(CONTENT_TYPE).is_some_and(|value| value != "text/plain; charset=utf-8");
    (is_error && !has_words).then(|| Problem::of_status(status))
}

fn as_json(problem: &Problem, trace: &Trace, before: &HeaderMap) -> Response {
    let mut response = (problem.status, [content_type()], problem.body(Some(&trace.0))).into_response();
    carry(problem, before, &mut response);
    response
}

/// What a person reads instead of a page.
#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    page: Page,
    kind: &'static str,
    text: String,
    code: &'static str,
    trace: &'a str,
    short: &'a str,
}

fn as_page(app: &App, problem: &Problem, trace: &Trace, before: &HeaderMap) -> Response {
    let short = trace.0.get(..8).unwrap_or_default();
    let (title, text) = match problem.status {
        StatusCode::NOT_FOUND => (
            "There is nothing at this address",
            "It was mistyped, or it belongs to an account that is not yours.".to_owned(),
        ),
        StatusCode::FORBIDDEN if problem.code == "cross_origin" => (
            "This form was not sent from our page",
            "Nothing was done. Open the page again and press the button there.".to_owned(),
        ),
        StatusCode::FORBIDDEN => (
            "You may not do this",
            "It needs another role in this account. Ask somebody who manages it.".to_owned(),
        ),
        status if status.is_client_error() => (
            "This request cannot be read",
            "Nothing was changed. Go back, open the page again and retry.".to_owned(),
        ),
        _ => (
            "This page could not be shown",
            format!("Your data is safe and nothing was ordered. Try again, or write to us and name {short}."),
        ),
    };
    let kind = if problem.status.is_server_error() { "bad" } else { "wait" };
    let page = Page::public(app, title);
    let page = ErrorPage { page, kind, text, code: problem.code, trace: &trace.0, short };
    let mut response = (problem.status, crate::portal::html(&page)).into_response();
    carry(problem, before, &mut response);
    response
}

/// Headers that belong to the status and survive the new body.
fn carry(problem: &Problem, before: &HeaderMap, response: &mut Response) {
    if let Some((name, value)) = problem.header {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if let Some(allow) = before.get(ALLOW) {
        response.headers_mut().insert(ALLOW, allow.clone());
    }
}

fn finish(response: &mut Response, trace: &Trace, app: &App, for_people: bool) {
    let headers = response.headers_mut();
    if let Ok(trace) = HeaderValue::from_str(&trace.0) {
        headers.insert(X_TRACE_ID, trace);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if app.settings.public_url.starts_with("https:") {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if for_people {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        // `no-referrer` would make browsers send forms with the origin `null`.
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if response.status() == StatusCode::NO_CONTENT || response.status() == StatusCode::NOT_MODIFIED {
        response.headers_mut().remove(CONTENT_LENGTH);
        *response.body_mut() = Body::empty();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_taken_over_only_if_it_is_one() {
        let id = "7f3a91c2b04d4b1e9c57aa01d2e3f405";
        assert_eq!(Trace::parse(&format!("00-{id}-00f067aa0ba902b7-01")), Some(Trace(id.into())));
        assert_eq!(Trace::parse(&format!("cc-{id}-00f067aa0ba902b7-01-future")), Some(Trace(id.into())));
        for wrong in [
            "",
            "00",
            "00-7F3A-1-01",
            &format!("ff-{id}-00f067aa0ba902b7-01"),
            "00-00000000000000000000000000000000-1-01",
        ] {
            assert_eq!(Trace::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn people_read_pages_and_machines_read_json() {
        assert!(is_for_people("/portal/A-1") && is_for_people("/nowhere") && is_for_people("/status"));
        assert!(!is_for_people("/api/v1/nowhere") && !is_for_people("/callouts/zuora"));
    }
}
