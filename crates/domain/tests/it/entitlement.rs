//! Entitlements: the sum of what is active, at every moment.
//! Refuses the last writer.

mod boundary;

use domain::Instant;
use domain::entitlement::{Capability, Entitlement, Sources, Zones};
use domain::order::ActionKind::{Add, ChangeQuantity};
use domain::order::{Order, OrderStatus};
use domain::subscription::{Subscription, SubscriptionStatus};
use rust_decimal::Decimal;
use sqlx::types::Json;

use crate::sample::{
    at, cancel, change, day, line, only_offers, order, ordered, sixty_seats, subscribe, target, utc, version,
};

const NOW: &str = "2026-11-12T12:00:00Z";

fn of(versions: &[Subscription], orders: &[Order], now: Instant, zones: &Zones) -> Entitlement {
    let offers = only_offers();
    let sources = Sources { versions, orders, offers: &offers, zones };
    sources.entitlement(&target("namespace:one"), now)
}

fn entitled(versions: &[Subscription], orders: &[Order], now: &str) -> Entitlement {
    of(versions, orders, at(now), &utc())
}

/// How many of a capability, and `None` if it is not there at all.
fn count(entitlement: &Entitlement, capability: &str) -> Option<i64> {
    entitlement.capabilities.iter().find(|found| found.capability == capability).map(|found| found.quantity)
}

#[test]
fn a_line_gives_its_capability_for_its_time() {
    let entitlement = entitled(&[sixty_seats()], &[], NOW);
    let seats = Capability {
        capability: "seats".into(),
        unit: "pieces".into(),
        quantity: 60,
        starts_on: day("2026-03-01"),
        ends_on: day("2027-03-01"),
        trust_until: None,
    };
    assert_eq!(entitlement.capabilities, [seats]);
    assert_eq!(entitlement.next_change, Some(at("2027-03-01T00:00:00Z")));
    assert_eq!((entitlement.target, entitlement.plan), (target("namespace:one"), None));
}

#[test]
fn a_line_begins_and_ends_to_the_microsecond() {
    let year = [sixty_seats()];
    assert_eq!(entitled(&year, &[], "2026-02-28T23:59:59.999999Z").capabilities, []);
    assert_eq!(
        entitled(&year, &[], "2026-02-28T23:59:59.999999Z").next_change,
        Some(at("2026-03-01T00:00:00Z"))
    );
    assert_eq!(count(&entitled(&year, &[], "2026-03-01T00:00:00Z"), "seats"), Some(60));
    assert_eq!(count(&entitled(&year, &[], "2027-02-28T23:59:59.999999Z"), "seats"), Some(60));
    let over = entitled(&year, &[], "2027-03-01T00:00:00Z");
    assert_eq!((over.capabilities, over.next_change), (vec![], None));
}

#[test]
fn two_purchases_add_up_and_never_overwrite() {
    let other = version("P-S2", vec![line("seats", 5, "2026-06-01", "2027-06-01")]);
    let both = version(
        "P-S3",
        vec![line("seats", 1, "2026-05-01", "2027-03-01"), line("seats", 2, "2026-05-01", "2027-03-01")],
    );
    let versions = [sixty_seats(), other, both];
    let more = ordered(1, &versions, change(Add, "seats", 15));
    let again = ordered(2, &versions, change(Add, "seats", 15));
    let entitlement = entitled(&versions, &[more, again], NOW);
    assert_eq!(count(&entitlement, "seats"), Some(60 + 5 + 1 + 2 + 15 + 15));
    let seats = &entitlement.capabilities[0];
    assert_eq!((seats.starts_on, seats.ends_on), (day("2026-03-01"), day("2027-06-01")));
    assert_eq!(seats.trust_until, Some(at("2026-11-15T10:00:00Z")));
}

#[test]
fn another_targets_lines_are_not_counted() {
    let other = Subscription { target: Some(target("namespace:two")), ..sixty_seats() };
    let nobodys =
        Subscription { target: None, ..version("P-S2", vec![line("seats", 5, "2026-06-01", "2027-06-01")]) };
    assert_eq!(entitled(&[other, nobodys], &[], NOW).capabilities, []);
}

#[test]
fn a_line_to_come_is_not_active_yet_and_says_when_it_will_be() {
    let later = version("P-S2", vec![line("support", 1, "2026-12-01", "2027-06-01")]);
    let entitlement = entitled(&[sixty_seats(), later], &[], NOW);
    assert_eq!(count(&entitlement, "support"), None);
    assert_eq!(entitlement.next_change, Some(at("2026-12-01T00:00:00Z")));
}

