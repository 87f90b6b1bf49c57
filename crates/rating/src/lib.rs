//! Money and charge arithmetic: currencies, rounding, billing periods, proration.
//! Refuses everything but decimals and dates: no I/O, no clock, no floats.
#![deny(clippy::float_arithmetic)]

mod charge;
mod money;
mod period;

pub use charge::{Charge, Explanation, Item, Price, Segment, billed_through, items};
pub use iso_currency::Currency;
pub use money::{Money, Rounding, RoundingMode};
pub use period::{BillingPeriod, Period};

/// What arithmetic can refuse. Nothing is ever rounded, cut or wrapped instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A result left the range of the type that must hold it.
    #[error("the amount is too large to be represented exactly")]
    Overflow,
    /// Two amounts of different currencies met in one sum.
    #[error("{0} and {1} cannot be added")]
    Currency(&'static str, &'static str),
    /// A period would end before it starts.
    #[error("a period cannot end ({end}) before it starts ({start})")]
    Backwards {
        /// The first day.
        start: jiff::civil::Date,
        /// The day after the last.
        end: jiff::civil::Date,
    },
    /// A date outside the calendar that jiff can represent.
    #[error("the date is out of range")]
    Date,
}

/// The result of arithmetic that may be refused.
pub type Result<T, E = Error> = std::result::Result<T, E>;
