//! Decisions on orders: what is asked, to the cent.
//! Refuses a total that is not the sum of its items.

mod refusal;

use domain::order::ActionKind::{Add, Cancel, ChangeQuantity, Subscribe};
use domain::order::{QUANTITY_MAX, Requested};
use domain::preview::Preview;
use domain::subscription::{Expected, Subscription};
use jiff::ToSpan;
use proptest::prelude::*;
use rating::Period;
use rust_decimal::Decimal;

use crate::sample::{
    cancel, change, date, day, decide, ids, intake, line, place, sixty_seats, subscribe, target, version,
    year_from,
};

const TODAY: &str = "2026-11-12";

/// Label and amount of every item.
fn items(preview: &Preview) -> Vec<(&str, String)> {
    let items = preview.actions.iter().flat_map(|action| action.items());
    items.map(|priced| (priced.label.as_str(), priced.item.amount.to_string())).collect()
}

fn decided(today: &str, versions: &[Subscription], asked: Requested) -> Preview {
    decide(today, versions, asked).unwrap()
}

#[test]
fn a_new_subscription_costs_its_first_year() {
    let preview = decided(TODAY, &[], subscribe("seats", 25));
    assert_eq!(items(&preview), [("25 pieces, Our seats", "8700.00".to_owned())]);
    let action = &preview.actions[0];
    assert_eq!((action.kind, action.start, action.end), (Subscribe, day(TODAY), day("2027-11-12")));
    assert_eq!((action.term_months, action.target.clone()), (Some(12), Some(target("namespace:one"))));
    assert!(action.subscription.as_str().starts_with("PS-"), "{}", action.subscription);
    assert_eq!(action.lines[0].line.period, year_from(TODAY));
    assert_eq!(action.rate_plan_id.as_ref().unwrap().as_str(), "plan-seats");
    assert_eq!(action.lines[0].charge_id.as_str(), "charge-seats");
}

#[test]
fn a_monthly_subscription_costs_its_first_month_now() {
    let preview = decided(TODAY, &[], subscribe("monthly", 10));
    assert_eq!(items(&preview), [("10 pieces, Our monthly", "290.00".to_owned())]);
}

#[test]
fn fifteen_seats_added_in_november_cost_109_of_365_days() {
    let preview = decided(TODAY, &[sixty_seats()], change(Add, "seats", 15));
    assert_eq!(items(&preview), [("15 pieces, Our seats", "1558.85".to_owned())]);
    let item = &preview.actions[0].lines[0].items[0].item;
    assert_eq!((item.why.days, item.why.full_days, item.why.full), (109, 365, Decimal::from(5_220)));
    let action = &preview.actions[0];
    assert_eq!((action.start, action.end), (day(TODAY), day("2027-03-01")));
    assert_eq!(action.target, Some(target("namespace:one")), "what the subscription provisions");
}

#[test]
fn sixty_seats_that_become_seventy_five_are_given_back_and_asked_anew() {
    let preview = decided(TODAY, &[sixty_seats()], change(ChangeQuantity, "seats", 75));
    let expected = [("75 pieces, Our seats", "7794.25"), ("Credit: 60 pieces, Our seats", "-6235.40")];
    assert_eq!(items(&preview), expected.map(|(label, amount)| (label, amount.to_owned())));
    assert_eq!(preview.total.to_string(), "1558.85");
    let line = &preview.actions[0].lines[0].line;
    assert_eq!((line.quantity, line.period.start), (Decimal::from(75), date(TODAY)));
}

#[test]
fn fewer_seats_are_a_credit() {
    let preview = decided(TODAY, &[sixty_seats()], change(ChangeQuantity, "seats", 1));
    assert_eq!(preview.total.to_string(), "-6131.48");
    assert!(items(&preview)[0].0.starts_with("1 piece,"), "one is not many");
}

#[test]
fn a_cancellation_gives_back_the_rest_of_what_was_paid() {
    for (today, start, credit) in [
        (TODAY, Some(TODAY), "-6235.40"),
        (TODAY, Some("2027-02-28"), "-57.21"),
        ("2026-03-01", Some("2026-03-01"), "-20880.00"),
        // Without a day it ends with the term: nothing is left over.
        (TODAY, None, "0.00"),
        (TODAY, Some("2027-10-01"), "0.00"),
    ] {
        let preview = decided(today, &[sixty_seats()], cancel(start));
        assert_eq!(preview.total.to_string(), credit, "{start:?}");
        let action = &preview.actions[0];
        assert_eq!((action.kind, action.lines.len(), &action.offer), (Cancel, 0, &None));
        let end = start.map_or(date("2027-03-01"), date).min(date("2027-03-01"));
        assert_eq!(action.start.0, end, "{start:?}");
    }
}

