//! The limit of an entitlement check: a handler that has its answer ready and asks nobody who is asking.
//! Refuses layers, state and headers of its own.

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use tokio::net::TcpListener;

use super::load::{self, Load, Measured, Target};
use super::site;
use crate::{Error, Result};

/// Measures how fast these bytes can be answered.
pub async fn run(body: Bytes, load: Load) -> Result<Measured> {
    let failed = || Error::io("serve the bare handler");
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed())?;
    let address = listener.local_addr().map_err(failed())?;
    let answer = move || {
        let body = body.clone();
        async move { ([(CONTENT_TYPE, "application/json")], body) }
    };
    let router = Router::new().route("/api/v1/entitlements/{target}", get(answer));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let target = Target { address, status: "200", write: site::check("nobody asks for it") };
    let measured = load::run(load, target).await;
    server.abort();
    measured
}
