//! Buying: one page, the form and its preview; the order is placed at the total that was shown, or not at all.
//! Refuses to place what the customer did not see, and to place it twice.

use app::order::Previewed;
use app::subscription::SubscriptionView;
use app::{Answer, App, Keyed, Replayed};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::SubscriptionNumber;
use domain::access::Operation;
use domain::account::Account;
use domain::offer::{CatalogCharge, PricedOffer};
use domain::order::PlaceOrder;
use http::StatusCode;
use serde::Deserialize;

use super::form::{BuyForm, Context, FieldError, field_of};
use super::{Place, base, frame, html};
use crate::api;
use crate::api::idempotency::request_hash;
use crate::api::problem::Problem;
use crate::auth::Customer;
use crate::edge::Trace;
use crate::view::arithmetic::{self, Bill};
use crate::view::money;
use crate::view::page::Page;
use crate::view::reader::Stamp;

#[derive(Template)]
#[template(path = "portal/buy.html")]
struct BuyPage {
    page: Page,
    base: String,
    intro: String,
    form: BuyForm,
    choices: Vec<Choice>,
    has_card: bool,
    quantity_label: &'static str,
    quantity_hint: String,
    errors: Vec<FieldError>,
    notice: Option<Notice>,
    preview: Option<Preview>,
}

/// One plan to choose.
struct Choice {
    code: String,
    name: String,
    price: String,
}

/// What is to be said about the order as a whole.
struct Notice {
    kind: &'static str,
    title: String,
    text: String,
}

/// What the order would cost.
struct Preview {
    bill: Bill,
    seen: i64,
    stamp: Stamp,
    is_trusted: bool,
    button: String,
}

/// What is known when the page is written.
#[derive(Default)]
struct Told {
    errors: Vec<FieldError>,
    notice: Option<Notice>,
    preview: Option<Previewed>,
}

/// A request for the page, with everything that it is read against.
struct Visit {
    app: App,
    customer: Customer,
    account: Account,
    offers: Vec<PricedOffer>,
    subscription: Option<SubscriptionView>,
    form: BuyForm,
}

pub async fn get(
    State(app): State<App>,
    customer: Customer,
    Path(number): Path<String>,
    Query(form): Query<BuyForm>,
) -> Result<Response, Problem> {
    let mut visit = Visit::begin(app, customer, &number, form).await?;
    visit.form.pressed = String::new();
    visit.form.key = visit.fresh_key();
    if visit.form.settlement.is_empty() {
        visit.form.settlement = "invoice".to_owned();
    }
    if visit.form.offer.is_empty() {
        visit.form.offer =
            visit.context().choices().first().map(|offer| offer.offer.code.clone()).unwrap_or_default();
    }
    let told = match visit.form.is_begun() {
        true => visit.preview().await?,
        false => Told::default(),
    };
    Ok(visit.page(told))
}

pub async fn post(
    State(app): State<App>,
    customer: Customer,
    Path(number): Path<String>,
    trace: Trace,
    Form(form): Form<BuyForm>,
) -> Result<Response, Problem> {
    let mut visit = Visit::begin(app, customer, &number, form).await?;
    if !is_key(&visit.form.key) {
        visit.form.key = visit.fresh_key();
        visit.form.pressed = String::new();
    }
    let told = visit.preview().await?;
    let Some(previewed) = told.preview.as_ref().filter(|_| visit.form.wants_order()) else {
        return Ok(visit.answered(told));
    };
    if let Some(notice) = visit.differs_from_seen(previewed) {
        return Ok(visit.answered(Told { notice: Some(notice), ..told }));
    }
    visit.place(told, &trace).await
}

/// What a stored answer is read for: the order's number, or why there is none.
#[derive(Deserialize)]
struct Stored {
    number: Option<String>,
    code: Option<String>,
    field: Option<String>,
    detail: Option<String>,
}

