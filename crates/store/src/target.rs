//! What each target should have, and what it was last told.
//! Refuses to go back: a generation only rises.

use domain::Instant;
use domain::target::Target;
use sqlx::FromRow;

use crate::db::on;
use crate::{Error, ReadTx, Result, Tx};

/// A target's desired state and how far it was pushed.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct TargetState {
    /// Who.
    pub target: Target,
    /// Rises with every change of the desired state.
    pub generation: i64,
    /// The desired state, as pushed.
    pub desired: String,
    /// The generation that the target confirmed.
    pub pushed_generation: i64,
    /// When it did.
    pub pushed_at: Option<Instant>,
}

/// Records the desired state; its generation rises if it differs from the last.
pub async fn desire(tx: &mut Tx, target: &Target, desired: &str) -> Result<TargetState> {
    let query = "INSERT INTO targets (target, generation, desired, pushed_generation) VALUES ($1, 1, $2, 0)
                 ON CONFLICT (target) DO UPDATE SET
                     generation = targets.generation + CASE WHEN targets.desired = excluded.desired THEN 0 ELSE 1 END,
                     desired = excluded.desired
                 RETURNING *";
    on!(tx, conn => sqlx::query_as(query).bind(target).bind(desired).fetch_one(conn).await)
        .map_err(Error::of("target"))
}

/// Records that the target has a generation.
pub async fn confirm(tx: &mut Tx, target: &Target, generation: i64, now: Instant) -> Result<()> {
    let query = "UPDATE targets SET pushed_generation = $2, pushed_at = $3 WHERE target = $1 AND pushed_generation <= $2";
    on!(tx, conn => sqlx::query(query).bind(target).bind(generation).bind(now).execute(conn).await.map(drop))
        .map_err(Error::of("target"))
}

/// A target's state.
pub async fn find(tx: &mut ReadTx, target: &Target) -> Result<Option<TargetState>> {
    let query = "SELECT * FROM targets WHERE target = $1";
    on!(tx, conn => sqlx::query_as(query).bind(target).fetch_optional(conn).await)
        .map_err(Error::of("target"))
}
