//! The public face of the platform, as the demo serves it.
//! Refuses to be different from what `purser serve` serves.

use app::App;
use axum::Router;

/// Everything on the public port.
pub fn public(app: &App) -> Router {
    web::router(app.clone())
}

/// Everything on the metrics port.
pub fn metrics(app: &App) -> Router {
    web::metrics_router(app.clone())
}
