//! Books with planted losses and duplicates: each must be caught, and each once.

use serde_json::{Value, json};

use super::*;
use crate::ledger::{Bought, Opened, Refused};

/// Books in which everything is right: two orders of one account, the second paid by card.
fn books() -> Value {
    let order = |number: &str, id: &str, subscription: &str| {
        json!({"number": number, "status": "Completed", "custom": {"PurserId__c": id},
            "subscriptions": [subscription], "created": "2026-11-12T10:00:00Z"})
    };
    let subscription = |number: &str, order: &str| {
        json!({"number": number, "status": "Active", "custom": {},
            "versions": [{"version": 1, "id": format!("v-{number}"), "order": order, "quantities": {}}]})
    };
    let invoice = |number: &str, order: &str, balance: &str| {
        json!({"number": number, "order": order, "status": "Posted", "currency": "EUR", "amount": "100.00",
            "balance": balance, "items": []})
    };
    json!({"accounts": [{
        "number": "A-1", "name": "Brightwater Labs GmbH", "custom": {"PurserId__c": "acc-1"},
        "orders": [order("O-1", "ord-1", "S-1"), order("O-2", "ord-2", "S-2")],
        "subscriptions": [subscription("S-1", "O-1"), subscription("S-2", "O-2")],
        "invoices": [invoice("I-1", "O-1", "100.00"), invoice("I-2", "O-2", "0.00")],
        "credit_memos": [],
        "payments": [{"number": "Y-1", "status": "Processed", "custom": {"PurserId__c": "ord-2"},
            "amount": "100.00", "invoices": [["I-2", "100.00"]]}],
    }]})
}

fn placed(number: &str, settlement: Settlement) -> Placed {
    Placed {
        key: format!("key of {number}"),
        account: "A-1".into(),
        numbers: BTreeSet::from([number.to_owned()]),
        settlement,
        total: "100.00".parse().unwrap(),
        bought: Bought {
            kind: ActionKind::Subscribe,
            offer: "cloud-business".into(),
            quantity: 1,
            subscription: number.replace('O', "S"),
            target: "namespace:a".into(),
        },
    }
}

fn ledger() -> Ledger {
    let opened = Opened { name: "Brightwater Labs GmbH".into(), numbers: BTreeSet::from(["A-1".into()]) };
    Ledger {
        opened: vec![opened],
        placed: vec![placed("O-1", Settlement::Invoice), placed("O-2", Settlement::CardOnFile)],
        ..Ledger::default()
    }
}

fn found(books: Value, ledger: &Ledger) -> Billing {
    billing(&serde_json::from_value(books).unwrap(), ledger, &BTreeSet::new())
}

/// The counts that are not zero, besides `accepted`, in the order of the struct.
fn counts(found: &Billing) -> [usize; 7] {
    [
        found.billed,
        found.rejected,
        found.lost,
        found.duplicated,
        found.accounts_duplicated,
        found.invoices_duplicated,
        found.payments_duplicated,
    ]
}

/// Plants something in an array of the account, found by its path.
fn planted(path: &str, change: impl FnOnce(&mut Vec<Value>)) -> Value {
    let mut books = books();
    change(books.pointer_mut(path).unwrap().as_array_mut().unwrap());
    books
}

/// Plants a copy of the first element with some fields replaced.
fn copied(path: &str, with: Value) -> Value {
    planted(path, |all| {
        let mut copy = all[0].clone();
        for (name, value) in with.as_object().unwrap() {
            copy[name] = value.clone();
        }
        all.push(copy);
    })
}

#[test]
fn books_in_order_are_found_in_order() {
    let found = found(books(), &ledger());
    assert_eq!((found.accepted, counts(&found)), (2, [2, 0, 0, 0, 0, 0, 0]), "{:?}", found.findings);
    assert!(found.findings.is_empty());
}

#[test]
fn an_order_that_is_missing_is_lost() {
    let found = found(planted("/accounts/0/orders", |orders| drop(orders.remove(0))), &ledger());
    assert_eq!(found.lost, 1, "{:?}", found.findings);
}

#[test]
fn an_order_without_invoice_or_with_another_amount_is_lost() {
    let without = found(planted("/accounts/0/invoices", |invoices| drop(invoices.remove(0))), &ledger());
    assert_eq!(counts(&without), [1, 0, 1, 0, 0, 0, 0]);
    let other = planted("/accounts/0/invoices", |invoices| invoices[0]["amount"] = json!("100.01"));
    assert_eq!(counts(&found(other, &ledger())), [1, 0, 1, 0, 0, 0, 0]);
}

#[test]
fn a_card_order_that_is_not_paid_is_lost() {
    let open = planted("/accounts/0/invoices", |invoices| invoices[1]["balance"] = json!("100.00"));
    assert_eq!(counts(&found(open, &ledger())), [1, 0, 1, 0, 0, 0, 0]);
}

