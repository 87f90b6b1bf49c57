//! The client: one call in, one answer or one typed failure out.
//! Adds the token, the version and the key; tries again only after a spurious 401, once, with a new token.

use std::{fmt, sync::Arc};

use ::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use bytes::{BufMut, Bytes, BytesMut};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use crate::error::{Error, Kind};
use crate::key::IdempotencyKey;
use crate::path;
use crate::token::{Fetch, Token, TokenCell};
use crate::transport::{Request, Response, Transport};
use crate::verdict;

/// The version whose behavior this client is written for; it reads the answers of older ones too.
pub const ZUORA_VERSION: &str = "2025-08-12";
/// Zuora keeps this many characters of a track id.
const TRACK_ID_CHARS_MAX: usize = 64;
/// A list that goes on longer than this is a loop of pages, not a list.
const PAGES_MAX: usize = 200;

/// OAuth client credentials; the secret is never printed.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The client's id, 36 characters.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: SecretString,
}

/// What the client needs from its surroundings: the time, and only to know when a token ends.
#[derive(Clone)]
pub struct Seams {
    /// The time now, by whatever clock the program lives by.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

/// How to introduce oneself.
#[derive(Clone, Debug)]
pub struct Options {
    /// `Zuora-Version`: decides the shape of answers and of failures.
    pub zuora_version: String,
    /// `Zuora-Entity-Ids`: needed where the user has access to more than one entity.
    pub entity_id: Option<String>,
    /// Starts every `Zuora-Track-Id`; without it none is sent.
    pub track_id_prefix: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { zuora_version: ZUORA_VERSION.into(), entity_id: None, track_id_prefix: None }
    }
}

/// What Zuora said about its limits, in the headers of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Calls left in the current window.
    pub rate_remaining: Option<u64>,
    /// Seconds until the window ends.
    pub rate_reset_s: Option<u64>,
    /// Calls that may still run at the same time.
    pub concurrency_remaining: Option<u64>,
}

/// An answer that succeeded.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// What it says.
    pub value: T,
    /// Its exact bytes; of a list, the JSON array of its pages.
    pub body: Bytes,
    /// The HTTP status.
    pub status: u16,
    /// The id under which Zuora's support finds the call.
    pub request_id: Option<String>,
    /// What is left of Zuora's limits.
    pub limits: Limits,
}

impl<T> Answer<T> {
    /// The same answer, its value taken further.
    #[must_use]
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Answer<U> {
        let Self { value, body, status, request_id, limits } = self;
        Answer { value: with(value), body, status, request_id, limits }
    }
}

/// A typed client for one Zuora tenant; clones share the token and the connections.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    transport: Transport,
    credentials: Credentials,
    seams: Seams,
    options: Options,
    token: TokenCell,
}

/// One call, before it has a token.
pub(crate) struct Call<'a> {
    pub name: &'static str,
    pub method: Method,
    pub path_and_query: String,
    pub body: Bytes,
    pub key: Option<&'a IdempotencyKey>,
}

impl<'a> Call<'a> {
    pub(crate) fn get(name: &'static str, path_and_query: String) -> Self {
        Self { name, method: Method::GET, path_and_query, body: Bytes::new(), key: None }
    }

    pub(crate) fn post(name: &'static str, path: &str, body: Bytes, key: Option<&'a IdempotencyKey>) -> Self {
        Self { name, method: Method::POST, path_and_query: path.into(), body, key }
    }
}

impl Client {
    /// Calls nobody yet; the first call fetches the token.
    #[must_use]
    pub fn new(transport: Transport, credentials: Credentials, seams: Seams, options: Options) -> Self {
        let token = TokenCell::default();
        Self { shared: Arc::new(Shared { transport, credentials, seams, options, token }) }
    }

    /// Makes a call and reads its answer.
    pub(crate) async fn call<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<Answer<T>, Error> {
        let response = self.send(&call).await?;
        let (status, request_id) = (response.status.as_u16(), request_id(&response.headers));
        let value = serde_json::from_slice(&response.body).map_err(|error| {
            Error::unreadable(call.name, status, error.to_string()).with_request_id(request_id.clone())
        })?;
        Ok(Answer { value, body: response.body, status, request_id, limits: limits(&response.headers) })
    }

