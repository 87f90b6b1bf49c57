//! `purser emulate` in a process of its own, with its own operations: faults, books, clock.
//! Refuses to be reached through the port that faults strike.

use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use zuora_emulator::{Books, Fault};

use super::{Process, Program};
use crate::{Error, Result};

/// A Zuora that dies with this value.
#[derive(Debug)]
pub struct Zuora {
    /// Zuora's API.
    pub url: String,
    admin: String,
    http: reqwest::Client,
    _process: Process,
}

impl Zuora {
    /// Starts it on a clock that showed `origin` at `origin` and has run `speed` times as fast as the world since.
    pub async fn start(program: &Program, origin: Timestamp, speed: i64) -> Result<Zuora> {
        let (port, admin) = (program.file("emulate.port"), program.file("emulate.admin"));
        let (from, times, any) = (origin.to_string(), speed.to_string(), "127.0.0.1:0");
        let arguments = [
            &["emulate", "--listen", any, "--admin", any, "--port-file", &port][..],
            &["--admin-port-file", &admin, "--clock-origin", &from, "--clock-speed", &times],
            // That Zuora refuses a second order with the same number is only inferred: it must not be what saves us.
            &["--duplicate-order-numbers", "accept"],
        ];
        let mut process = program.start("emulate", &arguments.concat())?;
        let admin = format!("http://127.0.0.1:{}", process.port(admin).await?);
        let url = format!("http://127.0.0.1:{}", process.port(port).await?);
        let http = reqwest::Client::builder().build().map_err(Error::http("a client"))?;
        let zuora = Zuora { url, admin, http, _process: process };
        zuora.catch_up(origin, speed).await?;
        Ok(zuora)
    }

    /// Makes it fail in this way and no other; `None` heals it.
    pub async fn set_fault(&self, fault: Option<&Fault>) -> Result<()> {
        let faults = Vec::from_iter(fault);
        self.ask(Method::PUT, "/faults", Some(json!({ "faults": faults }))).await.map(drop)
    }

    /// What it has on record.
    pub async fn books(&self) -> Result<Books> {
        let books = self.ask(Method::GET, "/books", None).await?;
        serde_json::from_str(&books)
            .map_err(|error| Error::Setup(format!("the books cannot be read: {error}")))
    }

    /// Its clock began when it was started; that of the others began at the origin.
    async fn catch_up(&self, origin: Timestamp, speed: i64) -> Result<()> {
        let shown: Value =
            serde_json::from_str(&self.ask(Method::GET, "/clock", None).await?).unwrap_or_default();
        let shown = shown["now"].as_str().and_then(|now| now.parse::<Timestamp>().ok());
        let shown =
            shown.ok_or_else(|| Error::Setup("the emulator does not say what time it is".to_owned()))?;
        let due = Timestamp::now().duration_since(origin).as_secs().saturating_mul(speed);
        let behind = due.saturating_sub(shown.duration_since(origin).as_secs()).max(0);
        self.ask(Method::POST, "/clock", Some(json!({ "advance_s": behind }))).await.map(drop)
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<String> {
        let what = || format!("the emulator's {path}");
        let request = self.http.request(method, format!("{}{path}", self.admin));
        let sent = request.body(body.map(|body| body.to_string()).unwrap_or_default()).send().await;
        let answer = sent.map_err(Error::http(what()))?;
        let status = answer.status();
        let body = answer.text().await.map_err(Error::http(what()))?;
        match status.is_success() {
            true => Ok(body),
            false => Err(Error::Refused { what: what(), status: status.as_u16(), body }),
        }
    }
}
