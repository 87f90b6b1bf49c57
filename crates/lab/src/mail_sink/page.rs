//! The mails as a page, so that a person can click on the links in them.
//! Refuses markup from a mail: everything is escaped.

use axum::Router;
use axum::extract::State;
use axum::response::Html;
use axum::routing::get;

use super::MailSink;
use crate::html;

pub(super) fn router(sink: MailSink) -> Router {
    Router::new().route("/", get(show)).with_state(sink)
}

async fn show(State(sink): State<MailSink>) -> Html<String> {
    let mails = sink.mails();
    let mut body =
        format!("<p>{} mails, newest first. This page does not refresh by itself.</p>", mails.len());
    for mail in mails.iter().rev() {
        body.push_str(&format!(
            "<article><h2>{}</h2><p>to {}</p><pre>{}</pre></article>",
            html::escape(&mail.subject),
            html::escape(&mail.to),
            html::linked(&mail.text)
        ));
    }
    Html(html::page("Mails of the demo", &body))
}
