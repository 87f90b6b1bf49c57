//! Taking over a subscription version, and the duties that follow from it, whoever made it.
//! Refuses to provision: that is a job of its own.

use std::sync::Arc;

use domain::account::Account;
use domain::entitlement::Sources;
use domain::obligation::Obligation;
use domain::subscription::Subscription;
use domain::{Ids, Instant, OrderNumber, ZuoraId};
use store::Tx;
use zuora::wire;

use super::{asked, owner};
use crate::event::{self, Happened};
use crate::job::Promise;
use crate::mirror::{self, Charges, Read};
use crate::offer::Offers;
use crate::wake::Class;
use crate::{App, Result, catalog, entitlement, offer};

/// Reads a version unless the copy is as new.
pub(super) async fn take(app: &App, id: &ZuoraId, updated_at: Instant) -> Result<()> {
    let mut tx = app.db.read().await?;
    let known = store::subscription::updated_at(&mut tx, id).await?;
    drop(tx);
    if known >= Some(updated_at) {
        return Ok(());
    }
    let answer = asked(app, app.zuora.subscription(id.as_str()).await)?;
    let account = owner(app, &ZuoraId::from(answer.value.account_id.clone())).await?;
    let (book, charges) = known_charges(app, &answer.value, updated_at).await?;
    let now = app.now();
    let version =
        mirror::subscription(&answer.value, &account, &charges, Read { updated_at, synced_at: now })?;
    let raw = String::from_utf8_lossy(&answer.body);

    let mut ids = app.ids(now);
    let mut tx = app.db.write().await?;
    let is_new = store::subscription::insert(&mut tx, &version, &raw).await?;
    let changed = is_new || store::subscription::refresh(&mut tx, &version, &raw).await?;
    if changed {
        follow(app, &mut tx, (&version, &account), &book.offers, &mut ids).await?;
    }
    tx.commit().await?;
    if let Some(target) = version.target.as_ref().filter(|_| changed) {
        app.memory.entitlements.forget(target);
        app.memory.wake.ring(Class::Target);
    }
    Ok(())
}

/// The offers and the catalog's charges, with those that the subscription has. A version is read once, and a charge
/// that was not in the copy then would stay unmapped: the catalog is read first where it may be older than the version.
async fn known_charges(
    app: &App,
    theirs: &wire::Subscription,
    updated_at: Instant,
) -> Result<(Arc<Offers>, Charges)> {
    let (book, charges) = book(app).await?;
    if knows_all(&charges, theirs) {
        return Ok((book, charges));
    }
    // What is in memory may be older than the copy: another process reads the catalog too.
    app.memory.offers.forget();
    let (book, charges) = self::book(app).await?;
    let read_at = charges.values().map(|charge| charge.synced_at).max();
    if knows_all(&charges, theirs) || read_at > Some(updated_at) {
        return Ok((book, charges));
    }
    catalog::refresh(app).await?;
    self::book(app).await
}

async fn book(app: &App) -> Result<(Arc<Offers>, Charges)> {
    let book = offer::book(app).await?;
    let charges = book.charges.values().flatten().map(|charge| (charge.charge_id.clone(), charge.clone()));
    let charges = charges.collect();
    Ok((book, charges))
}

fn knows_all(charges: &Charges, theirs: &wire::Subscription) -> bool {
    let of_plans = theirs.rate_plans.iter().flat_map(|plan| &plan.rate_plan_charges);
    let mut ids = of_plans.filter_map(|charge| charge.product_rate_plan_charge_id.clone());
    ids.all(|id| charges.contains_key(&ZuoraId::from(id)))
}

/// Whether the order that made a version is ours. It is confirmed when the copy has all that it made: until then the
/// order itself says what its other subscriptions entitle to.
async fn confirm(tx: &mut Tx, number: &OrderNumber) -> Result<bool> {
    let Some(order) = store::order::find_by_number(tx, number.as_str()).await? else { return Ok(false) };
    for subscription in order.subscriptions() {
        let versions = store::subscription::versions(tx, subscription).await?;
        if !versions.iter().any(|version| version.order_number.as_ref() == Some(number)) {
            return Ok(true);
        }
    }
    store::order::set_confirmed(tx, number).await?;
    Ok(true)
}

/// The duties of a version that is news, and the push that fulfills them.
async fn follow(
    app: &App,
    tx: &mut Tx,
    news: (&Subscription, &Account),
    offers: &[domain::offer::Offer],
    ids: &mut Ids,
) -> Result<()> {
    let (version, account) = news;
    let now = app.now();
    let latest = store::subscription::find_latest(tx, &version.number).await?;
    // An older version that came late has nothing to say any more.
    if latest.as_ref().map(|latest| latest.version) != Some(version.version) {
        return Ok(());
    }
    let ours = match &version.order_number {
        Some(number) => confirm(tx, number).await?,
        None => false,
    };
    let sources = Sources { versions: &[], orders: &[], offers, zones: &app.settings.zones };
    let duties = Obligation::of_version(version, &sources, app.settings.deadline, now, ids);
    for duty in &duties {
        match ours {
            true => store::obligation::confirm(tx, duty).await?,
            false => store::obligation::promise(tx, duty).await?,
        }
    }
    let mut promise = Promise { ids, now, trace_id: "" };
    if let Some(target) = &version.target {
        // A push that changes nothing is one read and one comparison.
        promise.push(tx, target).await?;
        entitlement::changed(tx, target, &mut promise).await?;
    }
    let happened = Happened {
        kind: "subscription.mirrored",
        noun_id: version.number.to_string(),
        account: Some(account.id),
        actor: "sync",
        payload: serde_json::json!({ "version": version.version, "status": version.status, "ours": ours }),
    };
    event::append(tx, happened, &mut promise).await
}
