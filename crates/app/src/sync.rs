//! Reading what Zuora changed: a cursor by update time that re-reads an overlap, and an upsert by id and version.
//! Refuses to believe callouts; they only make this run sooner.

mod account;
mod document;
mod subscription;

use domain::account::Account;
use domain::{Instant, ZuoraId};
use jiff::SignedDuration;
use store::cursor::Cursor;
use store::job::Job;
use store::lane::Lease;
use zuora::wire::{QueryObject, QueryRow};

use crate::job::{OfSync, Promise, payload};
use crate::wake::Class;
use crate::{App, Error, Result, drift};

/// How much is read again each time: Zuora's writes become visible late and its times are whole seconds.
const OVERLAP: SignedDuration = SignedDuration::from_mins(5);

/// How often each object is read without any callout.
pub(crate) const EVERY: SignedDuration = SignedDuration::from_secs(30);

/// How often the catalog is read.
pub(crate) const CATALOG_EVERY: SignedDuration = SignedDuration::from_mins(10);

/// The objects that are followed, in the order in which they refer to each other.
pub(crate) const OBJECTS: [QueryObject; 4] =
    [QueryObject::Accounts, QueryObject::Subscriptions, QueryObject::Invoices, QueryObject::Payments];

/// Pages of one run; a longer backlog goes on in the next run, from where this one came to.
const PAGES_MAX: usize = 50;

/// Reads one object's changes and moves its cursor.
pub(crate) async fn run(app: &App, lease: &Lease, job: &Job) -> Result<()> {
    let name = payload::<OfSync>(job)?.object;
    let object = OBJECTS.into_iter().find(|object| object.path() == name).ok_or(Error::NotFound("object"))?;
    let started = app.now();
    let mut tx = app.db.read().await?;
    let cursor = store::cursor::find(&mut tx, &name).await?;
    drop(tx);
    let since =
        cursor.as_ref().map_or(Instant(jiff::Timestamp::UNIX_EPOCH), |cursor| cursor.since.after(-OVERLAP));

    let reached = read(app, object, since).await?;

    let mut tx = app.db.write().await?;
    store::lane::check(&mut tx, lease).await?;
    let since = match reached {
        // Everything before the run began has been read, but for what becomes visible late: that is the overlap.
        Reached::End => started,
        Reached::Until(instant) => instant,
    };
    store::cursor::advance(&mut tx, &Cursor { name, since, synced_at: started }).await?;
    store::job::finish(&mut tx, lease, job.id, app.now()).await?;
    tx.commit().await?;
    Ok(())
}

enum Reached {
    End,
    Until(Instant),
}

async fn read(app: &App, object: QueryObject, since: Instant) -> Result<Reached> {
    let mut page: Option<String> = None;
    let mut last = since;
    for _ in 0..PAGES_MAX {
        let answer = asked(app, app.zuora.query(object, since.0, page.as_deref()).await)?;
        for row in &answer.value.data {
            let updated_at = Instant::cut(row.updated_date.unwrap_or(since.0));
            match take(app, object, row, updated_at).await {
                // One thing that cannot be understood must not keep everything after it from being read.
                Err(Error::Mirror { noun, number, why }) => {
                    drift::unreadable(app, (noun, &number), &why).await?
                }
                taken => taken?,
            }
            last = last.max(updated_at);
        }
        page = answer.value.next_page;
        if page.is_none() {
            return Ok(Reached::End);
        }
    }
    Ok(Reached::Until(last))
}

async fn take(app: &App, object: QueryObject, row: &QueryRow, updated_at: Instant) -> Result<()> {
    let id = ZuoraId::from(row.id.clone());
    match object {
        QueryObject::Accounts => account::take(app, &id, updated_at).await.map(drop),
        QueryObject::Subscriptions => subscription::take(app, &id, updated_at).await,
        QueryObject::Invoices => document::take_invoice(app, &id, updated_at).await,
        QueryObject::Payments => document::take_payment(app, &id, updated_at).await,
        QueryObject::Orders => Ok(()),
    }
}

/// Tells the breaker and the metrics what came of a read.
pub(crate) fn asked<T>(app: &App, answered: Result<T, zuora::Error>) -> Result<T> {
    let now = app.now();
    match answered {
        Ok(answer) => {
            app.memory.breakers.answered(Class::Sync, now);
            app.metrics.call("sync", "done");
            Ok(answer)
        }
        Err(error) => {
            app.memory.breakers.failed(Class::Sync, &error.to_string(), now);
            app.metrics.call("sync", "failed");
            Err(Error::Zuora(error))
        }
    }
}

/// The account that something belongs to; read from Zuora first if the copy lacks it.
async fn owner(app: &App, id: &ZuoraId) -> Result<Account> {
    let mut tx = app.db.read().await?;
    let known = store::account::find_by_zuora_id(&mut tx, id).await?;
    drop(tx);
    match known {
        Some(account) => Ok(account),
        None => account::take(app, id, Instant(jiff::Timestamp::UNIX_EPOCH)).await,
    }
}

/// Promises the reads that are due by the clock.
pub(crate) async fn schedule(app: &App) -> Result<()> {
    let now = app.now();
    let mut tx = app.db.read().await?;
    let cursors = store::cursor::list(&mut tx).await?;
    let catalog = store::offer::catalog_synced_at(&mut tx).await?;
    drop(tx);
    let fresh =
        |name: &str| cursors.iter().any(|cursor| cursor.name == name && cursor.synced_at.until(now) < EVERY);
    let due: Vec<&str> = OBJECTS.iter().map(|object| object.path()).filter(|name| !fresh(name)).collect();
    let catalog_due = catalog.is_none_or(|synced_at| synced_at.until(now) >= CATALOG_EVERY);
    if due.is_empty() && !catalog_due {
        return Ok(());
    }
    let mut ids = app.ids(now);
    let mut tx = app.db.write().await?;
    let mut promise = Promise { ids: &mut ids, now, trace_id: "" };
    for name in due {
        promise.sync(&mut tx, name).await?;
    }
    if catalog_due {
        promise.catalog(&mut tx).await?;
    }
    tx.commit().await?;
    app.memory.wake.ring(Class::Sync);
    Ok(())
}
