//! Orders by the quarter hour in which they were accepted, as bars: a drawing made of points, for a template to print.
//! Refuses an axis that does not start at zero, and to hide that the last bar is not over.

use domain::Instant;
use domain::order::OrderStatus;
use jiff::SignedDuration;

/// How many orders of a quarter hour stand where, in the order in which bars are stacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quarter {
    /// When the quarter hour began.
    pub start: Instant,
    /// Billed, waiting, unknown, rejected.
    pub counts: [i64; 4],
}

/// The words and classes of the four stacks.
const STACKS: [(&str, &str); 4] =
    [("Billed", "f-green"), ("Waiting", "f-amber"), ("Unknown", "f-violet"), ("Rejected", "f-red")];

/// A drawn chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plot {
    /// The legend, which carries the totals: class and words.
    pub legend: Vec<(&'static str, String)>,
    /// The bars.
    pub bars: Vec<Bar>,
    /// Lines across, with their numbers, from top to bottom.
    pub grid: Vec<(String, i64)>,
    /// Times below, with their place; every second one is left out where there is little room.
    pub ticks: Vec<(String, String)>,
    /// Where billing fell silent.
    pub cut: Option<(String, String)>,
    /// The finding in a sentence.
    pub finding: String,
    /// The same as a table: time and counts.
    pub rows: Vec<(String, [i64; 4])>,
    /// How long the last bar has been going on.
    pub last: String,
}

/// One rectangle, in percent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Its color.
    pub class: &'static str,
    /// From the left.
    pub x: String,
    /// From the top.
    pub y: String,
    /// Its width.
    pub width: String,
    /// Its height.
    pub height: String,
}

/// The share of its slot that a bar fills.
const BAR_SHARE: f64 = 0.84;

const QUARTER: SignedDuration = SignedDuration::from_mins(15);

/// Which stack an order stands in.
pub fn stack(status: OrderStatus) -> usize {
    match status {
        OrderStatus::Billed => 0,
        OrderStatus::Accepted | OrderStatus::AwaitingPaymentMethod => 1,
        OrderStatus::Unknown => 2,
        OrderStatus::Rejected => 3,
    }
}

/// Puts counted orders into quarter hours without a gap, from `since` to `now`.
pub fn quarters(counted: &[(Instant, OrderStatus, i64)], since: Instant, now: Instant) -> Vec<Quarter> {
    let mut quarters = Vec::new();
    let mut start = since;
    while start <= now && quarters.len() < QUARTERS_MAX {
        let end = start.after(QUARTER);
        let mut counts = [0; 4];
        for (at, status, count) in counted.iter().filter(|(at, ..)| (start..end).contains(at)) {
            debug_assert!(*at < end);
            counts[stack(*status)] += count;
        }
        quarters.push(Quarter { start, counts });
        start = end;
    }
    quarters
}

/// The most bars that fit beside each other: two days.
const QUARTERS_MAX: usize = 192;

/// Draws the quarters; `silent_since` is marked if it lies among them. Times are UTC, as staff read them.
pub fn orders(quarters: &[Quarter], silent_since: Option<Instant>, now: Instant) -> Option<Plot> {
    let (first, last) = (quarters.first()?, quarters.last()?);
    let highest = quarters.iter().map(|quarter| quarter.counts.iter().sum::<i64>()).max().unwrap_or(0);
    let top = ceiling(highest);
    let slot = 100.0 / quarters.len() as f64;
    let mut totals = [0_i64; 4];
    let mut bars = Vec::new();
    for (index, quarter) in quarters.iter().enumerate() {
        let mut below = 0;
        for (stack, count) in quarter.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            totals[stack] += count;
            below += count;
            bars.push(Bar {
                class: STACKS[stack].1,
                x: percent(slot * (index as f64 + (1.0 - BAR_SHARE) / 2.0)),
                y: percent(100.0 - share(below, top)),
                width: percent(slot * BAR_SHARE),
                height: percent(share(*count, top)),
            });
        }
    }
    let place = |at: Instant| {
        let end = last.start.after(QUARTER);
        100.0 * first.start.until(at).as_secs_f64() / first.start.until(end).as_secs_f64()
    };
    let cut = silent_since.filter(|since| (first.start..=now).contains(since));
    Some(Plot {
        legend: STACKS
            .iter()
            .zip(totals)
            .map(|((words, class), total)| (*class, format!("{words} {total}")))
            .collect(),
        bars,
        grid: [top, top / 2, 0]
            .into_iter()
            .map(|count| (percent(100.0 - share(count, top)), count))
            .collect(),
        ticks: ticks(quarters, place),
        cut: cut.map(|since| (percent(place(since)), format!("Zuora unreachable, {}", time(since)))),
        finding: finding(totals, cut),
        rows: quarters.iter().map(|quarter| (time(quarter.start), quarter.counts)).collect(),
        last: super::reader::duration(last.start.until(now)),
    })
}

