//! Why a call did not succeed, and whether and how to try again.
//! The text is for staff: Zuora's own sentence, its codes, and the id under which its support finds the call.

use std::{fmt, time::Duration};

use crate::dialect::{Dialect, Reason};
use crate::transport::TransportError;
use crate::verdict::Refusal;

/// What went wrong, as far as it can be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The call never left: no connection, or no token to call with.
    NotSent,
    /// The call left and no whole answer came.
    NoAnswer,
    /// Something in front of Zuora answered: a proxy's page, a 504, an empty body.
    InFront,
    /// Zuora answered with success, but not in the shape that was expected.
    Unreadable,
    /// The token is not accepted, even after a new one was fetched.
    Unauthorized,
    /// The user may not do this.
    Forbidden,
    /// Zuora itself says that there is nothing under that key.
    NotFound,
    /// A field or parameter of the request.
    Invalid,
    /// A rule of the business.
    Rejected,
    /// Somebody else is writing the same object.
    Locked,
    /// The same idempotency key is being worked on right now.
    InProgress,
    /// The idempotency key was used for another call.
    KeyMismatch,
    /// A conflict on a call that carried no key and has no code.
    Conflict,
    /// Too many requests.
    Limited,
    /// Zuora, a gateway behind it or a tax engine failed, and Zuora says so itself.
    Failed,
}

/// Whether and how to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Zuora has decided and will not change its mind.
    Never,
    /// Nothing was done. Try again later, and where [`Error::stored_under_key`] says so, under a new key.
    Later {
        /// How long Zuora asks to wait.
        after: Option<Duration>,
    },
    /// The first call under this key is still running: wait, then ask again under the same key.
    InProgress,
    /// It may have been done. Only the identical request under the same key, or a look, is safe.
    Unknown,
    /// Certainly nothing arrived: the same request, whenever it suits.
    NotSent,
}

/// A call that did not succeed.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    call: &'static str,
    kind: Kind,
    retry: Retry,
    stored: bool,
    status: Option<u16>,
    reasons: Vec<Reason>,
    request_id: Option<String>,
    detail: Option<String>,
    source: Option<TransportError>,
}

impl Error {
    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Whether and how to try again.
    #[must_use]
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// Whether Zuora's idempotency store keeps this answer under the request's key, and would give it again.
    ///
    /// True for what Zuora's application itself answered to a write, false for what stands in front of it (401, 429, a
    /// gateway's page) and for the store's own answers. Without a key it is always false.
    #[must_use]
    pub fn stored_under_key(&self) -> bool {
        self.0.stored
    }

    /// The call that failed, by its method name here.
    #[must_use]
    pub fn call(&self) -> &'static str {
        self.0.call
    }

    /// The HTTP status, when there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The numeric codes, in Zuora's order.
    #[must_use]
    pub fn codes(&self) -> Vec<i64> {
        self.0.reasons.iter().filter_map(|reason| reason.code).collect()
    }

    /// Zuora's sentences, in its order.
    #[must_use]
    pub fn messages(&self) -> Vec<&str> {
        self.0.reasons.iter().map(|reason| reason.message.as_str()).collect()
    }

    /// Codes and sentences together.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.0.reasons
    }

    /// The id under which Zuora's support finds the call.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    pub(crate) fn unsent(call: &'static str, detail: String) -> Self {
        Self::bare(call, Kind::NotSent, Retry::NotSent, Some(detail))
    }

    pub(crate) fn unreadable(call: &'static str, status: u16, detail: String) -> Self {
        let mut error = Self::bare(call, Kind::Unreadable, Retry::Unknown, Some(detail));
        error.0.status = Some(status);
        error
    }

    pub(crate) fn transport(call: &'static str, source: TransportError) -> Self {
        let (kind, retry) = match &source {
            TransportError::NotSent(_) => (Kind::NotSent, Retry::NotSent),
            TransportError::Unknown(_) => (Kind::NoAnswer, Retry::Unknown),
        };
        let mut error = Self::bare(call, kind, retry, None);
        error.0.source = Some(source);
        error
    }

    pub(crate) fn refused(call: &'static str, status: u16, keyed: bool, refusal: Refusal) -> Self {
        let before_the_work =
            matches!(refusal.kind, Kind::Unauthorized | Kind::Limited | Kind::InProgress | Kind::KeyMismatch);
        let own = refusal.dialect.is_zuoras_own() && refusal.kind != Kind::InFront;
        let detail =
            (refusal.dialect == Dialect::Foreign).then(|| "the body is not in Zuora's format".into());
        let mut error = Self::bare(call, refusal.kind, refusal.retry, detail);
        error.0.stored = keyed && own && !before_the_work;
        error.0.status = Some(status);
        error.0.reasons = refusal.reasons;
        error
    }

    /// The token could not be had, so the call that needed it never left.
    pub(crate) fn without_token(self, call: &'static str) -> Self {
        let mut inner = self.0;
        inner.call = call;
        inner.retry = Retry::NotSent;
        inner.stored = false;
        inner.detail = Some("no access token could be had, so the call was not made".into());
        if inner.kind != Kind::Unauthorized {
            inner.kind = Kind::NotSent;
        }
        Self(inner)
    }

    pub(crate) fn with_request_id(mut self, request_id: Option<String>) -> Self {
        self.0.request_id = request_id;
        self
    }

    fn bare(call: &'static str, kind: Kind, retry: Retry, detail: Option<String>) -> Self {
        Self(Box::new(Inner {
            call,
            kind,
            retry,
            stored: false,
            status: None,
            reasons: Vec::new(),
            request_id: None,
            detail,
            source: None,
        }))
    }
}

impl Kind {
    fn sentence(self) -> &'static str {
        match self {
            Self::NotSent => "the call did not reach Zuora",
            Self::NoAnswer => "Zuora did not answer, so it is not known whether it was done",
            Self::InFront => "something in front of Zuora answered, so it is not known whether it was done",
            Self::Unreadable => "Zuora answered in a shape that is not understood",
            Self::Unauthorized => "Zuora does not accept the credentials",
            Self::Forbidden => "Zuora's user may not do this",
            Self::NotFound => "Zuora knows nothing under that key",
            Self::Invalid => "Zuora finds the request wrong",
            Self::Rejected => "Zuora refuses it",
            Self::Locked => "Zuora is busy with the same object",
            Self::InProgress => "Zuora is still working on the same call",
            Self::KeyMismatch => "the idempotency key was used for another call",
            Self::Conflict => "Zuora reports a conflict",
            Self::Limited => "Zuora's limit of calls is reached",
            Self::Failed => "Zuora failed",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        write!(f, "{}: {}", inner.call, inner.kind.sentence())?;
        if let Some(detail) = &inner.detail {
            write!(f, "; {detail}")?;
        }
        for reason in &inner.reasons {
            write!(f, "; {}", reason.message)?;
            match (&reason.code, &reason.label) {
                (Some(code), _) => write!(f, " [{code}]")?,
                (None, Some(label)) => write!(f, " [{label}]")?,
                (None, None) => {}
            }
        }
        if let Some(status) = inner.status {
            write!(f, " (HTTP {status}")?;
            if let Some(request_id) = &inner.request_id {
                write!(f, ", request {request_id}")?;
            }
            f.write_str(")")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("text", &self.to_string())
            .field("kind", &self.0.kind)
            .field("retry", &self.0.retry)
            .field("stored_under_key", &self.0.stored)
            .field("source", &self.0.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| source as _)
    }
}
