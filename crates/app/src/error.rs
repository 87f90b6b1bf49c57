//! What can go wrong in an operation, and what of it a client may see.
//! Refuses to show internal texts: `code` is all that leaves, besides a refusal's own words.

use domain::Refusal;

/// Why an operation did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule of ours says no; its words are for the client.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is none, or none that the caller may see.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The caller may not.
    #[error("the caller may not do this")]
    Forbidden,
    /// The idempotency key was used for another request.
    #[error("the Idempotency-Key was used for a different request")]
    KeyReused,
    /// The database.
    #[error("the store failed")]
    Store(#[source] store::Error),
    /// Zuora, in a job.
    #[error("zuora failed")]
    Zuora(#[from] zuora::Error),
    /// What Zuora says cannot be understood.
    #[error("zuora's {noun} {number} cannot be taken over: {why}")]
    Mirror {
        /// The noun.
        noun: &'static str,
        /// Its number or id.
        number: String,
        /// What is wrong.
        why: String,
    },
    /// The SaaS product or the mail server did not take something.
    #[error("{who} did not take it: {why}")]
    Outbound {
        /// Who.
        who: &'static str,
        /// What it said.
        why: String,
    },
    /// A setting is missing without which this cannot be done.
    #[error("{0}")]
    Setting(&'static str),
    /// A stored text that this program wrote cannot be read.
    #[error("a stored {0} cannot be read")]
    Stored(&'static str, #[source] serde_json::Error),
}

/// The result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The stable word that scripts match.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Refused(refusal) => refusal.code(),
            Error::NotFound(_) => "not_found",
            Error::Forbidden => "forbidden",
            Error::KeyReused => "idempotency_key_reused",
            Error::Store(_) | Error::Stored(..) => "store_unavailable",
            Error::Zuora(_) | Error::Mirror { .. } | Error::Outbound { .. } | Error::Setting(_) => "internal",
        }
    }

    /// Whether a worker lost its lane to another: what it did must not be recorded, and nothing is wrong.
    pub fn is_fenced(&self) -> bool {
        matches!(self, Error::Store(store::Error::Fenced))
    }

    /// The error and its causes in one line, for logs and staff.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Error {
        match error {
            store::Error::NotFound(noun) => Error::NotFound(noun),
            error => Error::Store(error),
        }
    }
}