#[test]
fn an_order_is_granted_on_trust_and_lapses_back_to_what_was_before() {
    let base = [sixty_seats()];
    let orders = [ordered(1, &base, change(ChangeQuantity, "seats", 75))];
    let trusted = entitled(&base, &orders, NOW);
    assert_eq!(count(&trusted, "seats"), Some(75));
    assert_eq!(trusted.capabilities[0].trust_until, Some(at("2026-11-15T10:00:00Z")));
    assert_eq!(trusted.next_change, Some(at("2026-11-15T10:00:00Z")));
    assert_eq!(count(&entitled(&base, &orders, "2026-11-15T09:59:59.999999Z"), "seats"), Some(75));
    let lapsed = entitled(&base, &orders, "2026-11-15T10:00:00Z");
    assert_eq!(lapsed, entitled(&base, &[], "2026-11-15T10:00:00Z"));
}

#[test]
fn a_decrease_and_a_cancellation_on_trust_lapse_back_too() {
    let base = [sixty_seats()];
    let end_of_trust = Some(at("2026-11-15T10:00:00Z"));
    for (asked, meanwhile) in
        [(change(ChangeQuantity, "seats", 1), Some(1)), (cancel(Some("2026-11-12")), None)]
    {
        let orders = [ordered(1, &base, asked)];
        let trusted = entitled(&base, &orders, NOW);
        assert_eq!(count(&trusted, "seats"), meanwhile);
        assert_eq!(trusted.next_change, end_of_trust, "or nobody would give the seats back");
        assert_eq!(count(&entitled(&base, &orders, "2026-11-15T10:00:00Z"), "seats"), Some(60));
    }
}

#[test]
fn only_a_billed_or_a_trusted_order_grants() {
    let base = [sixty_seats()];
    let bought = ordered(1, &base, change(Add, "seats", 15));
    let billed_at = Some(at("2026-11-12T10:01:00Z"));
    let cases = [
        (OrderStatus::Accepted, true, 75),
        (OrderStatus::Unknown, true, 75),
        (OrderStatus::Accepted, false, 60),
        (OrderStatus::Unknown, false, 60),
        (OrderStatus::Billed, false, 75),
        (OrderStatus::Billed, true, 75),
        (OrderStatus::AwaitingPaymentMethod, true, 60),
        (OrderStatus::Rejected, true, 60),
        (OrderStatus::Rejected, false, 60),
    ];
    for (status, trusted, seats) in cases {
        let order = Order {
            status,
            trust_until: bought.trust_until.filter(|_| trusted),
            billed_at: billed_at.filter(|_| status == OrderStatus::Billed),
            ..bought.clone()
        };
        let entitlement = entitled(&base, &[order], NOW);
        assert_eq!(count(&entitlement, "seats"), Some(seats), "{status} {trusted}");
        let on_trust = seats == 75 && status != OrderStatus::Billed;
        assert_eq!(entitlement.capabilities[0].trust_until.is_some(), on_trust, "{status} {trusted}");
    }
}

#[test]
fn what_a_version_confirms_is_not_counted_twice() {
    let base = [sixty_seats()];
    let bought = Order { confirmed: true, ..ordered(1, &base, change(Add, "seats", 15)) };
    let lines =
        vec![line("seats", 60, "2026-03-01", "2027-03-01"), line("seats", 15, "2026-11-12", "2027-03-01")];
    assert_eq!(count(&entitled(&[version("P-S1", lines)], &[bought], NOW), "seats"), Some(75));
    // The version of a new subscription may come before the order knows that it is confirmed.
    let new = ordered(2, &[], subscribe("seats", 25));
    let number = new.actions[0].subscription.clone();
    let mirrored = version(number.as_str(), vec![line("seats", 25, "2026-11-12", "2027-11-12")]);
    assert_eq!(count(&entitled(&[mirrored], &[new], NOW), "seats"), Some(25));
}

#[test]
fn orders_build_on_each_other() {
    let new = ordered(1, &[], subscribe("seats", 25));
    let mut more = ordered(2, &[sixty_seats()], change(Add, "support", 1));
    more.actions[0].subscription = new.actions[0].subscription.clone();
    let both = entitled(&[], &[new.clone(), more.clone()], NOW);
    assert_eq!((count(&both, "seats"), count(&both, "support")), (Some(25), Some(1)));
    // What the second changes was never made: it grants nothing.
    let rejected = Order { status: OrderStatus::Rejected, ..new };
    assert_eq!(entitled(&[], &[rejected, more], NOW).capabilities, []);
}

