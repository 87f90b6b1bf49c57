//! Every function of `store`, on every database at hand: a module for each noun.
//! Refuses mocks: each test has a fresh database of its own, and throws it away.
#![expect(
    clippy::unwrap_used,
    reason = "what a test cannot do without fails it, also in a function that tests share"
)]

mod account;
mod attempt;
mod callout;
mod cursor;
mod db;
mod drift;
mod event;
mod idempotency;
mod invoice;
mod job;
mod lane;
mod license;
mod obligation;
mod offer;
mod order;
mod payment;
mod person;
mod sample;
mod schema;
mod subscription;
mod target;
mod token;
mod traffic;
