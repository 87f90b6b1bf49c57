//! One order: where it stands, what happened and what comes, and how every amount was worked out.
//! Refuses to leave the customer without a word on who has to act.

use app::App;
use app::order::OrderView;
use askama::Template;
use axum::extract::{Path, Query, State as Shared};
use axum::response::Response;
use domain::OrderNumber;
use domain::access::Operation;
use domain::order::{Order, Settlement};
use serde::Deserialize;

use super::home::target_words;
use super::{Place, base, frame, html};
use crate::api::problem::Problem;
use crate::auth::Customer;
use crate::view::arithmetic::{self, Bill};
use crate::view::page::Page;
use crate::view::progress::{Happening, Known, Step, Verdict};
use crate::view::state::{self, State};

/// How often an order that is in motion is looked at again.
const REFRESH_S: u32 = 30;

#[derive(Template)]
#[template(path = "portal/order.html")]
struct OrderPage {
    page: Page,
    base: String,
    order: Order,
    repeated: bool,
    placed: String,
    title: String,
    state: State,
    steps: Vec<Step>,
    verdict: Verdict,
    happenings: Vec<Happening>,
    read_at: String,
    trust_until: Option<String>,
    bill: Bill,
    facts: Vec<(&'static str, String, bool)>,
}

/// Set when the page follows a second press of the button.
#[derive(Debug, Deserialize)]
pub struct Again {
    again: Option<String>,
}

pub async fn get(
    Shared(app): Shared<App>,
    customer: Customer,
    Path((number, order)): Path<(String, String)>,
    Query(query): Query<Again>,
) -> Result<Response, Problem> {
    let (account, _) = customer.account(&number)?;
    let number: OrderNumber = order.parse().map_err(|_| Problem::not_found("order"))?;
    let mut view = app::order::view(&app, customer.caller(), &number).await?;
    // An order of another account of the same person is not below this one.
    if view.account.id != account.id {
        return Err(Problem::not_found("order"));
    }
    if !customer.may(Operation::InvoiceList, account) {
        view.invoice = None;
        view.payments.clear();
    }
    let title = format!("Order {number}");
    let page = frame(&app, &customer, account, (Place::Orders, &title));
    Ok(html(&OrderPage::of(view, page, query.again.is_some())))
}

impl OrderPage {
    fn of(view: OrderView, mut page: Page, repeated: bool) -> OrderPage {
        let OrderView { order, account, obligations, invoice, payments, .. } = view;
        let reader = page.reader.clone();
        let known = Known {
            order: &order,
            duties: &obligations,
            invoice: invoice.as_ref(),
            payments: &payments,
            silent_since: page.silent_since,
            reader: &reader,
        };
        page.refresh_s = known.is_in_motion().then_some(REFRESH_S);
        let titles = order.actions.iter().map(arithmetic::title).collect::<Vec<_>>();
        OrderPage {
            base: base(&account),
            repeated,
            placed: reader.moment(order.accepted_at),
            title: titles.join(", "),
            state: state::order(&order, &obligations, page.silent_since),
            steps: known.steps(),
            verdict: known.verdict(),
            happenings: known.happenings(),
            read_at: reader.this_second(),
            trust_until: order
                .trust_until
                .filter(|_| order.billed_at.is_none())
                .map(|until| reader.moment(until)),
            bill: arithmetic::bill(&order.actions, order.total(), &reader),
            facts: facts(&order, &account.contact_mail),
            order,
            page,
        }
    }
}

fn facts(order: &Order, invoice_to: &str) -> Vec<(&'static str, String, bool)> {
    let mut facts = Vec::new();
    for target in order.actions.iter().filter_map(|action| action.target.as_ref()) {
        let (kind, name) = target_words(target);
        facts.push((kind, name, true));
    }
    facts.dedup();
    facts.extend(order.subscriptions().into_iter().map(|number| ("Subscription", number.to_string(), true)));
    facts.extend(order.po_number.clone().map(|number| ("PO number", number, false)));
    let pay_with = match order.settlement {
        Settlement::Invoice => "Bank transfer",
        Settlement::CardOnFile => "Card on file",
        Settlement::NewCard => "A new card",
    };
    facts.push(("Pay with", pay_with.to_owned(), false));
    facts.extend(order.invoice_number.clone().map(|number| ("Invoice", number, true)));
    facts.push(("Invoice to", invoice_to.to_owned(), false));
    facts
}

#[cfg(test)]
mod tests {
    use domain::order::OrderStatus;

    use super::*;
    use crate::story;

    fn view() -> OrderView {
        OrderView {
            order: story::order(),
            account: story::account(),
            obligations: story::duties(),
            events: Vec::new(),
            invoice: None,
            payments: Vec::new(),
        }
    }

    #[test]
    fn an_order_that_waits_for_billing_says_that_it_works_and_looks_again() {
        let page = Page { silent_since: Some(story::silent_since()), ..story::page("Order O-00008841") };
        let page = story::shown("order-outage", &OrderPage::of(view(), page, false));
        assert!(page.contains("Ready, waiting for billing") && page.contains("You need to do nothing."));
        assert!(page.contains("http-equiv=\"refresh\" content=\"30\""));
        assert!(page.contains("× 109 ÷ 365") && page.contains("€2,096.38"));
        assert!(!page.contains("Zuora") && !page.contains("This order already exists"));
    }

    #[test]
    fn a_second_press_is_told_and_a_finished_order_stands_still() {
        let mut view = view();
        view.order.status = OrderStatus::Billed;
        view.order.billed_at = Some(story::at("2026-11-12T10:03:09Z"));
        view.order.invoice_number = Some("INV00003392".into());
        let mut invoice = story::invoice();
        invoice.number = "INV00003392".parse().unwrap();
        invoice.amount_minor = view.order.total_minor;
        invoice.balance_minor = 0;
        view.invoice = Some(invoice);
        let page = story::shown("order-done", &OrderPage::of(view, story::page("Order O-00008841"), true));
        assert!(page.contains("This order already exists") && page.contains("Today, 11:03 CET"));
        assert!(!page.contains("http-equiv") && page.contains("Complete"));
    }

    #[test]
    fn a_rejected_order_says_why() {
        let mut view = view();
        view.order.status = OrderStatus::Rejected;
        view.order.reason = Some("The plan was withdrawn before the order could be billed.".into());
        let page =
            story::shown("order-rejected", &OrderPage::of(view, story::page("Order O-00008841"), false));
        assert!(page.contains("We had to cancel this order") && page.contains("You were not charged."));
    }
}