#[test]
fn a_cancellation_for_later_takes_nothing_away_early() {
    let base = [sixty_seats()];
    let orders = [Order { status: OrderStatus::Billed, ..ordered(1, &base, cancel(Some("2026-12-24"))) }];
    assert_eq!(count(&entitled(&base, &orders, "2026-12-23T23:59:59Z"), "seats"), Some(60));
    assert_eq!(entitled(&base, &orders, "2026-12-24T00:00:00Z").capabilities, []);
    let cut = Subscription {
        status: SubscriptionStatus::Cancelled,
        ..version("P-S1", vec![line("seats", 60, "2026-03-01", "2026-12-24")])
    };
    assert_eq!(count(&entitled(&[cut], &[], "2026-12-23T23:59:59Z"), "seats"), Some(60));
}

#[test]
fn a_version_that_is_not_in_force_gives_nothing() {
    for status in SubscriptionStatus::ALL {
        let gives = matches!(status, SubscriptionStatus::Active | SubscriptionStatus::Cancelled);
        let version = Subscription { status: *status, ..sixty_seats() };
        assert_eq!(count(&entitled(&[version], &[], NOW), "seats").is_some(), gives, "{status}");
    }
}

#[test]
fn packs_last_as_long_as_their_offer_says_and_count_in_units() {
    let packs = version("P-S1", vec![line("packs", 3, "2026-11-01", "2027-03-01")]);
    let entitlement = entitled(&[packs], &[], NOW);
    assert_eq!(count(&entitlement, "packs"), Some(3_000));
    assert_eq!(entitlement.capabilities[0].ends_on, day("2027-11-01"), "a year, not the rest of the term");
}

#[test]
fn a_fraction_is_rounded_down_and_what_is_too_large_to_count_does_not_wrap() {
    let mut half = line("packs", 1, "2026-11-01", "2027-03-01");
    half.quantity = "2.0009999".parse().unwrap();
    assert_eq!(count(&entitled(&[version("P-S1", vec![half])], &[], NOW), "packs"), Some(2_000));
    let mut huge = line("seats", i64::MAX, "2026-11-01", "2027-03-01");
    let both = version("P-S1", vec![huge.clone(), huge.clone()]);
    assert_eq!(count(&entitled(&[both], &[], NOW), "seats"), Some(i64::MAX));
    huge.quantity = Decimal::MAX;
    assert_eq!(count(&entitled(&[version("P-S1", vec![huge])], &[], NOW), "seats"), None);
}

#[test]
fn the_highest_plan_of_the_active_lines_wins() {
    let mut offers = only_offers();
    for (code, rank, plan) in [("seats", 10, "silver"), ("support", 30, "gold"), ("monthly", 20, "zinc")] {
        let offer = offers.iter_mut().find(|offer| offer.code == code).unwrap();
        (offer.plan, offer.plan_rank) = (Some(plan.into()), rank);
    }
    let gold = version("P-S2", vec![line("support", 1, "2026-12-01", "2027-01-01")]);
    let versions =
        [sixty_seats(), gold, version("P-S3", vec![line("monthly", 1, "2026-03-01", "2027-03-01")])];
    let zones = utc();
    let sources = Sources { versions: &versions, orders: &[], offers: &offers, zones: &zones };
    let plan = |now| sources.entitlement(&target("namespace:one"), at(now)).plan;
    assert_eq!(plan(NOW).as_deref(), Some("zinc"));
    assert_eq!(plan("2026-12-01T00:00:00Z").as_deref(), Some("gold"));
    assert_eq!(plan("2027-01-01T00:00:00Z").as_deref(), Some("zinc"));
}

#[test]
fn a_line_that_no_offer_explains_gives_nothing_and_is_told() {
    let mut foreign = line("seats", 5, "2026-03-01", "2027-03-01");
    foreign.charge = "C-foreign".parse().unwrap();
    let versions = [version("P-S1", vec![foreign.clone(), line("seats", 1, "2026-03-01", "2027-03-01")])];
    assert_eq!(count(&entitled(&versions, &[], NOW), "seats"), Some(1));
    let (offers, zones) = (only_offers(), utc());
    let sources = Sources { versions: &versions, orders: &[], offers: &offers, zones: &zones };
    let (expected, _) = sources.expected(at(NOW)).remove(0);
    assert_eq!(sources.unmapped(&expected), [&foreign]);
}

#[test]
fn what_is_no_longer_sold_still_explains_what_was_bought() {
    let mut offers = only_offers();
    offers.iter_mut().for_each(|offer| offer.sold = false);
    let (versions, zones) = ([sixty_seats()], utc());
    let sources = Sources { versions: &versions, orders: &[], offers: &offers, zones: &zones };
    assert_eq!(count(&sources.entitlement(&target("namespace:one"), at(NOW)), "seats"), Some(60));
}

#[test]
fn an_order_without_actions_changes_nothing() {
    let empty = Order { actions: Json(vec![]), ..order(1, vec![]) };
    assert_eq!(entitled(&[sixty_seats()], &[empty], NOW), entitled(&[sixty_seats()], &[], NOW));
}
