//! API tokens, by the hash of their secret.
//! Refuses to give a secret back.

use domain::Instant;
use domain::token::Token;

use crate::db::on;
use crate::{Error, ReadTx, Result, Tx};

/// Adds a token.
pub async fn insert(tx: &mut Tx, token: &Token, hash: &str) -> Result<()> {
    let query = "INSERT INTO tokens (id, hash, name, scopes, product_line, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
    on!(tx, conn => sqlx::query(query)
        .bind(token.id).bind(hash).bind(&token.name).bind(&token.scopes).bind(&token.product_line).bind(token.expires_at)
        .execute(conn).await.map(drop))
    .map_err(Error::of("token"))
}

/// The token with this secret, if it has not expired.
pub async fn find(tx: &mut ReadTx, hash: &str, now: Instant) -> Result<Option<Token>> {
    let query =
        "SELECT id, name, scopes, product_line, expires_at FROM tokens WHERE hash = $1 AND expires_at > $2";
    on!(tx, conn => sqlx::query_as(query).bind(hash).bind(now).fetch_optional(conn).await)
        .map_err(Error::of("token"))
}
