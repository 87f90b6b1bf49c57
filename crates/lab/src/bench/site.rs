//! The platform under load: the real program on a database of its own, a Zuora in another process, customers who know it.
//! Refuses to let one run see what another left: with the value go the processes, the database and the directory.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use zuora_emulator::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Fault, FaultKind};

use super::Options;
use super::limit::Postgres;
use super::load::{self, Load, Measured, Target};
use crate::process::{Process, Program, Zuora};
use crate::saas::SaasProduct;
use crate::world::OFFERS;
use crate::{Error, Result};

/// How many accounts order, in turn: more than clients, so that no order waits for another of its account.
const ACCOUNTS: usize = 512;

/// How many requests are under way while accounts are opened and filled.
const HELPERS: usize = 16;

/// How long the platform may take to have everything billed and provisioned before the load.
const FILLED_WITHIN: Duration = Duration::from_secs(120);

/// What the product expects.
const SAAS_TOKEN: &str = "a token for the bench";

/// What a call takes while Zuora is up, the same as in the demo.
const ZUORA_LATENCY_MS: u64 = 250;

/// Enough that every order is granted on trust: that is the longer way, with a push and an event more.
const EXPOSURE_LIMIT: &str = "1000000000.00";

/// Where the platform keeps everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On the server that the options name.
    Postgres,
    /// In a file.
    Sqlite,
}

/// What the measured process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything: it answers, and works on what was ordered.
    All,
    /// It only answers; no worker runs anywhere.
    Web,
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Role::All => "all",
            Role::Web => "web",
        }
    }
}

/// How Zuora is while the load runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZuoraState {
    /// It takes as long as the real one at its best.
    Up,
    /// It answers at once, so that only the machine limits the worker.
    Instant,
    /// Nobody listens.
    Down,
}

impl ZuoraState {
    fn fault(self) -> Option<Fault> {
        match self {
            ZuoraState::Up => {
                Some(Fault { delay_ms: Some(ZUORA_LATENCY_MS), ..Fault::every(FaultKind::Slow) })
            }
            ZuoraState::Instant => None,
            ZuoraState::Down => Some(Fault::every(FaultKind::Refuse)),
        }
    }
}

/// Writes the n-th request of a client.
pub type Write = Box<dyn Fn(usize, u64, &mut Vec<u8>) + Send + Sync>;

/// A running platform with customers.
pub struct Site {
    zuora: Zuora,
    address: SocketAddr,
    token: String,
    accounts: Vec<String>,
    http: reqwest::Client,
    // In the order in which they are to go: the server before its database and directory.
    server: Option<Process>,
    program: Program,
    _neighbors: JoinSet<()>,
    _database: Option<Database>,
    _directory: Directory,
}

impl Site {
    /// Sets everything up; returns when each account has an order that is billed and provisioned.
    pub async fn open(options: &Options, place: Place) -> Result<Site> {
        let directory = Directory::new()?;
        let program =
            Program { path: options.purser.clone(), directory: directory.0.clone(), settings: Vec::new() };
        let zuora = Zuora::start(&program, Timestamp::now(), 1).await?;
        let mut neighbors = JoinSet::new();
        let saas = product(&mut neighbors).await?;
        program.run(&["license", "new-key", "signing.key"])?;
        fs::write(program.file("offers.toml"), OFFERS).map_err(Error::io("write offers.toml"))?;
        let database = match place {
            Place::Postgres => Some(Database::new(options)?),
            Place::Sqlite => None,
        };
        let address = database.as_ref().map_or("sqlite:purser.sqlite".to_owned(), Database::address);
        let program = Program { settings: settings(&address, &zuora.url, &saas), ..program };
        program.run(&["migrate"])?;
        program.run(&["offer", "apply", "offers.toml"])?;
        let token = token(&program)?;
        let http = reqwest::Client::builder().no_proxy().build().map_err(Error::http("a client"))?;
        let mut site = Site {
            zuora,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            token,
            accounts: Vec::new(),
            http,
            server: None,
            program,
            _neighbors: neighbors,
            _database: database,
            _directory: directory,
        };
        site.serve(Role::All).await?;
        site.fill().await?;
        if let Some(database) = &site._database {
            database.postgres.vacuum(&database.name)?;
        }
        Ok(site)
    }

