//! An account that Zuora's own SDK made in the emulator, and that nobody told Purser about: Purser finds it by its own
//! sync, provisions what it bought, and shows it to a person who was granted membership. Real processes throughout.
//! Refuses to run unless PURSER_TEST_SDK=1, and says so; `bin/test` sets it.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on must fail and say why")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use lab::mail_sink::MailSink;
use lab::process::{Process, Program, Zuora};
use lab::saas::{Namespace, SaasProduct};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use serde::Deserialize;
use serde_json::Value;
use tokio::net::TcpListener;
use zuora_emulator::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET};

/// Set by the stage of `bin/test` that has installed the SDK.
const ASKED: &str = "PURSER_TEST_SDK";

/// How long a sync of a handful of rows and what follows from it may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks at something that is awaited.
const LOOKS_EVERY: Duration = Duration::from_millis(100);

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const SCRIPT: &str = "clients/zuora-sdk/order_to_cash.py";
const PYTHON: &str = ".venv/bin/python";

/// What the script's subscription is for, as a salesperson would note it in Zuora.
const TARGET: &str = "namespace:sdk-shop";
/// What the script buys.
const PLAN: &str = "business";
const CAPABILITY: &str = "business-seats";
const SEATS: i64 = 7;

const SAAS_TOKEN: &str = "a token for this test";
const PERSON: &str = "ada@sdk-shop.example";

