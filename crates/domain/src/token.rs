//! API tokens of product services: hashed at rest, scoped, with an expiry.
//! Refuses to keep the secret: it is shown once, when it is made.

use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::types::Json;

use crate::text::as_text;
use crate::{Instant, TokenId};

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Ask what targets are entitled to.
    EntitlementsRead,
    /// See accounts, offers, orders, subscriptions, invoices.
    OrdersRead,
    /// Create accounts and place orders on behalf of them.
    OrdersWrite,
}
as_text!(
    enum Scope {
        EntitlementsRead = "entitlements:read",
        OrdersRead = "orders:read",
        OrdersWrite = "orders:write",
    }
);

/// A token without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Token {
    /// Ours.
    pub id: TokenId,
    /// What it is for, in words.
    pub name: String,
    /// What it may be used for.
    pub scopes: Json<Vec<Scope>>,
    /// The only product line that it may touch; `None`: all.
    pub product_line: Option<String>,
    /// When it stops working.
    pub expires_at: Instant,
}

/// What the database keeps of a secret: hexadecimal SHA-256. The secrets are 256 random bits, so no salt is needed.
pub fn hash(secret: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(secret.as_bytes()))
}
