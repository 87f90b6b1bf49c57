//! Orders over HTTP: preview, place, see, list.
//! Refuses to wait for Zuora: an order is accepted when it is recorded.

use app::order::OrderView;
use app::{Answer, App, Keyed};
use axum::Json as Written;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use domain::access::Operation;
use domain::order::{ActionKind, Order, PlaceOrder, Requested, Settlement};
use domain::target::Target;
use domain::{AccountNumber, Day, OrderId, OrderNumber, Refusal, SubscriptionNumber};
use http::StatusCode;
use serde::Deserialize;
use store::Page;
use utoipa::ToSchema;

pub use self::written::{OrderBody, OrderListBody, OrderViewBody, PreviewBody};
use super::account::{number, refused};
use super::body::Json;
use super::idempotency::{IdempotencyKey, request_hash, respond};
use super::openapi::{BodyProblems, Problems, action_kind, settlement};
use super::problem::Problem;
use crate::auth::Service;
use crate::edge::Trace;

mod written;

/// What is asked of an order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlaceOrder)]
pub struct PlaceOrderBody {
    /// Who buys.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{1,32}$")]
    account: AccountNumber,
    /// How it is paid.
    #[schema(schema_with = settlement)]
    settlement: Settlement,
    /// What is to be done, in order.
    #[schema(min_items = 1, max_items = 20)]
    actions: Vec<ActionBody>,
    /// The customer's own number, printed on the invoice.
    #[schema(min_length = 1, max_length = 255)]
    po_number: Option<String>,
}

/// One action; which fields it needs depends on its type.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlaceOrderAction)]
pub struct ActionBody {
    /// What it does.
    #[serde(rename = "type")]
    #[schema(schema_with = action_kind)]
    kind: ActionKind,
    /// The offer's code; all types but cancel need one.
    #[schema(example = "cloud-business")]
    offer: Option<String>,
    /// How many; all types but cancel need it. For change_quantity the new total.
    #[schema(minimum = 1, maximum = 100_000)]
    quantity: Option<i64>,
    /// What is provisioned, `namespace:NAME` or `server:NAME`; subscribe needs it.
    #[schema(value_type = Option<String>, example = "namespace:brightwater", pattern = "^(namespace|server):[A-Za-z0-9_./-]{1,200}$")]
    target: Option<Target>,
    /// Which subscription; all types but subscribe need it.
    #[schema(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{1,32}$")]
    subscription: Option<SubscriptionNumber>,
    /// From when; today in the tenant's zone if absent. For cancel the end of the term if absent.
    #[schema(value_type = Option<String>, format = Date)]
    start: Option<Day>,
}

impl From<PlaceOrderBody> for PlaceOrder {
    fn from(body: PlaceOrderBody) -> PlaceOrder {
        let action = |action: ActionBody| Requested {
            kind: action.kind,
            offer: action.offer,
            quantity: action.quantity,
            target: action.target,
            subscription: action.subscription,
            start: action.start,
        };
        PlaceOrder {
            account: body.account,
            settlement: body.settlement,
            actions: body.actions.into_iter().map(action).collect(),
            po_number: body.po_number,
        }
    }
}

/// Preview an order: what it would do and cost. Nothing is kept.
#[utoipa::path(
    post, path = "/api/v1/orders/preview", tag = "orders", operation_id = Operation::OrderPreview.as_str(),
    request_body = PlaceOrderBody,
    responses((status = 200, description = "What it would do and cost", body = PreviewBody), BodyProblems),
)]
pub async fn preview(
    State(app): State<App>,
    service: Service,
    Json(body): Json<PlaceOrderBody>,
) -> Result<Response, Problem> {
    let previewed = app::order::preview(&app, service.caller(), &body.into()).await?;
    Ok(Written(PreviewBody::from(&previewed)).into_response())
}

