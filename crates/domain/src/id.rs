//! Our ids and the numbers that we choose: a prefix and a ULID, made from a time and randomness that the caller brings.
//! Refuses to draw randomness or read a clock.

use std::fmt;
use std::str::FromStr;

use ulid::Ulid;

use crate::text::{Unreadable, as_text};
use crate::time::Instant;

/// Makes ids for one operation: they share its instant and count up from its randomness, so they sort as they were made.
#[derive(Debug, Clone)]
pub struct Ids {
    next: Ulid,
    prefix: NumberPrefix,
}

impl Ids {
    /// `random` are 80 bits of fresh randomness; one value serves one operation only.
    pub fn new(now: Instant, random: u128, prefix: NumberPrefix) -> Ids {
        let millis = u64::try_from(now.0.as_millisecond()).unwrap_or(0);
        // The top bit stays free, so that counting up never wraps within one operation.
        Ids { next: Ulid::from_parts(millis, random >> 1), prefix }
    }

    /// The next id of any kind.
    pub fn id<T: From<Ulid>>(&mut self) -> T {
        T::from(self.draw())
    }

    /// The next number for an order, an account, a subscription or a payment.
    pub fn number<T: From<String>>(&mut self, letter: char) -> T {
        let ulid = self.draw();
        let prefix = self.prefix.as_str();
        T::from(format!("{prefix}{letter}-{ulid}"))
    }

    fn draw(&mut self) -> Ulid {
        let drawn = self.next;
        self.next = Ulid(drawn.0.wrapping_add(1));
        drawn
    }
}

/// The letters that tell our numbers from the tenant's own; at most 4, so that numbers stay within Zuora's 32 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberPrefix(String);

impl NumberPrefix {
    /// The prefix as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for NumberPrefix {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let fits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase());
        fits.then(|| NumberPrefix(text.to_owned()))
            .ok_or_else(|| Unreadable::new("number prefix (1 to 4 letters A-Z)", text))
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Ulid);
        impl From<Ulid> for $name {
            fn from(ulid: Ulid) -> Self { $name(ulid) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, concat!($prefix, "_{}"), self.0) }
        }
        impl FromStr for $name {
            type Err = Unreadable;
            fn from_str(text: &str) -> Result<Self, Unreadable> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(|rest| Ulid::from_string(rest).ok())
                    .map($name)
                    .ok_or_else(|| Unreadable::new(stringify!($name), text))
            }
        }
        as_text!($name);
    )+};
}

ids! {
    /// One billing account, ours.
    AccountId = "acc";
    /// One order.
    OrderId = "ord";
    /// One duty to provision.
    ObligationId = "obl";
    /// One unit of background work.
    JobId = "job";
    /// One try of one external write.
    AttemptId = "att";
    /// One human being who signs in.
    PersonId = "per";
    /// One API token of a product service.
    TokenId = "tok";
    /// One stored callout.
    CalloutId = "clt";
    /// One line of the audit trail and outbox.
    EventId = "evt";
    /// One difference between our copy and Zuora.
    DriftId = "dft";
}

/// The longest number that Zuora takes from us, and that we take from anybody.
pub const NUMBER_LENGTH_MAX: usize = 32;

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);
        impl $name {
            /// The number as text.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl From<String> for $name {
            fn from(text: String) -> Self { $name(text) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl FromStr for $name {
            type Err = Unreadable;
            fn from_str(text: &str) -> Result<Self, Unreadable> {
                is_number(text).then(|| $name(text.to_owned())).ok_or_else(|| Unreadable::new(stringify!($name), text))
            }
        }
        as_text!($name);
    )+};
}

numbers! {
    /// The business key of an account, in Purser and in Zuora.
    AccountNumber;
    /// The business key of an order.
    OrderNumber;
    /// The stable name of a subscription over all its versions.
    SubscriptionNumber;
    /// The business key of an invoice; Zuora chooses it.
    InvoiceNumber;
    /// The business key of a payment.
    PaymentNumber;
    /// The number of a product rate plan in Zuora's catalog, `PRP-00000001`.
    RatePlanNumber;
    /// The number of a product rate plan charge in Zuora's catalog, `PRPC-00000001`.
    ChargeNumber;
    /// An id that Zuora made.
    ZuoraId;
}

fn is_number(text: &str) -> bool {
    (1..=NUMBER_LENGTH_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> Ids {
        Ids::new("2026-11-12T10:42:00Z".parse().unwrap(), u128::MAX, "P".parse().unwrap())
    }

    #[test]
    fn ids_of_one_operation_differ_and_sort_as_made() {
        let mut ids = ids();
        let (first, second): (OrderId, OrderId) = (ids.id(), ids.id());
        assert!(first < second && first.to_string() < second.to_string());
        assert_eq!(first.to_string().parse::<OrderId>().unwrap(), first);
    }

    #[test]
    fn our_numbers_fit_into_zuoras_32_characters() {
        let mut ids = Ids::new("2026-11-12T10:42:00Z".parse().unwrap(), 7, "PURS".parse().unwrap());
        let number: OrderNumber = ids.number('O');
        assert!(number.as_str().len() <= NUMBER_LENGTH_MAX, "{number}");
        assert_eq!(number.as_str().parse::<OrderNumber>().unwrap(), number);
    }

    #[test]
    fn a_number_with_a_foreign_character_is_unreadable() {
        for text in ["", "A/B", "A B", "A#1", "é", "123456789012345678901234567890123"] {
            assert!(text.parse::<OrderNumber>().is_err(), "{text}");
        }
        assert!("acc_01".parse::<OrderId>().is_err());
    }
}