/// What the script made, by number.
#[derive(Debug, Deserialize)]
struct Made {
    account: String,
    subscription: String,
    invoice: String,
    payment: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_official_sdk_ordered_is_found_provisioned_and_shown() {
    if std::env::var(ASKED).is_ok_and(|value| value == "1") {
        story().await;
    } else {
        eprintln!("skipped: set {ASKED}=1 where .venv has zuora-sdk, or run bin/test");
    }
}

async fn story() {
    rustls::crypto::ring::default_provider().install_default().expect("this test is alone in its process");
    let path = PathBuf::from(env!("CARGO_BIN_EXE_purser"));
    let mut program = Program { path, directory: fresh_directory(), settings: Vec::new() };
    let zuora = Zuora::start(&program, Timestamp::now(), 1).await.expect("Zuora starts");
    let made = order_through_the_sdk(&zuora.url, &program.directory);

    let (product, mails) = (SaasProduct::new(SAAS_TOKEN), MailSink::default());
    program.run(&["license", "new-key", "signing.key"]).expect("a key");
    program.settings = settings(&zuora.url, &product, &mails).await;
    program.run(&["migrate"]).expect("the schema is there");
    program.run(&["offer", "apply", &format!("{ROOT}/offers.toml")]).expect("the offers are right");
    let site = Site::start(&program).await;

    site.has_found(&made).await;
    has_been_provisioned(&site, &product).await;
    let link = link_for_a_member(&program, &mails, &made.account).await;
    let session = site.sign_in(&link).await;
    site.shows(&session, &made).await;
}

/// The script, in a process of its own, as `bin/stages/sdk` runs it too.
fn order_through_the_sdk(zuora: &str, directory: &Path) -> Made {
    let out = directory.join("made.json");
    let mut script = Command::new(Path::new(ROOT).join(PYTHON));
    script.current_dir(ROOT).args([SCRIPT, "--url", zuora]);
    script.args(["--client-id", DEFAULT_CLIENT_ID, "--client-secret", DEFAULT_CLIENT_SECRET]);
    script.args(["--subscription-field", &format!("PurserTarget__c={TARGET}"), "--out"]).arg(&out);
    let ran = script.output().unwrap_or_else(|error| {
        panic!("{PYTHON} cannot be run ({error}); `bin/test --only setup,sdk` makes it")
    });
    let told = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{SCRIPT}: {told}{}", String::from_utf8_lossy(&ran.stderr));
    let made = std::fs::read(&out).expect("the script wrote what it made");
    serde_json::from_slice(&made).expect("one object with numbers")
}

/// The settings of the processes, with the product and the mail server that the test itself serves.
async fn settings(zuora: &str, product: &SaasProduct, mails: &MailSink) -> Vec<(&'static str, String)> {
    let port = || async { TcpListener::bind("127.0.0.1:0").await.expect("a port") };
    let (web, smtp) = (port().await, port().await);
    let saas_url = format!("http://{}", web.local_addr().expect("an address"));
    let smtp_address = smtp.local_addr().expect("an address").to_string();
    let router = product.router();
    tokio::spawn(async move { axum::serve(web, router).await });
    tokio::spawn(mails.clone().serve(smtp));
    let settings = [
        ("PURSER_DATABASE", "sqlite:purser.sqlite"),
        ("PURSER_LISTEN", "127.0.0.1:0"),
        ("PURSER_METRICS", "127.0.0.1:0"),
        ("PURSER_ZUORA__URL", zuora),
        ("PURSER_ZUORA__CLIENT_ID", DEFAULT_CLIENT_ID),
        ("PURSER_ZUORA__CLIENT_SECRET", DEFAULT_CLIENT_SECRET),
        ("PURSER_LICENSE__SIGNING_KEY_FILE", "signing.key"),
        ("PURSER_LICENSE__KEY_ID", "sdk"),
        ("PURSER_SAAS__URL", &saas_url),
        ("PURSER_SAAS__TOKEN", SAAS_TOKEN),
        ("PURSER_MAIL__SMTP", &smtp_address),
        ("PURSER_MAIL__TLS", "off"),
    ];
    settings.into_iter().map(|(name, value)| (name, value.to_owned())).collect()
}

/// The product was told the plan and the seats, and whoever asks Purser hears the same.
async fn has_been_provisioned(site: &Site, product: &SaasProduct) {
    let got = |namespace: &Namespace| {
        let seats = namespace.capabilities.iter().find(|one| one.capability == CAPABILITY);
        namespace.plan.as_deref() == Some(PLAN) && seats.is_some_and(|seats| seats.quantity == SEATS)
    };
    let deadline = Instant::now() + PATIENCE;
    while !product.namespaces().get(TARGET).is_some_and(got) {
        assert!(Instant::now() < deadline, "the product knows only {:?}", product.namespaces());
        tokio::time::sleep(LOOKS_EVERY).await;
    }
    let entitled =
        site.api(&format!("/api/v1/entitlements/{TARGET}")).await.expect("a target is always known");
    assert_eq!((&entitled["plan"], &entitled["capabilities"][0]["quantity"]), (&PLAN.into(), &SEATS.into()));
}

/// The sign-in link that a new member is mailed.
async fn link_for_a_member(program: &Program, mails: &MailSink, account: &str) -> String {
    let grant = ["membership", "grant", "--account", account, "--mail", PERSON, "--name", "Ada Quill"];
    program.run(&[&grant[..], &["--role", "manager"]].concat()).expect("membership is granted");
    let mail = tokio::time::timeout(PATIENCE, mails.wait_for(PERSON, "/portal/sign-in/")).await;
    let mail = mail.expect("a mail comes in time").expect("the sink lives");
    let link = mail.text.split_whitespace().find(|word| word.contains("/portal/sign-in/"));
    link.unwrap_or_else(|| panic!("no link in {}", mail.text)).to_owned()
}

/// A running `purser serve`, and clients of its API and its portal.
struct Site {
    url: String,
    token: String,
    http: reqwest::Client,
    _server: Process,
}

impl Site {
    async fn start(program: &Program) -> Site {
        let create = ["token", "create", "--json", "--name", "sdk"];
        let scopes = ["--scope", "orders:read", "--scope", "entitlements:read"];
        let token = program.run(&[&create[..], &scopes].concat()).expect("a token");
        let token: Value = serde_json::from_str(&token).expect("one object");
        let port = program.file("serve.port");
        let mut server = program.start("serve", &["serve", "--port-file", &port]).expect("the server starts");
        let url = format!("http://127.0.0.1:{}", server.port(&port).await.expect("the server listens"));
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        Site {
            url,
            token: token["secret"].as_str().expect("a secret").to_owned(),
            http: http.build().expect("a client"),
            _server: server,
        }
    }

    /// What the API answers; `None` if it does not know it.
    async fn api(&self, path: &str) -> Option<Value> {
        let answer = self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.token).send().await;
        let answer = answer.expect("the server answers");
        let (status, text) = (answer.status(), answer.text().await.expect("a whole answer"));
        if status == StatusCode::NOT_FOUND {
            return None;
        }
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        Some(serde_json::from_str(&text).expect("JSON"))
    }

