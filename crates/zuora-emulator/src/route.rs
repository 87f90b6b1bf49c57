//! The table of operations: method, path, the resource in its error codes, its concurrency class, its handler.
//! Refuses paths and methods that are not in it.

use http::Method;
use serde_json::Value;

use crate::call::Call;
use crate::error::{Category, Refusal};
use crate::limits::Class;
use crate::{
    account, callout, catalog, credit_memo, invoice, order, payment, payment_method, query, subscription,
};

/// What answers an operation.
pub(crate) type Handler = fn(&mut Call) -> Result<Value, Refusal>;

/// An operation; `{}` in the pattern is a key.
pub(crate) struct Route {
    method: Method,
    pattern: &'static str,
    class: Class,
    resource: u32,
    pub(crate) handler: Handler,
}

/// The first six digits of error codes, by resource; 500000 is any GET and DELETE.
const READ: u32 = 500_000;
const ACCOUNT: u32 = 510_000;
const CATALOG: u32 = 520_000;
const ORDER: u32 = 535_000;
const INVOICE: u32 = 545_000;
const PAYMENT: u32 = 660_000;
const PAYMENT_METHOD: u32 = 670_000;
const NOTIFICATION: u32 = 580_000;

const fn get(pattern: &'static str, handler: Handler) -> Route {
    Route { method: Method::GET, pattern, class: Class::Default, resource: READ, handler }
}

const fn delete(pattern: &'static str, handler: Handler) -> Route {
    Route { method: Method::DELETE, pattern, class: Class::Default, resource: READ, handler }
}

const fn post(pattern: &'static str, resource: u32, handler: Handler) -> Route {
    Route { method: Method::POST, pattern, class: Class::Default, resource, handler }
}

const fn put(pattern: &'static str, resource: u32, handler: Handler) -> Route {
    Route { method: Method::PUT, pattern, class: Class::Default, resource, handler }
}

/// A write of the class that Zuora calls high-volume transactions.
const fn high_volume(pattern: &'static str, resource: u32, handler: Handler) -> Route {
    Route { method: Method::POST, pattern, class: Class::HighVolume, resource, handler }
}

const fn object_query(pattern: &'static str, handler: Handler) -> Route {
    Route { method: Method::GET, pattern, class: Class::Query, resource: READ, handler }
}

static ROUTES: &[Route] = &[
    get("/v1/catalog/products", catalog::list),
    get("/v1/catalog/product/{}", catalog::view),
    get("/v1/rateplan/{}/productRatePlan", catalog::list_plans),
    get("/v1/product-rate-plans/{}", catalog::view_plan),
    post("/v1/object/product", CATALOG, catalog::crud::create_product),
    get("/v1/object/product/{}", catalog::crud::view_product),
    put("/v1/object/product/{}", CATALOG, catalog::crud::update_product),
    delete("/v1/object/product/{}", catalog::crud::delete_product),
    post("/v1/object/product-rate-plan", CATALOG, catalog::crud::create_plan),
    get("/v1/object/product-rate-plan/{}", catalog::crud::view_plan),
    put("/v1/object/product-rate-plan/{}", CATALOG, catalog::crud::update_plan),
    delete("/v1/object/product-rate-plan/{}", catalog::crud::delete_plan),
    post("/v1/object/product-rate-plan-charge", CATALOG, catalog::crud::charge::create),
    get("/v1/object/product-rate-plan-charge/{}", catalog::crud::charge::view),
    put("/v1/object/product-rate-plan-charge/{}", CATALOG, catalog::crud::charge::update),
    delete("/v1/object/product-rate-plan-charge/{}", catalog::crud::charge::delete),
    high_volume("/v1/accounts", ACCOUNT, account::create),
    get("/v1/accounts/{}", account::view),
    put("/v1/accounts/{}", ACCOUNT, account::update),
    get("/v1/accounts/{}/summary", account::summary::view),
    get("/v1/accounts/{}/payment-methods", payment_method::list),
    get("/v1/accounts/{}/payment-methods/default", payment_method::view_default),
    post("/v1/accounts/{}/billing-documents/generate", INVOICE, invoice::generate),
    post("/v1/payment-methods", PAYMENT_METHOD, payment_method::create),
    get("/v1/payment-methods/{}", payment_method::view),
    high_volume("/v1/orders", ORDER, order::create),
    high_volume("/v1/orders/preview", ORDER, order::preview),
    get("/v1/orders", order::view::list),
    get("/v1/orders/{}", order::view::view),
    get("/v1/orders/subscription/{}", order::view::of_subscription),
    get("/v1/orders/subscriptionOwner/{}", order::view::of_account),
    get("/v1/orders/invoiceOwner/{}", order::view::of_account),
    get("/v1/subscriptions/{}", subscription::view::view),
    get("/v1/subscriptions/{}/versions/{}", subscription::view::view_version),
    get("/v1/subscriptions/accounts/{}", subscription::view::of_account),
    get("/v1/invoices/{}", invoice::view),
    get("/v1/invoices/{}/items", invoice::items),
    get("/v1/credit-memos/{}", credit_memo::view),
    get("/v1/credit-memos/{}/items", credit_memo::items),
    post("/v1/payments", PAYMENT, payment::create),
    get("/v1/payments/{}", payment::view),
    object_query("/object-query/{}", query::list),
    object_query("/object-query/{}/{}", query::view),
    post("/notifications/notification-definitions", NOTIFICATION, callout::definition::create),
    get("/notifications/notification-definitions", callout::definition::list),
    get("/notifications/notification-definitions/{}", callout::definition::view),
    delete("/notifications/notification-definitions/{}", callout::definition::delete),
    get("/v1/notification-history/callout", callout::definition::history),
];

