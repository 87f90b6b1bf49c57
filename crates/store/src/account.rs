//! Accounts in the database.
//! Refuses to decide: what an account may do is `domain::account`.

use domain::account::{Account, AccountStatus};
use domain::{AccountId, AccountNumber, Instant, ZuoraId};

use crate::db::on;
use crate::{Error, Page, ReadTx, Result, Tx};

/// The account with this id.
pub async fn get(tx: &mut ReadTx, id: AccountId) -> Result<Account> {
    on!(tx, conn => sqlx::query_as("SELECT * FROM accounts WHERE id = $1").bind(id).fetch_one(conn).await)
        .map_err(Error::of("account"))
}

/// The account with this number.
pub async fn get_by_number(tx: &mut ReadTx, number: &AccountNumber) -> Result<Account> {
    on!(tx, conn => sqlx::query_as("SELECT * FROM accounts WHERE number = $1").bind(number).fetch_one(conn).await)
        .map_err(Error::of("account"))
}

/// The account that Zuora knows by this id.
pub async fn find_by_zuora_id(tx: &mut ReadTx, id: &ZuoraId) -> Result<Option<Account>> {
    let query = "SELECT * FROM accounts WHERE zuora_id = $1";
    on!(tx, conn => sqlx::query_as(query).bind(id).fetch_optional(conn).await).map_err(Error::of("account"))
}

/// A page of accounts whose name or number contains the text, by number.
pub async fn list(tx: &mut ReadTx, containing: &str, page: &Page) -> Result<Vec<Account>> {
    let query =
        "SELECT * FROM accounts WHERE (lower(name) LIKE $1 ESCAPE '!' OR lower(number) LIKE $1 ESCAPE '!')
                     AND number > $2 ORDER BY number LIMIT $3";
    // What would match anything else is to match itself.
    let literal = containing.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    let pattern = format!("%{literal}%");
    let after = page.after.clone().unwrap_or_default();
    on!(tx, conn => sqlx::query_as(query).bind(pattern).bind(after).bind(page.limit).fetch_all(conn).await)
        .map_err(Error::of("account"))
}

/// Adds a new account.
pub async fn insert(tx: &mut Tx, account: &Account) -> Result<()> {
    let query = "INSERT INTO accounts (id, number, name, currency, entity, status, zuora_id, payment_method,
                     contact_first_name, contact_last_name, contact_mail, contact_country, orders_billed, created_at, synced_at, updated_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    on!(tx, conn => sqlx::query(query)
        .bind(account.id).bind(&account.number).bind(&account.name).bind(account.currency).bind(&account.entity)
        .bind(account.status).bind(&account.zuora_id).bind(&account.payment_method)
        .bind(&account.contact_first_name).bind(&account.contact_last_name).bind(&account.contact_mail)
        .bind(&account.contact_country).bind(account.orders_billed).bind(account.created_at).bind(account.synced_at)
        .bind(account.updated_at)
        .execute(conn).await.map(drop))
    .map_err(Error::of("account"))
}

/// Takes over what Zuora says of an account that both know.
pub async fn save(tx: &mut Tx, account: &Account) -> Result<()> {
    let query = "UPDATE accounts SET name = $2, status = $3, zuora_id = $4, payment_method = $5, contact_mail = $6, synced_at = $7, updated_at = $8
                 WHERE id = $1";
    on!(tx, conn => sqlx::query(query)
        .bind(account.id).bind(&account.name).bind(account.status).bind(&account.zuora_id)
        .bind(&account.payment_method).bind(&account.contact_mail).bind(account.synced_at).bind(account.updated_at)
        .execute(conn).await.map(drop))
    .map_err(Error::of("account"))
}

/// Records where the account stands, and Zuora's id once it is known.
pub async fn set_status(
    tx: &mut Tx,
    id: AccountId,
    status: AccountStatus,
    zuora_id: Option<&ZuoraId>,
) -> Result<()> {
    let query = "UPDATE accounts SET status = $2, zuora_id = COALESCE($3, zuora_id) WHERE id = $1";
    on!(tx, conn => sqlx::query(query).bind(id).bind(status).bind(zuora_id).execute(conn).await.map(drop))
        .map_err(Error::of("account"))
}

/// Counts one more billed order.
pub async fn count_billed(tx: &mut Tx, id: AccountId) -> Result<()> {
    let query = "UPDATE accounts SET orders_billed = orders_billed + 1 WHERE id = $1";
    on!(tx, conn => sqlx::query(query).bind(id).execute(conn).await.map(drop)).map_err(Error::of("account"))
}

/// How many there are.
pub async fn count(tx: &mut ReadTx) -> Result<i64> {
    on!(tx, conn => sqlx::query_scalar("SELECT COUNT(*) FROM accounts").fetch_one(conn).await)
        .map_err(Error::of("account"))
}

/// When the copy of the oldest account was last equal to Zuora.
pub async fn oldest_sync(tx: &mut ReadTx) -> Result<Option<Instant>> {
    on!(tx, conn => sqlx::query_scalar("SELECT MIN(synced_at) FROM accounts").fetch_one(conn).await)
        .map_err(Error::of("account"))
}
