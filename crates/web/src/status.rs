//! The public status page: what works and what waits, answered from memory, so that it stands when all else falls.
//! Refuses the database, cookies, and the names of the parts: a customer reads "our billing provider".

use app::App;
use app::health::{Billing, Freshness};
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use jiff::tz::TimeZone;

use crate::portal::html;
use crate::view::page::Page;

/// `/status`.
pub fn routes() -> Router<App> {
    Router::new().route("/status", get(view))
}

#[derive(Template)]
#[template(path = "status.html")]
struct StatusPage {
    page: Page,
    kind: &'static str,
    icon: &'static str,
    verdict: &'static str,
    measured: (String, String),
    works: Vec<&'static str>,
    waits: Vec<&'static str>,
    incident: Option<Incident>,
}

/// The silence of the billing provider.
struct Incident {
    machine: String,
    since: String,
    lasting: String,
}

async fn view(State(app): State<App>) -> Response {
    let mut page = Page::public(&app, "Status");
    page.reader.zone = TimeZone::UTC;
    html(&status(page, app::health::freshness(&app)))
}

const ALWAYS: [&str; 4] = [
    "Signing in, seeing your account and all its data",
    "Buying, adding seats, canceling",
    "Everything you already bought, at full limits",
    "New licenses and their download",
];

const BILLING: [&str; 2] = ["Invoices and receipts", "Card charges"];

const BILLING_WAITS: [&str; 2] =
    ["Invoices and receipts of new orders", "Card charges: made later, once, for the amount you saw"];

fn status(page: Page, freshness: Freshness) -> StatusPage {
    let answers = freshness.billing == Billing::Answers;
    let mut works = ALWAYS.to_vec();
    works.extend(if answers { BILLING.as_slice() } else { &[] });
    let reader = &page.reader;
    let incident = |since| Incident {
        machine: reader.machine(since),
        since: reader.moment(since),
        lasting: reader.since(since),
    };
    StatusPage {
        measured: (reader.machine(reader.now), reader.heading()),
        incident: page.silent_since.map(incident),
        page,
        kind: if answers { "good" } else { "wait" },
        icon: if answers { "check" } else { "clock" },
        verdict: if answers { "Everything works" } else { "Everything you use works. Invoices are delayed." },
        works,
        waits: if answers { Vec::new() } else { BILLING_WAITS.to_vec() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story;

    #[test]
    fn the_verdict_says_what_a_customer_can_do() {
        let silent = Freshness { as_of: None, billing: Billing::Silent { since: story::silent_since() } };
        let page =
            status(Page { silent_since: Some(story::silent_since()), ..story::page("Status") }, silent);
        let page = story::shown("status-outage", &page);
        assert!(page.contains("Everything you use works. Invoices are delayed.") && page.contains("4 of 6"));
        assert!(!page.contains("Zuora"), "customers read of our billing provider");
        let fine = status(story::page("Status"), Freshness { as_of: None, billing: Billing::Answers });
        assert!(story::shown("status", &fine).contains("6 of 6"));
    }
}
