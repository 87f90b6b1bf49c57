//! The database: read and write transactions, migrations, one module of SQL for each noun, lanes, jobs, outbox, inbox.
//! Refuses HTTP, and queries outside a transaction.
#![deny(clippy::float_arithmetic)]

mod db;
mod migrate;

pub mod account;
pub mod attempt;
pub mod callout;
pub mod cursor;
pub mod drift;
pub mod event;
pub mod idempotency;
pub mod invoice;
pub mod job;
pub mod lane;
pub mod license;
pub mod obligation;
pub mod offer;
pub mod order;
pub mod payment;
pub mod person;
pub mod subscription;
pub mod target;
#[cfg(feature = "testing")]
pub mod testing;
pub mod token;

pub use db::{Db, Engine, Error, PAGE_ROWS_MAX, Page, ReadDb, ReadTx, Result, Tx};
pub use migrate::SCHEMA_VERSION;
