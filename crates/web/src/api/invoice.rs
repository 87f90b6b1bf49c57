//! An account's invoices over HTTP, from the local copy.
//! Refuses amounts of its own.

use app::App;
use axum::Json as Written;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::access::Operation;
use domain::invoice::Invoice;
use domain::{Day, Instant, InvoiceNumber, SubscriptionNumber};
use serde::Serialize;
use utoipa::ToSchema;

use super::account::number;
use super::openapi::{Money, Problems, day, moment, moment_or_null};
use super::problem::Problem;
use crate::auth::Service;

/// An account's invoices.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvoiceList)]
struct InvoiceListBody<'a> {
    /// The newest first, at most 100.
    invoices: Vec<InvoiceBody<'a>>,
    /// When the copy was last equal to Zuora.
    #[schema(schema_with = moment_or_null)]
    as_of: Option<Instant>,
}

/// One invoice as Zuora posted it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invoice)]
pub struct InvoiceBody<'a> {
    /// Zuora's number.
    #[schema(value_type = String)]
    number: &'a InvoiceNumber,
    /// Zuora's word: `Posted`, `Draft`, …
    status: &'a str,
    /// The whole amount, tax included.
    amount: Money,
    /// What is still owed.
    balance: Money,
    /// The date on it.
    #[schema(schema_with = day)]
    invoice_date: Day,
    /// By when it is to be paid.
    #[schema(schema_with = day)]
    due_date: Day,
    /// Its lines.
    items: Vec<ItemBody<'a>>,
    /// When it was read from Zuora.
    #[schema(schema_with = moment)]
    as_of: Instant,
}

/// One line of an invoice.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvoiceItem)]
struct ItemBody<'a> {
    /// Zuora's name of the charge.
    name: &'a str,
    /// What it is for.
    #[schema(value_type = Option<String>)]
    subscription: Option<&'a SubscriptionNumber>,
    /// Before tax.
    amount: Money,
    /// The tax on it.
    tax: Money,
    /// The first day of service.
    #[schema(schema_with = day)]
    service_start: Day,
    /// The last day of service, inclusive.
    #[schema(schema_with = day)]
    service_end: Day,
}

impl<'a> From<&'a Invoice> for InvoiceBody<'a> {
    fn from(invoice: &'a Invoice) -> InvoiceBody<'a> {
        let money = |minor| Money::minor(minor, invoice.currency);
        let item = |item: &'a domain::invoice::InvoiceItem| ItemBody {
            name: &item.name,
            subscription: item.subscription.as_ref(),
            amount: money(item.amount_minor),
            tax: money(item.tax_minor),
            service_start: item.service_start,
            service_end: item.service_end,
        };
        InvoiceBody {
            number: &invoice.number,
            status: &invoice.status,
            amount: money(invoice.amount_minor),
            balance: money(invoice.balance_minor),
            invoice_date: invoice.invoice_date,
            due_date: invoice.due_date,
            items: invoice.items.iter().map(item).collect(),
            as_of: invoice.synced_at,
        }
    }
}

/// List an account's invoices.
#[utoipa::path(
    get, path = "/api/v1/accounts/{account}/invoices", tag = "accounts", operation_id = Operation::InvoiceList.as_str(),
    params(("account" = String, Path, description = "Its number", pattern = "^[A-Za-z0-9_-]{1,32}$")),
    responses((status = 200, description = "Its invoices", body = InvoiceListBody), Problems),
)]
pub async fn list(
    State(app): State<App>,
    service: Service,
    Path(account): Path<String>,
) -> Result<Response, Problem> {
    let invoices = app::invoice::list(&app, service.caller(), &number(&account)?).await?;
    let as_of = app::health::freshness(&app).as_of;
    let invoices = invoices.iter().map(InvoiceBody::from).collect();
    Ok(Written(InvoiceListBody { invoices, as_of }).into_response())
}
