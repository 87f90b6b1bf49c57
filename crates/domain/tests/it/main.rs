//! The rules of the domain, through its public face: a module for each noun.
//! Refuses clocks and chance: times are written down, and what is random can be replayed.
#![expect(
    clippy::unwrap_used,
    reason = "what a test cannot do without fails it, also in a function that tests share"
)]

mod account;
mod attempt;
mod entitlement;
mod obligation;
mod offer;
mod policy;
mod preview;
mod sample;
