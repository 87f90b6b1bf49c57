//! What can be ordered, and for how much, over HTTP.
//! Refuses prices of its own: they are those of the mirrored catalog, and say of when.

use app::App;
use axum::Json as Written;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use domain::access::Operation;
use domain::offer::{CatalogCharge, PricedOffer};
use domain::{Currency, Instant};
use http::StatusCode;
use rating::{BillingPeriod, Charge, Price};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::openapi::{Problems, moment_or_null, target_kind};
use super::problem::Problem;
use crate::auth::Service;

/// In which currency.
#[derive(Debug, Deserialize)]
pub struct In {
    currency: Option<String>,
}

/// What can be ordered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OfferList)]
struct OfferListBody<'a> {
    /// Everything that is sold in the currency.
    offers: Vec<OfferBody<'a>>,
    /// When the oldest of these prices was read from Zuora; null if there are none.
    #[schema(schema_with = moment_or_null)]
    as_of: Option<Instant>,
}

/// One thing that can be ordered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Offer)]
struct OfferBody<'a> {
    /// What orders name it by.
    #[schema(example = "cloud-business")]
    code: &'a str,
    /// As customers read it.
    name: &'a str,
    /// The product line, which tokens may be bound to.
    product_line: &'a str,
    /// What kind of target it needs.
    #[schema(schema_with = target_kind)]
    target_kind: &'static str,
    /// Whether it can only be added to a subscription that exists.
    add_on: bool,
    /// Months of a new subscription's term.
    term_months: i32,
    /// What is charged.
    charges: Vec<ChargeBody<'a>>,
}

/// One charge of an offer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OfferCharge)]
struct ChargeBody<'a> {
    /// As invoices print it.
    name: &'a str,
    /// The exact price in the currency.
    #[schema(value_type = String, example = "348.00")]
    price: Decimal,
    /// Whether the price is asked for each unit, or once for all.
    per_unit: bool,
    /// How often it is charged; null if once.
    #[schema(value_type = Option<String>, example = "annual")]
    every: Option<BillingPeriod>,
    /// What it provisions; null if nothing.
    capability: Option<&'a str>,
}

impl<'a> From<&'a PricedOffer> for OfferBody<'a> {
    fn from(priced: &'a PricedOffer) -> OfferBody<'a> {
        let offer = &priced.offer;
        OfferBody {
            code: &offer.code,
            name: &offer.name,
            product_line: &offer.product_line,
            target_kind: offer.target_kind.as_str(),
            add_on: offer.add_on,
            term_months: offer.term_months,
            charges: priced.charges.iter().map(|charge| charge_body(priced, charge)).collect(),
        }
    }
}

fn charge_body<'a>(priced: &'a PricedOffer, charge: &'a CatalogCharge) -> ChargeBody<'a> {
    ChargeBody {
        name: &charge.name,
        price: charge.terms.price.unit(),
        per_unit: matches!(charge.terms.price, Price::PerUnit(_)),
        every: match charge.terms.charge {
            Charge::OneTime => None,
            Charge::Recurring { every } => Some(every),
        },
        capability: priced.provisions(&charge.charge).map(|mapped| mapped.capability.as_str()),
    }
}

/// List what can be ordered in a currency.
#[utoipa::path(
    get, path = "/api/v1/offers", tag = "offers", operation_id = Operation::OfferList.as_str(),
    params(("currency" = String, Query, description = "ISO 4217", example = "EUR", pattern = "^[A-Z]{3}$")),
    responses((status = 200, description = "What can be ordered", body = OfferListBody), Problems),
)]
pub async fn list(
    State(app): State<App>,
    service: Service,
    Query(query): Query<In>,
) -> Result<Response, Problem> {
    let currency: Option<Currency> = query.currency.as_deref().and_then(|text| text.parse().ok());
    let currency = currency.ok_or_else(|| {
        let hint = "Send ?currency=EUR, or the letters of another currency.";
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Problem::new(status, "field_not_readable", "The currency is missing or not one.", hint)
            .of_field("currency")
    })?;
    let offers = app::offer::list(&app, service.caller(), currency).await?;
    let as_of = offers.iter().flat_map(|offer| &offer.charges).map(|charge| charge.synced_at).min();
    let offers = offers.iter().map(OfferBody::from).collect();
    Ok(Written(OfferListBody { offers, as_of }).into_response())
}
