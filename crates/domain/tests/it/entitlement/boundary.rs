//! Where entitlements change: at the edges of days in two zones, and nowhere else.
//! Refuses a change that was not announced.

use domain::entitlement::Zones;
use domain::order::ActionKind::{Add, ChangeQuantity};
use domain::order::{Order, OrderStatus, Requested};
use domain::subscription::{Line, Subscription};
use domain::{Day, Instant};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{count, of};
use crate::sample::{at, cancel, change, date, day, line, ordered, sixty_seats, utc, version};

fn pacific() -> Zones {
    Zones { tenant: TimeZone::get("America/Los_Angeles").unwrap(), product: TimeZone::UTC }
}

#[test]
fn nothing_starts_later_or_ends_earlier_than_in_either_zone() {
    let tokyo = Zones { tenant: TimeZone::get("Asia/Tokyo").unwrap(), product: TimeZone::UTC };
    let cases = [
        // A day begins in UTC eight hours before it begins in California.
        (pacific(), "2026-03-01T00:00:00Z", "2027-03-01T08:00:00Z"),
        // And nine hours after it has begun in Tokyo.
        (tokyo, "2026-02-28T15:00:00Z", "2027-03-01T00:00:00Z"),
    ];
    for (zones, starts, ends) in cases {
        let versions = [sixty_seats()];
        let has = |now: Instant| count(&of(&versions, &[], now, &zones), "seats");
        let moment = 1.microsecond();
        let before = |text: &str| Instant(at(text).0.checked_sub(moment).unwrap());
        assert_eq!((has(before(starts)), has(at(starts))), (None, Some(60)));
        assert_eq!((has(before(ends)), has(at(ends))), (Some(60), None));
    }
}

#[test]
fn a_line_and_its_successor_are_never_counted_together() {
    let base = [sixty_seats()];
    for (quantity, while_both) in [(75, 75), (50, 60)] {
        let order = Order {
            status: OrderStatus::Billed,
            ..ordered(
                1,
                &base,
                Requested { start: Some(day("2026-12-01")), ..change(ChangeQuantity, "seats", quantity) },
            )
        };
        let orders = [order];
        let seats = |now: &str| count(&of(&base, &orders, at(now), &pacific()), "seats");
        assert_eq!(seats("2026-11-30T23:59:59Z"), Some(60));
        // The first of December has begun in UTC, not yet in California.
        assert_eq!(seats("2026-12-01T00:00:00Z"), Some(while_both), "{quantity}");
        assert_eq!(seats("2026-12-01T07:59:59Z"), Some(while_both), "{quantity}");
        assert_eq!(seats("2026-12-01T08:00:00Z"), Some(quantity));
    }
    let renewed = version(
        "P-S1",
        vec![line("seats", 60, "2026-03-01", "2027-03-01"), line("seats", 60, "2027-03-01", "2028-03-01")],
    );
    assert_eq!(count(&of(&[renewed], &[], at("2027-03-01T04:00:00Z"), &pacific()), "seats"), Some(60));
}

/// A line of some offer, some days after 1 November 2026, for some days.
fn any_line() -> impl Strategy<Value = Line> {
    (0usize..3, 1i64..100, 0i64..60, 1i64..60).prop_map(|(which, quantity, from, days)| {
        let from = date("2026-11-01").checked_add(from.days()).unwrap();
        let to = from.checked_add(days.days()).unwrap();
        line(["seats", "support", "packs"][which], quantity, &from.to_string(), &to.to_string())
    })
}

/// Up to three subscriptions, and up to three orders on the first with a trust of their own.
fn any_sources() -> impl Strategy<Value = (Vec<Subscription>, Vec<Order>)> {
    let lines = proptest::collection::vec(any_line(), 0..4);
    let orders = proptest::collection::vec((any_line(), proptest::option::of(0i64..2_000), 0u8..4), 0..4);
    (proptest::collection::vec(lines, 1..4), orders).prop_map(|(versions, orders)| {
        let versions: Vec<_> = versions
            .into_iter()
            .enumerate()
            .map(|(n, lines)| version(&format!("P-S{}", n + 1), lines))
            .collect();
        let order_of = |(number, (line, trust, kind)): (usize, (Line, Option<i64>, u8))| {
            let mut order = ordered(
                number as u128,
                &[sixty_seats()],
                if kind == 0 { cancel(None) } else { change(Add, "seats", 1) },
            );
            let action = &mut order.actions.0[0];
            action.start = Day(line.period.start);
            if let Some(ordered) = action.lines.first_mut() {
                ordered.line = line;
            }
            order.trust_until =
                trust.map(|hours| at("2026-11-01T00:30:00Z").after(SignedDuration::from_hours(hours)));
            if kind == 1 {
                order.status = OrderStatus::Billed;
                order.billed_at = Some(order.accepted_at);
            }
            order
        };
        (versions, orders.into_iter().enumerate().map(order_of).collect())
    })
}

proptest! {
    #[test]
    fn nothing_changes_between_two_boundaries_and_something_may_at_each(
        (versions, orders) in any_sources(), hour in 0i64..2_400, share in 0u32..1_000, pacific_tenant in any::<bool>(),
    ) {
        let zones = if pacific_tenant { pacific() } else { utc() };
        let now = at("2026-11-01T00:00:00Z").after(SignedDuration::from_hours(hour));
        let here = of(&versions, &orders, now, &zones);
        let Some(next) = here.next_change else {
            let far = at("2030-01-01T00:00:00Z");
            prop_assert_eq!(of(&versions, &orders, far, &zones), here);
            return Ok(());
        };
        prop_assert!(next > now);
        let gap = now.until(next);
        let between = now.after((gap * i32::try_from(share).unwrap()) / 1_000);
        prop_assert_eq!(of(&versions, &orders, between, &zones), here.clone());
        let just_before = Instant(next.0.checked_sub(1.microsecond()).unwrap());
        prop_assert_eq!(of(&versions, &orders, just_before.max(now), &zones), here);
    }

    #[test]
    fn the_order_of_the_subscriptions_does_not_matter((versions, orders) in any_sources(), hour in 0i64..2_400) {
        let now = at("2026-11-01T00:00:00Z").after(SignedDuration::from_hours(hour));
        let mut reversed = versions.clone();
        reversed.reverse();
        prop_assert_eq!(of(&versions, &orders, now, &pacific()), of(&reversed, &orders, now, &pacific()));
    }

    #[test]
    fn without_a_second_zone_the_quantity_is_the_plain_sum((versions, _) in any_sources(), hour in 0i64..2_400) {
        let now = at("2026-11-01T00:00:00Z").after(SignedDuration::from_hours(hour));
        let today = now.day(&TimeZone::UTC).0;
        let lines = versions.iter().flat_map(|version| version.lines.iter());
        let sum: Decimal = lines
            .filter(|line| line.charge.as_str() == "C-seats" && line.period.contains(today))
            .map(|line| line.quantity)
            .sum();
        let seats = count(&of(&versions, &[], now, &utc()), "seats").unwrap_or(0);
        prop_assert_eq!(Decimal::from(seats), sum);
    }
}
