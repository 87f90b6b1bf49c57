//! How old the copy is, whether billing answers, what is on trust: looked at by the clock, answered from memory.
//! Refuses to make a page wait for it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use domain::{Currency, Instant};
use jiff::SignedDuration;
use store::ReadTx;

use crate::{App, Result, sync};

/// How long without a successful read before billing counts as silent: three reads missed.
const SILENT_AFTER: SignedDuration = SignedDuration::from_secs(100);

/// How old the total on trust may be: what all processes accept in this time can exceed the limit.
const EXPOSURE_LIFE: SignedDuration = SignedDuration::from_secs(1);

/// Whether the billing provider answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Billing {
    /// It does.
    Answers,
    /// It has not since then.
    Silent {
        /// When it answered last.
        since: Instant,
    },
}

/// How fresh the copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// When the oldest part of the copy was equal to Zuora; `None` before the first read.
    pub as_of: Option<Instant>,
    /// Whether the billing provider answers.
    pub billing: Billing,
}

#[derive(Debug, Default)]
struct Seen {
    as_of: Option<Instant>,
    exposure: BTreeMap<&'static str, (Instant, i64)>,
}

/// What was seen last.
#[derive(Debug, Default)]
pub struct Cache(Mutex<Seen>);

impl Cache {
    fn with<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How fresh the copy is, from memory.
pub fn freshness(app: &App) -> Freshness {
    let as_of = app.memory.freshness.with(|seen| seen.as_of);
    let billing = match as_of {
        Some(at) if at.until(app.now()) > SILENT_AFTER => Billing::Silent { since: at },
        _ => Billing::Answers,
    };
    Freshness { as_of, billing }
}

/// Whether this process can take orders: the database can be written and has the right schema.
pub async fn ready(app: &App) -> Result<()> {
    let mut tx = app.db.write().await?;
    tx.check_schema().await?;
    store::job::touch(&mut tx).await?;
    Ok(tx.undo().await?)
}

/// Looks at everything that is answered from memory, and sets the gauges.
pub(crate) async fn look(app: &App) -> Result<()> {
    let now = app.now();
    let mut tx = app.db.read().await?;
    let cursors = store::cursor::list(&mut tx).await?;
    let late = store::obligation::count_late(&mut tx, now).await?;
    let (_, waiting) = store::lane::count_waiting(&mut tx, now).await?;
    drop(tx);
    let all = sync::OBJECTS.len() == cursors.len();
    let as_of = cursors.iter().map(|cursor| cursor.synced_at).min().filter(|_| all);
    app.memory.freshness.with(|seen| seen.as_of = as_of);
    app.metrics.obligations_late.set(late);
    app.metrics.jobs_waiting.set(waiting);
    app.metrics.copy_age_seconds.set(as_of.map_or(0, |at| at.until(now).as_secs()));
    Ok(())
}

/// What all accounts of a currency have on trust together, at most a second old.
pub(crate) async fn exposure(app: &App, tx: &mut ReadTx, currency: Currency, now: Instant) -> Result<i64> {
    let seen = app.memory.freshness.with(|seen| seen.exposure.get(currency.code()).copied());
    if let Some((at, sum)) = seen
        && at.until(now) < EXPOSURE_LIFE
    {
        return Ok(sum);
    }
    let all = store::order::exposure(tx, now).await?;
    let sum = all.iter().find(|(of, _)| *of == currency).map_or(0, |(_, sum)| *sum);
    app.memory.freshness.with(|seen| seen.exposure.insert(currency.code(), (now, sum)));
    Ok(sum)
}
