//! The platform's faces, as `purser serve` shows them.
//! Refuses to be anything else: what the demo proves, it proves with the real ones.

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
