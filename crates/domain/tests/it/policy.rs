//! What is granted before billing confirms it.
//! Refuses a grant without a bound.

use domain::account::Account;
use domain::offer::TrustClass::{Never, Open, Standard};
use domain::order::Settlement::{CardOnFile, Invoice, NewCard};
use domain::policy::{Exposure, Policy, Risk};
use jiff::SignedDuration;

use crate::sample::{account, at};

const POLICY: Policy =
    Policy { lease: SignedDuration::from_hours(72), account_limit_minor: 1_000, total_limit_minor: 5_000 };

fn granted(account: &Account, risk: Risk<'_>) -> bool {
    let now = at("2026-11-12T10:00:00Z");
    let until = POLICY.trust(account, risk, now);
    assert!(until.is_none_or(|until| until == at("2026-11-15T10:00:00Z")), "{until:?}");
    until.is_some()
}

#[test]
fn trust_follows_class_customer_and_settlement() {
    let known = account();
    let new = Account { orders_billed: 0, ..account() };
    let cases = [
        (&known, vec![Standard], Invoice, true),
        (&known, vec![Standard], CardOnFile, true),
        (&known, vec![Standard], NewCard, false),
        (&known, vec![Open], NewCard, false),
        (&known, vec![Never], Invoice, false),
        (&known, vec![Open, Standard, Never], Invoice, false),
        (&known, vec![Open, Standard], Invoice, true),
        (&new, vec![Standard], Invoice, false),
        (&new, vec![Open], Invoice, true),
        (&new, vec![Open, Standard], Invoice, false),
        // A cancellation names no offer.
        (&new, vec![], Invoice, true),
    ];
    for (account, classes, settlement, expected) in cases {
        let risk = Risk { settlement, classes: &classes, amount_minor: 1, exposure: Exposure::default() };
        assert_eq!(granted(account, risk), expected, "{classes:?} {settlement} {}", account.orders_billed);
    }
}

#[test]
fn limits_hold_to_the_cent_and_nothing_overflows() {
    // Amount, what the account has on trust, what all have, granted.
    let cases = [
        (1_000, 0, 0, true),
        (1_001, 0, 0, false),
        (1, 999, 0, true),
        (1, 1_000, 0, false),
        (0, 1_000, 5_000, true),
        (0, 1_001, 0, false),
        (1, 0, 4_999, true),
        (1, 0, 5_000, false),
        (-500, 1_000, 5_000, true),
        (-500, 1_001, 0, false),
        (i64::MAX, 0, 0, false),
        (i64::MAX, 1, 0, false),
        (i64::MAX, 0, i64::MAX, false),
        (1, i64::MAX, i64::MAX, false),
        (i64::MIN, 0, 0, true),
    ];
    for (amount_minor, account_minor, total_minor, expected) in cases {
        let exposure = Exposure { account_minor, total_minor };
        let risk = Risk { settlement: Invoice, classes: &[Standard], amount_minor, exposure };
        assert_eq!(granted(&account(), risk), expected, "{amount_minor} {exposure:?}");
    }
}
