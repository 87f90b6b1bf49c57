//! Why a proof could not be made at all; a proof that fails is a report, not an error.
//! Refuses to hide the cause: each source is kept.

use std::time::Duration;

/// What keeps the lab from working.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A port, a file or a folder cannot be used.
    #[error("cannot {what}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The database.
    #[error("the database of the demo failed")]
    Store(#[from] store::Error),
    /// An operation of the platform that the set-up needs.
    #[error("the platform could not be set up")]
    App(#[from] app::Error),
    /// The emulated Zuora cannot be reached as a client.
    #[error("the emulator cannot be used")]
    Transport(#[from] zuora::TransportError),
    /// The emulator's catalog.
    #[error("the emulator could not be filled")]
    Seed(#[from] zuora_emulator::seed::SeedError),
    /// A request of the lab's own got no answer.
    #[error("{what} got no answer")]
    Http {
        /// What was asked.
        what: String,
        /// What the client says.
        #[source]
        source: reqwest::Error,
    },
    /// A request of the lab's own was refused.
    #[error("{what} was answered {status}: {body}")]
    Refused {
        /// What was asked.
        what: String,
        /// The HTTP status.
        status: u16,
        /// What was said.
        body: String,
    },
    /// Something that must happen before the story can go on did not.
    #[error("waited {} s in vain until {what}", .limit.as_secs())]
    Waited {
        /// For what.
        what: String,
        /// How long, in real time.
        limit: Duration,
    },
    /// Something is not as the lab needs it.
    #[error("{0}")]
    Setup(String),
}

/// The result of a step.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Says what was tried when the system refused.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Error {
        move |source| Error::Io { what: what.into(), source }
    }

    /// Says what was asked when there was no answer.
    pub fn http(what: impl Into<String>) -> impl FnOnce(reqwest::Error) -> Error {
        move |source| Error::Http { what: what.into(), source }
    }
}
