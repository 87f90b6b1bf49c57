//! Calls about subscriptions.

use crate::client::{Answer, Call, Client};
use crate::error::Error;
use crate::path::encode;
use crate::wire::{Subscription, SubscriptionPage};

/// A change within a term cuts a charge into segments, and by default Zuora shows only the last: whoever reads what is
/// in force today needs them all.
const ALL_SEGMENTS: &str = "charge-detail=all-segments";

impl Client {
    /// Reads the latest version of a subscription by number, or one version by its id; see
    /// [`crate::wire::RatePlanCharge::segments`] for its charges.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`crate::Kind::NotFound`] when Zuora itself says that there is none.
    pub async fn subscription(&self, key: &str) -> Result<Answer<Subscription>, Error> {
        self.call(subscription_by("subscription", key)).await
    }

    /// Looks whether a subscription exists.
    ///
    /// # Errors
    ///
    /// Any [`Error`] but "not found".
    pub async fn subscription_find(&self, key: &str) -> Result<Option<Answer<Subscription>>, Error> {
        self.find(subscription_by("subscription_find", key)).await
    }

    /// Reads one version of a subscription.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`crate::Kind::NotFound`] when Zuora itself says that there is none.
    pub async fn subscription_version(&self, key: &str, version: u32) -> Result<Answer<Subscription>, Error> {
        let path = format!("/v1/subscriptions/{}/versions/{version}?{ALL_SEGMENTS}", encode(key));
        self.call(Call::get("subscription_version", path)).await
    }

    /// Lists the latest versions of an account's subscriptions.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub async fn subscriptions_of_account(&self, key: &str) -> Result<Answer<Vec<Subscription>>, Error> {
        let first = format!("/v1/subscriptions/accounts/{}?pageSize=40&{ALL_SEGMENTS}", encode(key));
        self.list("subscriptions_of_account", first, |page: SubscriptionPage| {
            (page.subscriptions, page.next_page)
        })
        .await
    }
}

fn subscription_by(name: &'static str, key: &str) -> Call<'static> {
    Call::get(name, format!("/v1/subscriptions/{}?{ALL_SEGMENTS}", encode(key)))
}
