//! The SaaS product of the demo: it is told what each namespace has, and shows it.
//! Refuses a push without its token, and one that is not newer than what it knows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Html;
use axum::routing::{get, put};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};

use crate::html;

/// The header that carries the generation of a push.
const GENERATION: &str = "x-purser-generation";

/// What a namespace has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Namespace {
    /// As it is named in a push, `namespace:brightwater`.
    pub target: String,
    /// Its plan.
    pub plan: Option<String>,
    /// Seats, storage and the like.
    pub capabilities: Vec<Allowance>,
    /// The generation of the push that said so.
    #[serde(default)]
    pub generation: i64,
}

/// How much of something a namespace has, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance {
    /// What.
    pub capability: String,
    /// What is counted.
    pub unit: String,
    /// How many.
    pub quantity: i64,
    /// The first day.
    pub starts_on: String,
    /// The day after the last.
    pub ends_on: String,
}

/// Whether the product answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Health {
    /// It does.
    #[default]
    Up,
    /// Every push is answered 503.
    Down,
}

#[derive(Debug, Default)]
struct Known {
    health: Health,
    namespaces: BTreeMap<String, Namespace>,
    stale_pushes: u64,
}

/// The product; clones share what it knows.
#[derive(Debug, Clone)]
pub struct SaasProduct {
    token: Arc<str>,
    known: Arc<Mutex<Known>>,
}

impl SaasProduct {
    /// A product without namespaces that takes pushes with this token.
    pub fn new(token: &str) -> SaasProduct {
        SaasProduct { token: token.into(), known: Arc::default() }
    }

    /// `PUT /targets/{target}` and a page at `/`.
    pub fn router(&self) -> Router {
        Router::new().route("/", get(show)).route("/targets/{target}", put(take)).with_state(self.clone())
    }

    /// Every namespace, by target.
    pub fn namespaces(&self) -> BTreeMap<String, Namespace> {
        self.known().namespaces.clone()
    }

    /// Pushes that were ignored because they were not newer.
    pub fn stale_pushes(&self) -> u64 {
        self.known().stale_pushes
    }

    /// Switches the product on or off.
    pub fn set_health(&self, health: Health) {
        self.known().health = health;
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn take(
    State(product): State<SaasProduct>,
    Path(target): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = format!("Bearer {}", product.token);
    if text(header::AUTHORIZATION.as_str()) != Some(bearer.as_str()) {
        return StatusCode::UNAUTHORIZED;
    }
    let mut known = product.known();
    if known.health == Health::Down {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let Some(generation) = text(GENERATION).and_then(|number| number.parse().ok()) else {
        return StatusCode::BAD_REQUEST;
    };
    let Ok(desired) = serde_json::from_slice::<Namespace>(&body) else {
        return StatusCode::UNPROCESSABLE_ENTITY;
    };
    if desired.target != target {
        return StatusCode::UNPROCESSABLE_ENTITY;
    }
    if known.namespaces.get(&target).is_some_and(|has| has.generation >= generation) {
        known.stale_pushes += 1;
        return StatusCode::OK;
    }
    known.namespaces.insert(target, Namespace { generation, ..desired });
    StatusCode::OK
}

async fn show(State(product): State<SaasProduct>) -> Html<String> {
    let mut rows =
        String::from("<table><tr><th>Namespace</th><th>Plan</th><th>It has</th><th>Until</th></tr>");
    for namespace in product.namespaces().values() {
        let has = |write: fn(&Allowance) -> String| {
            namespace
                .capabilities
                .iter()
                .map(|one| html::escape(&write(one)))
                .collect::<Vec<_>>()
                .join("<br>")
        };
        rows.push_str(&format!(
            "<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
            html::escape(namespace.target.trim_start_matches("namespace:")),
            html::escape(namespace.plan.as_deref().unwrap_or("none")),
            has(|one| format!("{} {}", one.quantity, one.unit)),
            has(|one| one.ends_on.clone()),
        ));
    }
    rows.push_str("</table>");
    Html(html::page("Ternlight Cloud: namespaces", &rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(generation: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, "Bearer t".parse().unwrap());
        headers.insert(GENERATION, generation.parse().unwrap());
        headers
    }

    async fn push(product: &SaasProduct, generation: &str, quantity: i64) -> StatusCode {
        let body = format!(
            r#"{{"target":"namespace:a","plan":"business","capabilities":[{{"capability":"seats","unit":"Seats",
                "quantity":{quantity},"starts_on":"2026-11-12","ends_on":"2027-11-12"}}]}}"#
        );
        take(State(product.clone()), Path("namespace:a".into()), headers(generation), body.into()).await
    }

    #[tokio::test]
    async fn an_older_push_never_undoes_a_newer_one() {
        let product = SaasProduct::new("t");
        assert_eq!(push(&product, "2", 20).await, StatusCode::OK);
        assert_eq!(push(&product, "1", 10).await, StatusCode::OK);
        assert_eq!(push(&product, "2", 10).await, StatusCode::OK);
        assert_eq!(product.namespaces()["namespace:a"].capabilities[0].quantity, 20);
        assert_eq!(product.stale_pushes(), 2);
        assert_eq!(push(&product, "3", 30).await, StatusCode::OK);
        assert_eq!(product.namespaces()["namespace:a"].capabilities[0].quantity, 30);
    }

    #[tokio::test]
    async fn a_product_that_is_down_or_not_asked_properly_keeps_what_it_has() {
        let product = SaasProduct::new("t");
        product.set_health(Health::Down);
        assert_eq!(push(&product, "1", 10).await, StatusCode::SERVICE_UNAVAILABLE);
        product.set_health(Health::Up);
        assert_eq!(push(&product, "soon", 10).await, StatusCode::BAD_REQUEST);
        let other = SaasProduct { token: "u".into(), ..product.clone() };
        assert_eq!(push(&other, "1", 10).await, StatusCode::UNAUTHORIZED);
        assert!(product.namespaces().is_empty());
    }
}
