//! Every fault, what a caller sees of it and what was done.

use std::time::Duration;

use serde_json::{Value, json};

use super::desk::{Desk, START, answer_of, new_subscription};
use crate::{Fault, FaultKind, FaultTrace, Method, Outcome, Reply, Settings, seed};

fn under(kind: FaultKind) -> (Desk, Reply) {
    let mut desk = Desk::demo();
    desk.account("N-1");
    desk.emulator.set_faults(vec![Fault::every(kind)]);
    let reply = desk.reply(Method::POST, "/v1/orders", &new_subscription("N-1", "PUR-1", "S-1", 10), &[]);
    (desk, reply)
}

fn is_done(desk: &Desk) -> bool {
    !desk.emulator.books().accounts[0].orders.is_empty()
}

#[test]
fn faults_before_the_commit_do_nothing() {
    let expected = [
        (FaultKind::Http500, 500, "We're sorry"),
        (FaultKind::Http503Html, 503, "<html>"),
        (FaultKind::RateLimited, 429, "API Rate limit exceeded"),
        (FaultKind::Spurious401, 401, "please sign in first"),
        (FaultKind::Lock, 409, "lock competition"),
    ];
    for (kind, status, text) in expected {
        let (desk, reply) = under(kind);
        let response = reply.response().unwrap_or_else(|| panic!("{kind:?} has no answer"));
        assert_eq!(response.status().as_u16(), status, "{kind:?}");
        assert!(String::from_utf8_lossy(response.body()).contains(text), "{kind:?}");
        assert!(!is_done(&desk), "{kind:?}");
    }
    let (desk, reply) = under(FaultKind::Refuse);
    assert!(matches!(reply.outcome, Outcome::Refuse) && !is_done(&desk));
    assert!(desk.emulator.refuses_connections(desk.now));
    let (desk, reply) = under(FaultKind::ResetBeforeCommit);
    assert!(matches!(reply.outcome, Outcome::Reset) && !is_done(&desk));
}

#[test]
fn faults_after_the_commit_hide_what_was_done() {
    let (desk, reply) = under(FaultKind::CommitThen504);
    assert_eq!(answer_of(reply).status.as_u16(), 504);
    assert!(is_done(&desk));
    let (desk, reply) = under(FaultKind::ResetAfterCommit);
    assert!(matches!(reply.outcome, Outcome::Reset) && is_done(&desk));
    let (desk, reply) = under(FaultKind::EmptyBody);
    assert!(reply.response().unwrap().body().is_empty() && is_done(&desk));
    let (desk, reply) = under(FaultKind::TruncatedBody);
    assert!(serde_json::from_slice::<Value>(reply.response().unwrap().body()).is_err() && is_done(&desk));
}

#[test]
fn a_lost_answer_is_found_under_its_idempotency_key() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    let order = new_subscription("N-1", "PUR-1", "S-1", 10);
    for (kind, key) in [(FaultKind::CommitThen504, "k1"), (FaultKind::ResetAfterCommit, "k2")] {
        let mut order = order.clone();
        order["orderNumber"] = json!(format!("PUR-{key}"));
        order["subscriptions"][0]["subscriptionNumber"] = json!(format!("S-{key}"));
        desk.emulator.set_faults(vec![Fault::every(kind)]);
        desk.reply(Method::POST, "/v1/orders", &order, &[("idempotency-key", key)]);
        desk.emulator.set_faults(Vec::new());
        let replayed = desk.call(Method::POST, "/v1/orders", &order, &[("idempotency-key", key)]).ok();
        assert_eq!(replayed["orderNumber"], format!("PUR-{key}"));
    }
    assert_eq!(desk.emulator.books().accounts[0].orders.len(), 2);
}

#[test]
fn a_slow_call_takes_its_time_and_beyond_120_s_the_gateway_gives_up() {
    let (desk, reply) = under(FaultKind::Slow);
    assert_eq!(reply.after, Duration::from_secs(10));
    answer_of(reply).ok();
    assert!(is_done(&desk));
    let mut desk = Desk::demo();
    desk.account("N-1");
    desk.emulator.set_faults(vec![Fault { delay_ms: Some(150_000), ..Fault::every(FaultKind::Slow) }]);
    let reply = desk.reply(Method::POST, "/v1/orders", &new_subscription("N-1", "PUR-1", "S-1", 10), &[]);
    assert_eq!(reply.after, Duration::from_secs(120));
    assert_eq!(answer_of(reply).status.as_u16(), 504);
    assert!(is_done(&desk));
}

#[test]
fn while_a_slow_write_is_under_way_another_write_of_its_account_meets_the_lock() {
    let (mut desk, _) = under(FaultKind::Slow);
    desk.emulator.set_faults(Vec::new());
    desk.account("N-2");
    desk.pass(9);
    let second = desk.post("/v1/orders", &new_subscription("N-1", "PUR-2", "S-2", 1));
    assert_eq!((second.status.as_u16(), second.refusal().0), (409, 50));
    desk.get("/v1/accounts/N-1").ok();
    desk.post("/v1/orders", &new_subscription("N-2", "PUR-3", "S-3", 1)).ok();
    desk.pass(1);
    desk.post("/v1/orders", &new_subscription("N-1", "PUR-2", "S-2", 1)).ok();
    desk.version = "186.0";
    desk.emulator.set_faults(vec![Fault::every(FaultKind::Lock)]);
    let old = desk.post("/v1/orders", &new_subscription("N-1", "PUR-4", "S-4", 1));
    assert_eq!((old.status.as_u16(), old.refusal().0), (200, 50), "old versions hide it in a 200");
    desk.get("/v1/accounts/N-1").ok();
}

