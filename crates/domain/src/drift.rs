//! Differences between our copy, or what we promised, and Zuora.
//! Refuses to repair: it records both values for someone who can.

use serde::Serialize;

use crate::{DriftId, Instant};

/// One difference, with both values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Drift {
    /// Ours.
    pub id: DriftId,
    /// The noun: `order`, `subscription`, `invoice`.
    pub noun: String,
    /// Its number.
    pub number: String,
    /// The field that differs.
    pub field: String,
    /// What we had or promised.
    pub ours: String,
    /// What Zuora says.
    pub theirs: String,
    /// When it was seen first.
    pub first_seen_at: Instant,
    /// When it was settled.
    pub settled_at: Option<Instant>,
}
