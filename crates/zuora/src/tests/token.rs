//! One token, shared; one spurious 401, cured; nothing secret, printed.

use futures_util::future::join_all;

use super::{Script, TOKEN, answer, header, key, ok};
use crate::{Kind, Retry, TransportError};

const ACCOUNT: &str = r#"{"basicInfo":{"id":"a1","name":"Acme","accountNumber":"A1"},"success":true}"#;
const TOKEN_2: &str = r#"{"access_token":"tok-2","token_type":"bearer","expires_in":3599}"#;
const NO_SESSION: &str =
    r#"{"success":false,"processId":"P","reasons":[{"code":90000011,"message":"please sign in first"}]}"#;

#[tokio::test]
async fn the_token_call_is_a_form_with_its_secret_encoded() {
    let script = Script::with([ok(ACCOUNT)]);
    script.client().account("A1").await.unwrap();
    let asked = script.asked();
    assert_eq!(asked[0].path_and_query, "/oauth/token");
    assert_eq!(header(&asked[0], "content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(
        &asked[0].body[..],
        b"client_id=client-1&client_secret=s3cret%2B%2F%26%3D&grant_type=client_credentials"
    );
    assert_eq!(header(&asked[1], "authorization"), Some("Bearer tok-1"));
}

#[tokio::test]
async fn callers_at_the_same_time_share_one_token_fetch() {
    let script = Script::with((0..8).map(|_| ok(ACCOUNT)));
    let client = script.client();
    let answers = join_all((0..8).map(|_| client.account("A1"))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(script.paths().iter().filter(|path| *path == "/oauth/token").count(), 1);
}

#[tokio::test]
async fn a_token_is_replaced_before_it_ends() {
    let script = Script::with([ok(ACCOUNT), ok(ACCOUNT), ok(TOKEN_2), ok(ACCOUNT)]);
    let client = script.client();
    client.account("A1").await.unwrap();
    script.set_now("2026-11-01T00:58:58Z");
    client.account("A1").await.unwrap();
    script.set_now("2026-11-01T00:58:59Z");
    client.account("A1").await.unwrap();
    let bearers: Vec<_> = script
        .asked()
        .iter()
        .filter_map(|request| header(request, "authorization").map(str::to_owned))
        .collect();
    assert_eq!(bearers, ["Bearer tok-1", "Bearer tok-1", "Bearer tok-2"]);
}

#[tokio::test]
async fn one_spurious_401_is_cured_with_the_same_key_and_a_new_token() {
    for refusal in [answer(401, ""), answer(401, NO_SESSION), answer(200, NO_SESSION)] {
        let created = r#"{"success":true,"accountId":"a1","accountNumber":"A1"}"#;
        let script = Script::with([refusal, ok(TOKEN_2), ok(created)]);
        script.client().account_create("{}".into(), &key()).await.unwrap();
        let asked = script.asked();
        assert_eq!(asked.len(), 4);
        assert_eq!(header(&asked[1], "idempotency-key"), Some("job-1.1"));
        assert_eq!(header(&asked[3], "idempotency-key"), Some("job-1.1"));
        assert_eq!(header(&asked[3], "authorization"), Some("Bearer tok-2"));
        assert_eq!(asked[1].body, asked[3].body);
    }
}

#[tokio::test]
async fn a_second_401_ends_it() {
    let script = Script::with([answer(401, NO_SESSION), ok(TOKEN_2), answer(401, NO_SESSION)]);
    let error = script.client().account_create("{}".into(), &key()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unauthorized);
    assert_eq!(error.retry(), Retry::Later { after: None });
    assert!(!error.stored_under_key());
    assert_eq!(script.asked().len(), 4);
}

#[tokio::test]
async fn a_401_while_the_token_service_is_down_does_not_cost_the_token() {
    let down = Err(TransportError::NotSent("connection refused".into()));
    let script = Script::with([answer(401, ""), down, ok(ACCOUNT)]);
    let client = script.client();
    let error = client.account("A1").await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Kind::NotSent, Retry::NotSent));
    client.account("A1").await.unwrap();
    assert_eq!(header(&script.asked()[3], "authorization"), Some("Bearer tok-1"));
}

#[tokio::test]
async fn without_a_token_the_call_was_certainly_not_made() {
    let outcomes = [
        Err(TransportError::NotSent("no such host".into())),
        Err(TransportError::Unknown("timed out".into())),
        answer(500, "<html>"),
        answer(503, ""),
        answer(504, ""),
        answer(429, ""),
        answer(200, "{}"),
        answer(200, r#"{"access_token":"tok-1","expires_in":"#),
    ];
    for outcome in outcomes {
        let script = Script::bare([outcome]);
        let error = script.client().order_create("{}".into(), &key()).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (Kind::NotSent, Retry::NotSent), "{error}");
        assert!(!error.stored_under_key());
        assert_eq!(script.paths(), ["/oauth/token"]);
    }
}

#[tokio::test]
async fn wrong_credentials_are_told_from_a_token_service_that_is_down() {
    let wrong = r#"{"timestamp":1,"status":400,"error":"Bad Request","message":"Invalid client id","path":"/oauth/token"}"#;
    let script = Script::bare([answer(400, wrong)]);
    let error = script.client().account("A1").await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Kind::Unauthorized, Retry::NotSent));
    assert_eq!(error.messages(), ["Invalid client id"]);
}

#[tokio::test]
async fn those_who_waited_for_a_fetch_that_failed_share_the_failure() {
    let (release, released) = tokio::sync::watch::channel(false);
    let fetches = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counted = fetches.clone();
    let transport = crate::Transport::InProcess(std::sync::Arc::new(move |_| {
        counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let mut released = released.clone();
        Box::pin(async move {
            released.wait_for(|released| *released).await.unwrap();
            Err(TransportError::Unknown("timed out".into()))
        })
    }));
    let client = crate::Client::new(
        transport,
        crate::Credentials { client_id: "c".into(), client_secret: "s".to_owned().into() },
        crate::Seams { now: std::sync::Arc::new(|| super::START.parse().unwrap()) },
        crate::Options::default(),
    );
    let callers = join_all((0..8).map(|_| client.account("A1")));
    let (outcomes, ()) = futures_util::future::join(callers, async { release.send(true).unwrap() }).await;
    assert!(outcomes.iter().all(|outcome| outcome.as_ref().unwrap_err().retry() == Retry::NotSent));
    assert_eq!(fetches.load(std::sync::atomic::Ordering::SeqCst), 1);
    client.account("A1").await.unwrap_err();
    assert_eq!(fetches.load(std::sync::atomic::Ordering::SeqCst), 2, "a later caller asks again");
}

#[tokio::test]
async fn neither_secret_nor_token_is_ever_printed() {
    let script = Script::with([answer(401, ""), ok(TOKEN), answer(500, "")]);
    let client = script.client();
    let error = client.account("A1").await.unwrap_err();
    let printed = format!("{client:?} {error:?} {error} {:?}", script.asked());
    for secret in ["s3cret", "tok-1"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
