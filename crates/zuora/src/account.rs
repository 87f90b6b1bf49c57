//! Calls about accounts.

use bytes::Bytes;

use crate::client::{Answer, Call, Client};
use crate::error::Error;
use crate::key::IdempotencyKey;
use crate::path::encode;
use crate::wire::{Account, AccountCreated};

impl Client {
    /// Creates an account from the exact bytes of a [`crate::wire::CreateAccount`].
    ///
    /// # Errors
    ///
    /// Any [`Error`]; after one whose retry is unknown, only the same bytes under the same key are safe.
    pub async fn account_create(
        &self,
        body: Bytes,
        key: &IdempotencyKey,
    ) -> Result<Answer<AccountCreated>, Error> {
        self.call(Call::post("account_create", "/v1/accounts", body, Some(key))).await
    }

    /// Reads an account by id or number.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`crate::Kind::NotFound`] when Zuora itself says that there is none.
    pub async fn account(&self, key: &str) -> Result<Answer<Account>, Error> {
        self.call(account_by("account", key)).await
    }

    /// Looks whether an account exists.
    ///
    /// # Errors
    ///
    /// Any [`Error`] but "not found".
    pub async fn account_find(&self, key: &str) -> Result<Option<Answer<Account>>, Error> {
        self.find(account_by("account_find", key)).await
    }
}

fn account_by(name: &'static str, key: &str) -> Call<'static> {
    Call::get(name, format!("/v1/accounts/{}", encode(key)))
}
