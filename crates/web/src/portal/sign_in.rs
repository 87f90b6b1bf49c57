//! Signing in by a link in a mail, and out.
//! Refuses to say whether an address is known, and to use a link up by opening it: mail scanners open links.

use app::App;
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::html;
use crate::api::problem::Problem;
use crate::auth::{SESSION_COOKIE, SIGN_IN, session_secret};
use crate::view::page::Page;

#[derive(Template)]
#[template(path = "portal/sign_in.html")]
struct SignInPage {
    page: Page,
    step: Step,
    action: String,
}

/// Where signing in stands.
enum Step {
    /// The address is asked for, with what was wrong with the last one.
    Ask(String, Option<&'static str>),
    /// A link may be on its way.
    Sent(String),
    /// The link was opened and waits for a press.
    Use,
    /// The link does not work.
    Old,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct Asked {
    mail: String,
}

pub async fn get(State(app): State<App>) -> Response {
    shown(&app, Step::Ask(String::new(), None))
}

pub async fn post(State(app): State<App>, Form(asked): Form<Asked>) -> Result<Response, Problem> {
    let mail = asked.mail.trim().to_owned();
    match app::person::request_link(&app, &mail).await {
        Ok(()) => Ok(shown(&app, Step::Sent(mail))),
        Err(app::Error::Refused(_)) => {
            let step = Step::Ask(asked.mail, Some("Enter a mail address, for example jana@example.com"));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(&app, step)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn link_get(State(app): State<App>, Path(secret): Path<String>) -> Response {
    let page = Page::public(&app, "Sign in");
    // The form goes back to the same secret; nothing else on the page holds it.
    let action = if is_secret(&secret) { format!("{SIGN_IN}/{secret}") } else { SIGN_IN.to_owned() };
    let step = if is_secret(&secret) { Step::Use } else { Step::Old };
    html(&SignInPage { page, step, action })
}

pub async fn link_post(State(app): State<App>, Path(secret): Path<String>) -> Result<Response, Problem> {
    let Some(session) = app::person::sign_in(&app, &secret).await? else {
        return Ok((StatusCode::GONE, shown(&app, Step::Old)).into_response());
    };
    let life_s = domain::person::SESSION_LIFE.as_secs();
    let cookie = cookie(&app, &session, life_s);
    Ok(([(SET_COOKIE, cookie)], Redirect::to("/portal")).into_response())
}

pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(secret) = session_secret(&headers) {
        app::person::sign_out(&app, secret).await?;
    }
    Ok(([(SET_COOKIE, cookie(&app, "", 0))], Redirect::to(SIGN_IN)).into_response())
}

fn shown(app: &App, step: Step) -> Response {
    html(&SignInPage { page: Page::public(app, "Sign in"), step, action: SIGN_IN.to_owned() })
}

/// Ours are hexadecimal; anything else cannot be one, and is not repeated on a page.
fn is_secret(text: &str) -> bool {
    !text.is_empty() && text.len() <= 128 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn cookie(app: &App, value: &str, life_s: i64) -> String {
    let secure = if app.settings.public_url.starts_with("https:") { "; Secure" } else { "" };
    format!("{SESSION_COOKIE}={value}; Path=/; Max-Age={life_s}; HttpOnly; SameSite=Lax{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story;

    fn page(step: Step) -> SignInPage {
        let page = Page { menu: Vec::new(), account: None, person: None, ..story::page("Sign in") };
        SignInPage { page, step, action: SIGN_IN.into() }
    }

    #[test]
    fn the_four_steps_can_be_read() {
        let wrong = Step::Ask("jana@".into(), Some("Enter a mail address, for example jana@example.com"));
        assert!(story::shown("sign-in-error", &page(wrong)).contains("aria-invalid=\"true\""));
        assert!(story::shown("sign-in", &page(Step::Ask(String::new(), None))).contains("Send me a link"));
        assert!(story::shown("sign-in-sent", &page(Step::Sent("<b>@x".into()))).contains("&#60;b&#62;@x"));
        assert!(story::shown("sign-in-use", &page(Step::Use)).contains("method=\"post\""));
        assert!(story::shown("sign-in-old", &page(Step::Old)).contains("older than 24 hours"));
    }

    #[test]
    fn only_what_could_be_a_secret_is_repeated() {
        assert!(is_secret(&"a1".repeat(32)) && !is_secret("a\"b") && !is_secret(""));
    }
}
