//! The platform's API as a customer's program uses it: a token, a key for what must happen once, patience.
//! Refuses to give up on an answer that it may have missed: the same request goes out again with the same key.

use std::time::Duration;

use serde_json::Value;

use crate::{Error, Result};

/// Tries of one request before a customer counts it as refused.
const TRIES_MAX: u32 = 5;

/// Between two tries, in real time.
const PAUSE: Duration = Duration::from_millis(200);

/// How long a customer waits for an answer, in real time.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the platform answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status; 0 if there was none.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Answer {
    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// A text in the body.
    pub fn text(&self, field: &str) -> Option<String> {
        self.json()[field].as_str().map(str::to_owned)
    }

    /// Whether another try could be answered differently.
    fn is_no_decision(&self) -> bool {
        self.status == 0 || self.status >= 500
    }
}

/// A caller of the API.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Client {
    /// A caller with a token.
    pub fn new(url: &str, token: &str) -> Result<Client> {
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build();
        let http = http.map_err(Error::http("a client for the platform"))?;
        Ok(Client { http, url: url.to_owned(), token: token.to_owned() })
    }

    /// Reads something.
    pub async fn get(&self, path: &str) -> Answer {
        said(self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.token)).await
    }

    /// Sends something once.
    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        let request = self.http.post(format!("{}{path}", self.url)).bearer_auth(&self.token);
        let request = request.header("idempotency-key", key).header("content-type", "application/json");
        said(request.body(body.to_string())).await
    }

    /// Sends something until it is decided, always with the same key.
    pub async fn insist(&self, path: &str, key: &str, body: &Value) -> Answer {
        let mut tries = 1;
        loop {
            let answer = self.post(path, key, body).await;
            if !answer.is_no_decision() || tries >= TRIES_MAX {
                return answer;
            }
            tries += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }
}

pub(super) async fn said(request: reqwest::RequestBuilder) -> Answer {
    let read = async {
        let response = request.send().await?;
        Ok::<_, reqwest::Error>(Answer { status: response.status().as_u16(), body: response.text().await? })
    };
    read.await.unwrap_or_else(|error| Answer { status: 0, body: error.to_string() })
}
