//! Compares what customers were told with what the emulator's books, the SaaS product and the licenses really hold.
//! Refuses the platform's own rows as evidence, and mercy: whatever cannot be explained counts against it.

mod billing;
mod provisioning;

pub use billing::{Billing, billing};
pub use provisioning::{Delivered, OnTrust, Provisioning, provisioning};
