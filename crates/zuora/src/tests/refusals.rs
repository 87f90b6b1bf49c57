//! Every dialect, every class of retry, and bytes that are nothing at all.

use std::time::Duration;

use ::http::{HeaderMap, HeaderValue, StatusCode};
use proptest::prelude::*;

use crate::dialect::{self, Dialect, Said};
use crate::error::{Error, Kind, Retry};
use crate::verdict::judge;

const LATER: Retry = Retry::Later { after: None };
const LOCK: &str = r#"{"success":false,"processId":"E3B4E8FFA54FDE25","reasons":[{"code":53500050,"message":"Operation failed due to a lock competition, please retry later."}],"requestId":"r"}"#;
const NOT_FOUND: &str = r#"{"success":false,"processId":"P","reasons":[{"code":50000040,"message":"Cannot find entity by key: 'X'."}]}"#;
const RULE: &str =
    r#"{"success":false,"processId":"P","reasons":[{"code":58730030,"message":"The account is closed."}]}"#;
const OBJECT_QUERY: &str = r#"{"reasons":[{"code":"50000027","message":"bad filter"}],"requestId":"r"}"#;
const OBJECT_QUERY_BEFORE_2025: &str = r#"{"code":"50000027","message":"bad filter"}"#;
const CRUD: &str = r#"{"Success":false,"Errors":[{"Code":"INVALID_ID","Message":"not an id"}]}"#;
const ACTIONS: &str = r#"[{"Success":true,"Id":"1"},{"Success":false,"Errors":[{"Code":"LOCK_COMPETITION","Message":"busy"}]}]"#;
const ZOQL: &str = r#"{"faultcode":"fns:MALFORMED_QUERY","faultstring":"You have an error"}"#;
const ZOQL_SESSION: &str = r#"{"FaultCode":"INVALID_SESSION","FaultMessage":"gone"}"#;
const BATCH: &str = r#"{"errorCode":"90005","message":"syntax error"}"#;
const GATEWAY: &str = r#"{"message":"no Route matched with those values"}"#;
const SPRING: &str =
    r#"{"timestamp":1,"status":500,"error":"Internal Server Error","message":"x","path":"/v1/orders"}"#;
const IN_PROGRESS: &str = r#"{"success":false,"processId":"P","reasons":[{"code":50000050,"message":"A request with this Idempotency-Key is being processed."}]}"#;
const HTML: &str = "<html><h1>503 Service Unavailable</h1></html>";

