//! The customer portal: pages that work as plain HTML and forms, about the accounts of who is signed in.
//! Refuses another account's rows, and to wait for the billing provider.

mod buy;
mod form;
mod home;
mod license;
mod list;
mod order;
mod row;
mod sign_in;

use app::App;
use askama::Template;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use domain::access::Operation;
use domain::account::Account;
use domain::person::MemberRole;

use crate::api::problem::Problem;
use crate::auth::Customer;
use crate::view::page::{Link, Page};

/// The largest form: a few fields.
const FORM_BYTES_MAX: usize = 16 * 1024;

/// `/portal` and everything below.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/portal", get(home::choose))
        .route("/portal/sign-in", get(sign_in::get).post(sign_in::post))
        .route("/portal/sign-in/{secret}", get(sign_in::link_get).post(sign_in::link_post))
        .route("/portal/sign-out", post(sign_in::sign_out))
        .route("/portal/{account}", get(home::get))
        .route("/portal/{account}/orders", get(list::orders))
        .route("/portal/{account}/orders/{number}", get(order::get))
        .route("/portal/{account}/invoices", get(list::invoices))
        .route("/portal/{account}/licenses", get(license::get))
        .route("/portal/{account}/licenses/{hash}/file", get(license::file))
        .route("/portal/{account}/buy", get(buy::get).post(buy::post))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
}

/// A page as a response.
pub fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(error = error.to_string(), "a page could not be written");
            Problem::internal().into_response()
        }
    }
}

/// Which entry of the menu a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Overview,
    Orders,
    Invoices,
    Licenses,
}

/// The frame around a page about an account.
fn frame(app: &App, customer: &Customer, account: &Account, here: (Place, &str)) -> Page {
    let (place, title) = here;
    let base = base(account);
    let entries = [
        (Place::Overview, "", "Overview", Operation::AccountView),
        (Place::Orders, "/orders", "Orders", Operation::OrderList),
        (Place::Invoices, "/invoices", "Invoices", Operation::InvoiceList),
        (Place::Licenses, "/licenses", "Licenses", Operation::LicenseView),
    ];
    let allowed = entries.into_iter().filter(|(.., operation)| customer.may(*operation, account));
    let link = |(of, path, words, _)| Link { href: format!("{base}{path}"), words, here: of == place };
    Page {
        menu: allowed.map(link).collect(),
        account: Some(account.name.clone()),
        person: Some(customer.person.name.clone()),
        ..Page::public(app, title)
    }
}

/// Where the pages of an account are.
fn base(account: &Account) -> String {
    format!("/portal/{}", account.number)
}

/// A role in words that follow "Account A-1 ·".
fn role_words(role: MemberRole) -> &'static str {
    match role {
        MemberRole::Manager => "you manage it",
        MemberRole::SubscriptionContact => "you use what was bought",
        MemberRole::BillingContact => "you see to its invoices",
        MemberRole::Viewer => "you may look",
    }
}