    /// Starts the server, in place of the one that runs.
    pub async fn serve(&mut self, role: Role) -> Result<()> {
        if let Some(running) = self.server.take() {
            running.kill();
        }
        let arguments = ["serve", "--role", role.as_str(), "--port-file", "serve.port"];
        let mut server = self.program.start("serve", &arguments)?;
        self.address =
            SocketAddr::from(([127, 0, 0, 1], server.port(self.program.file("serve.port")).await?));
        self.server = Some(server);
        Ok(())
    }

    /// Changes how Zuora is.
    pub async fn set_zuora(&self, state: ZuoraState) -> Result<()> {
        self.zuora.set_fault(state.fault().as_ref()).await
    }

    /// Orders of distinct accounts, each under a key of its own.
    pub async fn orders(&self, load: Load) -> Result<Measured> {
        let accounts = self.accounts.clone();
        let head = format!(
            "POST /api/v1/orders HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n",
            self.address, self.token
        );
        let write: Write = Box::new(move |client, n, request| {
            let turn = usize::try_from(n).unwrap_or_default().wrapping_mul(load.clients).wrapping_add(client);
            let account = accounts.get(turn % accounts.len().max(1)).map_or("", String::as_str);
            let body = order(account, &format!("b{client}-{n}"));
            let keyed = format!(
                "idempotency-key: bench-{client}-{n}\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            request.extend_from_slice(head.as_bytes());
            request.extend_from_slice(keyed.as_bytes());
        });
        load::run(load, Target { address: self.address, status: "201", write }).await
    }

    /// Checks of what the accounts' targets are entitled to.
    pub async fn checks(&self, load: Load) -> Result<Measured> {
        let write = check(&self.token);
        load::run(load, Target { address: self.address, status: "200", write }).await
    }

    /// What a check answers.
    pub async fn checked(&self) -> Result<Bytes> {
        Ok(self.get("/api/v1/entitlements/namespace:a0").await?.into())
    }

    /// Opens the accounts, gives each an order, and waits until nothing is left to do.
    async fn fill(&mut self) -> Result<()> {
        let deadline = Instant::now() + FILLED_WITHIN;
        while !self.get("/api/v1/offers?currency=EUR").await?.contains("cloud-business") {
            wait(deadline, "there are prices").await?;
        }
        let company = |n: usize| {
            let name = format!("Company {n}");
            let body = json!({
                "name": name, "currency": "EUR", "first_name": "Jana", "last_name": "Okafor",
                "mail": "jana@brightwater.example", "country": "DE",
            });
            ("/api/v1/accounts", format!("account-{n}"), body.to_string())
        };
        self.accounts = self.post_all((0..ACCOUNTS).map(company).collect()).await?;
        let first = |(n, account): (usize, &String)| {
            ("/api/v1/orders", format!("first-{n}"), order(account, &format!("a{n}")))
        };
        let orders = self.post_all(self.accounts.iter().enumerate().map(first).collect()).await?;
        for order in orders {
            while !self.is_settled(&order).await? {
                wait(deadline, "every first order is billed and provisioned").await?;
            }
        }
        Ok(())
    }

    async fn is_settled(&self, order: &str) -> Result<bool> {
        let view = self.get(&format!("/api/v1/orders/{order}")).await?;
        let view: Value = serde_json::from_str(&view).unwrap_or_default();
        let mut duties = view["obligations"].as_array().into_iter().flatten();
        Ok(view["status"] == "billed" && duties.all(|duty| duty["status"] == "done"))
    }

    /// Posts bodies under keys and returns the numbers of what was made, in their order.
    async fn post_all(&self, requests: Vec<(&'static str, String, String)>) -> Result<Vec<String>> {
        let mut numbers = Vec::with_capacity(requests.len());
        for some in requests.chunks(HELPERS) {
            let mut posts = JoinSet::new();
            for (place, (path, key, body)) in some.iter().cloned().enumerate() {
                let request =
                    self.http.post(self.url(path)).bearer_auth(&self.token).header("idempotency-key", key);
                let request = request.header("content-type", "application/json").body(body);
                posts.spawn(async move { (place, said(path, request, StatusCode::CREATED).await) });
            }
            let mut made = posts.join_all().await;
            made.sort_by_key(|(place, _)| *place);
            for (_, answer) in made {
                let answer: Value = serde_json::from_str(&answer?).unwrap_or_default();
                numbers.push(answer["number"].as_str().unwrap_or_default().to_owned());
            }
        }
        Ok(numbers)
    }

    async fn get(&self, path: &str) -> Result<String> {
        said(path, self.http.get(self.url(path)).bearer_auth(&self.token), StatusCode::OK).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// Asks for one after the other of a hundred targets.
pub fn check(token: &str) -> Write {
    let token = token.to_owned();
    Box::new(move |client, n, request| {
        let target = (n + 7 * client as u64) % 100;
        let head = format!(
            "GET /api/v1/entitlements/namespace:a{target} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n"
        );
        request.extend_from_slice(head.as_bytes());
    })
}

/// One new subscription.
fn order(account: &str, target: &str) -> String {
    format!(
        r#"{{"account":"{account}","settlement":"invoice","actions":[{{"type":"subscribe","offer":"cloud-business","quantity":25,"target":"namespace:{target}"}}]}}"#
    )
}

async fn said(what: &str, request: reqwest::RequestBuilder, expected: StatusCode) -> Result<String> {
    let answer = request.send().await.map_err(Error::http(what))?;
    let status = answer.status();
    let body = answer.text().await.map_err(Error::http(what))?;
    match status == expected {
        true => Ok(body),
        false => Err(Error::Refused { what: what.to_owned(), status: status.as_u16(), body }),
    }
}

async fn wait(deadline: Instant, what: &str) -> Result<()> {
    if Instant::now() > deadline {
        return Err(Error::Waited { what: what.to_owned(), limit: FILLED_WITHIN });
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(())
}

fn token(program: &Program) -> Result<String> {
    let scopes = ["--scope", "orders:read", "--scope", "orders:write", "--scope", "entitlements:read"];
    let made = program.run(&[&["token", "create", "--json", "--name", "bench"][..], &scopes].concat())?;
    let made: Value = serde_json::from_str(&made).unwrap_or_default();
    let secret = made["secret"].as_str().map(ToOwned::to_owned);
    secret.ok_or_else(|| Error::Setup("`token create` shows no secret".to_owned()))
}

/// The product that takes pushes of entitlements.
async fn product(neighbors: &mut JoinSet<()>) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(Error::io("listen for pushes"))?;
    let address = listener.local_addr().map_err(Error::io("listen for pushes"))?;
    let router = SaasProduct::new(SAAS_TOKEN).router();
    neighbors.spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the product ended");
        }
    });
    Ok(format!("http://{address}"))
}

fn settings(database: &str, zuora: &str, saas: &str) -> Vec<(&'static str, String)> {
    let settings = [
        ("PURSER_DATABASE", database),
        ("PURSER_LISTEN", "127.0.0.1:0"),
        ("PURSER_METRICS", "127.0.0.1:0"),
        ("PURSER_ZUORA__URL", zuora),
        ("PURSER_ZUORA__CLIENT_ID", DEFAULT_CLIENT_ID),
        ("PURSER_ZUORA__CLIENT_SECRET", DEFAULT_CLIENT_SECRET),
        ("PURSER_LICENSE__SIGNING_KEY_FILE", "signing.key"),
        ("PURSER_LICENSE__KEY_ID", "bench"),
        ("PURSER_SAAS__URL", saas),
        ("PURSER_SAAS__TOKEN", SAAS_TOKEN),
        ("PURSER_POLICY__EXPOSURE_LIMIT_ACCOUNT", EXPOSURE_LIMIT),
        ("PURSER_POLICY__EXPOSURE_LIMIT_TOTAL", EXPOSURE_LIMIT),
    ];
    settings.into_iter().map(|(name, value)| (name, value.to_owned())).collect()
}

/// A database that goes with this value.
struct Database {
    postgres: Postgres,
    name: String,
}

impl Database {
    fn new(options: &Options) -> Result<Database> {
        let postgres = Postgres::of(options);
        let name = format!("purser_bench_{}", std::process::id());
        postgres.drop_database(&name)?;
        postgres.create(&name, None)?;
        Ok(Database { postgres, name })
    }

    fn address(&self) -> String {
        self.postgres.at(&self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // The next run drops what is left of this one first.
        self.postgres.drop_database(&self.name).ok();
    }
}

/// A directory that goes with this value.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Result<Directory> {
        let path = std::env::temp_dir().join(format!("purser-bench-{}", std::process::id()));
        fs::remove_dir_all(&path).ok();
        fs::create_dir_all(&path).map_err(Error::io(format!("make {}", path.display())))?;
        Ok(Directory(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}
