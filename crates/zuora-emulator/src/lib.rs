//! A Zuora that runs on your machine: catalog, orders, billing, payments, callouts, limits and faults.
//! The core is synchronous and pure: `Emulator::handle(request, now)`; [`http`] puts it on a socket.
//! Refuses I/O, clocks and randomness everywhere but in `http`, and knows nothing of whoever uses it.
#![deny(clippy::float_arithmetic)]
// Zuora answers with objects of fifty fields, and `json!` recurses once a field.
#![recursion_limit = "256"]

mod account;
mod admin;
mod auth;
mod billing;
mod books;
mod call;
mod callout;
mod catalog;
mod credit_memo;
mod emulator;
mod error;
mod fault;
mod gateway;
pub mod http;
mod idempotency;
mod ids;
mod invoice;
mod json;
mod limits;
mod order;
mod path;
mod payment;
mod payment_method;
mod query;
mod reply;
mod route;
pub mod seed;
mod subscription;
mod table;
mod tenant;
#[cfg(test)]
mod tests;
mod version;

pub use ::http::{Method, StatusCode};
pub use auth::{Credentials, DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET};
pub use books::{
    AccountBook, Books, CreditMemoBook, InvoiceBook, ItemBook, OrderBook, PaymentBook, SubscriptionBook,
    VersionBook,
};
pub use callout::{BasicAuth, CalloutRetry, Outgoing};
pub use emulator::{Emulator, Settings};
pub use fault::{Fault, FaultKind, FaultTrace, TimedFault, TraceError};
pub use limits::Limits;
pub use reply::{Outcome, Reply};

/// A request as the emulator takes it: the URI holds path and query.
pub type Request = ::http::Request<bytes::Bytes>;
/// An answer of the emulator.
pub type Response = ::http::Response<bytes::Bytes>;
