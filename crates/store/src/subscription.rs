//! Mirrored subscription versions. Only the sync writes them.
//! Refuses to change a version that is there.

use domain::subscription::Subscription;
use domain::target::Target;
use domain::{AccountId, Instant, SubscriptionNumber, ZuoraId};

use crate::db::on;
use crate::{Error, ReadTx, Result, Tx};

/// The latest version of a subscription.
pub async fn find_latest(tx: &mut ReadTx, number: &SubscriptionNumber) -> Result<Option<Subscription>> {
    let query = "SELECT * FROM subscriptions WHERE number = $1 AND latest";
    on!(tx, conn => sqlx::query_as(query).bind(number).fetch_optional(conn).await)
        .map_err(Error::of("subscription"))
}

/// Every version of a subscription, oldest first.
pub async fn versions(tx: &mut ReadTx, number: &SubscriptionNumber) -> Result<Vec<Subscription>> {
    let query = "SELECT * FROM subscriptions WHERE number = $1 ORDER BY version";
    on!(tx, conn => sqlx::query_as(query).bind(number).fetch_all(conn).await)
        .map_err(Error::of("subscription"))
}

/// The latest versions of an account's subscriptions.
pub async fn list_of_account(tx: &mut ReadTx, account: AccountId) -> Result<Vec<Subscription>> {
    let query = "SELECT * FROM subscriptions WHERE account_id = $1 AND latest ORDER BY number";
    on!(tx, conn => sqlx::query_as(query).bind(account).fetch_all(conn).await)
        .map_err(Error::of("subscription"))
}

/// The accounts that provision a target, by mirrored subscriptions or by orders that wait.
pub async fn accounts_of_target(tx: &mut ReadTx, target: &Target) -> Result<Vec<AccountId>> {
    let query = "SELECT account_id FROM subscriptions WHERE target = $1 AND latest
                 UNION SELECT account_id FROM obligations WHERE target = $1";
    on!(tx, conn => sqlx::query_scalar(query).bind(target).fetch_all(conn).await)
        .map_err(Error::of("subscription"))
}

/// Adds a version with its raw body; `false` if it was there.
pub async fn insert(tx: &mut Tx, version: &Subscription, raw: &str) -> Result<bool> {
    let query = "INSERT INTO subscriptions (number, version, zuora_id, account_id, status, target, term_start, term_end,
                     lines, order_number, latest, raw, updated_at, synced_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, FALSE, $11, $12, $13)
                 ON CONFLICT (number, version) DO NOTHING";
    let rows = on!(tx, conn => sqlx::query(query)
        .bind(&version.number).bind(version.version).bind(&version.zuora_id).bind(version.account_id)
        .bind(version.status).bind(&version.target).bind(version.term_start).bind(version.term_end)
        .bind(&version.lines).bind(&version.order_number).bind(raw).bind(version.updated_at).bind(version.synced_at)
        .execute(conn).await.map(|done| done.rows_affected()));
    let news = rows.map_err(Error::of("subscription"))? > 0;
    mark_latest(tx, version).await?;
    Ok(news)
}

/// Takes over what Zuora changed in a version without making a new one: its status, target, account and raw body.
pub async fn refresh(tx: &mut Tx, version: &Subscription, raw: &str) -> Result<bool> {
    let query = "UPDATE subscriptions SET status = $3, target = $4, account_id = $5, lines = $6, raw = $7, updated_at = $8, synced_at = $9
                 WHERE number = $1 AND version = $2
                     AND (status <> $3 OR COALESCE(target, '') <> COALESCE($4, '') OR account_id <> $5 OR updated_at < $8)";
    let rows = on!(tx, conn => sqlx::query(query)
        .bind(&version.number).bind(version.version).bind(version.status).bind(&version.target)
        .bind(version.account_id).bind(&version.lines).bind(raw).bind(version.updated_at).bind(version.synced_at)
        .execute(conn).await.map(|done| done.rows_affected()));
    Ok(rows.map_err(Error::of("subscription"))? > 0)
}

async fn mark_latest(tx: &mut Tx, version: &Subscription) -> Result<()> {
    let query = "UPDATE subscriptions SET latest = (version = (SELECT MAX(version) FROM subscriptions WHERE number = $1))
                 WHERE number = $1";
    on!(tx, conn => sqlx::query(query).bind(&version.number).execute(conn).await.map(drop))
        .map_err(Error::of("subscription"))
}

/// How many there are.
pub async fn count(tx: &mut ReadTx) -> Result<i64> {
    on!(tx, conn => sqlx::query_scalar("SELECT COUNT(*) FROM subscriptions WHERE latest").fetch_one(conn).await)
        .map_err(Error::of("subscription"))
}

/// When Zuora had changed what we hold under its id, to tell whether there is news.
pub async fn updated_at(tx: &mut ReadTx, id: &ZuoraId) -> Result<Option<Instant>> {
    let query = "SELECT updated_at FROM subscriptions WHERE zuora_id = $1";
    on!(tx, conn => sqlx::query_scalar(query).bind(id).fetch_optional(conn).await)
        .map_err(Error::of("subscription"))
}
