//! What a target is entitled to: answered from memory, computed from the copy when something changed.
//! Refuses to ask anyone but the database, and says how old its copy is.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError, RwLock};

use bytes::Bytes;
use domain::Instant;
use domain::access::{Caller, Operation};
use domain::entitlement::{Entitlement, Granted, Sources};
use domain::target::Target;
use jiff::SignedDuration;
use serde::Serialize;
use store::event::Tail;
use store::{ReadTx, Tx};

use crate::event::{self, Happened};
use crate::job::Promise;
use crate::{App, Error, Result, health, offer};

/// Answers kept in memory; when there are more, all are forgotten and computed again as they are asked for.
const KEPT_MAX: usize = 200_000;

/// How long an answer is kept at most, so that the age it states stays true enough.
const KEPT_FOR: SignedDuration = SignedDuration::from_secs(30);

/// Changes read from other processes in one go.
const TAIL_ROWS_MAX: i64 = 1_000;

/// The kind of event that makes every process forget an answer.
const CHANGED: &str = "entitlement.changed";

#[derive(Debug, Clone)]
struct Kept {
    body: Bytes,
    until: Instant,
}

/// The answers in memory.
#[derive(Debug, Default)]
pub struct Cache {
    kept: RwLock<BTreeMap<Target, Kept>>,
    tail: Mutex<Option<Tail>>,
}

impl Cache {
    pub(crate) fn forget(&self, target: &Target) {
        self.kept.write().unwrap_or_else(PoisonError::into_inner).remove(target);
    }

    fn get(&self, target: &Target, now: Instant) -> Option<Bytes> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.get(target).filter(|kept| now < kept.until).map(|kept| kept.body.clone())
    }

    fn keep(&self, target: Target, kept: Kept) {
        let mut all = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT_MAX {
            all.clear();
        }
        all.insert(target, kept);
    }
}

/// What is answered.
#[derive(Debug, Serialize)]
struct Answered {
    #[serde(flatten)]
    entitlement: Entitlement,
    /// When the copy was last equal to Zuora.
    as_of: Option<Instant>,
}

/// What a target has, as JSON; an unknown target has nothing.
pub async fn check(app: &App, caller: &Caller, target: &Target) -> Result<Bytes> {
    if !caller.may(Operation::EntitlementView, None) {
        return Err(Error::Forbidden);
    }
    let now = app.now();
    if let Some(body) = app.memory.entitlements.get(target, now) {
        return Ok(body);
    }
    let mut tx = app.db.read().await?;
    let (entitlement, _) = compute(app, &mut tx, target, now).await?;
    drop(tx);
    let until = entitlement.next_change.unwrap_or(now.after(KEPT_FOR)).min(now.after(KEPT_FOR));
    let answered = Answered { entitlement, as_of: health::freshness(app).as_of };
    let body =
        Bytes::from(serde_json::to_vec(&answered).map_err(|error| Error::Stored("entitlement", error))?);
    app.memory.entitlements.keep(target.clone(), Kept { body: body.clone(), until });
    Ok(body)
}

/// What a target has at a time, and the lines that say so.
pub(crate) async fn compute(
    app: &App,
    tx: &mut ReadTx,
    target: &Target,
    now: Instant,
) -> Result<(Entitlement, Vec<Granted>)> {
    let offers = offer::book(app).await?;
    let (mut versions, mut orders) = (Vec::new(), Vec::new());
    for account in store::subscription::accounts_of_target(tx, target).await? {
        versions.extend(store::subscription::list_of_account(tx, account).await?);
        orders.extend(store::order::list_unconfirmed(tx, account).await?);
    }
    orders.sort_by_key(|order| order.id);
    let sources =
        Sources { versions: &versions, orders: &orders, offers: &offers.offers, zones: &app.settings.zones };
    Ok((sources.entitlement(target, now), sources.granted(target, now)))
}

/// Records that what a target has may have changed; every process forgets its answer.
pub(crate) async fn changed(tx: &mut Tx, target: &Target, promise: &mut Promise<'_>) -> Result<()> {
    let happened = Happened {
        kind: CHANGED,
        noun_id: target.to_string(),
        account: None,
        actor: "purser",
        payload: serde_json::json!({}),
    };
    event::append(tx, happened, promise).await
}

/// Forgets what other processes changed since the last call.
pub(crate) async fn follow(app: &App) -> Result<()> {
    let cache = &app.memory.entitlements;
    let place = cache.tail.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut tx = app.db.read().await?;
    let mut place = match place {
        Some(place) => place,
        None => store::event::end(&mut tx).await?,
    };
    for (tail, event) in store::event::tail(&mut tx, CHANGED, &place, TAIL_ROWS_MAX).await? {
        if let Ok(target) = event.noun_id.parse() {
            cache.forget(&target);
        }
        place = tail;
    }
    *cache.tail.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
    Ok(())
}
