//! Half-open periods of plain dates, and the calendar of billing periods.
//! Refuses instants and time zones: a billing date is a date in the tenant's zone.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// From `start` up to, not including, `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    /// The first day.
    pub start: Date,
    /// The day after the last.
    pub end: Date,
}

impl Period {
    /// A period; an empty one (start = end) is allowed, a backward one is not.
    pub fn new(start: Date, end: Date) -> Result<Period> {
        if end < start {
            return Err(Error::Backwards { start, end });
        }
        Ok(Period { start, end })
    }

    /// How many days the period has.
    pub fn days(self) -> i64 {
        // A difference of two civil dates in days always fits.
        i64::from(self.start.until(self.end).map_or(0, |span| span.get_days()))
    }

    /// Whether no day is in it.
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Whether the day is in it.
    pub fn contains(self, day: Date) -> bool {
        self.start <= day && day < self.end
    }

    /// The days that both have, if any.
    pub fn intersect(self, other: Period) -> Option<Period> {
        let both = Period { start: self.start.max(other.start), end: self.end.min(other.end) };
        (!both.is_empty()).then_some(both)
    }

    /// The last day that is in the period, as pages and Zuora's invoice items write it.
    pub fn last_day(self) -> Result<Date> {
        self.end.checked_sub(1.day()).map_err(|_| Error::Date)
    }
}

/// How often a recurring charge is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingPeriod {
    /// Every month.
    Month,
    /// Every three months.
    Quarter,
    /// Every six months.
    SemiAnnual,
    /// Every year.
    Annual,
    /// Every second year.
    TwoYears,
    /// Every third year.
    ThreeYears,
    /// Every fifth year.
    FiveYears,
}

impl BillingPeriod {
    /// The length in months.
    pub fn months(self) -> i32 {
        match self {
            BillingPeriod::Month => 1,
            BillingPeriod::Quarter => 3,
            BillingPeriod::SemiAnnual => 6,
            BillingPeriod::Annual => 12,
            BillingPeriod::TwoYears => 24,
            BillingPeriod::ThreeYears => 36,
            BillingPeriod::FiveYears => 60,
        }
    }

    /// The billing period that contains `day`, counted from `anchor` in both directions.
    ///
    /// Each boundary is reckoned from the anchor itself, so 31 January is followed by 28 February and then by 31 March.
    pub fn containing(self, anchor: Date, day: Date) -> Result<Period> {
        let months_apart = (i32::from(day.year()) - i32::from(anchor.year())) * 12
            + (i32::from(day.month()) - i32::from(anchor.month()));
        let mut index = months_apart.div_euclid(self.months());
        if self.boundary(anchor, index)? > day {
            index -= 1;
        } else if self.boundary(anchor, index + 1)? <= day {
            index += 1;
        }
        Period::new(self.boundary(anchor, index)?, self.boundary(anchor, index + 1)?)
    }

    fn boundary(self, anchor: Date, index: i32) -> Result<Date> {
        let months = index.checked_mul(self.months()).ok_or(Error::Date)?;
        let span = Span::new().try_months(months).map_err(|_| Error::Date)?;
        anchor.checked_add(span).map_err(|_| Error::Date)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_month_end_anchor_comes_back_after_february() {
        let of = |day| BillingPeriod::Month.containing(date(2026, 1, 31), day).unwrap();
        assert_eq!(of(date(2026, 2, 27)), Period { start: date(2026, 1, 31), end: date(2026, 2, 28) });
        assert_eq!(of(date(2026, 2, 28)), Period { start: date(2026, 2, 28), end: date(2026, 3, 31) });
        assert_eq!(of(date(2026, 3, 31)), Period { start: date(2026, 3, 31), end: date(2026, 4, 30) });
    }

    #[test]
    fn a_leap_day_anchor_bills_on_28_february_in_other_years() {
        let year = BillingPeriod::Annual.containing(date(2024, 2, 29), date(2025, 3, 1)).unwrap();
        assert_eq!(year, Period { start: date(2025, 2, 28), end: date(2026, 2, 28) });
    }

    fn any_day() -> impl Strategy<Value = Date> {
        (2000i16..2060, 1i8..=12, 1i8..=31).prop_map(|(year, month, day)| {
            let first = date(year, month, 1);
            date(year, month, day.min(first.days_in_month()))
        })
    }

    proptest! {
        #[test]
        fn billing_periods_have_no_gap_and_no_overlap(anchor in any_day(), day in any_day(), which in 0usize..7) {
            use BillingPeriod as B;
            let every = [B::Month, B::Quarter, B::SemiAnnual, B::Annual, B::TwoYears, B::ThreeYears, B::FiveYears][which];
            let here = every.containing(anchor, day).unwrap();
            prop_assert!(here.contains(day));
            prop_assert_eq!(every.containing(anchor, here.end).unwrap().start, here.end);
        }
    }
}
