//! Taking callouts: stored raw, then a read of what changed is promised.
//! Refuses to act on what they say.

use domain::callout::Callout;
use domain::token::hash;

use crate::job::Promise;
use crate::sync::OBJECTS;
use crate::wake::Class;
use crate::{App, Result};

/// Stores a callout and wakes the sync. The same notification again is counted and wakes nobody.
pub async fn receive(app: &App, notification: Option<&str>, body: &str) -> Result<()> {
    let now = app.now();
    let mut ids = app.ids(now);
    let notification = notification.map_or_else(|| hash(body), ToOwned::to_owned);
    let callout = Callout { id: ids.id(), notification, body: body.to_owned(), times: 1, received_at: now };
    let mut tx = app.db.write().await?;
    let is_new = store::callout::store(&mut tx, &callout).await?;
    if is_new {
        let mut promise = Promise { ids: &mut ids, now, trace_id: "" };
        for object in OBJECTS {
            promise.sync(&mut tx, object.path()).await?;
        }
    }
    tx.commit().await?;
    app.metrics.callouts.get_or_create(&[("news", if is_new { "yes" } else { "no" })]).inc();
    if is_new {
        app.memory.wake.ring(Class::Sync);
    }
    Ok(())
}
