//! The duty to provision: one for each change, under one key from order and version alike.
//! Refuses a duty without somebody who is told when it is late.

use domain::Instant;
use domain::entitlement::{Sources, Zones};
use domain::obligation::{Deadline, NO_TARGET, Obligation, ObligationStatus};
use domain::order::ActionKind::{Add, ChangeQuantity};
use domain::order::{Order, Requested};
use domain::subscription::{Subscription, SubscriptionStatus};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::sample::{
    at, cancel, change, day, ids, intake, line, only_offers, order, ordered, place, sixty_seats, subscribe,
    utc, version,
};

const FIFTEEN_MINUTES: Deadline = Deadline(SignedDuration::from_mins(15));
const NOW: &str = "2026-11-12T10:00:30Z";

fn with_sources<T>(zones: &Zones, decide: impl FnOnce(&Sources<'_>) -> T) -> T {
    let offers = only_offers();
    decide(&Sources { versions: &[], orders: &[], offers: &offers, zones })
}

fn of_order(order: &Order) -> Vec<Obligation> {
    with_sources(&utc(), |sources| Obligation::of_order(order, sources, FIFTEEN_MINUTES, &mut ids(1)))
}

fn of_version(version: &Subscription) -> Vec<Obligation> {
    let now = at(NOW);
    with_sources(&utc(), |sources| {
        Obligation::of_version(version, sources, FIFTEEN_MINUTES, now, &mut ids(2))
    })
}

type Key = (String, String, String, String);

fn key(duty: &Obligation) -> Key {
    (duty.subscription.to_string(), duty.effective.to_string(), duty.capability.clone(), duty.target.clone())
}

fn keys(duties: &[Obligation]) -> Vec<Key> {
    duties.iter().map(key).collect()
}

fn expected(effective: &str, capability: &str) -> Key {
    ("P-S1".into(), effective.into(), capability.into(), "namespace:one".into())
}

#[test]
fn an_order_on_trust_is_due_within_its_deadline() {
    let order = ordered(1, &[sixty_seats()], change(Add, "seats", 15));
    let duties = of_order(&order);
    assert_eq!(keys(&duties), [expected("2026-11-12", "seats")]);
    let duty = &duties[0];
    assert_eq!((duty.status, duty.deadline), (ObligationStatus::Due, Some(at("2026-11-12T10:15:00Z"))));
    assert_eq!((duty.order_id, duty.version, duty.created_at), (Some(order.id), None, order.accepted_at));
    assert_eq!((duty.account_id, &duty.reason, duty.done_at), (order.account_id, &None, None));
}

#[test]
fn an_order_that_is_not_trusted_waits_without_a_deadline() {
    let order = Order { trust_until: None, ..ordered(1, &[sixty_seats()], change(Add, "seats", 15)) };
    let duties = of_order(&order);
    assert_eq!((duties[0].status, duties[0].deadline), (ObligationStatus::Waiting, None));
}

#[test]
fn a_duty_for_later_is_late_only_after_its_day_has_begun_somewhere() {
    let asked = Requested { start: Some(day("2026-12-01")), ..change(ChangeQuantity, "seats", 75) };
    let order = ordered(1, &[sixty_seats()], asked);
    let zones = Zones { tenant: TimeZone::get("America/Los_Angeles").unwrap(), product: TimeZone::UTC };
    let duties =
        with_sources(&zones, |sources| Obligation::of_order(&order, sources, FIFTEEN_MINUTES, &mut ids(1)));
    assert_eq!(duties[0].deadline, Some(at("2026-12-01T00:15:00Z")));
}

#[test]
fn every_action_has_its_duties_and_each_capability_one() {
    let requests = vec![subscribe("seats", 25), change(Add, "packs", 1), subscribe("support", 1)];
    let actions =
        intake("2026-11-12", &[sixty_seats()]).decide(&place(requests), &mut ids(7)).unwrap().actions;
    let mut twice = actions.clone();
    let line = twice[0].lines[0].clone();
    twice[0].lines.push(line);
    let duties = of_order(&order(1, twice));
    let capabilities: Vec<_> = duties.iter().map(|duty| duty.capability.as_str()).collect();
    assert_eq!(capabilities, ["seats", "packs", "support"]);
    let subscriptions: Vec<_> = duties.iter().map(|duty| &duty.subscription).collect();
    assert_eq!(subscriptions, actions.iter().map(|action| &action.subscription).collect::<Vec<_>>());
    let mut ids: Vec<_> = duties.iter().map(|duty| duty.id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

/// The version that Zuora makes of an order has the same keys, or the order's promise would never be taken over.
#[test]
fn a_version_has_the_keys_of_the_order_that_made_it() {
    let base = vec![line("seats", 60, "2026-03-01", "2027-03-01")];
    let added = [base.clone(), vec![line("seats", 15, "2026-11-12", "2027-03-01")]].concat();
    let changed =
        vec![line("seats", 60, "2026-03-01", "2026-11-12"), line("seats", 75, "2026-11-12", "2027-03-01")];
    let cases = [
        (change(Add, "seats", 15), version("P-S1", added)),
        (change(ChangeQuantity, "seats", 75), version("P-S1", changed)),
        (
            cancel(Some("2026-11-12")),
            Subscription {
                status: SubscriptionStatus::Cancelled,
                ..version("P-S1", vec![line("seats", 60, "2026-03-01", "2026-11-12")])
            },
        ),
    ];
    for (asked, version) in cases {
        let promised = of_order(&ordered(1, &[sixty_seats()], asked.clone()));
        let confirmed = keys(&of_version(&version));
        assert_eq!(promised.len(), 1, "{asked:?}");
        assert!(confirmed.contains(&key(&promised[0])), "{asked:?}: {confirmed:?}");
    }
}

#[test]
fn a_version_has_one_duty_for_each_start_of_a_capability() {
    let lines = vec![
        line("seats", 60, "2026-03-01", "2027-03-01"),
        line("seats", 5, "2026-03-01", "2027-03-01"),
        line("seats", 15, "2026-12-01", "2027-03-01"),
        line("support", 1, "2026-03-01", "2027-03-01"),
    ];
    let duties = of_version(&version("P-S1", lines));
    let all =
        [expected("2026-03-01", "seats"), expected("2026-03-01", "support"), expected("2026-12-01", "seats")];
    assert_eq!(keys(&duties), all);
    let deadlines: Vec<Option<Instant>> = duties.iter().map(|duty| duty.deadline).collect();
    let (now, later) = (Some(at("2026-11-12T10:15:30Z")), Some(at("2026-12-01T00:15:00Z")));
    assert_eq!(deadlines, [now, now, later], "what began before it was seen is due from when it was");
    assert!(duties.iter().all(|duty| duty.status == ObligationStatus::Due && duty.version == Some(1)));
    assert!(duties.iter().all(|duty| duty.order_id.is_none() && duty.created_at == at(NOW)));
}

#[test]
fn what_nobody_mapped_is_a_duty_that_says_so() {
    let mut foreign = line("seats", 5, "2026-03-01", "2027-03-01");
    foreign.charge = "C-foreign".parse().unwrap();
    let duties = of_version(&version("P-S1", vec![foreign, line("seats", 1, "2026-03-01", "2027-03-01")]));
    let told: Vec<_> = duties.iter().map(|duty| (duty.capability.as_str(), duty.status)).collect();
    assert_eq!(told, [("C-foreign", ObligationStatus::Unmapped), ("seats", ObligationStatus::Due)]);
    assert!(duties.iter().all(|duty| duty.deadline.is_some()), "an unmapped one alerts too");
    let nobodys = Subscription { target: None, ..sixty_seats() };
    let duties = of_version(&nobodys);
    assert_eq!((duties[0].target.as_str(), duties[0].status), (NO_TARGET, ObligationStatus::Unmapped));
}

#[test]
fn a_subscription_that_ends_is_a_duty_on_its_last_day_even_if_it_never_began() {
    let ended = |lines| Subscription { status: SubscriptionStatus::Cancelled, ..version("P-S1", lines) };
    let duties = of_version(&ended(vec![line("seats", 60, "2026-03-01", "2026-12-24")]));
    assert_eq!(keys(&duties), [expected("2026-03-01", "seats"), expected("2026-12-24", "all")]);
    assert_eq!(keys(&of_version(&ended(vec![]))), [expected("2026-03-01", "all")]);
}
