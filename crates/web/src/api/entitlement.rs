//! What a target is entitled to, for products that ask on every use: ready bytes from memory.
//! Refuses to serialize anything per request.

use app::App;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::access::Operation;
use domain::target::Target;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use utoipa::ToSchema;

use super::openapi::{Problems, day, moment_or_null};
use super::problem::Problem;
use crate::auth::Service;

/// What a target has now: the sum of everything that was bought and granted for it.
#[derive(ToSchema)]
#[schema(as = Entitlement)]
#[expect(dead_code, reason = "describes the bytes that `app` keeps ready; it is never built here")]
pub struct EntitlementBody {
    /// Who has it.
    #[schema(example = "namespace:brightwater")]
    target: String,
    /// The highest plan of all active lines.
    #[schema(example = "business")]
    plan: Option<String>,
    /// One entry a capability, sorted by name; empty if the target has nothing.
    #[schema(inline)]
    capabilities: Vec<CapabilityBody>,
    /// When something changes by itself: a line starts or ends, a trust ends.
    #[schema(schema_with = moment_or_null)]
    next_change: Option<String>,
    /// When the copy it follows from was last equal to Zuora.
    #[schema(schema_with = moment_or_null)]
    as_of: Option<String>,
}

/// One capability.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the bytes that `app` keeps ready; it is never built here")]
struct CapabilityBody {
    /// Its code.
    #[schema(example = "business-seats")]
    capability: String,
    /// What is counted.
    #[schema(example = "seats")]
    unit: String,
    /// How many.
    quantity: i64,
    /// The first day of the oldest active line.
    #[schema(schema_with = day)]
    starts_on: String,
    /// The day after the last of the longest active line.
    #[schema(schema_with = day)]
    ends_on: String,
    /// When part of it ends unless billing confirms.
    #[schema(schema_with = moment_or_null)]
    trust_until: Option<String>,
}

/// Ask what a target is entitled to. A target that nobody bought anything for has nothing.
#[utoipa::path(
    get, path = "/api/v1/entitlements/{target}", tag = "entitlements", operation_id = Operation::EntitlementView.as_str(),
    params(("target" = String, Path, description = "`namespace:NAME` or `server:NAME`", example = "namespace:brightwater", pattern = "^(namespace|server):[A-Za-z0-9_./-]{1,200}$")),
    responses((status = 200, description = "What it has", body = EntitlementBody), Problems),
)]
pub async fn view(
    State(app): State<App>,
    service: Service,
    Path(target): Path<String>,
) -> Result<Response, Problem> {
    let target: Target = target.parse().map_err(|error: domain::Unreadable| {
        let hint = "Name it as namespace:NAME or server:NAME.";
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Problem::new(status, "field_not_readable", format!("{error}."), hint).of_field("target")
    })?;
    let body = app::entitlement::check(&app, service.caller(), &target).await?;
    Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
}
