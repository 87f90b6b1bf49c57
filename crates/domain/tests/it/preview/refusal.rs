//! What is refused, with the code and the field that name it.
//! Refuses a refusal that leaves its reader alone.

use domain::Refusal;
use domain::account::AccountStatus;
use domain::order::ActionKind::{Add, ChangeQuantity};
use domain::order::{ACTIONS_MAX, PlaceOrder, QUANTITY_MAX, Requested, Settlement};
use domain::preview::Intake;
use domain::subscription::Subscription;
use rust_decimal::Decimal;

use super::{TODAY, decided};
use crate::sample::{
    cancel, change, day, decide, ids, intake, line, offers, place, sixty_seats, subscribe, target, version,
};

#[test]
fn every_bad_action_is_refused_by_name_and_field() {
    let set = |asked: Requested, change: fn(&mut Requested)| {
        let mut asked = asked;
        change(&mut asked);
        asked
    };
    let seats = || subscribe("seats", 1);
    let add = || change(Add, "seats", 1);
    let other = |asked: &mut Requested| asked.subscription = Some("P-S9".parse().unwrap());
    let cases: Vec<(Requested, &str, &str)> = vec![
        (subscribe("nothing", 1), "unknown_offer", "offer"),
        (subscribe("withdrawn", 1), "unknown_offer", "offer"),
        (set(seats(), |asked| asked.offer = None), "unknown_offer", "offer"),
        (subscribe("dollars", 1), "wrong_currency", "offer"),
        (subscribe("packs", 1), "add_on_only", "offer"),
        (set(seats(), |asked| asked.quantity = None), "quantity_out_of_range", "quantity"),
        (subscribe("seats", 0), "quantity_out_of_range", "quantity"),
        (subscribe("seats", -1), "quantity_out_of_range", "quantity"),
        (subscribe("seats", i64::from(QUANTITY_MAX) + 1), "quantity_out_of_range", "quantity"),
        (subscribe("seats", i64::MAX), "quantity_out_of_range", "quantity"),
        (change(Add, "seats", 0), "quantity_out_of_range", "quantity"),
        (change(ChangeQuantity, "seats", 0), "quantity_out_of_range", "quantity"),
        (set(seats(), |asked| asked.target = None), "wrong_target", "target"),
        (set(seats(), |asked| asked.target = Some(target("server:git-1"))), "wrong_target", "target"),
        (set(seats(), |asked| asked.start = Some(day("2026-11-11"))), "start_date_out_of_range", "start"),
        (set(seats(), |asked| asked.start = Some(day("2027-11-13"))), "start_date_out_of_range", "start"),
        (set(add(), |asked| asked.start = Some(day("2026-11-11"))), "start_date_out_of_range", "start"),
        (cancel(Some("2026-11-11")), "start_date_out_of_range", "start"),
        (set(add(), other), "unknown_subscription", "subscription"),
        (set(change(ChangeQuantity, "seats", 1), other), "unknown_subscription", "subscription"),
        (set(cancel(None), other), "unknown_subscription", "subscription"),
        (set(cancel(None), |asked| asked.subscription = None), "unknown_subscription", "subscription"),
        (set(add(), |asked| asked.start = Some(day("2027-03-01"))), "subscription_ended", "subscription"),
        (change(ChangeQuantity, "monthly", 2), "not_in_subscription", "offer"),
        (change(ChangeQuantity, "support", 2), "not_in_subscription", "offer"),
        (change(ChangeQuantity, "packs", 2), "not_in_subscription", "offer"),
    ];
    let lines = vec![
        line("seats", 60, "2026-03-01", "2027-03-01"),
        line("support", 1, "2026-03-01", "2027-03-01"),
        line("packs", 1, "2026-03-01", "2027-03-01"),
    ];
    let intake = shop(&[version("P-S1", lines)]);
    for (asked, code, field) in cases {
        // Second in its order, so that the path must say which one.
        let request = place(vec![subscribe("support", 1), asked.clone()]);
        let refusal = intake.decide(&request, &mut ids(7)).unwrap_err();
        assert_eq!(refusal.code(), code, "{asked:?}");
        assert_eq!(refusal.field(), Some(format!("actions[1].{field}").as_str()), "{asked:?}");
        assert!(refusal.to_string().ends_with('.') && refusal.hint().ends_with('.'), "{refusal}");
    }
}

/// With an offer that is withdrawn and one that has no price in euros.
fn shop(versions: &[Subscription]) -> Intake {
    let mut intake = intake(TODAY, versions);
    let mut withdrawn = offers().remove(0);
    withdrawn.offer.code = "withdrawn".into();
    withdrawn.offer.sold = false;
    let mut dollars = offers().remove(0);
    dollars.offer.code = "dollars".into();
    dollars.charges.clear();
    intake.offers.extend([withdrawn, dollars]);
    intake
}

