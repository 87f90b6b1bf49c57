//! The first page of an account: whether all is well, what it has, its latest orders and invoices; and the choice of account.
//! Refuses to hide the age of what came from billing.

use app::App;
use app::subscription::SubscriptionView;
use askama::Template;
use axum::extract::{Path, Query, State as Shared};
use axum::response::{IntoResponse, Redirect, Response};
use domain::access::Operation;
use domain::account::Account;
use domain::offer::PricedOffer;
use domain::target::{Target, TargetKind};
use domain::{Currency, Day};
use rust_decimal::Decimal;
use serde::Deserialize;
use store::Page as Rows;

use super::row::{InvoiceRow, OrderRow};
use super::{Place, base, frame, html, role_words};
use crate::api::problem::Problem;
use crate::auth::Customer;
use crate::view::page::Page;
use crate::view::reader::{Reader, Stamp};
use crate::view::state::State;
use crate::view::{arithmetic, money, state};

/// Rows of the latest orders and invoices.
const LATEST: usize = 5;

#[derive(Template)]
#[template(path = "portal/home.html")]
struct HomePage {
    page: Page,
    account: Account,
    base: String,
    role: &'static str,
    may_order: bool,
    subscriptions: Vec<Card>,
    orders: Vec<OrderRow>,
    invoices: Option<Vec<InvoiceRow>>,
    stamp: Stamp,
}

