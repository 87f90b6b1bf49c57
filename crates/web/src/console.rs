//! The console: what staff see and search. Sorted by what needs a person; good rows are quiet.
//! Refuses customers, and to change anything without a reason.

mod overview;

use app::App;
use axum::Router;
use axum::routing::get;

/// `/console`.
pub fn routes() -> Router<App> {
    Router::new().route("/console", get(overview::get))
}