impl Visit {
    async fn begin(app: App, customer: Customer, number: &str, form: BuyForm) -> Result<Visit, Problem> {
        let account = customer.account(number)?.0.clone();
        if !customer.may(Operation::OrderPlace, &account) {
            return Err(app::Error::Forbidden.into());
        }
        let offers = app::offer::list(&app, customer.caller(), account.currency).await?;
        let subscription = match form.subscription.is_empty() {
            true => None,
            false => {
                let wanted: SubscriptionNumber =
                    form.subscription.parse().map_err(|_| Problem::not_found("subscription"))?;
                let all = app::subscription::list(&app, customer.caller(), &account.number).await?;
                let found = all.into_iter().find(|view| view.expected.number == wanted);
                Some(found.ok_or_else(|| Problem::not_found("subscription"))?)
            }
        };
        Ok(Visit { app, customer, account, offers, subscription, form })
    }

    fn context(&self) -> Context<'_> {
        Context { account: &self.account, offers: &self.offers, subscription: self.subscription.as_ref() }
    }

    fn fresh_key(&self) -> String {
        format!("portal-{:032x}", self.app.random.bits())
    }

    /// The decision on the form as it is; nothing is kept.
    async fn preview(&self) -> Result<Told, Problem> {
        let request = match self.form.request(&self.context()) {
            Ok(request) => request,
            Err(errors) => return Ok(Told { errors, ..Told::default() }),
        };
        match app::order::preview(&self.app, self.customer.caller(), &request).await {
            Ok(previewed) => Ok(Told { preview: Some(previewed), ..Told::default() }),
            Err(app::Error::Refused(refusal)) => {
                Ok(refused(refusal.code(), refusal.field(), &refusal.to_string()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Set if the page showed another total than the order would have now.
    fn differs_from_seen(&self, previewed: &Previewed) -> Option<Notice> {
        let total = previewed.preview.total;
        let seen = self.form.seen.parse::<i64>().ok();
        if seen == Some(total.minor) {
            return None;
        }
        let (title, text) = match seen {
            None => {
                ("Look at the preview first", "Here is what it costs. Nothing was ordered yet.".to_owned())
            }
            Some(seen) => {
                let (more, word) = match total.minor.checked_sub(seen)? {
                    more if more > 0 => (more, "more"),
                    less => (less.checked_neg()?, "less"),
                };
                let (now, by) = (money::amount(total), money::minor(more, self.account.currency));
                (
                    "The total changed since your preview",
                    format!("The new total is {now}, {by} {word}. Nothing was ordered."),
                )
            }
        };
        Some(Notice { kind: "wait", title: title.to_owned(), text })
    }

    async fn place(mut self, told: Told, trace: &Trace) -> Result<Response, Problem> {
        let Ok(request) = self.form.request(&self.context()) else { return Ok(self.answered(told)) };
        let concluded = self.record(request, trace).await;
        // The key is used up by what was decided under it; the next press is another request.
        let key = self.fresh_key();
        match concluded {
            Ok((answer, replayed)) => {
                let stored: Stored = serde_json::from_str(&answer.body).map_err(|_| Problem::internal())?;
                if let Some(number) = stored.number {
                    let again = if replayed == Replayed::Yes { "?again=1" } else { "" };
                    return Ok(Redirect::to(&format!("{}/orders/{number}{again}", base(&self.account)))
                        .into_response());
                }
                self.form.key = key;
                let (code, detail) = (stored.code.unwrap_or_default(), stored.detail.unwrap_or_default());
                Ok(self.answered(Told {
                    preview: told.preview,
                    ..refused(&code, stored.field.as_deref(), &detail)
                }))
            }
            Err(app::Error::KeyReused) => {
                self.form.key = key;
                let title = "You have ordered from this page before".to_owned();
                let text =
                    "That order stands, see Orders. To place this one as well, press the button again."
                        .to_owned();
                let notice = Some(Notice { kind: "wait", title, text });
                Ok(self.answered(Told { notice, ..told }))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn record(&self, request: PlaceOrder, trace: &Trace) -> app::Result<(Answer, Replayed)> {
        let keyed =
            Keyed { key: &self.form.key, request_hash: request_hash(&request), trace_id: trace.0.clone() };
        app::order::place(&self.app, self.customer.caller(), keyed, request, api::order::answer).await
    }

    /// The page after a press: with the status that says whether anything was wrong.
    fn answered(self, told: Told) -> Response {
        let status = match told.errors.is_empty() && told.notice.is_none() {
            true => StatusCode::OK,
            false => StatusCode::UNPROCESSABLE_ENTITY,
        };
        (status, self.page(told)).into_response()
    }

    fn page(self, told: Told) -> Response {
        let title = if self.subscription.is_some() { "Change or add" } else { "Buy a subscription" };
        let page = frame(&self.app, &self.customer, &self.account, (Place::Overview, title));
        let context = self.context();
        html(&BuyPage::of(&context, page, self.form.clone(), told))
    }
}

fn refused(code: &str, field: Option<&str>, detail: &str) -> Told {
    match field_of(code, field) {
        Some(error) => Told { errors: vec![error], ..Told::default() },
        None => {
            let title = "This cannot be ordered".to_owned();
            let text = format!("{detail} Nothing was ordered.");
            Told { notice: Some(Notice { kind: "bad", title, text }), ..Told::default() }
        }
    }
}

/// Keys of pages are ours; anything else was not sent by a page.
fn is_key(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl BuyPage {
    fn of(context: &Context<'_>, page: Page, form: BuyForm, told: Told) -> BuyPage {
        let choices = context.choices();
        let preview = told.preview.map(|previewed| Preview::of(&previewed, &page));
        let (quantity_label, quantity_hint) = match context.subscription {
            None => ("How many", "One for each person who uses it."),
            Some(_) => {
                ("How many", "For a plan that you have, the new total. For something new, how many to add.")
            }
        };
        BuyPage {
            base: base(context.account),
            intro: match context.subscription {
                None => format!("For {}. The term begins today.", context.account.name),
                Some(view) => format!(
                    "In subscription {}. It counts from today to the end of your term.",
                    view.expected.number
                ),
            },
            choices: choices.iter().map(|offer| Choice::of(offer, context)).collect(),
            has_card: context.account.payment_method.is_some(),
            quantity_label,
            quantity_hint: quantity_hint.to_owned(),
            errors: told.errors,
            notice: told.notice,
            preview,
            form,
            page,
        }
    }

    fn error_at(&self, id: &str) -> Option<&FieldError> {
        self.errors.iter().find(|error| error.id == id)
    }
}

impl Choice {
    fn of(priced: &PricedOffer, context: &Context<'_>) -> Choice {
        let price = |charge: &CatalogCharge| {
            let unit = priced.provisions(&charge.charge).map_or("unit", |mapped| &mapped.unit[0]);
            arithmetic::price(&charge.terms, unit, context.account.currency)
        };
        let mut words: Vec<String> = priced.charges.iter().map(price).collect();
        words.extend(have(priced, context));
        Choice { code: priced.offer.code.clone(), name: priced.offer.name.clone(), price: words.join(" · ") }
    }
}

/// `you have 75`: on the day before the change.
fn have(priced: &PricedOffer, context: &Context<'_>) -> Option<String> {
    let view = context.subscription.filter(|_| context.contains(priced))?;
    let lines =
        view.expected.lines.iter().filter(|line| line.rate_plan == priced.offer.rate_plan && line.per_unit());
    let last = lines.clone().map(|line| line.period.end).max()?;
    let quantity = lines.filter(|line| line.period.end == last).map(|line| line.quantity).sum();
    Some(format!("you have {}", money::quantity(quantity)))
}

impl Preview {
    fn of(previewed: &Previewed, page: &Page) -> Preview {
        let total = previewed.preview.total;
        let bill = arithmetic::bill(&previewed.preview.actions, total, &page.reader);
        let button = match total.minor {
            0 => "Place order".to_owned(),
            minor if minor < 0 => "Place order, with a credit".to_owned(),
            _ => format!("Place order for {}", bill.total),
        };
        let stamp = page.reader.prices_stamp(previewed.prices_as_of, page.silent_since.is_some());
        Preview { bill, seen: total.minor, stamp, is_trusted: previewed.trust_until.is_some(), button }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story;

    fn previewed() -> Previewed {
        let order = story::order();
        let preview = domain::preview::Preview { total: order.total(), actions: order.actions.0 };
        Previewed {
            preview,
            trust_until: order.trust_until,
            prices_as_of: Some(story::at("2026-11-12T09:10:00Z")),
        }
    }

    fn form() -> BuyForm {
        BuyForm {
            key: "portal-1".into(),
            offer: "cloud-business".into(),
            quantity: "15".into(),
            target: "brightwater".into(),
            settlement: "invoice".into(),
            ..BuyForm::default()
        }
    }

    fn shown(name: &str, page: Page, form: BuyForm, told: Told) -> String {
        let (account, offers) = (story::account(), story::offers());
        let context = Context { account: &account, offers: &offers, subscription: None };
        story::shown(name, &BuyPage::of(&context, page, form, told))
    }

    #[test]
    fn the_button_carries_the_amount_and_the_outage_is_told_beside_it() {
        let page = Page { silent_since: Some(story::silent_since()), ..story::page("Buy a subscription") };
        let page = shown("buy-outage", page, form(), Told { preview: Some(previewed()), ..Told::default() });
        assert!(
            page.contains("Place order for €2,096.38") && page.contains("name=\"seen\" value=\"209638\"")
        );
        assert!(
            page.contains("You can order now. The invoice comes later.")
                && page.contains("ready within seconds")
        );
    }

    #[test]
    fn an_error_is_summed_up_on_top_and_stands_at_its_field_with_what_was_typed() {
        let form = BuyForm { quantity: "-3".into(), pressed: "order".into(), ..form() };
        let errors = field_of("quantity_out_of_range", None).into_iter().collect();
        let page =
            shown("buy-error", story::page("Buy a subscription"), form, Told { errors, ..Told::default() });
        assert!(
            page.contains("href=\"#quantity\"")
                && page.contains("id=\"quantity-e\"")
                && page.contains("value=\"-3\"")
        );
        assert!(page.contains("aria-describedby=\"quantity-h quantity-e\" aria-invalid=\"true\""));
    }

    #[test]
    fn a_page_without_a_preview_says_what_is_missing() {
        let page = shown(
            "buy",
            story::page("Buy a subscription"),
            BuyForm { key: "portal-1".into(), ..BuyForm::default() },
            Told::default(),
        );
        assert!(page.contains("Nothing to show yet") && !page.contains("value=\"order\""));
    }

    #[test]
    fn a_choice_of_a_subscription_says_what_it_has() {
        let (account, offers) = (story::account(), story::offers());
        let view = SubscriptionView { expected: story::expected(), version: None, trust_until: None };
        let context = Context { account: &account, offers: &offers, subscription: Some(&view) };
        let page = story::page("Change or add");
        let page = BuyPage::of(
            &context,
            page,
            BuyForm { subscription: "A-S00001207".into(), ..form() },
            Told::default(),
        );
        assert_eq!(page.choices[0].price, "€348.00 a year for each seat · you have 75");
        assert!(!story::shown("buy-change", &page).contains("name=\"target\""));
    }

    #[test]
    fn a_refusal_without_a_field_is_told_as_a_whole() {
        let told = refused("subscription_ended", None, "The subscription A-S1 ended.");
        assert_eq!(told.notice.unwrap().text, "The subscription A-S1 ended. Nothing was ordered.");
    }
}
