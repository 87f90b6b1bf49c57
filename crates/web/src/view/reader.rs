//! Dates, times and ages as the reader of a page sees them: in a zone, at a moment.
//! Refuses a relative time without the absolute one: a page stays open longer than "2 min ago" is true.

use domain::{Day, Instant};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan, Zoned};

/// A copy older than this carries its age in the color of a warning.
const COPY_PROMISE: SignedDuration = SignedDuration::from_mins(5);

/// The same for prices, which are read every ten minutes: three reads missed.
const PRICES_PROMISE: SignedDuration = SignedDuration::from_mins(30);

/// What customers are told where billing does not answer, and what staff are.
const TROUBLE: [&str; 2] = ["billing provider not reachable", "Zuora unreachable"];

/// Who reads: where they are and when.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The zone in which times are written.
    pub zone: TimeZone,
    /// The moment at which the page was made.
    pub now: Instant,
}

/// How old a copy is, in words, and whether that is older than promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// `As of 10:13 CET (1 h 28 min ago) · billing provider not reachable`.
    pub words: String,
    /// Whether it is to be shown as a warning.
    pub old: bool,
}

impl Reader {
    /// `12 Nov 2026`.
    pub fn day(&self, day: Day) -> String {
        day.0.strftime("%-d %b %Y").to_string()
    }

    /// The last day of a half-open stretch that ends with `end`.
    pub fn last_day(&self, end: Day) -> String {
        self.day(Day(end.0.checked_sub(1.day()).unwrap_or(end.0)))
    }

    /// Both days inclusive: `1 Mar 2026 – 28 Feb 2027`.
    pub fn term(&self, start: Day, end: Day) -> String {
        if start >= end {
            return self.day(start);
        }
        format!("{} – {}", self.day(start), self.last_day(end))
    }

    /// `Today, 11:03 CET`, or `12 Nov 2026, 11:03 CET`.
    pub fn moment(&self, at: Instant) -> String {
        self.written(at, "%H:%M %Z")
    }

    /// The same with seconds, for moments that are proof.
    pub fn second(&self, at: Instant) -> String {
        self.written(at, "%H:%M:%S %Z")
    }

    /// This moment, to the second: `11:42:10 CET`.
    pub fn this_second(&self) -> String {
        self.zoned(self.now).strftime("%H:%M:%S %Z").to_string()
    }

    /// The time of day only: `10:13 CET`; with the date if it is not today's.
    pub fn time(&self, at: Instant) -> String {
        if self.is_today(at) {
            return self.zoned(at).strftime("%H:%M %Z").to_string();
        }
        self.moment(at)
    }

    /// `Thursday, 12 Nov 2026, 10:42:10 UTC`, for the head of a page.
    pub fn heading(&self) -> String {
        self.zoned(self.now).strftime("%A, %-d %b %Y, %H:%M:%S %Z").to_string()
    }

    /// The machine form for `<time datetime>`.
    pub fn machine(&self, at: Instant) -> String {
        format!("{:.0}", at.0)
    }

    /// How long ago a moment was: `1 h 28 min`.
    pub fn since(&self, at: Instant) -> String {
        duration(at.until(self.now))
    }

    /// How far ahead a moment is.
    pub fn until(&self, at: Instant) -> String {
        duration(self.now.until(at))
    }

    /// Whether a moment has come.
    pub fn is_past(&self, at: Instant) -> bool {
        at <= self.now
    }

    /// Where the times of this page are, for its foot: `Europe/Berlin (CET)`.
    pub fn zone_name(&self) -> String {
        let short = self.zoned(self.now).strftime("%Z").to_string();
        match self.zone.iana_name() {
            Some(name) if name != short => format!("{name} ({short})"),
            _ => short,
        }
    }

    /// The age of a copy for customers, who read of "our billing provider".
    pub fn stamp(&self, as_of: Option<Instant>, silent: bool) -> Stamp {
        self.stamped(as_of, silent.then_some(TROUBLE[0]), COPY_PROMISE)
    }

    /// The age of a copy for staff, who read of Zuora.
    pub fn staff_stamp(&self, as_of: Option<Instant>, silent: bool) -> Stamp {
        self.stamped(as_of, silent.then_some(TROUBLE[1]), COPY_PROMISE)
    }

    /// The age of prices, for customers.
    pub fn prices_stamp(&self, as_of: Option<Instant>, silent: bool) -> Stamp {
        let stamp = self.stamped(as_of, silent.then_some(TROUBLE[0]), PRICES_PROMISE);
        Stamp { words: stamp.words.replacen("As of", "Prices as of", 1), ..stamp }
    }

