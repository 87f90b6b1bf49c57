//! Looking at subscriptions: as mirrored, with what was ordered since.
//! Refuses to ask Zuora.

use domain::access::{Caller, Operation};
use domain::entitlement::Sources;
use domain::subscription::{Expected, Subscription};
use domain::{AccountNumber, Instant};

use crate::{App, Result, account, offer};

/// A subscription as a customer sees it.
#[derive(Debug, Clone)]
pub struct SubscriptionView {
    /// As it is expected to be.
    pub expected: Expected,
    /// As Zuora had it last.
    pub version: Option<Subscription>,
    /// Until when part of it is granted on trust.
    pub trust_until: Option<Instant>,
}

/// An account's subscriptions.
pub async fn list(app: &App, caller: &Caller, number: &AccountNumber) -> Result<Vec<SubscriptionView>> {
    let offers = offer::book(app).await?;
    let mut tx = app.db.read().await?;
    let account = account::visible(&mut tx, caller, Operation::SubscriptionList, number).await?;
    let versions = store::subscription::list_of_account(&mut tx, account.id).await?;
    let orders = store::order::list_unconfirmed(&mut tx, account.id).await?;
    let sources =
        Sources { versions: &versions, orders: &orders, offers: &offers.offers, zones: &app.settings.zones };
    let all = sources.expected(app.now());
    let view = |(expected, trust_until): (Expected, Option<Instant>)| SubscriptionView {
        version: versions.iter().find(|version| version.number == expected.number).cloned(),
        expected,
        trust_until,
    };
    Ok(all.into_iter().map(view).collect())
}