/// One subscription.
struct Card {
    name: String,
    number: String,
    state: State,
    lines: Vec<CardLine>,
    target: Option<(&'static str, String)>,
    term: String,
    trust_until: Option<String>,
    changeable: bool,
    license: bool,
}

/// One thing in it.
struct CardLine {
    what: String,
    price: String,
    when: String,
}

pub async fn get(
    Shared(app): Shared<App>,
    customer: Customer,
    Path(number): Path<String>,
) -> Result<Response, Problem> {
    let (account, role) = customer.account(&number)?;
    let caller = customer.caller();
    let page = frame(&app, &customer, account, (Place::Overview, "Overview"));
    let offers = app::offer::list(&app, caller, account.currency).await?;
    let subscriptions = app::subscription::list(&app, caller, &account.number).await?;
    let orders = app::order::list(&app, caller, &account.number, &Rows::first(LATEST as i64)).await?;
    let invoices = match customer.may(Operation::InvoiceList, account) {
        true => Some(app::invoice::list(&app, caller, &account.number).await?),
        false => None,
    };
    let freshness = app::health::freshness(&app);
    let cards = subscriptions.iter().map(|view| Card::of(view, &offers, account.currency, &page.reader));
    Ok(html(&HomePage {
        account: account.clone(),
        base: base(account),
        role: role_words(*role),
        may_order: customer.may(Operation::OrderPlace, account),
        subscriptions: cards.collect(),
        orders: orders.iter().map(|order| OrderRow::of(order, account, &page)).collect(),
        invoices: invoices.map(|all| all.iter().take(LATEST).map(|one| InvoiceRow::of(one, &page)).collect()),
        stamp: page.reader.stamp(freshness.as_of, page.silent_since.is_some()),
        page,
    }))
}

impl Card {
    fn of(view: &SubscriptionView, offers: &[PricedOffer], currency: Currency, reader: &Reader) -> Card {
        let expected = &view.expected;
        let today = reader.now.day(&reader.zone);
        let current = expected.lines.iter().filter(|line| Day(line.period.end) > today);
        let lines: Vec<CardLine> = current.map(|line| CardLine::of(line, offers, currency, reader)).collect();
        let plan = offers.iter().find(|offer| {
            !offer.offer.add_on && expected.lines.iter().any(|line| line.rate_plan == offer.offer.rate_plan)
        });
        Card {
            name: plan
                .map_or_else(|| format!("Subscription {}", expected.number), |plan| plan.offer.name.clone()),
            number: expected.number.to_string(),
            state: state::subscription(view.version.as_ref(), view.trust_until),
            changeable: !lines.is_empty() && Day(expected.term_end) > today,
            lines,
            target: expected.target.as_ref().map(target_words),
            term: reader.term(Day(expected.term_start), Day(expected.term_end)),
            trust_until: view.trust_until.map(|until| reader.moment(until)),
            license: expected.target.as_ref().is_some_and(|target| target.kind == TargetKind::Server),
        }
    }
}

impl CardLine {
    fn of(
        line: &domain::subscription::Line,
        offers: &[PricedOffer],
        currency: Currency,
        reader: &Reader,
    ) -> CardLine {
        let offer = offers.iter().find(|offer| offer.offer.rate_plan == line.rate_plan);
        let mapped = offer.and_then(|offer| offer.provisions(&line.charge));
        let each = Decimal::from(mapped.map_or(1, |mapped| mapped.units_each));
        let units = line.quantity.checked_mul(each).unwrap_or(line.quantity);
        let [one, many] = mapped.map_or(["unit", "units"], |mapped| [&mapped.unit[0], &mapped.unit[1]]);
        let unit = if units == Decimal::ONE { one } else { many };
        // The plan's name stands above the card; what was added to it says what it is.
        let name = match offer {
            Some(offer) if offer.offer.add_on => format!(", {}", offer.offer.name),
            Some(_) => String::new(),
            None => format!(", {}", line.charge),
        };
        let begins = Day(line.period.start);
        CardLine {
            what: format!("{} {unit}{name}", money::quantity(units)),
            price: arithmetic::price(&line.terms, one, currency),
            when: match begins > reader.now.day(&reader.zone) {
                true => format!("from {}", reader.day(begins)),
                false => String::new(),
            },
        }
    }
}

/// What is provisioned, in words.
pub fn target_words(target: &Target) -> (&'static str, String) {
    match target.kind {
        TargetKind::Namespace => ("Group", target.name.clone()),
        TargetKind::Server => ("Server", target.name.clone()),
    }
}

/// Whether the choice is to be shown even where there is only one.
#[derive(Debug, Deserialize)]
pub struct Choose {
    choose: Option<String>,
}

#[derive(Template)]
#[template(path = "portal/accounts.html")]
struct AccountsPage {
    page: Page,
    accounts: Vec<(String, String, String, &'static str)>,
    console: Option<&'static str>,
}

/// Leads to the only account, or lets choose among several.
pub async fn choose(Shared(app): Shared<App>, customer: Customer, Query(query): Query<Choose>) -> Response {
    let is_staff =
        customer.person.staff_role.is_some() && app.settings.console_login != app::ConsoleLogin::Off;
    match customer.accounts.as_slice() {
        [(account, _)] if query.choose.is_none() && !is_staff => Redirect::to(&base(account)).into_response(),
        [] if is_staff && query.choose.is_none() => Redirect::to("/console").into_response(),
        accounts => {
            let title = if accounts.is_empty() { "Welcome" } else { "Your accounts" };
            let rows = accounts.iter().map(|(account, role)| {
                (base(account), account.name.clone(), account.number.to_string(), role_words(*role))
            });
            let page = Page { person: Some(customer.person.name.clone()), ..Page::public(&app, title) };
            html(&AccountsPage { page, accounts: rows.collect(), console: is_staff.then_some("/console") })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story;

    fn home(silent: bool) -> HomePage {
        let page = Page { silent_since: silent.then(story::silent_since), ..story::page("Overview") };
        let account = story::account();
        let view = SubscriptionView {
            expected: story::expected(),
            version: Some(story::version()),
            trust_until: silent.then(|| story::at("2026-11-19T10:03:02Z")),
        };
        let mut invoice = story::invoice();
        invoice.balance_minor = 0;
        HomePage {
            base: base(&account),
            role: role_words(domain::person::MemberRole::Manager),
            may_order: true,
            subscriptions: vec![Card::of(&view, &story::offers(), story::euro(), &page.reader)],
            orders: vec![OrderRow::of(&story::order(), &account, &page)],
            invoices: Some(vec![InvoiceRow::of(&story::invoice(), &page), InvoiceRow::of(&invoice, &page)]),
            stamp: page.reader.stamp(Some(story::at("2026-11-12T09:13:40Z")), silent),
            account,
            page,
        }
    }

    #[test]
    fn during_an_outage_the_first_line_says_what_works() {
        let page = story::shown("home-outage", &home(true));
        assert!(page.contains("Billing is delayed. Everything else works."));
        assert!(page.contains("As of 10:13 CET (1 h 28 min ago) · billing provider not reachable"));
        assert!(
            page.contains("Active, change not billed yet")
                && page.contains("60 seats")
                && page.contains("30 seats, Review Assist")
        );
        assert!(!page.contains("Zuora"));
    }

    #[test]
    fn on_a_good_day_there_is_no_banner() {
        let mut home = home(false);
        home.stamp = home.page.reader.stamp(Some(story::at("2026-11-12T10:41:52Z")), false);
        let page = story::shown("home", &home);
        assert!(!page.contains("class=\"banner") && !page.contains("stamp old"));
    }

    #[test]
    fn an_empty_account_says_what_fills_it() {
        let home = HomePage {
            subscriptions: Vec::new(),
            orders: Vec::new(),
            invoices: Some(Vec::new()),
            ..home(false)
        };
        let page = story::shown("home-empty", &home);
        for words in ["No subscriptions yet", "No orders yet", "No invoices yet"] {
            assert!(page.contains(words), "{words}");
        }
    }

    #[test]
    fn a_viewer_is_not_offered_what_is_refused() {
        let page = story::shown("home-viewer", &HomePage { may_order: false, invoices: None, ..home(false) });
        assert!(!page.contains("/buy") && !page.contains("INV00003391"));
    }
}