    /// The age of prices, for staff.
    pub fn staff_prices_stamp(&self, as_of: Option<Instant>, silent: bool) -> Stamp {
        self.stamped(as_of, silent.then_some(TROUBLE[1]), PRICES_PROMISE)
    }

    fn stamped(&self, as_of: Option<Instant>, trouble: Option<&str>, promise: SignedDuration) -> Stamp {
        let Some(as_of) = as_of else {
            let words = "Not read from billing yet".to_owned();
            return Stamp { words, old: trouble.is_some() };
        };
        let age = as_of.until(self.now);
        let mut words = format!("As of {} ({} ago)", self.time(as_of), duration(age));
        if let Some(trouble) = trouble {
            words.push_str(" · ");
            words.push_str(trouble);
        }
        Stamp { words, old: trouble.is_some() || age > promise }
    }

    fn written(&self, at: Instant, time: &str) -> String {
        let zoned = self.zoned(at);
        let time = zoned.strftime(time);
        match self.is_today(at) {
            true => format!("Today, {time}"),
            false => format!("{}, {time}", self.day(Day(zoned.date()))),
        }
    }

    fn is_today(&self, at: Instant) -> bool {
        at.day(&self.zone) == self.now.day(&self.zone)
    }

    fn zoned(&self, at: Instant) -> Zoned {
        at.0.to_zoned(self.zone.clone())
    }
}

/// Two units at most: `8 s`, `39 min`, `1 h 28 min`, `2 days`. A negative duration is `0 s`.
pub fn duration(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, _) if minutes % 60 == 0 => format!("{hours} h"),
        (0, _, _) => format!("{hours} h {} min", minutes % 60),
        (1, _, _) => "1 day".to_owned(),
        _ => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> Reader {
        Reader { zone: TimeZone::get("Europe/Berlin").unwrap(), now: at("2026-11-12T10:42:10Z") }
    }

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn a_moment_names_its_zone_and_today_is_today() {
        assert_eq!(berlin().moment(at("2026-11-12T10:03:02Z")), "Today, 11:03 CET");
        assert_eq!(berlin().second(at("2026-11-12T10:03:02Z")), "Today, 11:03:02 CET");
        assert_eq!(berlin().moment(at("2026-07-03T22:30:00Z")), "4 Jul 2026, 00:30 CEST");
        assert_eq!(berlin().machine(at("2026-11-12T10:03:02.123456Z")), "2026-11-12T10:03:02Z");
        assert_eq!(berlin().zone_name(), "Europe/Berlin (CET)");
        let utc = Reader { zone: TimeZone::UTC, ..berlin() };
        assert_eq!(
            (utc.zone_name(), utc.heading()),
            ("UTC".into(), "Thursday, 12 Nov 2026, 10:42:10 UTC".into())
        );
    }

    #[test]
    fn a_term_shows_both_days_inclusive() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        assert_eq!(berlin().term(day("2026-03-01"), day("2027-03-01")), "1 Mar 2026 – 28 Feb 2027");
        assert_eq!(berlin().term(day("2026-03-01"), day("2026-03-01")), "1 Mar 2026");
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let cases = [
            (8, "8 s"),
            (59 * 60 + 59, "59 min"),
            (88 * 60, "1 h 28 min"),
            (7_200, "2 h"),
            (86_400, "1 day"),
            (200_000, "2 days"),
            (-5, "0 s"),
        ];
        for (seconds, words) in cases {
            assert_eq!(duration(SignedDuration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn a_copy_warns_only_when_it_is_older_than_promised_or_billing_is_silent() {
        let fresh = berlin().stamp(Some(at("2026-11-12T10:41:52Z")), false);
        assert_eq!((fresh.words.as_str(), fresh.old), ("As of 11:41 CET (18 s ago)", false));
        let old = berlin().stamp(Some(at("2026-11-12T09:13:40Z")), true);
        assert_eq!(old.words, "As of 10:13 CET (1 h 28 min ago) · billing provider not reachable");
        assert!(old.old && berlin().stamp(Some(at("2026-11-12T10:30:00Z")), false).old);
        assert!(!berlin().stamp(None, false).old);
        let prices = berlin().prices_stamp(Some(at("2026-11-12T10:30:00Z")), false);
        assert_eq!((prices.words.as_str(), prices.old), ("Prices as of 11:30 CET (12 min ago)", false));
    }
}
