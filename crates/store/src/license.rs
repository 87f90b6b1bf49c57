//! Issued licenses: their bytes never change.
//! Refuses to sign.

use domain::AccountId;
use domain::license::License;

use crate::db::on;
use crate::{Error, ReadTx, Result, Tx};

/// Keeps a license; `false` if the very same one was issued before, which then is the newest again.
pub async fn insert(tx: &mut Tx, license: &License) -> Result<bool> {
    let query = "INSERT INTO licenses (hash, account_id, target, file, issued_at) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (hash) DO NOTHING";
    let rows = on!(tx, conn => sqlx::query(query)
        .bind(&license.hash).bind(license.account_id).bind(&license.target).bind(&license.file).bind(license.issued_at)
        .execute(conn).await.map(|done| done.rows_affected()));
    let news = rows.map_err(Error::of("license"))? > 0;
    if !news {
        let query = "UPDATE licenses SET issued_at = $2 WHERE hash = $1 AND issued_at < $2";
        on!(tx, conn => sqlx::query(query).bind(&license.hash).bind(license.issued_at).execute(conn).await.map(drop))
            .map_err(Error::of("license"))?;
    }
    Ok(news)
}

/// The license of an account with this hash.
pub async fn find(tx: &mut ReadTx, account: AccountId, hash: &str) -> Result<Option<License>> {
    let query = "SELECT * FROM licenses WHERE account_id = $1 AND hash = $2";
    on!(tx, conn => sqlx::query_as(query).bind(account).bind(hash).fetch_optional(conn).await)
        .map_err(Error::of("license"))
}

/// The newest license of each of an account's servers.
pub async fn list_of_account(tx: &mut ReadTx, account: AccountId) -> Result<Vec<License>> {
    let query = "SELECT * FROM licenses WHERE account_id = $1 AND issued_at = (
                     SELECT MAX(newer.issued_at) FROM licenses AS newer WHERE newer.target = licenses.target
                         AND newer.account_id = licenses.account_id)
                 ORDER BY target";
    on!(tx, conn => sqlx::query_as(query).bind(account).fetch_all(conn).await).map_err(Error::of("license"))
}
