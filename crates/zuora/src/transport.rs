//! How requests travel: over HTTP, or by a function call to a server in the same process.
//! A transport reports whether anything can have arrived; it does not judge answers.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use ::http::{HeaderMap, Method, StatusCode};
use bytes::Bytes;

use crate::http::HttpTransport;

/// A request as it leaves the client or reaches a server in the same process.
#[derive(Clone)]
pub struct Request {
    /// The verb.
    pub method: Method,
    /// From the first slash on, percent-encoded, with its query.
    pub path_and_query: String,
    /// Values that are secret are marked sensitive, so that `Debug` hides them.
    pub headers: HeaderMap,
    /// The exact bytes; empty without a body.
    pub body: Bytes,
}

impl fmt::Debug for Request {
    /// Leaves the body out: that of the token call holds the client secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path_and_query", &self.path_and_query)
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

impl TryFrom<Request> for ::http::Request<Bytes> {
    type Error = ::http::Error;

    /// For a server in the same process that speaks in the types of the `http` crate.
    ///
    /// # Errors
    ///
    /// When the path is not one that a URI can hold.
    fn try_from(request: Request) -> Result<Self, ::http::Error> {
        let mut converted = ::http::Request::builder()
            .method(request.method)
            .uri(request.path_and_query)
            .body(request.body)?;
        *converted.headers_mut() = request.headers;
        Ok(converted)
    }
}

/// An answer, whoever gave it.
#[derive(Clone, Debug)]
pub struct Response {
    /// Zuora's word for it, which alone proves nothing.
    pub status: StatusCode,
    /// As received.
    pub headers: HeaderMap,
    /// Whole and unpacked.
    pub body: Bytes,
}

impl From<::http::Response<Bytes>> for Response {
    fn from(response: ::http::Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        Self { status: parts.status, headers: parts.headers, body }
    }
}

/// Why there is no answer. The text names the cause and never a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Refused, no such host, no TLS: certainly nothing was done.
    #[error("not sent: {0}")]
    NotSent(String),
    /// Timed out, reset, cut off: it may have been done.
    #[error("no answer: {0}")]
    Unknown(String),
}

/// A server in the same process.
pub type InProcess = Arc<
    dyn Fn(Request) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send>> + Send + Sync,
>;

/// How requests travel.
#[derive(Clone)]
pub enum Transport {
    /// To a base URL.
    Http(HttpTransport),
    /// By a function call.
    InProcess(InProcess),
}

impl Transport {
    /// Carries one request; never more than once.
    pub(crate) async fn carry(&self, request: Request) -> Result<Response, TransportError> {
        match self {
            Self::Http(http) => http.carry(request).await,
            Self::InProcess(serve) => serve(request).await,
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(http) => http.fmt(f),
            Self::InProcess(_) => f.write_str("InProcess"),
        }
    }
}
