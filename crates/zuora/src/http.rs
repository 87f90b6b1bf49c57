//! The HTTP transport: one connection pool to one base URL.
//! Refuses redirects (they would carry the token elsewhere), retries, and answers too large to be Zuora's.

use std::{error::Error as _, sync::Arc, time::Duration};

use bytes::BytesMut;
use reqwest::{Url, redirect};
use rustls::{ClientConfig, RootCertStore, crypto::CryptoProvider};

use crate::transport::{Request, Response, TransportError};

/// Zuora's pages are cut at a few hundred rows; what is larger is not an answer but a mistake or an attack.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How long to wait, in the time of whoever owns the clock: scale them before they come here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection; when it passes, nothing was sent.
    pub connect: Duration,
    /// For the whole exchange; longer than the 120 s after which Zuora's gateway gives up.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), total: Duration::from_secs(130) }
    }
}

/// A pool of connections to one base URL; clones share it.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
    base: Url,
}

impl HttpTransport {
    /// Opens no connection yet.
    ///
    /// An `https` base needs a rustls crypto provider that the program has installed; `http` needs none.
    ///
    /// # Errors
    ///
    /// [`TransportError::NotSent`] when the base is not an HTTP URL, or is `https` and no provider is installed.
    pub fn new(base_url: &str, timeouts: Timeouts) -> Result<Self, TransportError> {
        let not_usable = |why: String| TransportError::NotSent(format!("base URL {base_url}: {why}"));
        let base = Url::parse(base_url).map_err(|error| not_usable(error.to_string()))?;
        let builder = reqwest::Client::builder()
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.total)
            .redirect(redirect::Policy::none());
        let builder = match base.scheme() {
            "http" => builder.tls_backend_preconfigured(tls_that_trusts_nobody()?),
            "https" if CryptoProvider::get_default().is_some() => builder,
            "https" => return Err(not_usable("no rustls crypto provider is installed".into())),
            other => return Err(not_usable(format!("{other} is not http or https"))),
        };
        let client = builder.build().map_err(|error| not_usable(error.to_string()))?;
        Ok(Self { client, base })
    }

    pub(crate) async fn carry(&self, request: Request) -> Result<Response, TransportError> {
        let prefix = self.base.as_str().trim_end_matches('/');
        let url = Url::parse(&[prefix, &request.path_and_query].concat())
            .map_err(|error| TransportError::NotSent(error.to_string()))?;
        let answer = self
            .client
            .request(request.method, url)
            .headers(request.headers)
            .body(request.body)
            .send()
            .await
            .map_err(sort)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = read(answer).await?;
        Ok(Response { status, headers, body })
    }
}

async fn read(mut answer: reqwest::Response) -> Result<bytes::Bytes, TransportError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(sort)? {
        if body.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(TransportError::Unknown(format!("the answer is longer than {BODY_BYTES_MAX} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// A plain-HTTP client still wants a TLS configuration, and reqwest panics for want of a provider to make one.
fn tls_that_trusts_nobody() -> Result<ClientConfig, TransportError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TransportError::NotSent(error.to_string()))?;
    Ok(config.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

/// A connection that was never made carried nothing; after that, nobody knows.
fn sort(error: reqwest::Error) -> TransportError {
    let never_left = error.is_connect() || error.is_builder();
    let timed_out = error.is_timeout();
    let error = error.without_url();
    let mut text = if timed_out { "timed out".to_owned() } else { error.to_string() };
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    if never_left { TransportError::NotSent(text) } else { TransportError::Unknown(text) }
}
