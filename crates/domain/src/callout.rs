//! Callouts: hints from Zuora that something changed.
//! Refuses to believe them: they are stored and wake a sync that reads the truth.

use serde::Serialize;

use crate::{CalloutId, Instant};

/// The longest callout body that is stored; thin payloads of ids are a few hundred bytes.
pub const CALLOUT_BYTES_MAX: usize = 64 * 1024;

/// One stored callout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Callout {
    /// Ours.
    pub id: CalloutId,
    /// `Zuora-Notification-Id`, the same over retries; a hash of the body where it is missing.
    pub notification: String,
    /// As it came.
    pub body: String,
    /// How often it came.
    pub times: i64,
    /// When it came first.
    pub received_at: Instant,
}
