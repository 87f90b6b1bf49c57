//! Proves it: the demo, with simulated customers and a checker; drills and benches stand on the same world.
//! Counts by the emulator's books, never by the platform's own rows; refuses to be needed by any crate but `purser`.

pub mod bench;
pub mod check;
pub mod customers;
mod demo;
mod dice;
mod error;
mod front;
mod html;
pub mod ledger;
pub mod mail_sink;
pub mod process;
pub mod saas;
pub mod world;
pub mod zuora_user;

pub use demo::{Options, Report, run};
pub use dice::Dice;
pub use error::{Error, Result};
