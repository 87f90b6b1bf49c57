//! Tests of the whole emulator, operation by operation, through `handle` and over real HTTP.
//! Refuses to look inside: everything is asked as a caller would ask it.

mod account;
mod callout;
mod catalog;
mod change;
mod desk;
mod fault;
mod http;
mod idempotency;
mod late;
mod mutation;
mod order;
mod payment;
mod query;
mod refusal;
mod wire;
