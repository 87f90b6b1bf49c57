//! A typed client for Zuora and the types that cross its wire, shared with whoever plays Zuora's part.
//! Every answer is judged by its status *and* its body, and every failure says whether and how to try again.
//! Refuses to retry by itself (one spurious 401 excepted), to keep a clock, or to know who is calling.

#![deny(clippy::float_arithmetic)]

mod account;
mod catalog;
mod client;
mod code;
mod dialect;
mod error;
mod http;
mod invoice;
mod key;
mod order;
mod path;
mod payment;
mod query;
mod subscription;
#[cfg(test)]
mod tests;
mod token;
mod transport;
mod verdict;
pub mod wire;

pub use client::{Answer, Client, Credentials, Limits, Options, Seams, ZUORA_VERSION};
pub use code::Category;
pub use dialect::{Dialect, Reason};
pub use error::{Error, Kind, Retry};
pub use http::{HttpTransport, Timeouts};
pub use key::{IdempotencyKey, InvalidKey};
pub use transport::{InProcess, Request, Response, Transport, TransportError};
pub use wire::QueryObject;