fn finding(totals: [i64; 4], cut: Option<Instant>) -> String {
    let [billed, waiting, unknown, rejected] = totals;
    let since =
        cut.map(|since| format!(" Zuora has not answered since {} UTC.", time(since))).unwrap_or_default();
    format!(
        "{billed} billed, {waiting} waiting, {unknown} with an unknown outcome, {rejected} rejected.{since}"
    )
}

/// Full hours, so far apart that their words do not touch.
fn ticks(quarters: &[Quarter], place: impl Fn(Instant) -> f64) -> Vec<(String, String)> {
    let hours: Vec<Instant> =
        quarters.iter().map(|quarter| quarter.start).filter(|at| minute(*at) == 0).collect();
    let every = hours.len().div_ceil(6).max(1);
    hours.iter().step_by(every).map(|at| (percent(place(*at)), time(*at))).collect()
}

/// A round number at or above the highest bar whose half is whole.
fn ceiling(highest: i64) -> i64 {
    let steps = [4, 10, 20, 40, 100, 200, 400, 1_000, 2_000, 4_000, 10_000, 40_000, 100_000];
    steps.into_iter().find(|step| *step >= highest).unwrap_or(highest + highest % 2)
}

fn share(count: i64, top: i64) -> f64 {
    100.0 * count as f64 / top as f64
}

fn percent(value: f64) -> String {
    format!("{value:.2}%")
}

fn time(at: Instant) -> String {
    at.0.strftime("%H:%M").to_string()
}

fn minute(at: Instant) -> i64 {
    at.0.as_second() / 60 % 60
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::at;

    #[test]
    fn bars_stack_from_zero_and_the_outage_is_marked() {
        let counted = [
            (at("2026-11-12T09:00:00Z"), OrderStatus::Billed, 34),
            (at("2026-11-12T09:00:00Z"), OrderStatus::Unknown, 3),
            (at("2026-11-12T09:15:00Z"), OrderStatus::Accepted, 38),
            (at("2026-11-12T08:59:00Z"), OrderStatus::Billed, 99),
        ];
        let now = at("2026-11-12T09:27:00Z");
        let quarters = quarters(&counted, at("2026-11-12T09:00:00Z"), now);
        let plot = orders(&quarters, Some(at("2026-11-12T09:14:00Z")), now).unwrap();
        let bars: Vec<String> = plot
            .bars
            .iter()
            .map(|b| format!("{} {} {} {} {}", b.class, b.x, b.y, b.width, b.height))
            .collect();
        assert_eq!(
            bars,
            [
                "f-green 4.00% 15.00% 42.00% 85.00%",
                "f-violet 4.00% 7.50% 42.00% 7.50%",
                "f-amber 54.00% 5.00% 42.00% 95.00%",
            ]
        );
        assert_eq!(plot.grid, [("0.00%".into(), 40), ("50.00%".into(), 20), ("100.00%".into(), 0)]);
        assert_eq!(plot.cut, Some(("46.67%".into(), "Zuora unreachable, 09:14".into())));
        assert_eq!(plot.legend[1].1, "Waiting 38");
        assert_eq!((plot.last.as_str(), plot.ticks.len()), ("12 min", 1));
    }

    #[test]
    fn nothing_is_drawn_of_nothing_and_an_empty_hour_is_a_flat_one() {
        assert_eq!(orders(&[], None, at("2026-11-12T09:27:00Z")), None);
        let now = at("2026-11-12T09:27:00Z");
        let plot = orders(&quarters(&[], at("2026-11-12T09:00:00Z"), now), None, now).unwrap();
        assert!(plot.bars.is_empty() && plot.cut.is_none());
        assert_eq!(plot.grid[0].1, 4);
    }
}
