//! How far the sync has read, for each object of Zuora.
//! Refuses to go back.

use domain::Instant;
use sqlx::FromRow;

use crate::db::on;
use crate::{Error, ReadTx, Result, Tx};

/// How far one object was read.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Cursor {
    /// The object.
    pub name: String,
    /// Everything that Zuora changed before then has been read.
    pub since: Instant,
    /// When the last read began: the copy is as old as this.
    pub synced_at: Instant,
}

/// How far each object was read.
pub async fn list(tx: &mut ReadTx) -> Result<Vec<Cursor>> {
    on!(tx, conn => sqlx::query_as("SELECT * FROM cursors ORDER BY name").fetch_all(conn).await)
        .map_err(Error::of("cursor"))
}

/// How far an object was read.
pub async fn find(tx: &mut ReadTx, name: &str) -> Result<Option<Cursor>> {
    let query = "SELECT * FROM cursors WHERE name = $1";
    on!(tx, conn => sqlx::query_as(query).bind(name).fetch_optional(conn).await).map_err(Error::of("cursor"))
}

/// Moves on.
pub async fn advance(tx: &mut Tx, cursor: &Cursor) -> Result<()> {
    let query = "INSERT INTO cursors (name, since, synced_at) VALUES ($1, $2, $3)
                 ON CONFLICT (name) DO UPDATE SET
                     since = CASE WHEN excluded.since > cursors.since THEN excluded.since ELSE cursors.since END,
                     synced_at = CASE WHEN excluded.synced_at > cursors.synced_at THEN excluded.synced_at ELSE cursors.synced_at END";
    on!(tx, conn => sqlx::query(query).bind(&cursor.name).bind(cursor.since).bind(cursor.synced_at)
        .execute(conn).await.map(drop))
    .map_err(Error::of("cursor"))
}