/// Place an order. It is answered when it is recorded; billing follows by itself, now or when Zuora answers again.
#[utoipa::path(
    post, path = "/api/v1/orders", tag = "orders", operation_id = Operation::OrderPlace.as_str(),
    params(("Idempotency-Key" = String, Header, description = "Repeat a request with the same key and get the same answer", pattern = "^[!-~]{1,255}$")),
    request_body = PlaceOrderBody,
    responses(
        (status = 201, description = "It is accepted, and cannot get lost", body = OrderBody, headers(
            ("Location" = String, description = "Where it is"),
            ("Idempotent-Replayed" = String, description = "`true` if this answer was given before"),
        )),
        BodyProblems,
    ),
)]
pub async fn place(
    State(app): State<App>,
    service: Service,
    IdempotencyKey(key): IdempotencyKey,
    trace: Trace,
    Json(body): Json<PlaceOrderBody>,
) -> Result<Response, Problem> {
    let request = PlaceOrder::from(body);
    let account = request.account.to_string();
    let keyed = Keyed { key: &key, request_hash: request_hash(&request), trace_id: trace.0.clone() };
    let concluded = app::order::place(&app, service.caller(), keyed, request, answer).await?;
    Ok(respond(concluded, &[("account", &account)], &trace))
}

/// The stored answer to an order. The account's number is not in it: an order knows its account by id, the request by number.
pub fn answer(placed: Result<&Order, &Refusal>) -> Answer {
    match placed {
        Ok(order) => Answer {
            status: 201,
            // Texts and numbers: nothing in it can fail to serialize.
            body: serde_json::to_string(&OrderBody::of(order, None)).unwrap_or_default(),
            location: Some(format!("/api/v1/orders/{}", order.number)),
        },
        Err(refusal) => refused(refusal),
    }
}

/// See an order and everything that became of it.
#[utoipa::path(
    get, path = "/api/v1/orders/{order}", tag = "orders", operation_id = Operation::OrderView.as_str(),
    params(("order" = String, Path, description = "Its number", pattern = "^[A-Za-z0-9_-]{1,32}$")),
    responses((status = 200, description = "The order", body = OrderViewBody), Problems),
)]
pub async fn view(
    State(app): State<App>,
    service: Service,
    Path(order): Path<String>,
) -> Result<Response, Problem> {
    let number: OrderNumber = order.parse().map_err(|_| Problem::not_found("order"))?;
    let view: OrderView = app::order::view(&app, service.caller(), &number).await?;
    let as_of = app::health::freshness(&app).as_of;
    Ok(Written(OrderViewBody::of(&view, as_of)).into_response())
}

/// Which page of a list.
#[derive(Debug, Deserialize)]
pub struct Window {
    after: Option<String>,
    limit: Option<String>,
}

/// Rows of a page unless asked otherwise.
const ROWS: i64 = 50;

/// The most rows of a page.
const ROWS_MAX: i64 = 100;

/// List an account's orders, newest first.
#[utoipa::path(
    get, path = "/api/v1/accounts/{account}/orders", tag = "accounts", operation_id = Operation::OrderList.as_str(),
    params(
        ("account" = String, Path, description = "Its number", pattern = "^[A-Za-z0-9_-]{1,32}$"),
        ("after" = Option<String>, Query, description = "`next` of the page before", pattern = "^ord_[0-9A-HJKMNP-TV-Z]{26}$"),
        ("limit" = Option<i64>, Query, description = "Rows of the page", minimum = 1, maximum = 100),
    ),
    responses((status = 200, description = "A page of orders", body = OrderListBody), Problems),
)]
pub async fn list(
    State(app): State<App>,
    service: Service,
    Path(account): Path<String>,
    Query(window): Query<Window>,
) -> Result<Response, Problem> {
    let account = number(&account)?;
    let page = page(&window)?;
    let orders = app::order::list(&app, service.caller(), &account, &page).await?;
    let is_full = i64::try_from(orders.len()).is_ok_and(|rows| rows == page.limit);
    let next = orders.last().filter(|_| is_full).map(|order| order.id.to_string());
    let as_of = app::health::freshness(&app).as_of;
    let orders = orders.iter().map(|order| OrderBody::of(order, Some(&account))).collect();
    Ok(Written(OrderListBody { orders, next, as_of }).into_response())
}

