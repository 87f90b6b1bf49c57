//! Instants and days in the one text form in which text order is time order.
//! Refuses to read a clock; zones are named by the caller.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::text::{Unreadable, as_text};

/// A moment, cut to microseconds; text form `2026-11-12T10:42:00.000000Z`, always 27 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub Timestamp);

impl Instant {
    /// Cuts what a clock says to the precision that both databases keep.
    pub fn cut(timestamp: Timestamp) -> Instant {
        let micros = timestamp.as_microsecond();
        Instant(Timestamp::from_microsecond(micros).unwrap_or(timestamp))
    }

    /// The moment so much later; the end of time if there is none.
    pub fn after(self, duration: SignedDuration) -> Instant {
        Instant(self.0.saturating_add(duration).unwrap_or(Timestamp::MAX))
    }

    /// How long before `later` this moment is; negative if it is after.
    pub fn until(self, later: Instant) -> SignedDuration {
        later.0.duration_since(self.0)
    }

    /// The calendar day in a zone.
    pub fn day(self, zone: &TimeZone) -> Day {
        Day(zone.to_datetime(self.0).date())
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.0)
    }
}

impl FromStr for Instant {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        text.parse().map(Instant::cut).map_err(|_| Unreadable::new("instant", text))
    }
}
as_text!(Instant);

/// A plain calendar date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub Date);

impl Day {
    /// Midnight at the start of the day in a zone.
    pub fn start(self, zone: &TimeZone) -> Instant {
        self.0.to_zoned(zone.clone()).map_or(Instant(Timestamp::MAX), |zoned| Instant::cut(zoned.timestamp()))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Day {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        // Ten characters only: jiff would also read a date out of a longer timestamp.
        let date = (text.len() == 10).then(|| text.parse().ok()).flatten();
        date.map(Day).ok_or_else(|| Unreadable::new("date (YYYY-MM-DD)", text))
    }
}
as_text!(Day);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_order_is_time_order() {
        let early: Instant = "2026-11-12T10:42:00Z".parse().unwrap();
        let late: Instant = "2026-11-12T10:42:00.000001999Z".parse().unwrap();
        assert_eq!(early.to_string(), "2026-11-12T10:42:00.000000Z");
        assert_eq!(late.to_string(), "2026-11-12T10:42:00.000001Z");
        assert!(early.to_string() < late.to_string());
    }

    #[test]
    fn a_day_is_exactly_ten_characters() {
        assert!("2026-11-12".parse::<Day>().is_ok());
        for text in ["2026-11-12T10:42", "2026-02-30", "12.11.2026", ""] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_day_depends_on_the_zone() {
        let instant: Instant = "2026-11-12T03:00:00Z".parse().unwrap();
        let pacific = TimeZone::get("America/Los_Angeles").unwrap();
        assert_eq!(instant.day(&pacific).to_string(), "2026-11-11");
        assert_eq!(instant.day(&TimeZone::UTC).to_string(), "2026-11-12");
    }
}
