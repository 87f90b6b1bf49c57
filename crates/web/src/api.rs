//! The JSON API under `/api/v1`, for product services with a token; its document is made of the handlers themselves.
//! Refuses sessions of people: a browser cannot be made to call it.

pub mod account;
pub mod body;
pub mod entitlement;
pub mod idempotency;
pub mod invoice;
pub mod offer;
pub mod openapi;
pub mod order;
pub mod problem;
pub mod subscription;

use app::App;
use axum::Json;
use axum::routing::get;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Where the document is.
const DOCUMENT: &str = "/api/openapi.json";

fn described() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::head())
        .routes(routes!(account::create))
        .routes(routes!(account::view))
        .routes(routes!(order::list))
        .routes(routes!(subscription::list))
        .routes(routes!(invoice::list))
        .routes(routes!(offer::list))
        .routes(routes!(order::preview))
        .routes(routes!(order::place))
        .routes(routes!(order::view))
        .routes(routes!(entitlement::view))
}

/// The API and its document.
pub fn routes() -> axum::Router<App> {
    let (router, document) = described().split_for_parts();
    router.route(DOCUMENT, get(|| async move { Json(document) }))
}

/// The document: what the API takes and answers.
pub fn document() -> OpenApi {
    described().split_for_parts().1
}
