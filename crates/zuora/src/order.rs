//! Calls about orders.

use bytes::Bytes;

use crate::client::{Answer, Call, Client};
use crate::error::Error;
use crate::key::IdempotencyKey;
use crate::path::encode;
use crate::wire::{Order, OrderAnswer, OrderCreated, OrderPage, OrderPreviewed};

impl Client {
    /// Creates an order from the exact bytes of a [`crate::wire::CreateOrder`].
    ///
    /// # Errors
    ///
    /// Any [`Error`]; after one whose retry is unknown, only the same bytes under the same key are safe: a call that
    /// timed out goes on inside Zuora, and its order appears later.
    pub async fn order_create(
        &self,
        body: Bytes,
        key: &IdempotencyKey,
    ) -> Result<Answer<OrderCreated>, Error> {
        self.call(Call::post("order_create", "/v1/orders", body, Some(key))).await
    }

    /// Asks what an order would bill, from the bytes of a [`crate::wire::PreviewOrder`]; Zuora keeps nothing of it.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub async fn order_preview(&self, body: Bytes) -> Result<Answer<OrderPreviewed>, Error> {
        self.call(Call::post("order_preview", "/v1/orders/preview", body, None)).await
    }

    /// Looks whether an order exists.
    ///
    /// # Errors
    ///
    /// Any [`Error`] but "not found"; a 404 that Zuora's application did not write is an error, not an absence.
    pub async fn order_find(&self, number: &str) -> Result<Option<Answer<Order>>, Error> {
        let call = Call::get("order_find", format!("/v1/orders/{}", encode(number)));
        let found: Option<Answer<OrderAnswer>> = self.find(call).await?;
        Ok(found.map(|answer| answer.map(|value| value.order)))
    }

    /// Lists the orders that touched a subscription; none when Zuora does not know the subscription.
    ///
    /// # Errors
    ///
    /// Any [`Error`] but "not found".
    pub async fn orders_of_subscription(&self, number: &str) -> Result<Option<Answer<Vec<Order>>>, Error> {
        let first = format!("/v1/orders/subscription/{}?pageSize=40", encode(number));
        let listed =
            self.list("orders_of_subscription", first, |page: OrderPage| (page.orders, page.next_page)).await;
        found(listed)
    }
}

/// A list of a thing that does not exist is `None`.
fn found<T>(listed: Result<T, Error>) -> Result<Option<T>, Error> {
    match listed {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.kind() == crate::Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
