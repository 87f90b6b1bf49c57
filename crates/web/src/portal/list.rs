//! The long lists of an account: all orders, page by page, and its invoices.
//! Refuses pages that cannot be sent to a colleague: where one stands is in the URL.

use app::App;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::OrderId;
use domain::account::Account;
use serde::Deserialize;
use store::Page as Window;

use super::row::{InvoiceRow, OrderRow};
use super::{Place, base, frame, html};
use crate::api::problem::Problem;
use crate::auth::Customer;
use crate::view::page::Page;
use crate::view::reader::Stamp;

/// Rows of a page.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "portal/list.html")]
struct ListPage {
    page: Page,
    account: Account,
    base: String,
    rows: Rows,
    stamp: Stamp,
    older: Option<String>,
}

enum Rows {
    Orders(Vec<OrderRow>),
    Invoices(Vec<InvoiceRow>),
}

/// Where a page of orders begins.
#[derive(Debug, Deserialize)]
pub struct After {
    after: Option<OrderId>,
}

pub async fn orders(
    State(app): State<App>,
    customer: Customer,
    Path(number): Path<String>,
    Query(query): Query<After>,
) -> Result<Response, Problem> {
    let (account, _) = customer.account(&number)?;
    let window = Window::after(query.after.map(|id| id.to_string()), ROWS as i64);
    let orders = app::order::list(&app, customer.caller(), &account.number, &window).await?;
    let page = frame(&app, &customer, account, (Place::Orders, "Orders"));
    let last = orders.last().filter(|_| orders.len() == ROWS);
    let older = last.map(|order| format!("{}/orders?after={}", base(account), order.id));
    let rows = Rows::Orders(orders.iter().map(|order| OrderRow::of(order, account, &page)).collect());
    Ok(list(&app, page, account, (rows, older)))
}

pub async fn invoices(
    State(app): State<App>,
    customer: Customer,
    Path(number): Path<String>,
) -> Result<Response, Problem> {
    let (account, _) = customer.account(&number)?;
    let invoices = app::invoice::list(&app, customer.caller(), &account.number).await?;
    let page = frame(&app, &customer, account, (Place::Invoices, "Invoices"));
    let rows = Rows::Invoices(invoices.iter().map(|invoice| InvoiceRow::of(invoice, &page)).collect());
    Ok(list(&app, page, account, (rows, None)))
}

fn list(app: &App, page: Page, account: &Account, content: (Rows, Option<String>)) -> Response {
    let (rows, older) = content;
    let stamp = page.reader.stamp(app::health::freshness(app).as_of, page.silent_since.is_some());
    html(&ListPage { account: account.clone(), base: base(account), rows, stamp, older, page })
}
