//! What a charge costs over a stretch of time, item by item, each with its explanation.
//! Refuses to know of invoices: whoever bills decides which window is due and which was billed before.

use iso_currency::Currency;
use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{BillingPeriod, Error, Money, Period, Result, Rounding};

/// When a charge is billed; always in advance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charge {
    /// Once, on the first day of its segment.
    OneTime,
    /// At the start of every billing period.
    Recurring {
        /// The length of the billing period.
        every: BillingPeriod,
    },
}

/// What is asked for one billing period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Price {
    /// The same for any quantity.
    FlatFee(Decimal),
    /// For each unit.
    PerUnit(Decimal),
}

impl Price {
    /// The price of one unit, or the whole fee.
    pub fn unit(self) -> Decimal {
        match self {
            Price::FlatFee(price) | Price::PerUnit(price) => price,
        }
    }

    fn of(self, quantity: Decimal) -> Result<Decimal> {
        match self {
            Price::FlatFee(fee) => Ok(fee),
            Price::PerUnit(unit) => unit.checked_mul(quantity).ok_or(Error::Overflow),
        }
    }
}

/// A stretch of time over which a charge has one price and one quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// From when to when the segment is in force.
    pub period: Period,
    /// The date from which billing periods are counted.
    pub anchor: Date,
    /// The price of a full billing period.
    pub price: Price,
    /// How many units.
    pub quantity: Decimal,
}

/// One line of an invoice or a preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The service time that is paid for.
    pub period: Period,
    /// How many units.
    pub quantity: Decimal,
    /// The price of one unit for a full billing period.
    pub unit_price: Decimal,
    /// What is asked, rounded.
    pub amount: Money,
    /// How it was worked out.
    pub why: Explanation,
}

/// The arithmetic behind an item, in the order in which a person would do it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// Quantity times price, before proration.
    pub full: Decimal,
    /// The days that are paid for; both day counts are 1 for a one-time charge.
    pub days: i64,
    /// The days of the full billing period.
    pub full_days: i64,
    /// The result before rounding, to 28 significant digits.
    pub exact: Decimal,
}

impl Item {
    /// The same service time given back: a credit.
    pub fn negated(mut self) -> Result<Item> {
        self.amount = self.amount.negated()?;
        self.quantity = -self.quantity;
        self.why.full = -self.why.full;
        self.why.exact = -self.why.exact;
        Ok(self)
    }
}

/// The end of what is due by `target`, billing in advance: the end of the last billing period that starts on or before it.
/// Returns the segment's start if nothing is due yet.
pub fn billed_through(charge: &Charge, segment: &Segment, target: Date) -> Result<Date> {
    if target < segment.period.start || segment.period.is_empty() {
        return Ok(segment.period.start);
    }
    match charge {
        Charge::OneTime => Ok(segment.period.end),
        Charge::Recurring { every } => {
            let last = segment.period.last_day()?.min(target);
            Ok(every.containing(segment.anchor, last)?.end.min(segment.period.end))
        }
    }
}

/// The items for the part of the segment that lies in `window`: one for each billing period touched, prorated by actual days.
///
/// A one-time charge belongs to the first day of its segment and is never prorated.
pub fn items(
    charge: &Charge,
    segment: &Segment,
    window: Period,
    currency: Currency,
    rounding: &Rounding,
) -> Result<Vec<Item>> {
    let Some(due) = segment.period.intersect(window) else { return Ok(Vec::new()) };
    match charge {
        Charge::OneTime if window.contains(segment.period.start) => {
            Ok(vec![item(segment, segment.period, (1, 1), (currency, rounding))?])
        }
        Charge::OneTime => Ok(Vec::new()),
        Charge::Recurring { every } => {
            let mut items = Vec::new();
            let mut start = due.start;
            while start < due.end {
                let full = every.containing(segment.anchor, start)?;
                let part = Period::new(start, full.end.min(due.end))?;
                items.push(item(segment, part, (part.days(), full.days()), (currency, rounding))?);
                start = part.end;
            }
            Ok(items)
        }
    }
}

fn item(segment: &Segment, period: Period, share: (i64, i64), money: (Currency, &Rounding)) -> Result<Item> {
    let (days, full_days) = share;
    let (currency, rounding) = money;
    let full = segment.price.of(segment.quantity)?;
    // Multiply before dividing: a full period is then exactly the full price.
    let exact = full
        .checked_mul(Decimal::from(days))
        .and_then(|scaled| scaled.checked_div(Decimal::from(full_days)))
        .ok_or(Error::Overflow)?;
    Ok(Item {
        period,
        quantity: segment.quantity,
        unit_price: segment.price.unit(),
        amount: rounding.round(exact, currency)?,
        why: Explanation { full, days, full_days, exact },
    })
}

