//! The faces of the platform: JSON API, customer portal, console, callout receiver, status page, health.
//! Refuses to write except through `app`, and to call Zuora at all.

mod api;
mod assets;
mod auth;
mod callout;
mod console;
mod edge;
mod health;
mod portal;
mod status;
mod view;

#[cfg(test)]
mod story;

use app::App;
use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;

/// Everything on the public port.
///
/// Pages are compressed and guarded against forms of other sites; the API is neither: it is called by programs with a
/// token, small and often.
pub fn router(app: App) -> Router {
    let pages = portal::routes().merge(console::routes()).layer(CsrfLayer::new());
    let pages = pages.merge(status::routes()).merge(assets::routes()).layer(CompressionLayer::new());
    let routes = pages
        .route("/", get(|| async { Redirect::to("/portal") }))
        .merge(api::routes())
        .merge(callout::routes())
        .merge(health::routes());
    edge::around(routes, &app).with_state(app)
}

/// Everything on the metrics port.
pub fn metrics_router(app: App) -> Router {
    health::metrics(app)
}

/// The OpenAPI 3.1 document of the API.
pub fn openapi() -> utoipa::openapi::OpenApi {
    api::document()
}
