//! The access token: fetched when needed, shared by all callers, replaced before it ends.
//! Refuses to throw a working token away: one spurious 401 costs a fetch, never the token that is there.

use std::sync::atomic::{AtomicU64, Ordering};

use ::http::{HeaderMap, HeaderValue, Method, header};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::client::{Credentials, Seams};
use crate::error::Error;
use crate::path;
use crate::transport::{Request, Transport};
use crate::verdict;

/// The name under which failures of the token service are reported.
const CALL: &str = "token";
/// A token is replaced this long before it ends, so that none ends on its way.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);
/// Of a token with a very short life only this part is kept in reserve.
const MARGIN_PART: i32 = 4;

/// A token and which fetch it came from.
#[derive(Clone)]
pub(crate) struct Token {
    pub bearer: SecretString,
    pub generation: u64,
    renew_at: Timestamp,
}

/// The one place where the token is.
#[derive(Default)]
pub(crate) struct TokenCell {
    /// Fetches that have ended, well or not; read without the lock to see that one ended while waiting for it.
    fetches: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    last_failure: Option<Error>,
}

/// Who fetches, and with what.
pub(crate) struct Fetch<'a> {
    pub transport: &'a Transport,
    pub credentials: &'a Credentials,
    pub seams: &'a Seams,
    pub zuora_version: &'a str,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: u32,
}

impl TokenCell {
    /// The token, fetched if there is none that will do; `refused` names one that Zuora just refused.
    ///
    /// Callers that come while a fetch is under way wait for it and share its outcome, a failure too: a dead token
    /// service is asked once, not once by every caller in turn.
    pub(crate) async fn get(&self, fetch: &Fetch<'_>, refused: Option<u64>) -> Result<Token, Error> {
        let seen = self.fetches.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        let now = (fetch.seams.now)();
        if let Some(token) = &state.token
            && Some(token.generation) != refused
            && now < token.renew_at
        {
            return Ok(token.clone());
        }
        if self.fetches.load(Ordering::Acquire) != seen
            && let Some(failure) = &state.last_failure
        {
            return Err(failure.clone());
        }
        let fetched = fetch.token().await;
        let generation = self.fetches.fetch_add(1, Ordering::AcqRel) + 1;
        match fetched {
            Ok(answer) => {
                let life = SignedDuration::from_secs(i64::from(answer.expires_in));
                let reserve = MARGIN.min(life / MARGIN_PART);
                let renew_at = now.saturating_add(life - reserve).unwrap_or(Timestamp::MAX);
                let token = Token { bearer: answer.access_token.into(), generation, renew_at };
                state.token = Some(token.clone());
                state.last_failure = None;
                Ok(token)
            }
            Err(failure) => {
                state.last_failure = Some(failure.clone());
                Err(failure)
            }
        }
    }
}

impl Fetch<'_> {
    async fn token(&self) -> Result<TokenAnswer, Error> {
        let response =
            self.transport.carry(self.request()?).await.map_err(|error| Error::transport(CALL, error))?;
        let status = response.status.as_u16();
        verdict::judge_token(response.status, &response.headers, &response.body)
            .map_err(|refusal| Error::refused(CALL, status, false, refusal))?;
        // The error of the parser is not passed on: it may quote the token.
        serde_json::from_slice(&response.body)
            .map_err(|_| Error::unreadable(CALL, status, "no token in the answer".into()))
    }

    fn request(&self) -> Result<Request, Error> {
        let form = [
            ("client_id", self.credentials.client_id.as_str()),
            ("client_secret", self.credentials.client_secret.expose_secret()),
            ("grant_type", "client_credentials"),
        ];
        let body = form.map(|(name, value)| [name, "=", &path::encode(value)].concat()).join("&");
        let version = HeaderValue::from_str(self.zuora_version)
            .map_err(|_| Error::unsent(CALL, "the Zuora version does not fit in a header".into()))?;
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert("zuora-version", version);
        Ok(Request {
            method: Method::POST,
            path_and_query: "/oauth/token".into(),
            headers,
            body: Bytes::from(body),
        })
    }
}