impl Segment {
    /// The service time of a term that starts on `start` and lasts `months`.
    pub fn term(start: Date, months: i32) -> Result<Period> {
        let end = start.checked_add(months.months()).map_err(|_| Error::Date)?;
        Period::new(start, end)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const ANNUAL: Charge = Charge::Recurring { every: BillingPeriod::Annual };

    fn seats(count: u32, start: Date, end: Date, anchor: Date) -> Segment {
        Segment {
            period: Period { start, end },
            anchor,
            price: Price::PerUnit(Decimal::from(348)),
            quantity: Decimal::from(count),
        }
    }

    #[test]
    fn fifteen_seats_added_in_november_cost_109_of_365_days() {
        let segment = seats(15, date(2026, 11, 12), date(2027, 3, 1), date(2026, 3, 1));
        let all = items(&ANNUAL, &segment, segment.period, Currency::EUR, &Rounding::default()).unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].amount.to_string(), "1558.85");
        assert_eq!((all[0].why.days, all[0].why.full_days), (109, 365));
        assert_eq!(all[0].why.full, Decimal::from(5_220));
    }

    #[test]
    fn a_full_year_costs_the_full_price_in_a_leap_year_too() {
        let segment = seats(10, date(2028, 1, 1), date(2029, 1, 1), date(2028, 1, 1));
        let all = items(&ANNUAL, &segment, segment.period, Currency::EUR, &Rounding::default()).unwrap();
        assert_eq!(all[0].amount.to_string(), "3480.00");
    }

    #[test]
    fn only_periods_that_have_begun_are_due() {
        let monthly = Charge::Recurring { every: BillingPeriod::Month };
        let segment = seats(1, date(2026, 1, 31), date(2027, 1, 31), date(2026, 1, 31));
        assert_eq!(billed_through(&monthly, &segment, date(2026, 1, 30)).unwrap(), date(2026, 1, 31));
        assert_eq!(billed_through(&monthly, &segment, date(2026, 1, 31)).unwrap(), date(2026, 2, 28));
        assert_eq!(billed_through(&monthly, &segment, date(2026, 2, 28)).unwrap(), date(2026, 3, 31));
        assert_eq!(billed_through(&monthly, &segment, date(2030, 1, 1)).unwrap(), date(2027, 1, 31));
    }

    #[test]
    fn a_one_time_charge_is_billed_once_and_whole() {
        let segment = seats(2, date(2026, 5, 1), date(2027, 5, 1), date(2026, 5, 1));
        let first = Period { start: date(2026, 5, 1), end: date(2026, 5, 2) };
        let later = Period { start: date(2026, 5, 2), end: date(2027, 5, 1) };
        let of =
            |window| items(&Charge::OneTime, &segment, window, Currency::EUR, &Rounding::default()).unwrap();
        assert_eq!(of(first)[0].amount.to_string(), "696.00");
        assert!(of(later).is_empty());
    }

    proptest! {
        #[test]
        fn items_cover_the_window_without_gap_or_overlap(offset in 0i64..400, length in 1i64..900, cut in 0i64..900) {
            let start = date(2026, 1, 31).checked_add(offset.days()).unwrap();
            let end = start.checked_add(length.days()).unwrap();
            let monthly = Charge::Recurring { every: BillingPeriod::Month };
            let segment = seats(7, start, end, date(2026, 1, 31));
            let window = Period { start: start.checked_add(cut.min(length).days()).unwrap(), end };
            let all = items(&monthly, &segment, window, Currency::EUR, &Rounding::default()).unwrap();
            let mut at = window.start;
            for item in &all {
                prop_assert_eq!(item.period.start, at);
                prop_assert!(!item.period.is_empty());
                at = item.period.end;
            }
            prop_assert_eq!(at, end);
        }

        #[test]
        fn a_period_given_back_on_its_first_day_returns_every_cent(quantity in 1u32..10_000, length in 1i64..365) {
            let start = date(2026, 3, 1);
            let segment = seats(quantity, start, start.checked_add(length.days()).unwrap(), start);
            let charged = items(&ANNUAL, &segment, segment.period, Currency::EUR, &Rounding::default()).unwrap();
            let credited = charged.iter().cloned().map(|item| item.negated().unwrap());
            let amounts = charged.iter().cloned().chain(credited).map(|item| item.amount);
            prop_assert_eq!(Money::sum(Currency::EUR, amounts).unwrap().minor, 0);
        }

        #[test]
        fn cutting_a_period_moves_at_most_one_cent(quantity in 1u32..10_000, cut in 1i64..364) {
            let start = date(2026, 3, 1);
            let segment = seats(quantity, start, date(2027, 3, 1), start);
            let middle = start.checked_add(cut.days()).unwrap();
            let of = |window: Period| items(&ANNUAL, &segment, window, Currency::EUR, &Rounding::default()).unwrap()[0].amount.minor;
            let whole = of(segment.period);
            let parts = of(Period { start, end: middle }) + of(Period { start: middle, end: segment.period.end });
            prop_assert!((whole - parts).abs() <= 1);
        }
    }
}