#[test]
fn an_unknown_offer_is_not_repeated_at_length() {
    let refusal = decide(TODAY, &[], subscribe(&"x".repeat(10_000), 1)).unwrap_err();
    assert!(refusal.to_string().len() < 100, "{refusal}");
}

#[test]
fn a_subscription_that_has_ended_is_not_changed_and_not_canceled_again() {
    let cut = |end: &str| version("P-S1", vec![line("seats", 60, "2026-03-01", end)]);
    for ended in [cut(TODAY), cut("2026-05-01"), version("P-S1", vec![])] {
        for asked in
            [change(Add, "seats", 1), change(ChangeQuantity, "seats", 1), cancel(None), cancel(Some(TODAY))]
        {
            let refusal = decide(TODAY, std::slice::from_ref(&ended), asked.clone()).unwrap_err();
            assert_eq!(refusal.code(), "subscription_ended", "{asked:?}");
            assert_eq!(refusal.field(), Some("actions[0].subscription"));
        }
    }
}

#[test]
fn a_quantity_that_could_mean_several_lines_is_refused() {
    let sixty = line("seats", 60, "2026-03-01", "2027-03-01");
    let cut = line("seats", 60, "2026-03-01", "2026-12-01");
    let more = line("seats", 15, "2026-11-12", "2027-03-01");
    let later = line("seats", 75, "2026-12-01", "2027-03-01");
    for lines in [vec![sixty, more], vec![cut.clone(), later]] {
        let refusal =
            decide(TODAY, &[version("P-S1", lines)], change(ChangeQuantity, "seats", 80)).unwrap_err();
        assert_eq!((refusal.code(), refusal.field()), ("ambiguous_change", Some("actions[0].offer")));
    }
    let past = version(
        "P-S1",
        vec![line("seats", 60, "2026-03-01", "2026-11-01"), line("seats", 75, "2026-11-01", "2027-03-01")],
    );
    assert_eq!(decided(TODAY, &[past], change(ChangeQuantity, "seats", 80)).actions[0].lines.len(), 1);
}

#[test]
fn what_concerns_the_whole_order_is_refused_before_its_actions() {
    let ask = |change: &dyn Fn(&mut Intake, &mut PlaceOrder)| {
        let (mut intake, mut request) =
            (intake(TODAY, &[sixty_seats()]), place(vec![subscribe("nothing", 1)]));
        change(&mut intake, &mut request);
        intake.decide(&request, &mut ids(7)).unwrap_err()
    };
    let told = |refusal: &Refusal| (refusal.code(), refusal.field().map(str::to_owned));
    for status in [AccountStatus::Rejected, AccountStatus::Canceled] {
        let refusal = ask(&|intake, _| intake.account.status = status);
        assert_eq!(told(&refusal), ("account_cannot_order", Some("account".into())));
        assert!(refusal.to_string().contains(status.as_str()), "{refusal}");
    }
    for count in [0, ACTIONS_MAX + 1] {
        let refusal = ask(&|_, request| request.actions = vec![subscribe("seats", 1); count]);
        assert_eq!(told(&refusal), ("wrong_number_of_actions", Some("actions".into())));
    }
    let refusal = ask(&|_, request| request.settlement = Settlement::CardOnFile);
    assert_eq!(told(&refusal), ("no_payment_method", Some("settlement".into())));
    for text in ["", " ", "a\nb", "😀", &"x".repeat(256)] {
        let refusal = ask(&|_, request| request.po_number = Some(text.into()));
        assert_eq!(told(&refusal), ("field_not_readable", Some("po_number".into())), "{text:?}");
    }
    let refusal = ask(&|_, request| {
        request.actions = vec![change(Add, "seats", 1), subscribe("seats", 1), cancel(None)]
    });
    assert_eq!(told(&refusal), ("subscription_twice", Some("actions[2].subscription".into())));
}

#[test]
fn an_order_may_come_from_an_account_that_zuora_does_not_know_yet_and_be_as_large_as_allowed() {
    let mut intake = intake(TODAY, &[]);
    intake.account.status = AccountStatus::Pending;
    let most = place(vec![subscribe("seats", i64::from(QUANTITY_MAX)); ACTIONS_MAX]);
    let preview = intake.decide(&most, &mut ids(7)).unwrap();
    assert_eq!(preview.total.to_string(), "696000000.00");
    let last = Requested { start: Some(day("2027-11-12")), ..subscribe("seats", 1) };
    intake.decide(&place(vec![last]), &mut ids(7)).unwrap();
}

#[test]
fn an_amount_beyond_all_bounds_is_refused_and_not_wrapped() {
    let mut intake = intake(TODAY, &[]);
    intake.offers[0].charges[0].terms.0.price = rating::Price::PerUnit(Decimal::MAX);
    let refusal = intake.decide(&place(vec![subscribe("seats", 2)]), &mut ids(7)).unwrap_err();
    assert_eq!(refusal, Refusal::Amount);
}