#[test]
fn a_cancellation_gives_back_what_was_paid_for_lines_that_have_not_begun() {
    let ahead = line("seats", 10, "2026-12-01", "2027-03-01");
    let both = version("P-S1", vec![line("seats", 60, "2026-03-01", "2027-03-01"), ahead]);
    // 60 seats for 109 days, 10 seats for 90.
    assert_eq!(decided(TODAY, &[both], cancel(Some(TODAY))).total.to_string(), "-7093.48");
    let future = Subscription {
        term_start: day("2026-12-01"),
        ..version("P-S1", vec![line("seats", 10, "2026-12-01", "2027-03-01")])
    };
    let preview = decided(TODAY, &[future], cancel(Some(TODAY)));
    assert_eq!((preview.total.to_string(), preview.actions[0].start), ("-858.08".into(), day("2026-12-01")));
}

#[test]
fn one_time_packs_cost_all_at_once_and_are_not_given_back() {
    let preview = decided(TODAY, &[sixty_seats()], change(Add, "packs", 3));
    assert_eq!(items(&preview), [("3000 pieces, Our packs", "30.00".to_owned())]);
    let packs = version("P-S1", vec![line("packs", 3, "2026-03-01", "2027-03-01")]);
    assert_eq!(items(&decided(TODAY, &[packs], cancel(Some(TODAY)))), []);
}

#[test]
fn a_flat_fee_is_asked_once_whatever_the_quantity_and_prorated_like_others() {
    assert_eq!(decided(TODAY, &[], subscribe("support", 7)).total.to_string(), "1200.00");
    let preview = decided(TODAY, &[sixty_seats()], change(Add, "support", 7));
    assert_eq!(items(&preview), [("1 piece, Our support", "358.36".to_owned())]);
    assert_eq!(preview.actions[0].lines[0].line.quantity, Decimal::ONE);
}

#[test]
fn months_are_counted_from_the_start_of_the_term_and_only_begun_ones_are_asked() {
    let monthly = version("P-S1", vec![line("monthly", 10, "2026-03-01", "2027-03-01")]);
    // From 12 November to 1 December: 19 of 30 days.
    let preview = decided(TODAY, std::slice::from_ref(&monthly), change(Add, "monthly", 10));
    assert_eq!(items(&preview), [("10 pieces, Our monthly", "183.67".to_owned())]);
    let preview = decided(TODAY, std::slice::from_ref(&monthly), change(ChangeQuantity, "monthly", 20));
    assert_eq!(preview.total.to_string(), "183.66", "367.33 - 183.67");
    // A month that begins today was not billed yet: there is nothing to give back.
    let preview =
        decided("2026-11-01", std::slice::from_ref(&monthly), change(ChangeQuantity, "monthly", 20));
    assert_eq!(items(&preview), [("20 pieces, Our monthly", "580.00".to_owned())]);
    let preview = decided("2026-11-01", &[monthly], cancel(Some("2026-11-01")));
    assert_eq!(preview.total.to_string(), "0.00");
}

#[test]
fn a_later_start_is_priced_from_that_day() {
    let asked = Requested { start: Some(day("2026-12-01")), ..change(Add, "seats", 10) };
    let preview = decided(TODAY, &[sixty_seats()], asked);
    // 90 of 365 days.
    assert_eq!(preview.total.to_string(), "858.08");
    assert_eq!(preview.actions[0].start, day("2026-12-01"));
    let asked = Requested { start: Some(day("2027-01-31")), ..subscribe("seats", 1) };
    assert_eq!(decided(TODAY, &[], asked).actions[0].end, day("2028-01-31"));
}

#[test]
fn an_order_of_several_actions_costs_their_sum() {
    let actions = vec![subscribe("seats", 25), change(Add, "seats", 15), subscribe("support", 1)];
    let preview = intake(TODAY, &[sixty_seats()]).decide(&place(actions), &mut ids(7)).unwrap();
    assert_eq!(preview.total.to_string(), "11458.85");
    assert_ne!(preview.actions[0].subscription, preview.actions[2].subscription);
}