#[test]
fn with_the_token_endpoint_down_live_tokens_keep_working() {
    let mut desk = Desk::demo();
    desk.emulator.set_faults(vec![Fault::every(FaultKind::AuthDown)]);
    desk.get("/v1/catalog/products").ok();
    let token = desk.reply(Method::POST, "/oauth/token", &Value::Null, &[]);
    assert_eq!(answer_of(token).status.as_u16(), 503);
    desk.emulator.set_faults(vec![Fault::every(FaultKind::QueriesDown)]);
    assert_eq!(desk.get("/object-query/accounts").status.as_u16(), 503);
    desk.get("/v1/catalog/products").ok();
}

#[test]
fn a_fault_keeps_to_its_share_endpoint_and_account() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    desk.account("N-2");
    let share = Fault { share: "0.3".parse().unwrap(), ..Fault::every(FaultKind::Http500) };
    desk.emulator.set_faults(vec![share.clone()]);
    let mut run = || (0..1_000).map(|_| desk.get("/v1/accounts/N-1").status.is_success()).collect::<Vec<_>>();
    let struck = run().iter().filter(|ok| !**ok).count();
    assert!((250..350).contains(&struck), "{struck} of 1000 calls");

    let one = Fault { account: Some("N-1".to_owned()), ..Fault::every(FaultKind::Http500) };
    desk.emulator.set_faults(vec![one]);
    assert_eq!(desk.get("/v1/accounts/N-1").status.as_u16(), 500);
    desk.get("/v1/accounts/N-2").ok();
    let one = Fault { endpoint: Some("/v1/orders".to_owned()), ..Fault::every(FaultKind::Refuse) };
    desk.emulator.set_faults(vec![one]);
    desk.get("/v1/accounts/N-1").ok();
    assert!(matches!(
        desk.reply(Method::GET, "/rest//v1/orders", &Value::Null, &[]).outcome,
        Outcome::Refuse
    ));
    assert!(!desk.emulator.refuses_connections(desk.now), "others may still connect");
}

#[test]
fn the_same_seed_strikes_the_same_calls() {
    let run = |seed: u64| {
        let mut desk = Desk::new(Settings { seed, ..Settings::default() });
        seed::demo(&mut desk.emulator, desk.now).unwrap();
        desk.emulator
            .set_faults(vec![Fault { share: "0.5".parse().unwrap(), ..Fault::every(FaultKind::Http500) }]);
        (0..64).map(|_| desk.get("/v1/catalog/products").status.is_success()).collect::<Vec<_>>()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn a_trace_plays_by_the_minute() {
    let text = "name = \"t\"\nseed = 7\n\
        [[fault]]\nfrom_min = 1\nto_min = 2.5\nkind = \"http_500\"\n\
        [[fault]]\nfrom_min = 2\nto_min = 3\nkind = \"slow\"\nshare = 1.0\ndelay_ms = 5\nendpoint = \"/v1\"\n";
    let trace = FaultTrace::parse(text).unwrap();
    assert_eq!(trace.length(), jiff::SignedDuration::from_mins(3));
    let mut desk = Desk::demo();
    desk.emulator.play(&trace, desk.now);
    let mut status = |seconds: i64| {
        desk.now = START.parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_secs(seconds);
        desk.get("/v1/catalog/products").status.as_u16()
    };
    assert_eq!([0, 59, 60, 149, 150, 200].map(&mut status), [200, 200, 500, 500, 200, 200]);
}

#[test]
fn a_trace_that_is_not_understood_is_refused() {
    let head = "name = \"t\"\n[[fault]]\nfrom_min = 1\nto_min = 2\n";
    for bad in [
        "kind = \"gremlins\"",
        "kind = \"slow\"\nshare = 1.5",
        "kind = \"slow\"\nshares = 1",
        "kind = \"slow\"\ndelay_ms = -1",
    ] {
        assert!(FaultTrace::parse(&format!("{head}{bad}\n")).is_err(), "{bad}");
    }
    let backwards = "name = \"t\"\n[[fault]]\nfrom_min = 2\nto_min = 1\nkind = \"slow\"\n";
    assert!(FaultTrace::parse(backwards).unwrap_err().to_string().contains("fault 1"));
}

#[test]
fn faults_are_switched_over_http_and_never_strike_the_emulators_own_operations() {
    let mut desk = Desk::demo();
    let set = desk.put("/emulator/faults", &json!({"faults": [{"kind": "http_500", "share": 1}]}));
    assert_eq!(set.ok()["faults"][0]["kind"], "http_500");
    assert_eq!(desk.get("/v1/catalog/products").status.as_u16(), 500);
    assert_eq!(desk.get("/emulator/faults").ok()["faults"][0]["share"], 1);
    assert!(desk.get("/emulator/books").ok()["accounts"].is_array());
    assert_eq!(desk.put("/emulator/faults", &json!({"faults": [{"kind": "gremlins"}]})).status.as_u16(), 400);
    desk.post("/emulator/faults", &json!({"kind": "slow"})).ok();
    assert_eq!(desk.get("/emulator/faults").ok()["faults"].as_array().unwrap().len(), 2);
    desk.call(Method::DELETE, "/emulator/faults", &Value::Null, &[]).ok();
    desk.get("/v1/catalog/products").ok();
}
