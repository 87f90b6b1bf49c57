//! The callout inbox.
//! Refuses to interpret: a callout is kept as it came.

use domain::callout::Callout;

use crate::db::on;
use crate::{Error, ReadTx, Result, Tx};

/// Stores a callout; `false` if the same notification came before, which is counted.
pub async fn store(tx: &mut Tx, callout: &Callout) -> Result<bool> {
    let query = "INSERT INTO callouts (id, notification, body, times, received_at) VALUES ($1, $2, $3, 1, $4)
                 ON CONFLICT (notification) DO UPDATE SET times = callouts.times + 1 RETURNING times";
    let times: i64 = on!(tx, conn => sqlx::query_scalar(query)
        .bind(callout.id).bind(&callout.notification).bind(&callout.body).bind(callout.received_at)
        .fetch_one(conn).await)
    .map_err(Error::of("callout"))?;
    Ok(times == 1)
}

/// The newest callouts.
pub async fn list(tx: &mut ReadTx, limit: i64) -> Result<Vec<Callout>> {
    let query = "SELECT * FROM callouts ORDER BY id DESC LIMIT $1";
    on!(tx, conn => sqlx::query_as(query).bind(limit).fetch_all(conn).await).map_err(Error::of("callout"))
}

/// How many different ones came.
pub async fn count(tx: &mut ReadTx) -> Result<i64> {
    on!(tx, conn => sqlx::query_scalar("SELECT COUNT(*) FROM callouts").fetch_one(conn).await)
        .map_err(Error::of("callout"))
}
