//! API tokens: found by the hash of their secret while they live.
//! Refuses one secret for two tokens.

use domain::token::{Scope, Token};
use sqlx::types::Json;
use store::Error;
use store::testing::databases;
use store::token;

use crate::sample::{at, id};

fn sample(number: u128) -> Token {
    Token {
        id: id(number),
        name: "cloud".into(),
        scopes: Json(vec![Scope::OrdersWrite, Scope::EntitlementsRead]),
        product_line: Some("cloud".into()),
        expires_at: at(100),
    }
}

#[tokio::test]
async fn a_token_is_found_by_its_hash_until_it_expires() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        let bare = Token { scopes: Json(vec![]), product_line: None, ..sample(2) };
        token::insert(&mut tx, &sample(1), "hash1").await.unwrap();
        token::insert(&mut tx, &bare, "hash2").await.unwrap();
        assert_eq!(token::find(&mut tx, "hash1", at(99)).await.unwrap(), Some(sample(1)));
        assert_eq!(token::find(&mut tx, "hash2", at(99)).await.unwrap(), Some(bare));
        assert_eq!(token::find(&mut tx, "hash1", at(100)).await.unwrap(), None);
        assert_eq!(token::find(&mut tx, "HASH1", at(0)).await.unwrap(), None);
        let twice = token::insert(&mut tx, &sample(3), "hash1").await;
        assert!(matches!(twice, Err(Error::Taken("token"))), "{}", db.name());
    }
}
