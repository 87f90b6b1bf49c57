//! Whether the process lives, and whether it can take orders: for load balancers and supervisors.
//! Refuses to judge Zuora: with Zuora down this platform is healthy.

use app::App;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::header::CONTENT_TYPE;

use crate::api::problem::Problem;

/// `/healthz` and `/readyz`.
pub fn routes() -> Router<App> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready))
}

async fn alive() -> &'static str {
    "ok\n"
}

async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    app::health::ready(&app).await?;
    Ok("ready\n")
}

/// `/metrics` for Prometheus, to be served on a port of its own: it is nobody's business outside.
pub fn metrics(app: App) -> Router {
    let form = [(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    Router::new()
        .route("/metrics", get(|State(app): State<App>| async move { (form, app.metrics.encode()) }))
        .with_state(app)
}