fn page(window: &Window) -> Result<Page, Problem> {
    let unreadable = |field: &str, detail: &str| {
        let hint = "Leave it out, or send what the document describes.";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "field_not_readable", detail, hint).of_field(field)
    };
    let limit = match &window.limit {
        None => ROWS,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=ROWS_MAX).contains(limit))
            .ok_or_else(|| unreadable("limit", "The limit must be a whole number from 1 to 100."))?,
    };
    let after: Option<OrderId> = match &window.after {
        None => None,
        Some(text) => {
            Some(text.parse().map_err(|_| unreadable("after", "This is not the `next` of a page."))?)
        }
    };
    Ok(Page::after(after.map(|id| id.to_string()), limit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::body::parse;
    use crate::story;

    #[test]
    fn the_body_of_the_design_is_understood() {
        let body = r#"{"account":"A-00000412","settlement":"invoice","actions":[{"type":"subscribe","offer":"cloud-business","quantity":15,"target":"namespace:brightwater"}]}"#;
        let request = PlaceOrder::from(parse::<PlaceOrderBody>(body).unwrap());
        assert_eq!(request.account.as_str(), "A-00000412");
        assert_eq!(request.actions[0].quantity, Some(15));
        let spaced = body.replace(',', ",\n ");
        let again = PlaceOrder::from(parse::<PlaceOrderBody>(&spaced).unwrap());
        assert_eq!(request_hash(&request), request_hash(&again), "spaces do not make another request");
    }

    #[test]
    fn a_wrong_word_is_named_by_its_path() {
        let problem = |body: &str| parse::<PlaceOrderBody>(body).unwrap_err().field;
        let with =
            |action: &str| format!(r#"{{"account":"A-1","settlement":"invoice","actions":[{action}]}}"#);
        assert_eq!(problem(&with(r#"{"type":"buy"}"#)).as_deref(), Some("actions[0].type"));
        assert_eq!(problem(&with(r#"{"type":"add","target":"moon"}"#)).as_deref(), Some("actions[0].target"));
        assert_eq!(
            problem(&with(r#"{"type":"add","start":"2026-02-30"}"#)).as_deref(),
            Some("actions[0].start")
        );
        assert_eq!(
            problem(r#"{"account":"A/1","settlement":"invoice","actions":[]}"#).as_deref(),
            Some("account")
        );
    }

    #[test]
    fn an_accepted_order_is_answered_in_the_words_that_scripts_rely_on() {
        let answer = answer(Ok(&story::order()));
        let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(answer.status, 201);
        assert_eq!(body["number"], "O-00008841");
        assert_eq!(body["status"], "accepted");
        assert_eq!(body["total"], serde_json::json!({"amount": "2096.38", "currency": "EUR"}));
        assert_eq!(body["subscriptions"], serde_json::json!(["A-S00001207"]));
        assert_eq!(body["accepted_at"], "2026-11-12T10:03:02.000000Z");
    }

    #[test]
    fn a_page_takes_only_a_place_in_the_list_and_a_sensible_limit() {
        let window = |after: Option<&str>, limit: Option<&str>| Window {
            after: after.map(Into::into),
            limit: limit.map(Into::into),
        };
        assert_eq!(page(&window(None, None)).unwrap().limit, ROWS);
        assert_eq!(page(&window(None, Some("101"))).unwrap_err().field.as_deref(), Some("limit"));
        assert_eq!(page(&window(Some("\0"), None)).unwrap_err().field.as_deref(), Some("after"));
    }
}