    /// The same for a look at something that need not be there: Zuora's own "not found" is `None`.
    pub(crate) async fn find<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<Option<Answer<T>>, Error> {
        match self.call(call).await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a list to its end; `open` takes a page apart into its items and the URL of the next.
    pub(crate) async fn list<P: DeserializeOwned, T>(
        &self,
        name: &'static str,
        first: String,
        open: fn(P) -> (Vec<T>, Option<String>),
    ) -> Result<Answer<Vec<T>>, Error> {
        let mut items = Vec::new();
        let mut pages = BytesMut::new();
        let mut next = first;
        for _ in 0..PAGES_MAX {
            let answer: Answer<P> = self.call(Call::get(name, next)).await?;
            pages.put_u8(if pages.is_empty() { b'[' } else { b',' });
            pages.extend_from_slice(&answer.body);
            let (more, next_page) = open(answer.value);
            items.extend(more);
            let Some(url) = next_page else {
                pages.put_u8(b']');
                let Answer { status, request_id, limits, .. } = answer;
                return Ok(Answer { value: items, body: pages.freeze(), status, request_id, limits });
            };
            next = page_path(name, answer.status, &url)?;
        }
        Err(Error::unreadable(name, 200, format!("the list does not end within {PAGES_MAX} pages")))
    }

    /// Sends, and on a refused token once more with a new one.
    async fn send(&self, call: &Call<'_>) -> Result<Response, Error> {
        let token = self.token(call, None).await?;
        match self.exchange(call, &token).await {
            Err(error) if error.kind() == Kind::Unauthorized => {
                let token = self.token(call, Some(token.generation)).await?;
                self.exchange(call, &token).await
            }
            outcome => outcome,
        }
    }

    async fn token(&self, call: &Call<'_>, refused: Option<u64>) -> Result<Token, Error> {
        let shared = &*self.shared;
        let fetch = Fetch {
            transport: &shared.transport,
            credentials: &shared.credentials,
            seams: &shared.seams,
            zuora_version: &shared.options.zuora_version,
        };
        shared.token.get(&fetch, refused).await.map_err(|error| error.without_token(call.name))
    }

    async fn exchange(&self, call: &Call<'_>, token: &Token) -> Result<Response, Error> {
        let request = Request {
            method: call.method.clone(),
            path_and_query: call.path_and_query.clone(),
            headers: self.headers(call, token)?,
            body: call.body.clone(),
        };
        let response =
            self.shared.transport.carry(request).await.map_err(|error| Error::transport(call.name, error))?;
        let status = response.status.as_u16();
        let request_id = request_id(&response.headers);
        tracing::debug!(call = call.name, status, request_id, "zuora answered");
        let keyed = call.key.is_some();
        match verdict::judge(response.status, &response.headers, &response.body, keyed) {
            Ok(()) => Ok(response),
            Err(refusal) => {
                Err(Error::refused(call.name, status, keyed, refusal).with_request_id(request_id))
            }
        }
    }

    fn headers(&self, call: &Call<'_>, token: &Token) -> Result<HeaderMap, Error> {
        let options = &self.shared.options;
        let mut headers = HeaderMap::new();
        let mut put = |name: HeaderName, text: &str| {
            let value = HeaderValue::from_str(text)
                .map_err(|_| Error::unsent(call.name, format!("{name} does not fit in a header")))?;
            headers.insert(name, value);
            Ok(())
        };
        put(header::ACCEPT, "application/json")?;
        put(HeaderName::from_static("zuora-version"), &options.zuora_version)?;
        if !call.body.is_empty() {
            put(header::CONTENT_TYPE, "application/json")?;
        }
        if let Some(entity) = &options.entity_id {
            put(HeaderName::from_static("zuora-entity-ids"), entity)?;
        }
        if let Some(key) = call.key {
            put(HeaderName::from_static("idempotency-key"), key.as_str())?;
        }
        if let Some(prefix) = &options.track_id_prefix {
            let name = call.key.map_or(call.name, IdempotencyKey::as_str);
            put(HeaderName::from_static("zuora-track-id"), &track_id(prefix, name))?;
        }
        put(header::AUTHORIZATION, &["Bearer ", token.bearer.expose_secret()].concat())?;
        if let Some(authorization) = headers.get_mut(header::AUTHORIZATION) {
            authorization.set_sensitive(true);
        }
        Ok(headers)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("transport", &self.shared.transport)
            .field("options", &self.shared.options)
            .finish_non_exhaustive()
    }
}

/// Where the next page of a list is on this transport.
pub(crate) fn page_path(name: &'static str, status: u16, url: &str) -> Result<String, Error> {
    path::of_page(url)
        .map(str::to_owned)
        .ok_or_else(|| Error::unreadable(name, status, "the next page is not a v1 URL".into()))
}

/// Zuora forbids these in a track id, and cuts it off itself.
fn track_id(prefix: &str, name: &str) -> String {
    [prefix, "-", name]
        .concat()
        .chars()
        .filter(|c| c.is_ascii_graphic() && !matches!(c, ':' | ';' | '"' | '\''))
        .take(TRACK_ID_CHARS_MAX)
        .collect()
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    headers.get("zuora-request-id")?.to_str().ok().map(str::to_owned)
}

fn limits(headers: &HeaderMap) -> Limits {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse().ok();
    Limits {
        rate_remaining: number("ratelimit-remaining"),
        rate_reset_s: number("ratelimit-reset"),
        concurrency_remaining: number("concurrency-limit-remaining"),
    }
}