    /// Waits until the sync has found the subscription, and the account with it.
    async fn has_found(&self, made: &Made) {
        let path = format!("/api/v1/accounts/{}", made.account);
        let deadline = Instant::now() + PATIENCE;
        let subscription = loop {
            let list = self.api(&format!("{path}/subscriptions")).await.unwrap_or_default();
            if let Some(found) = list["subscriptions"].get(0) {
                assert_eq!(list["subscriptions"].as_array().map(Vec::len), Some(1), "{list}");
                break found.clone();
            }
            assert!(Instant::now() < deadline, "the sync has not found {made:?}");
            tokio::time::sleep(LOOKS_EVERY).await;
        };
        assert_eq!(subscription["number"], made.subscription.as_str());
        assert_eq!((&subscription["status"], &subscription["version"]), (&"active".into(), &1.into()));
        assert_eq!(subscription["target"], TARGET);
        let line = &subscription["lines"][0];
        assert_eq!(
            (&line["rate_plan"], &line["quantity"]),
            (&"PRP-00000001".into(), &SEATS.to_string().into())
        );
        let account = self.api(&path).await.expect("the account is known with its subscription");
        assert_eq!((&account["currency"], &account["status"]), (&"USD".into(), &"active".into()));
    }

    /// Opens the link as a person does: looks at the page, presses its button. Returns the session's cookie.
    async fn sign_in(&self, link: &str) -> String {
        let path =
            link.split_once("/portal/").map(|(_, rest)| format!("/portal/{rest}")).expect("a portal link");
        let (status, page) = self.page(&path, None).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            page.contains(&format!("<form class=\"panel\" method=\"post\" action=\"{path}\">")),
            "{page}"
        );
        assert!(page.contains("<button"), "{page}");
        let pressed = self.http.post(format!("{}{path}", self.url));
        let pressed = pressed.header(CONTENT_TYPE, "application/x-www-form-urlencoded").send().await;
        let pressed = pressed.expect("the server answers");
        assert_eq!(
            (pressed.status(), &pressed.headers()[LOCATION]),
            (StatusCode::SEE_OTHER, &"/portal".parse().expect("a path"))
        );
        let cookie = pressed.headers()[SET_COOKIE].to_str().expect("text");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        cookie.split(';').next().unwrap_or_default().to_owned()
    }

    /// The account's page, and the page of its invoices, with what the SDK bought and paid.
    async fn shows(&self, session: &str, made: &Made) {
        let account = format!("/portal/{}", made.account);
        let entrance = self.http.get(format!("{}/portal", self.url)).header(COOKIE, session).send().await;
        let entrance = entrance.expect("the server answers");
        assert_eq!(entrance.headers()[LOCATION].to_str().ok(), Some(account.as_str()), "the only account");
        // Invoice and payment are read after the subscription, which is here already.
        let deadline = Instant::now() + PATIENCE;
        let page = loop {
            let (status, page) = self.page(&account, Some(session)).await;
            assert_eq!(status, StatusCode::OK, "{page}");
            if page.contains(&made.invoice) {
                break page;
            }
            assert!(Instant::now() < deadline, "no {} (paid by {}) on {page}", made.invoice, made.payment);
            tokio::time::sleep(LOOKS_EVERY).await;
        };
        for words in [
            &made.subscription,
            "Ternlight Cloud Business",
            "7 Business seats",
            "sdk-shop",
            "Quill &#38; Sons",
        ] {
            assert!(page.contains(words), "no {words} on {page}");
        }
        let (status, invoices) = self.page(&format!("{account}/invoices"), Some(session)).await;
        assert_eq!(status, StatusCode::OK);
        for words in [made.invoice.as_str(), "2,688.00", "Paid"] {
            assert!(invoices.contains(words), "no {words} on {invoices}");
        }
        let (status, _) = self.page(&account, None).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "whoever is not signed in is asked to");
    }

    async fn page(&self, path: &str, session: Option<&str>) -> (StatusCode, String) {
        let mut request = self.http.get(format!("{}{path}", self.url));
        if let Some(session) = session {
            request = request.header(COOKIE, session);
        }
        let answer = request.send().await.expect("the server answers");
        (answer.status(), answer.text().await.expect("a whole page"))
    }
}

/// Stays for reading when the test fails; the next run empties it.
fn fresh_directory() -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sdk");
    std::fs::remove_dir_all(&directory).ok();
    std::fs::create_dir_all(&directory).expect("the directory can be made");
    directory
}