/// Any action on the seats of `P-S1`, or a new subscription.
fn any_action() -> impl Strategy<Value = Requested> {
    let kinds = prop_oneof![Just(Subscribe), Just(Add), Just(ChangeQuantity), Just(Cancel)];
    (kinds, 1..=i64::from(QUANTITY_MAX), proptest::option::of(0i64..100)).prop_map(
        |(kind, quantity, ahead)| {
            let start = ahead.map(|days| domain::Day(date(TODAY).checked_add(days.days()).unwrap()));
            match kind {
                Subscribe => Requested { start, ..subscribe("seats", quantity) },
                Cancel => Requested { start, ..cancel(None) },
                _ => Requested { start, ..change(kind, "seats", quantity) },
            }
        },
    )
}

proptest! {
    #[test]
    fn the_total_is_the_sum_of_the_items_and_each_item_explains_itself(asked in any_action()) {
        let preview = decided(TODAY, &[sixty_seats()], asked);
        let mut sum = 0;
        for priced in preview.actions.iter().flat_map(|action| action.items()) {
            let why = &priced.item.why;
            sum += priced.item.amount.minor;
            prop_assert_eq!(why.full, priced.item.quantity * priced.item.unit_price);
            prop_assert_eq!(why.exact, why.full * Decimal::from(why.days) / Decimal::from(why.full_days));
            prop_assert_eq!(priced.item.period.days(), why.days);
            prop_assert!((why.exact - priced.item.amount.amount()).abs() <= Decimal::new(5, 3));
        }
        prop_assert_eq!(preview.total.minor, sum);
    }

    #[test]
    fn the_same_request_is_decided_the_same_but_for_the_numbers_drawn(asked in any_action(), seeds in any::<(u64, u64)>()) {
        let of = |seed: u64| {
            let request = place(vec![asked.clone()]);
            let mut preview = intake(TODAY, &[sixty_seats()]).decide(&request, &mut ids(seed.into())).unwrap();
            if asked.kind == Subscribe {
                preview.actions[0].subscription = "P-DRAWN".parse().unwrap();
            }
            preview
        };
        prop_assert_eq!(of(seeds.0), of(seeds.1));
    }

    #[test]
    fn every_quantity_within_the_bounds_is_taken_and_none_outside(quantity in any::<i64>(), within in 1..=i64::from(QUANTITY_MAX)) {
        let bounds = 1..=i64::from(QUANTITY_MAX);
        for quantity in [quantity, within] {
            let taken = decide(TODAY, &[], subscribe("seats", quantity)).is_ok();
            prop_assert_eq!(taken, bounds.contains(&quantity));
        }
    }

    #[test]
    fn a_start_is_taken_from_today_to_a_year_ahead(offset in -400i64..800) {
        let start = domain::Day(date(TODAY).checked_add(offset.days()).unwrap());
        let decided = decide(TODAY, &[], Requested { start: Some(start), ..subscribe("seats", 1) });
        prop_assert_eq!(decided.is_ok(), (0..=365).contains(&offset));
        if let Ok(preview) = decided {
            prop_assert_eq!(preview.actions[0].start, start);
        }
    }

    #[test]
    fn seats_bought_and_canceled_the_same_day_cost_nothing(quantity in 1..=i64::from(QUANTITY_MAX), ahead in 0i64..109) {
        let today = date(TODAY).checked_add(ahead.days()).unwrap().to_string();
        let bought = decided(&today, &[], subscribe("seats", quantity));
        let mut intake = intake(&today, &[]);
        let mut expected = Expected::begun(&bought.actions[0]).unwrap();
        expected.number = "P-S1".parse().unwrap();
        intake.subscriptions.insert(expected.number.clone(), expected);
        let given_back = intake.decide(&place(vec![cancel(Some(&today))]), &mut ids(8)).unwrap();
        prop_assert_eq!(bought.total.minor + given_back.total.minor, 0);
    }

    #[test]
    fn what_is_decided_leaves_lines_within_the_term(asked in any_action()) {
        let preview = decided(TODAY, &[sixty_seats()], asked);
        let action = &preview.actions[0];
        let after = match action.kind {
            Subscribe => Expected::begun(action).unwrap(),
            _ => Expected::of(&sixty_seats()).after(action),
        };
        let term = Period { start: after.term_start, end: after.term_end };
        for line in &after.lines {
            prop_assert_eq!(line.period.intersect(term), Some(line.period));
        }
        let wanted = match action.kind {
            Cancel => 0,
            Add => 60,
            _ => 0,
        };
        let on = |day| after.on(day).map(|line| line.quantity).sum::<Decimal>();
        let added: Decimal = action.lines.iter().map(|line| line.line.quantity).sum();
        if action.start < action.end {
            prop_assert_eq!(on(action.start.0), added + Decimal::from(wanted));
        }
    }
}
