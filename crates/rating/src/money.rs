//! Rounded money, and the one place where an exact decimal becomes money.
//! Refuses to add two currencies, to overflow, and to round anywhere else.

use std::fmt;

use iso_currency::Currency;
use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// A rounded amount in the minor unit of its currency (cents for EUR, yen for JPY).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Count of minor units; negative for credits.
    pub minor: i64,
    /// The currency that says how many minor units make one major unit.
    pub currency: Currency,
}

impl Money {
    /// Nothing, in a currency.
    pub fn zero(currency: Currency) -> Money {
        Money { minor: 0, currency }
    }

    /// The amount in major units, with as many decimals as the currency has.
    pub fn amount(self) -> Decimal {
        Decimal::new(self.minor, exponent(self.currency))
    }

    /// The sum of two amounts of one currency.
    pub fn plus(self, other: Money) -> Result<Money> {
        if self.currency != other.currency {
            return Err(Error::Currency(self.currency.code(), other.currency.code()));
        }
        let minor = self.minor.checked_add(other.minor).ok_or(Error::Overflow)?;
        Ok(Money { minor, ..self })
    }

    /// The same amount with the other sign.
    pub fn negated(self) -> Result<Money> {
        let minor = self.minor.checked_neg().ok_or(Error::Overflow)?;
        Ok(Money { minor, ..self })
    }

    /// The sum of many amounts, all in `currency`.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Money>) -> Result<Money> {
        amounts.into_iter().try_fold(Money::zero(currency), Money::plus)
    }

    /// Reads an amount that must already be a whole number of minor units: 12.50 EUR, not 12.505.
    pub fn exact(amount: Decimal, currency: Currency) -> Option<Money> {
        let scaled = amount.checked_mul(power_of_ten(exponent(currency)))?;
        scaled.is_integer().then_some(())?;
        Some(Money { minor: scaled.to_i64()?, currency })
    }
}

/// The plain amount with the currency's decimals, `1558.85`; pages add the symbol.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.amount().fmt(f)
    }
}

/// Which way the half, and everything else below the last digit, goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundingMode {
    /// 0.5 and more away from zero.
    #[default]
    HalfUp,
    /// Any rest away from zero.
    Up,
    /// Any rest is dropped.
    Down,
}

/// How a tenant rounds (Zuora: a setting per currency).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rounding {
    /// The direction.
    pub mode: RoundingMode,
}

impl Rounding {
    /// The one function that makes money of an exact decimal.
    pub fn round(self, exact: Decimal, currency: Currency) -> Result<Money> {
        let strategy = match self.mode {
            RoundingMode::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            RoundingMode::Up => RoundingStrategy::AwayFromZero,
            RoundingMode::Down => RoundingStrategy::ToZero,
        };
        let rounded = exact.round_dp_with_strategy(exponent(currency), strategy);
        Money::exact(rounded, currency).ok_or(Error::Overflow)
    }
}

/// Decimals of the minor unit; a currency without one (gold, test codes) is counted in whole units.
fn exponent(currency: Currency) -> u32 {
    currency.exponent().map_or(0, u32::from)
}

fn power_of_ten(exponent: u32) -> Decimal {
    Decimal::from(10u64.pow(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_follows_its_mode_and_the_currency() {
        let cases = [
            (RoundingMode::HalfUp, "1558.8493", Currency::EUR, 155_885),
            (RoundingMode::HalfUp, "0.005", Currency::EUR, 1),
            (RoundingMode::HalfUp, "-0.005", Currency::EUR, -1),
            (RoundingMode::Down, "0.009", Currency::EUR, 0),
            (RoundingMode::Up, "0.001", Currency::EUR, 1),
            (RoundingMode::HalfUp, "100.5", Currency::JPY, 101),
            (RoundingMode::HalfUp, "1.0005", Currency::KWD, 1_001),
        ];
        for (mode, exact, currency, minor) in cases {
            let money = Rounding { mode }.round(exact.parse().unwrap(), currency).unwrap();
            assert_eq!(money.minor, minor, "{exact} {}", currency.code());
        }
    }

    #[test]
    fn two_currencies_are_never_added() {
        let sum =
            Money { minor: 1, currency: Currency::EUR }.plus(Money { minor: 1, currency: Currency::USD });
        assert_eq!(sum, Err(Error::Currency("EUR", "USD")));
    }

    #[test]
    fn an_amount_prints_with_the_decimals_of_its_currency() {
        assert_eq!(Money { minor: 201_844, currency: Currency::EUR }.to_string(), "2018.44");
        assert_eq!(Money { minor: 500, currency: Currency::EUR }.to_string(), "5.00");
        assert_eq!(Money { minor: 5, currency: Currency::JPY }.to_string(), "5");
    }

    #[test]
    fn an_overflow_is_refused() {
        let most = Money { minor: i64::MAX, currency: Currency::EUR };
        assert_eq!(most.plus(Money { minor: 1, ..most }), Err(Error::Overflow));
        assert!(Rounding::default().round(Decimal::MAX, Currency::EUR).is_err());
    }
}