/// An operation that a request asks for, with the keys in its path.
pub(crate) struct Found {
    pub(crate) route: Option<&'static Route>,
    pub(crate) keys: Vec<String>,
    /// Why there is no route.
    refusal: Option<Refusal>,
}

impl Found {
    pub(crate) fn class(&self) -> Class {
        self.route.map_or(Class::Default, |route| route.class)
    }

    pub(crate) fn resource(&self) -> u32 {
        self.route.map_or(READ, |route| route.resource)
    }

    /// Runs the handler.
    pub(crate) fn run(&self, call: &mut Call) -> Result<Value, Refusal> {
        match (&self.refusal, self.route) {
            (Some(refusal), _) => Err(refusal.clone()),
            (None, Some(route)) => (route.handler)(call),
            (None, None) => Err(Refusal::not_found(&call.address.path)),
        }
    }
}

fn keys(pattern: &str, path: &str) -> Option<Vec<String>> {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    let mut keys = Vec::new();
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return Some(keys),
            (Some("{}"), Some(key)) => keys.push(crate::path::decoded(key)),
            (Some(fixed), Some(part)) if fixed == part => {}
            _ => return None,
        }
    }
}

/// Finds the operation; of two patterns that fit, the one with fewer keys is meant.
pub(crate) fn find(method: &Method, path: &str) -> Found {
    let fitting = ROUTES.iter().filter_map(|route| Some((route, keys(route.pattern, path)?)));
    let mut fitting: Vec<_> = fitting.collect();
    fitting.sort_by_key(|(_, keys)| keys.len());
    if fitting.is_empty() {
        let refusal = Refusal::new(Category::NotFound, "HTTP 404 Not Found");
        return Found { route: None, keys: Vec::new(), refusal: Some(refusal) };
    }
    match fitting.into_iter().find(|(route, _)| route.method == *method) {
        Some((route, keys)) => Found { route: Some(route), keys, refusal: None },
        None => {
            let refusal = Refusal::new(Category::UnsupportedMethod, "HTTP 405 Method Not Allowed");
            Found { route: None, keys: Vec::new(), refusal: Some(refusal) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_with_fewer_keys_is_meant() {
        let found = find(&Method::GET, "/v1/subscriptions/accounts/A-1");
        assert_eq!(found.keys, ["A-1"]);
        assert_eq!(find(&Method::POST, "/v1/orders/preview").keys.len(), 0);
        assert_eq!(find(&Method::GET, "/v1/subscriptions/S%201/versions/2").keys, ["S 1", "2"]);
    }
}
