//! Calls about payments and payment methods.

use bytes::Bytes;

use crate::client::{Answer, Call, Client};
use crate::error::Error;
use crate::key::IdempotencyKey;
use crate::path::encode;
use crate::wire::{Payment, PaymentMethodCreated};

impl Client {
    /// Creates a payment from the exact bytes of a [`crate::wire::CreatePayment`].
    ///
    /// # Errors
    ///
    /// Any [`Error`]; after one whose retry is unknown, only the same bytes under the same key are safe. A declined
    /// card is a refusal of category 99 or, where the gateway was asked later, a payment whose status says so.
    pub async fn payment_create(&self, body: Bytes, key: &IdempotencyKey) -> Result<Answer<Payment>, Error> {
        self.call(Call::post("payment_create", "/v1/payments", body, Some(key))).await
    }

    /// Looks whether a payment exists, by number or id.
    ///
    /// # Errors
    ///
    /// Any [`Error`] but "not found".
    pub async fn payment_find(&self, key: &str) -> Result<Option<Answer<Payment>>, Error> {
        self.find(Call::get("payment_find", format!("/v1/payments/{}", encode(key)))).await
    }

    /// Creates a payment method from the exact bytes of a [`crate::wire::CreatePaymentMethod`].
    ///
    /// # Errors
    ///
    /// Any [`Error`]; after one whose retry is unknown, only the same bytes under the same key are safe.
    pub async fn payment_method_create(
        &self,
        body: Bytes,
        key: &IdempotencyKey,
    ) -> Result<Answer<PaymentMethodCreated>, Error> {
        self.call(Call::post("payment_method_create", "/v1/payment-methods", body, Some(key))).await
    }
}