#[test]
fn an_order_on_another_account_is_lost_to_its_customer() {
    let mut ledger = ledger();
    ledger.placed[0].account = "A-2".into();
    assert_eq!(counts(&found(books(), &ledger)), [1, 0, 1, 0, 0, 0, 0]);
}

#[test]
fn two_orders_with_one_id_or_one_number_are_duplicates() {
    let with_id = copied("/accounts/0/orders", json!({"number": "O-1b"}));
    assert_eq!(found(with_id, &ledger()).duplicated, 1);
    let with_number = copied("/accounts/0/orders", json!({"custom": {}}));
    assert_eq!(found(with_number, &ledger()).duplicated, 1);
    let exact = copied("/accounts/0/orders", json!({}));
    assert_eq!(found(exact, &ledger()).duplicated, 1, "a copy counts once, however many keys it shares");
}

#[test]
fn an_order_that_nobody_was_told_about_is_a_duplicate() {
    let unasked = copied("/accounts/0/orders", json!({"number": "O-9", "custom": {"PurserId__c": "ord-9"}}));
    assert_eq!(found(unasked, &ledger()).duplicated, 1);
}

#[test]
fn one_key_with_two_numbers_is_a_duplicate() {
    let mut ledger = ledger();
    ledger.placed[0].numbers.insert("O-1c".into());
    assert_eq!(counts(&found(books(), &ledger)), [2, 0, 0, 1, 0, 0, 0]);
}

#[test]
fn two_subscriptions_for_one_order_are_duplicates() {
    let second = copied("/accounts/0/subscriptions", json!({"number": "S-1b"}));
    assert_eq!(counts(&found(second, &ledger())), [2, 0, 0, 1, 0, 0, 0]);
    let mut ledger = ledger();
    ledger.placed[0].bought.kind = ActionKind::ChangeQuantity;
    assert_eq!(found(books(), &ledger).duplicated, 1, "a change makes no subscription");
}

#[test]
fn two_accounts_for_one_company_are_duplicates() {
    for with in [
        json!({"number": "A-1b"}),
        json!({"custom": {}, "name": "Other"}),
        json!({"number": "A-9", "name": "Other"}),
    ] {
        let books =
            copied("/accounts", json!({"orders": [], "subscriptions": [], "invoices": [], "payments": []}));
        let mut books = books;
        for (name, value) in with.as_object().unwrap() {
            books["accounts"][1][name] = value.clone();
        }
        assert_eq!(counts(&found(books, &ledger())), [2, 0, 0, 0, 1, 0, 0], "{with}");
    }
    let mut ledger = ledger();
    ledger.opened[0].numbers.insert("A-1c".into());
    assert_eq!(found(books(), &ledger).accounts_duplicated, 1);
}

#[test]
fn two_invoices_for_one_order_or_one_for_none_are_duplicates() {
    let second = copied("/accounts/0/invoices", json!({"number": "I-1b"}));
    assert_eq!(counts(&found(second, &ledger())), [2, 0, 0, 0, 0, 1, 0]);
    let for_none = copied("/accounts/0/invoices", json!({"number": "I-9", "order": null}));
    assert_eq!(found(for_none, &ledger()).invoices_duplicated, 1);
}

#[test]
fn two_payments_for_one_invoice_or_one_id_are_duplicates_unless_one_failed() {
    let second = copied("/accounts/0/payments", json!({"number": "Y-2", "custom": {}}));
    assert_eq!(counts(&found(second, &ledger())), [2, 0, 0, 0, 0, 0, 1]);
    let same_id = copied("/accounts/0/payments", json!({"number": "Y-2", "invoices": [["I-1", "100.00"]]}));
    assert_eq!(found(same_id, &ledger()).payments_duplicated, 1);
    let for_nothing = copied("/accounts/0/payments", json!({"number": "Y-2", "custom": {}, "invoices": []}));
    assert_eq!(found(for_nothing, &ledger()).payments_duplicated, 1);
    let failed = copied("/accounts/0/payments", json!({"number": "Y-2", "status": "Error"}));
    assert_eq!(found(failed, &ledger()).payments_duplicated, 0);
}

#[test]
fn refused_requests_and_rejected_orders_are_counted_and_not_called_lost() {
    let mut ledger = ledger();
    ledger.refused.push(Refused { key: "k".into(), status: 503, body: String::new() });
    let books =
        serde_json::from_value(planted("/accounts/0/orders", |orders| drop(orders.remove(0)))).unwrap();
    let found = billing(&books, &ledger, &BTreeSet::from(["O-1".to_owned()]));
    assert_eq!((found.rejected, found.lost, found.billed), (2, 0, 1));
}
