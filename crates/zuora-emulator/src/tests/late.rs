//! Late commits: the gateway has given up, Zuora has not.

use serde_json::Value;

use super::desk::{Answer, Desk, answer_of, new_subscription};
use crate::{Fault, FaultKind, Method, Settings, seed};

fn late() -> Vec<Fault> {
    vec![Fault { endpoint: Some("/v1/orders".to_owned()), ..Fault::every(FaultKind::LateCommit) }]
}

fn send(desk: &mut Desk, order: &Value, key: &str) -> Answer {
    answer_of(desk.reply(Method::POST, "/v1/orders", order, &[("idempotency-key", key)]))
}

#[test]
fn a_late_commit_answers_504_now_and_commits_later_even_if_healed() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    desk.emulator.set_faults(late());
    let order = new_subscription("N-1", "PUR-1", "S-1", 10);
    let answer = send(&mut desk, &order, "k1");
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (504, "text/html"));
    desk.emulator.set_faults(Vec::new());
    assert_eq!(desk.emulator.next_due(), Some(desk.now + jiff::SignedDuration::from_secs(180)));

    desk.pass(179);
    assert_eq!(desk.get("/v1/orders/PUR-1").refusal().0, 40, "a probe that comes too early finds nothing");
    assert_eq!(send(&mut desk, &order, "k1").status.as_u16(), 409, "the key is in progress");
    let new_key = send(&mut desk, &order, "k2");
    assert_eq!((new_key.status.as_u16(), new_key.refusal().0), (409, 50), "the account is locked");
    desk.pass(1);
    assert_eq!(desk.get("/v1/orders/PUR-1").ok()["order"]["orderNumber"], "PUR-1");
    assert_eq!(send(&mut desk, &order, "k1").ok()["orderNumber"], "PUR-1", "the late answer is replayed");
    assert_eq!(desk.emulator.books().accounts[0].orders.len(), 1);
    assert_eq!(desk.emulator.next_due(), None);
}

#[test]
fn a_late_order_whose_number_was_taken_meanwhile_is_refused_at_the_commit() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    desk.account("N-2");
    desk.emulator.set_faults(late());
    assert_eq!(send(&mut desk, &new_subscription("N-1", "PUR-1", "S-1", 10), "k1").status.as_u16(), 504);
    desk.emulator.set_faults(Vec::new());
    // Another account, so that no lock is in the way of the same order number.
    send(&mut desk, &new_subscription("N-2", "PUR-1", "S-2", 10), "k2").ok();
    desk.pass(180);
    let replayed = send(&mut desk, &new_subscription("N-1", "PUR-1", "S-1", 10), "k1");
    assert_eq!(replayed.refusal().0, 30);
    let books = desk.emulator.books();
    assert_eq!((books.accounts[0].orders.len(), books.accounts[1].orders.len()), (0, 1));
}

#[test]
fn where_duplicates_are_accepted_a_hasty_client_doubles_its_order() {
    let mut desk = Desk::new(Settings { accept_duplicate_order_numbers: true, ..Settings::default() });
    seed::demo(&mut desk.emulator, desk.now).unwrap();
    desk.account("N-1");
    desk.emulator.set_faults(late());
    let mut order = new_subscription("N-1", "PUR-1", "", 10);
    order["subscriptions"][0]["subscriptionNumber"] = Value::Null;
    assert_eq!(send(&mut desk, &order, "k1").status.as_u16(), 504);
    desk.emulator.set_faults(Vec::new());
    desk.pass(180);
    send(&mut desk, &order, "k2").ok();
    assert_eq!(desk.emulator.books().accounts[0].orders.len(), 2);
}

#[test]
fn an_order_whose_number_is_taken_is_refused_at_once_and_reads_just_time_out() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    let order = new_subscription("N-1", "PUR-1", "S-1", 10);
    send(&mut desk, &order, "k1").ok();
    desk.emulator.set_faults(vec![Fault::every(FaultKind::LateCommit)]);
    assert_eq!(send(&mut desk, &order, "k2").refusal().0, 30);
    assert_eq!(desk.get("/v1/orders/PUR-1").status.as_u16(), 504);
    assert_eq!(desk.emulator.next_due(), None);
}

#[test]
fn a_late_commit_takes_the_delay_it_is_given() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    desk.emulator.set_faults(vec![Fault { delay_ms: Some(60_000), ..Fault::every(FaultKind::LateCommit) }]);
    send(&mut desk, &new_subscription("N-1", "PUR-1", "S-1", 10), "k1");
    desk.pass(59);
    assert!(desk.emulator.books().accounts[0].orders.is_empty());
    desk.pass(1);
    assert_eq!(desk.emulator.books().accounts[0].orders.len(), 1);
    let created = &desk.emulator.books().accounts[0].orders[0].created;
    assert_eq!(created, "2026-11-12T20:01:00Z", "it is dated when it was done");
}
