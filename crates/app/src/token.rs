//! API tokens: made once, shown once, then known by their hash.
//! Refuses to ask the database for every call: a token is remembered for a moment.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use domain::Instant;
use domain::access::Caller;
use domain::token::{Scope, Token, hash};
use jiff::SignedDuration;

use crate::{App, Result};

/// How long a token that was found is remembered; one that is withdrawn works at most so long.
const REMEMBERED_FOR: SignedDuration = SignedDuration::from_secs(10);

/// Tokens remembered at most.
const REMEMBERED_MAX: usize = 10_000;

/// What all our secrets begin with, so that scanners for leaked secrets find them.
const PREFIX: &str = "purser_";

/// Tokens that were found lately.
#[derive(Debug, Default)]
pub struct Cache(RwLock<BTreeMap<String, (Instant, Caller)>>);

/// Makes a token; the secret is in the answer and nowhere else.
pub async fn create(
    app: &App,
    name: &str,
    scopes: Vec<Scope>,
    product_line: Option<String>,
    life: SignedDuration,
) -> Result<(Token, String)> {
    let now = app.now();
    let secret = format!("{PREFIX}{}", app.random.secret());
    let token = Token {
        id: app.ids(now).id(),
        name: name.to_owned(),
        scopes: scopes.into(),
        product_line,
        expires_at: now.after(life),
    };
    let mut tx = app.db.write().await?;
    store::token::insert(&mut tx, &token, &hash(&secret)).await?;
    tx.commit().await?;
    Ok((token, secret))
}

/// The product service that holds this secret.
pub async fn caller(app: &App, secret: &str) -> Result<Option<Caller>> {
    let (hash, now) = (hash(secret), app.now());
    let cache = &app.memory.tokens.0;
    let kept = cache.read().unwrap_or_else(PoisonError::into_inner).get(&hash).cloned();
    if let Some((until, caller)) = kept
        && now < until
    {
        return Ok(Some(caller));
    }
    let mut tx = app.db.read().await?;
    let Some(token) = store::token::find(&mut tx, &hash, now).await? else { return Ok(None) };
    drop(tx);
    let until = token.expires_at.min(now.after(REMEMBERED_FOR));
    let caller =
        Caller::Service { token: token.id, scopes: token.scopes.0, product_line: token.product_line };
    let mut all = cache.write().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= REMEMBERED_MAX {
        all.clear();
    }
    all.insert(hash, (until, caller.clone()));
    Ok(Some(caller))
}
