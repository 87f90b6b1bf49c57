//! What an account has, over HTTP: as Zuora had it last, with what was ordered since.
//! Refuses to pass off what is expected as what is confirmed: `status` and `trust_until` tell them apart.

use app::App;
use app::subscription::SubscriptionView;
use axum::Json as Written;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::access::Operation;
use domain::subscription::Line;
use domain::{Day, Instant};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::account::number;
use super::openapi::{Problems, day, moment_or_null, subscription_status};
use super::problem::Problem;
use crate::auth::Service;

/// The status of a subscription that was ordered and that Zuora does not have yet.
pub const PENDING: &str = "pending";

/// An account's subscriptions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubscriptionList)]
struct SubscriptionListBody {
    /// All of them, ended ones too.
    subscriptions: Vec<SubscriptionBody>,
    /// When the copy was last equal to Zuora.
    #[schema(schema_with = moment_or_null)]
    as_of: Option<Instant>,
}

/// One subscription, with everything that was ordered applied.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Subscription)]
struct SubscriptionBody {
    /// Its number over all versions.
    number: String,
    /// Zuora's status of the latest version; `pending` before there is one.
    #[schema(schema_with = subscription_status)]
    status: &'static str,
    /// Zuora's latest version.
    version: Option<i64>,
    /// What it provisions.
    target: Option<String>,
    /// The first day of the term.
    #[schema(schema_with = day)]
    term_start: String,
    /// The day after the last of the term.
    #[schema(schema_with = day)]
    term_end: String,
    /// Its charges, past ones too.
    lines: Vec<LineBody>,
    /// Until when what is not billed yet is granted on trust.
    #[schema(schema_with = moment_or_null)]
    trust_until: Option<Instant>,
    /// When this subscription was last read from Zuora.
    #[schema(schema_with = moment_or_null)]
    as_of: Option<Instant>,
}

/// A charge over a stretch of time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubscriptionLine)]
struct LineBody {
    /// The product rate plan.
    rate_plan: String,
    /// The product rate plan charge.
    charge: String,
    /// How many.
    #[schema(value_type = String, example = "15")]
    quantity: Decimal,
    /// The price of one for a full billing period.
    #[schema(value_type = String, example = "348.00")]
    unit_price: Decimal,
    /// The first day.
    #[schema(schema_with = day)]
    start: String,
    /// The day after the last.
    #[schema(schema_with = day)]
    end: String,
}

impl From<&SubscriptionView> for SubscriptionBody {
    fn from(view: &SubscriptionView) -> SubscriptionBody {
        let expected = &view.expected;
        SubscriptionBody {
            number: expected.number.to_string(),
            status: view.version.as_ref().map_or(PENDING, |version| version.status.as_str()),
            version: view.version.as_ref().map(|version| version.version),
            target: expected.target.as_ref().map(ToString::to_string),
            term_start: Day(expected.term_start).to_string(),
            term_end: Day(expected.term_end).to_string(),
            lines: expected.lines.iter().map(LineBody::from).collect(),
            trust_until: view.trust_until,
            as_of: view.version.as_ref().map(|version| version.synced_at),
        }
    }
}

impl From<&Line> for LineBody {
    fn from(line: &Line) -> LineBody {
        LineBody {
            rate_plan: line.rate_plan.to_string(),
            charge: line.charge.to_string(),
            quantity: line.quantity,
            unit_price: line.terms.price.unit(),
            start: Day(line.period.start).to_string(),
            end: Day(line.period.end).to_string(),
        }
    }
}

/// List an account's subscriptions.
#[utoipa::path(
    get, path = "/api/v1/accounts/{account}/subscriptions", tag = "accounts", operation_id = Operation::SubscriptionList.as_str(),
    params(("account" = String, Path, description = "Its number", pattern = "^[A-Za-z0-9_-]{1,32}$")),
    responses((status = 200, description = "Its subscriptions", body = SubscriptionListBody), Problems),
)]
pub async fn list(
    State(app): State<App>,
    service: Service,
    Path(account): Path<String>,
) -> Result<Response, Problem> {
    let all = app::subscription::list(&app, service.caller(), &number(&account)?).await?;
    let subscriptions = all.iter().map(SubscriptionBody::from).collect();
    let as_of = app::health::freshness(&app).as_of;
    Ok(Written(SubscriptionListBody { subscriptions, as_of }).into_response())
}
