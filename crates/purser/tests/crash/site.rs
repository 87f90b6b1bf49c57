//! The scene: a Zuora and a Purser, each a process of its own, and the neighbors that they talk to.
//! Refuses to be reached from elsewhere: everything listens on 127.0.0.1.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use app::CalloutLogin;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use jiff::Timestamp;
use lab::process::{Process, Program, Zuora};
use lab::saas::SaasProduct;
use lab::zuora_user::ZuoraUser;
use serde_json::Value;
use store::testing::TestDb;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use zuora_emulator::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET};

/// Sixty times as fast: a lease of three minutes lasts three seconds, fifteen minutes of settling a quarter of one.
const SPEED: i64 = 60;

/// What Zuora and Purser have agreed on for callouts.
const CALLOUT_USER: &str = "zuora";
const CALLOUT_PASSWORD: &str = "a password for this test";

/// What the product and Purser have agreed on.
const SAAS_TOKEN: &str = "a token for this test";

const OFFERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../offers.toml");

/// Everything together.
pub struct Site {
    pub zuora: Zuora,
    pub http: reqwest::Client,
    pub token: String,
    program: Program,
    origin: Timestamp,
    server: Mutex<Option<Process>>,
    /// Where the server listens now: another port after each start.
    url: Arc<RwLock<String>>,
}

impl Site {
    /// Sets everything up as a newcomer would: with the command line, before the server starts.
    pub async fn open(db: &TestDb) -> Site {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let url = Arc::new(RwLock::new(String::new()));
        let neighbors = neighbors(&http, &url).await;
        let path = PathBuf::from(env!("CARGO_BIN_EXE_purser"));
        let mut program = Program { path, directory: fresh_directory(db.name()), settings: Vec::new() };
        let origin = Timestamp::now();
        let zuora = Zuora::start(&program, origin, SPEED).await.expect("Zuora starts");
        let login = CalloutLogin { user: CALLOUT_USER.to_owned(), password: CALLOUT_PASSWORD.into() };
        let administrator = ZuoraUser::new(&zuora.url).expect("Zuora can be used");
        administrator.define_callouts(&neighbors, &login).await.expect("callouts can be defined");

        program.run(&["license", "new-key", "signing.key"]).expect("a key");
        program.settings = settings(db, &zuora.url, &neighbors);
        program.run(&["migrate"]).expect("the schema is there");
        program.run(&["offer", "apply", OFFERS]).expect("the offers are right");
        let create = [
            "token",
            "create",
            "--json",
            "--name",
            "crash",
            "--scope",
            "orders:read",
            "--scope",
            "orders:write",
        ];
        let made: Value = serde_json::from_str(&program.run(&create).expect("a token")).expect("one object");
        let token = made["secret"].as_str().expect("a secret").to_owned();
        let site = Site { zuora, http, token, program, origin, server: Mutex::new(None), url };
        site.kill_and_restart().await;
        site.wait_for_prices().await;
        site
    }

    /// Where the server listens, or did until a moment ago.
    pub fn url(&self) -> String {
        self.url.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// SIGKILL for the server if there is one, and the next one at once.
    pub async fn kill_and_restart(&self) {
        let mut running = self.server.lock().await;
        if let Some(server) = running.take() {
            server.kill();
        }
        let (origin, port) = (self.origin.to_string(), self.program.file("serve.port"));
        let arguments = ["serve", "--clock-origin", &origin, "--port-file", &port];
        let mut server = self.program.start("serve", &arguments).expect("the server starts");
        let port = server.port(&port).await.expect("the server listens");
        *self.url.write().unwrap_or_else(PoisonError::into_inner) = format!("http://127.0.0.1:{port}");
        *running = Some(server);
    }

    /// What the API answers; the server must be up.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(format!("{}{path}", self.url())).bearer_auth(&self.token).send().await;
        let answer = answer.expect("the server answers");
        let status = answer.status();
        let text = answer.text().await.expect("a whole answer");
        assert!(status.is_success(), "{path} was answered {status}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Nothing can be sold before the catalog has been read once.
    async fn wait_for_prices(&self) {
        for _ in 0..600 {
            let offers = self.get("/api/v1/offers?currency=EUR").await;
            if offers["offers"].as_array().is_some_and(|offers| !offers.is_empty()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no prices came");
    }
}

fn settings(db: &TestDb, zuora: &str, neighbors: &str) -> Vec<(&'static str, String)> {
    let speed = format!("{SPEED}.0");
    let settings = [
        ("PURSER_DATABASE", db.address()),
        ("PURSER_LISTEN", "127.0.0.1:0"),
        ("PURSER_METRICS", "127.0.0.1:0"),
        ("PURSER_CLOCK_SPEED", &speed),
        ("PURSER_ZUORA__URL", zuora),
        ("PURSER_ZUORA__CLIENT_ID", DEFAULT_CLIENT_ID),
        ("PURSER_ZUORA__CLIENT_SECRET", DEFAULT_CLIENT_SECRET),
        ("PURSER_CALLOUTS__USER", CALLOUT_USER),
        ("PURSER_CALLOUTS__PASSWORD", CALLOUT_PASSWORD),
        ("PURSER_LICENSE__SIGNING_KEY_FILE", "signing.key"),
        ("PURSER_LICENSE__KEY_ID", "crash"),
        ("PURSER_SAAS__URL", neighbors),
        ("PURSER_SAAS__TOKEN", SAAS_TOKEN),
    ];
    settings.into_iter().map(|(name, value)| (name, value.to_owned())).collect()
}

type Way = (reqwest::Client, Arc<RwLock<String>>);

/// The product that takes entitlements, and a way for callouts to wherever the server listens now: its port changes,
/// the address in a callout's definition does not.
async fn neighbors(http: &reqwest::Client, url: &Arc<RwLock<String>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let way = post(hand_on).with_state::<()>((http.clone(), url.clone()));
    let router = SaasProduct::new(SAAS_TOKEN).router().route("/callouts/zuora", way);
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

async fn hand_on(State((http, url)): State<Way>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let server = url.read().unwrap_or_else(PoisonError::into_inner).clone();
    let mut callout = http.post(format!("{server}/callouts/zuora")).body(body);
    for name in ["authorization", "content-type", "zuora-notification-id"] {
        if let Some(value) = headers.get(name) {
            callout = callout.header(name, value);
        }
    }
    // A server that was just killed answers nothing; then Zuora sends the callout again, or the sync comes by itself.
    let answered = callout.send().await;
    answered
        .ok()
        .and_then(|answer| StatusCode::from_u16(answer.status().as_u16()).ok())
        .unwrap_or(StatusCode::BAD_GATEWAY)
}

/// Stays for reading when the test fails; the next run empties it.
fn fresh_directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("crash-{name}"));
    std::fs::remove_dir_all(&directory).ok();
    std::fs::create_dir_all(&directory).expect("the directory can be made");
    directory
}
