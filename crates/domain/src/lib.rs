//! The nouns and rules of order-to-cash: what may be ordered, what it costs, what it entitles to, what comes next.
//! Refuses I/O, async, clocks and randomness: the caller passes `now` and ids.
#![deny(clippy::float_arithmetic)]

mod currency;
mod id;
mod text;
mod time;

pub mod access;
pub mod account;
pub mod attempt;
pub mod callout;
pub mod drift;
pub mod entitlement;
pub mod invoice;
pub mod license;
pub mod obligation;
pub mod offer;
pub mod order;
pub mod payment;
pub mod person;
pub mod policy;
pub mod preview;
pub mod refusal;
pub mod subscription;
pub mod target;
pub mod token;

pub use currency::Currency;
pub use id::{
    AccountId, AccountNumber, AttemptId, CalloutId, ChargeNumber, DriftId, EventId, Ids, InvoiceNumber,
    JobId, NUMBER_LENGTH_MAX, NumberPrefix, ObligationId, OrderId, OrderNumber, PaymentNumber, PersonId,
    RatePlanNumber, SubscriptionNumber, TokenId, ZuoraId,
};
pub use refusal::Refusal;
pub use text::Unreadable;
pub use time::{Day, Instant};
