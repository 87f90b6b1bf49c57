//! What staff see first: what waits, what is unknown, what is late, what is at risk.
//! Refuses customers.

use domain::access::{Caller, Operation};
use domain::drift::Drift;
use domain::obligation::ObligationStatus;
use domain::order::{Order, OrderStatus};
use domain::{Currency, Instant};
use jiff::SignedDuration;
use store::cursor::Cursor;
use store::lane::LaneState;

use crate::breaker::BreakerView;
use crate::{App, Error, Result};

/// Rows of each table on the page.
const ROWS_MAX: i64 = 20;

/// How far back the chart goes.
const CHART: SignedDuration = SignedDuration::from_hours(6);

/// Everything on the page.
#[derive(Debug, Clone)]
pub struct Overview {
    /// When it was looked at.
    pub now: Instant,
    /// Orders by state, with the time when the oldest was accepted.
    pub orders: Vec<(OrderStatus, i64, Instant)>,
    /// Orders of the last hours by the quarter hour in which they were accepted (`2026-11-12T10:15`) and their state now.
    pub quarters: Vec<(String, OrderStatus, i64)>,
    /// The orders that wait longest.
    pub waiting: Vec<Order>,
    /// The lanes that wait longest.
    pub lanes: Vec<LaneState>,
    /// Lanes and jobs that wait.
    pub jobs_waiting: (i64, i64),
    /// The breakers of this process.
    pub breakers: Vec<BreakerView>,
    /// How old each part of the copy is.
    pub cursors: Vec<Cursor>,
    /// When the catalog was read.
    pub catalog_as_of: Option<Instant>,
    /// Duties by state.
    pub obligations: Vec<(ObligationStatus, i64)>,
    /// Duties that are late.
    pub late: i64,
    /// What is on trust by currency, in minor units.
    pub exposure: Vec<(Currency, i64)>,
    /// The most that may be, for each currency, in minor units.
    pub exposure_limit_minor: i64,
    /// Dead jobs by kind.
    pub dead: Vec<(String, i64)>,
    /// Differences that nobody settled.
    pub drifts: Vec<Drift>,
}

/// The overview.
pub async fn overview(app: &App, caller: &Caller) -> Result<Overview> {
    if !caller.may(Operation::ConsoleView, None) {
        return Err(Error::Forbidden);
    }
    let now = app.now();
    let mut tx = app.db.read().await?;
    let mut waiting = store::order::list_in_status(&mut tx, OrderStatus::Unknown, ROWS_MAX).await?;
    waiting.extend(store::order::list_in_status(&mut tx, OrderStatus::Accepted, ROWS_MAX).await?);
    Ok(Overview {
        now,
        orders: store::order::count_by_status(&mut tx).await?,
        quarters: store::order::count_by_quarter(&mut tx, now.after(-CHART)).await?,
        waiting,
        lanes: store::lane::list_waiting(&mut tx, now, ROWS_MAX).await?,
        jobs_waiting: store::lane::count_waiting(&mut tx, now).await?,
        breakers: app.memory.breakers.views(),
        cursors: store::cursor::list(&mut tx).await?,
        catalog_as_of: store::offer::catalog_synced_at(&mut tx).await?,
        obligations: store::obligation::count_by_status(&mut tx).await?,
        late: store::obligation::count_late(&mut tx, now).await?,
        exposure: store::order::exposure(&mut tx, now).await?,
        exposure_limit_minor: app.settings.policy.total_limit_minor,
        dead: store::job::count_dead(&mut tx).await?,
        drifts: store::drift::list_open(&mut tx, ROWS_MAX).await?,
    })
}