/// Status, body, whether a key went with it → what happened, how to retry, whether it is stored under the key.
type Row = (u16, &'static str, bool, Kind, Retry, bool);

const TABLE: &[Row] = &[
    // The three meanings of 409.
    (409, LOCK, true, Kind::Locked, LATER, true),
    (409, IN_PROGRESS, true, Kind::InProgress, Retry::InProgress, false),
    (409, "", true, Kind::InProgress, Retry::InProgress, false),
    (409, r#"{"code":409,"message":"Conflict"}"#, true, Kind::InProgress, Retry::InProgress, false),
    (409, "", false, Kind::Conflict, LATER, false),
    (409, RULE, true, Kind::Rejected, Retry::Never, true),
    // The same refusal below and above version 2024-05-20.
    (200, LOCK, true, Kind::Locked, LATER, true),
    (200, NOT_FOUND, false, Kind::NotFound, Retry::Never, false),
    (404, NOT_FOUND, false, Kind::NotFound, Retry::Never, false),
    (200, RULE, true, Kind::Rejected, Retry::Never, true),
    (400, RULE, true, Kind::Rejected, Retry::Never, true),
    // The idempotency store's other answer.
    (422, r#"{"code":422,"message":"Idempotency key reused"}"#, true, Kind::KeyMismatch, Retry::Never, false),
    (422, "", true, Kind::InFront, Retry::Unknown, false),
    // Each dialect.
    (400, OBJECT_QUERY, false, Kind::Invalid, Retry::Never, false),
    (400, OBJECT_QUERY_BEFORE_2025, false, Kind::Invalid, Retry::Never, false),
    (404, r#"{"code":50000040,"message":"Cannot find entity"}"#, false, Kind::NotFound, Retry::Never, false),
    (404, r#"{"code":404,"message":"Not Found"}"#, false, Kind::InFront, Retry::Unknown, false),
    (400, CRUD, true, Kind::Invalid, Retry::Never, true),
    (200, ACTIONS, true, Kind::Locked, LATER, true),
    (400, ZOQL, false, Kind::Invalid, Retry::Never, false),
    (400, ZOQL_SESSION, false, Kind::Unauthorized, LATER, false),
    (200, BATCH, false, Kind::Rejected, Retry::Never, false),
    (500, SPRING, true, Kind::InFront, Retry::Unknown, false),
    (400, r#"{"message":"No bearer token"}"#, true, Kind::Unauthorized, LATER, false),
    // What stands in front decides nothing: a probe that meets this has not looked.
    (404, GATEWAY, true, Kind::InFront, Retry::Unknown, false),
    (404, HTML, true, Kind::InFront, Retry::Unknown, false),
    (403, HTML, true, Kind::InFront, Retry::Unknown, false),
    (302, "", true, Kind::InFront, Retry::Unknown, false),
    (500, "We're sorry, but something went wrong.", true, Kind::InFront, Retry::Unknown, false),
    (502, HTML, true, Kind::InFront, Retry::Unknown, false),
    (503, HTML, true, Kind::InFront, Retry::Unknown, false),
    (504, HTML, true, Kind::InFront, Retry::Unknown, false),
    (504, LOCK, true, Kind::InFront, Retry::Unknown, false),
    // Success that is none.
    (200, "", true, Kind::InFront, Retry::Unknown, false),
    (200, HTML, true, Kind::InFront, Retry::Unknown, false),
    (200, r#"{"success":true,"orderNum"#, true, Kind::InFront, Retry::Unknown, false),
    (200, r#"{"message":"ok?"}"#, true, Kind::InFront, Retry::Unknown, false),
    // Turned away before any work.
    (401, "", true, Kind::Unauthorized, LATER, false),
    (401, r#"{"error":"Unauthorized","status":401,"message":"m"}"#, true, Kind::Unauthorized, LATER, false),
    (429, "", true, Kind::Limited, LATER, false),
    (
        429,
        r#"{"reasons":[{"code":70,"message":"API Rate limit exceeded"}]}"#,
        true,
        Kind::Limited,
        LATER,
        false,
    ),
    (429, r#"{"message":"request exceeded limit"}"#, true, Kind::Limited, LATER, false),
];

/// Every documented category, as a refusal with HTTP 200 and as one with the true status.
const CATEGORIES: &[(i64, u16, Kind, Retry)] = &[
    (10, 403, Kind::Forbidden, Retry::Never),
    (11, 401, Kind::Unauthorized, LATER),
    (20, 400, Kind::Invalid, Retry::Never),
    (21, 400, Kind::Invalid, Retry::Never),
    (22, 400, Kind::Invalid, Retry::Never),
    (23, 400, Kind::Invalid, Retry::Never),
    (27, 400, Kind::Invalid, Retry::Never),
    (30, 400, Kind::Rejected, Retry::Never),
    (40, 404, Kind::NotFound, Retry::Never),
    (45, 405, Kind::Invalid, Retry::Never),
    (50, 409, Kind::Locked, LATER),
    (60, 500, Kind::Failed, LATER),
    (61, 500, Kind::Failed, LATER),
    (70, 429, Kind::Limited, LATER),
    (90, 400, Kind::Invalid, Retry::Never),
    (99, 500, Kind::Failed, LATER),
];

fn error(status: u16, body: &str, keyed: bool) -> Error {
    let code = StatusCode::from_u16(status).unwrap();
    let refusal = judge(code, &HeaderMap::new(), body.as_bytes(), keyed).unwrap_err();
    Error::refused("call", status, keyed, refusal)
}

#[test]
fn every_answer_that_is_no_success_has_its_kind_and_retry() {
    for (status, body, keyed, kind, retry, stored) in TABLE {
        let error = error(*status, body, *keyed);
        assert_eq!(
            (error.kind(), error.retry(), error.stored_under_key()),
            (*kind, *retry, *stored),
            "{status} {body}"
        );
    }
}

#[test]
fn a_category_decides_alike_with_status_200_and_with_its_own() {
    for (category, status, kind, retry) in CATEGORIES {
        let body =
            format!(r#"{{"success":false,"reasons":[{{"code":{},"message":"m"}}]}}"#, 58_730_000 + category);
        for status in [200, *status] {
            let error = error(status, &body, true);
            assert_eq!((error.kind(), error.retry()), (*kind, *retry), "{category} with {status}");
            assert_eq!(error.codes(), [58_730_000 + category]);
        }
    }
}

#[test]
fn of_several_reasons_the_one_that_waiting_does_not_cure_decides() {
    let body =
        r#"{"success":false,"reasons":[{"code":53500050,"message":"lock"},{"code":53500020,"message":"v"}]}"#;
    let error = error(400, body, true);
    assert_eq!(error.retry(), Retry::Never);
    assert_eq!(error.messages(), ["lock", "v"]);
}

#[test]
fn a_refusal_without_a_known_code_is_final_unless_zuora_says_it_failed_itself() {
    let body = r#"{"success":false,"reasons":[{"code":58730085,"message":"new"}]}"#;
    assert_eq!(error(200, body, true).retry(), Retry::Never);
    assert_eq!(error(400, body, true).retry(), Retry::Never);
    assert_eq!(error(500, body, true).retry(), LATER);
    assert_eq!(error(200, r#"{"success":false}"#, true).retry(), Retry::Never);
}

#[test]
fn a_limit_says_how_long_to_wait() {
    let mut headers = HeaderMap::new();
    headers.insert("ratelimit-reset", HeaderValue::from_static("41"));
    let limited = judge(StatusCode::TOO_MANY_REQUESTS, &headers, b"", true).unwrap_err();
    assert_eq!(limited.retry, Retry::Later { after: Some(Duration::from_secs(41)) });
    headers.insert("retry-after", HeaderValue::from_static("120"));
    let limited = judge(StatusCode::TOO_MANY_REQUESTS, &headers, b"", true).unwrap_err();
    assert_eq!(limited.retry, Retry::Later { after: Some(Duration::from_secs(120)) });
}

#[test]
fn an_answer_with_a_message_among_its_own_fields_is_no_refusal() {
    for body in [
        r#"{"success":true,"message":"done"}"#,
        r#"{"id":"1","message":"done"}"#,
        r#"{"success":true,"reasons":null,"errorCode":"x","message":"y"}"#,
        r#"{"data":[],"nextPage":null}"#,
        r#"[{"Success":true,"Id":"1"}]"#,
        "[]",
    ] {
        assert_eq!(dialect::read(body.as_bytes()), Said::Nothing, "{body}");
    }
}

#[test]
fn the_text_for_staff_has_sentence_code_status_and_no_line_breaks() {
    let error =
        error(409, &LOCK.replace("please", r"\n\tplease"), true).with_request_id(Some("req-7".into()));
    assert_eq!(
        error.to_string(),
        "call: Zuora is busy with the same object; Operation failed due to a lock competition, please retry later. \
         [53500050] (HTTP 409, request req-7)"
    );
}

#[test]
fn a_page_of_megabytes_makes_a_short_message() {
    let body = format!(r#"{{"success":false,"reasons":[{{"code":1,"message":"{}"}}]}}"#, "x".repeat(1 << 20));
    assert!(error(400, &body, true).to_string().len() < 1_000);
    let many = vec![r#"{"code":53200020,"message":"m"}"#; 10_000].join(",");
    let body = format!(r#"{{"success":false,"reasons":[{many}]}}"#);
    assert!(error(400, &body, true).codes().len() <= 20);
}

#[test]
fn json_nested_beyond_reason_is_foreign() {
    let body = "[".repeat(100_000);
    assert_eq!(dialect::read(body.as_bytes()), Said::No(Dialect::Foreign, vec![]));
}

/// JSON built from the words that the dialects look for, so that the paths behind them are met.
fn almost_an_answer() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"success\"",
        "\"Success\"",
        "\"reasons\"",
        "\"Errors\"",
        "\"code\"",
        "\"Code\"",
        "\"message\"",
        "\"FaultCode\"",
        "\"errorCode\"",
        "\"error\"",
        "false",
        "true",
        "null",
        "50",
        "1e999",
        "-0",
        "\"\\u0000\"",
        "\"fns:X\"",
        "{\"success\":false,\"reasons\":",
        "{\"code\":",
        "}}",
    ]);
    prop::collection::vec(words, 0..12).prop_map(|words| words.concat().into_bytes())
}

proptest! {
    #[test]
    fn no_bytes_with_no_status_make_the_judge_panic_or_lie(
        status in 100_u16..=999,
        body in prop_oneof![prop::collection::vec(any::<u8>(), 0..64), almost_an_answer()],
        keyed in any::<bool>(),
    ) {
        let status = StatusCode::from_u16(status).unwrap();
        match judge(status, &HeaderMap::new(), &body, keyed) {
            Ok(()) => {
                prop_assert!(status.is_success());
                prop_assert!(serde_json::from_slice::<serde_json::Value>(&body).is_ok());
            }
            Err(refusal) => {
                let own = refusal.dialect.is_zuoras_own();
                if refusal.retry == Retry::Never && refusal.kind != Kind::KeyMismatch {
                    prop_assert!(own, "only Zuora itself may say never: {refusal:?}");
                }
                let error = Error::refused("call", status.as_u16(), keyed, refusal);
                prop_assert!(!error.to_string().contains('\n'));
                prop_assert!(keyed || !error.stored_under_key());
                prop_assert!(own || !error.stored_under_key());
            }
        }
    }
}
