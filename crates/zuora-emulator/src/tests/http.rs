//! Over real HTTP: sockets that are refused and reset, compressed answers, delivered callouts.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::desk::{START, account, new_subscription};
use crate::http::{Clock, Handle, Speed, serve, serve_admin};
use crate::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Emulator, Settings, seed};

struct Served {
    api: SocketAddr,
    admin: SocketAddr,
    client: reqwest::Client,
    token: String,
    // Dropping these ends both servers.
    _stop: (oneshot::Sender<()>, oneshot::Sender<()>),
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test of the real shell runs on real tasks")]
fn spawn(task: impl Future<Output = std::io::Result<()>> + Send + 'static) {
    tokio::spawn(task);
}

#[expect(clippy::disallowed_methods, reason = "a test of the real shell waits in real time")]
async fn pause(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

impl Served {
    async fn start(speed: u32) -> Served {
        drop(rustls::crypto::ring::default_provider().install_default());
        let clock = Clock::new(START.parse().unwrap(), Speed::times(speed));
        let mut emulator = Emulator::new(Settings::default());
        seed::demo(&mut emulator, clock.now()).unwrap();
        let emulator = Handle::new(emulator);
        let (api, admin) = (listen().await, listen().await);
        let addresses = (api.local_addr().unwrap(), admin.local_addr().unwrap());
        let ((stop_api, api_stops), (stop_admin, admin_stops)) = (oneshot::channel(), oneshot::channel());
        spawn(serve(api, emulator.clone(), clock.clone(), async { drop(api_stops.await) }));
        spawn(serve_admin(admin, emulator, clock, async { drop(admin_stops.await) }));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let form = [
            ("client_id", DEFAULT_CLIENT_ID),
            ("client_secret", DEFAULT_CLIENT_SECRET),
            ("grant_type", "client_credentials"),
        ];
        let answer =
            client.post(format!("http://{}/oauth/token", addresses.0)).form(&form).send().await.unwrap();
        let token: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        let token = token["access_token"].as_str().unwrap().to_owned();
        Served { api: addresses.0, admin: addresses.1, client, token, _stop: (stop_api, stop_admin) }
    }

    async fn get(&self, path: &str) -> reqwest::Result<reqwest::Response> {
        self.client.get(format!("http://{}{path}", self.api)).bearer_auth(&self.token).send().await
    }

    async fn post(&self, path: &str, body: &Value) -> reqwest::Result<reqwest::Response> {
        let request = self.client.post(format!("http://{}{path}", self.api)).bearer_auth(&self.token);
        request.body(body.to_string()).send().await
    }

    async fn faults(&self, faults: Value) {
        let url = format!("http://{}/faults", self.admin);
        let answer = self.client.put(url).body(json!({ "faults": faults }).to_string()).send().await.unwrap();
        assert!(answer.status().is_success());
    }

    async fn books(&self) -> Value {
        let answer = self.client.get(format!("http://{}/books", self.admin)).send().await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }
}

#[tokio::test]
async fn an_order_goes_over_the_wire_and_into_the_books() {
    let served = Served::start(1).await;
    assert!(served.post("/v1/accounts", &account("N-1")).await.unwrap().status().is_success());
    served.post("/v1/orders", &new_subscription("N-1", "PUR-1", "S-1", 10)).await.unwrap();
    let books = served.books().await;
    assert_eq!(books["accounts"][0]["orders"][0]["number"], "PUR-1");
    assert_eq!(books["accounts"][0]["invoices"][0]["items"][0]["amount"], "3480.00");
    let shown = served.get("/v1/subscriptions/S-1").await.unwrap().text().await.unwrap();
    assert!(shown.contains("\"price\":348.00"));
}

#[tokio::test]
async fn large_answers_are_compressed_for_those_who_accept_it() {
    let served = Served::start(1).await;
    let url = format!("http://{}/v1/catalog/products", served.api);
    let raw = reqwest::Client::builder().no_proxy().gzip(false).build().unwrap();
    let get = |accept: &'static str| {
        raw.get(&url).bearer_auth(&served.token).header("accept-encoding", accept).send()
    };
    let packed = get("gzip, deflate").await.unwrap();
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    let packed = packed.bytes().await.unwrap();
    let plain = get("identity").await.unwrap();
    assert!(plain.headers().get("content-encoding").is_none());
    let plain = plain.bytes().await.unwrap();
    assert!(packed.len() < plain.len() / 2);
    let small = raw.get(format!("http://{}/v1/accounts/none", served.api)).bearer_auth(&served.token);
    let small = small.header("accept-encoding", "gzip").send().await.unwrap();
    assert!(small.headers().get("content-encoding").is_none());
}

#[tokio::test]
async fn a_refusal_closes_the_port_and_healing_opens_it_again() {
    let served = Served::start(1).await;
    served.get("/v1/catalog/products").await.unwrap();
    served.faults(json!([{"kind": "refuse"}])).await;
    pause(60).await;
    let refused = tokio::net::TcpStream::connect(served.api).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    assert!(served.get("/v1/catalog/products").await.is_err(), "lines that were open are cut");
    served.faults(json!([])).await;
    pause(60).await;
    assert!(served.get("/v1/catalog/products").await.unwrap().status().is_success());
}

#[tokio::test]
async fn a_reset_after_the_commit_leaves_the_order_in_the_books() {
    let served = Served::start(1).await;
    served.post("/v1/accounts", &account("N-1")).await.unwrap();
    served.faults(json!([{"kind": "reset_after_commit"}])).await;
    assert!(served.post("/v1/orders", &new_subscription("N-1", "PUR-1", "S-1", 10)).await.is_err());
    assert_eq!(served.books().await["accounts"][0]["orders"][0]["number"], "PUR-1");
}

#[tokio::test]
async fn delays_shrink_with_the_speed_of_the_clock() {
    let served = Served::start(1_000).await;
    served.post("/v1/accounts", &account("N-1")).await.unwrap();
    served.faults(json!([{"kind": "slow", "delay_ms": 90_000}, ])).await;
    // 90 s at a thousand times the speed: answered in a tenth of a second.
    let answer = served.get("/v1/accounts/N-1");
    let answer = answer.await.unwrap();
    assert!(answer.status().is_success());
    served.faults(json!([{"kind": "late_commit"}])).await;
    let answer = served.post("/v1/orders", &new_subscription("N-1", "PUR-1", "S-1", 10)).await.unwrap();
    assert_eq!(answer.status().as_u16(), 504);
    served.faults(json!([])).await;
    for _ in 0..100 {
        if served.get("/v1/orders/PUR-1").await.unwrap().text().await.unwrap().contains("\"PUR-1\",\"orderN")
        {
            break;
        }
        pause(20).await;
    }
    assert_eq!(served.books().await["accounts"][0]["orders"].as_array().unwrap().len(), 1);
}

type Seen = Arc<Mutex<Vec<(bool, Value)>>>;

/// Asks for credentials first, as two-step authentication expects.
async fn receive(
    State(seen): State<Seen>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, [(&'static str, &'static str); 1]) {
    let knows_us = headers.get("authorization").is_some();
    seen.lock().unwrap().push((knows_us, serde_json::from_str(&body).unwrap()));
    let status = if knows_us { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
    (status, [("www-authenticate", "Basic")])
}

#[tokio::test]
async fn a_callout_arrives_in_two_steps() {
    let served = Served::start(1_000).await;
    let seen = Seen::default();
    let receiver = listen().await;
    let url = format!("http://{}/callouts/zuora", receiver.local_addr().unwrap());
    let router = Router::new().fallback(receive).with_state(seen.clone());
    spawn(async move { axum::serve(receiver, router).await });
    let definition = json!({
        "name": "orders", "eventTypeName": "OrderProcessed",
        "callout": {
            "calloutBaseurl": url, "httpMethod": "POST", "requiredAuth": true,
            "calloutAuth": {"username": "zuora", "password": "s3cret", "preemptive": false},
            "calloutParams": {"OrderNumber": "<Order.OrderNumber>"},
        },
    });
    served.post("/notifications/notification-definitions", &definition).await.unwrap();
    served.post("/v1/accounts", &account("N-1")).await.unwrap();
    served.post("/v1/orders", &new_subscription("N-1", "PUR-1", "S-1", 10)).await.unwrap();
    for _ in 0..100 {
        if seen.lock().unwrap().len() == 2 {
            break;
        }
        pause(20).await;
    }
    let expected = json!({"OrderNumber": "PUR-1"});
    assert_eq!(*seen.lock().unwrap(), [(false, expected.clone()), (true, expected)]);
}
