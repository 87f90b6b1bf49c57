//! Idempotency keys, and order numbers as the second guard.

use std::time::Duration;

use super::desk::{Answer, Desk, account, new_subscription};
use crate::{Fault, FaultKind, Method, Settings, seed};

fn send(desk: &mut Desk, order: &serde_json::Value, key: &str) -> Answer {
    desk.call(Method::POST, "/v1/orders", order, &[("idempotency-key", key)])
}

fn orders(desk: &Desk) -> usize {
    desk.emulator.books().accounts.iter().map(|account| account.orders.len()).sum()
}

#[test]
fn the_same_key_replays_the_first_answer_word_for_word_for_a_day() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    let order = new_subscription("N-1", "PUR-1", "S-1", 10);
    let first = send(&mut desk, &order, "k1");
    desk.pass(3_000);
    let second = send(&mut desk, &order, "k1");
    assert_eq!((first.status, &first.body, &first.headers), (second.status, &second.body, &second.headers));
    assert_eq!(orders(&desk), 1);
    // A day later the key is forgotten and the number alone stands guard.
    desk.pass(86_400);
    desk.sign_in();
    let third = send(&mut desk, &order, "k1");
    assert!(third.refusal().1.contains("PUR-1 is already in use"));
    assert_eq!(orders(&desk), 1);
}

#[test]
fn a_failure_is_replayed_too() {
    let mut desk = Desk::demo();
    let order = new_subscription("N-1", "PUR-1", "S-1", 10);
    assert_eq!(send(&mut desk, &order, "k1").refusal().0, 40, "there is no such account yet");
    desk.account("N-1");
    assert_eq!(send(&mut desk, &order, "k1").refusal().0, 40, "the old answer stands");
    send(&mut desk, &order, "k2").ok();
}

#[test]
fn a_key_belongs_to_one_method_and_url_but_not_to_one_body() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    send(&mut desk, &new_subscription("N-1", "PUR-1", "S-1", 10), "k1").ok();
    let other = desk.call(Method::POST, "/v1/accounts", &account("N-2"), &[("idempotency-key", "k1")]);
    assert_eq!(other.status.as_u16(), 422);
    let body = send(&mut desk, &new_subscription("N-1", "PUR-2", "S-2", 1), "k1");
    assert_eq!(body.ok()["orderNumber"], "PUR-1");
    let long = "k".repeat(256);
    assert_eq!(send(&mut desk, &new_subscription("N-1", "PUR-3", "S-3", 1), &long).refusal().0, 20);
}

#[test]
fn a_key_that_is_in_progress_answers_409_and_then_replays() {
    let mut desk = Desk::new(Settings { latency: Duration::from_secs(2), ..Settings::default() });
    seed::demo(&mut desk.emulator, desk.now).unwrap();
    desk.account("N-1");
    desk.pass(2);
    let order = new_subscription("N-1", "PUR-1", "S-1", 10);
    send(&mut desk, &order, "k1").ok();
    desk.pass(1);
    assert_eq!(send(&mut desk, &order, "k1").status.as_u16(), 409);
    desk.pass(1);
    send(&mut desk, &order, "k1").ok();
    assert_eq!(orders(&desk), 1);
}

#[test]
fn what_the_gateway_refuses_is_not_remembered_under_the_key() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    let order = new_subscription("N-1", "PUR-1", "S-1", 10);
    for kind in [FaultKind::Http500, FaultKind::RateLimited, FaultKind::Spurious401] {
        desk.emulator.set_faults(vec![Fault::every(kind)]);
        assert!(!send(&mut desk, &order, "k1").status.is_success(), "{kind:?}");
    }
    desk.emulator.set_faults(Vec::new());
    send(&mut desk, &order, "k1").ok();
}

#[test]
fn an_order_number_is_taken_once_unless_the_tenant_takes_duplicates() {
    let order = |subscription: &str| new_subscription("N-1", "PUR-1", subscription, 1);
    let mut strict = Desk::demo();
    strict.account("N-1");
    send(&mut strict, &order("S-1"), "k1").ok();
    let refused = send(&mut strict, &order("S-2"), "k2");
    assert_eq!((refused.status.as_u16(), refused.refusal().0), (400, 30));

    let mut lax = Desk::new(Settings { accept_duplicate_order_numbers: true, ..Settings::default() });
    seed::demo(&mut lax.emulator, lax.now).unwrap();
    lax.account("N-1");
    send(&mut lax, &order("S-1"), "k1").ok();
    send(&mut lax, &order("S-2"), "k2").ok();
    assert_eq!(orders(&lax), 2);
    assert!(send(&mut lax, &order("S-1"), "k3").refusal().1.contains("S-1 is already in use"));
}
