//! The figures of `bench/`: what the platform does in a second, beside its limit measured in the same run.
//! Measures the real program in processes of its own, on databases that are made for each run and dropped after it.
//! Refuses a figure without its limit, and a run in which a single request was not answered as it should be.

mod bare;
mod limit;
mod load;
mod site;
mod table;

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::Result;
use limit::Limit;
use load::{Load, Measured};
use site::{Place, Role, Site, ZuoraState};

pub use table::table;

/// Clients that order at the same time, and the bar of each figure.
const ORDERS: [(usize, f64); 2] = [(8, 0.5), (32, 0.4)];

/// Clients that ask what a target is entitled to.
const CHECKERS: usize = 8;

/// Clients that order at the same time on SQLite.
const SQLITE_CLIENTS: usize = 8;

/// How much of a bare handler's speed an entitlement check must reach.
const CHECK_BAR: f64 = 0.5;

/// How much of the speed with Zuora up must remain when it is down.
const DOWN_BAR: f64 = 0.9;

/// What is measured, with what.
#[derive(Debug, Clone)]
pub struct Options {
    /// The optimized `purser`.
    pub purser: PathBuf,
    /// Where `createdb`, `psql`, `pgbench` and `vacuumdb` are.
    pub programs: PathBuf,
    /// A PostgreSQL server on which databases may be made and dropped, and which flushes what it commits.
    pub postgres: String,
    /// How long each measurement takes, after its warm-up.
    pub measure: Duration,
    /// How often each is repeated; the median counts.
    pub rounds: usize,
}

/// All figures of one run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// What it was measured on.
    pub machine: Machine,
    /// One entry a figure.
    pub rows: Vec<Row>,
}

/// The machine, as far as figures depend on it.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// Cores that this process may use; load, servers and database share them.
    pub cores: usize,
}

/// One figure beside its limit.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// What was measured.
    pub name: String,
    /// What the limit is; absent for a figure that stands alone.
    pub limit: Option<&'static str>,
    /// The median of what the platform did in a second.
    pub ours_per_s: f64,
    /// The median of what the limit did in a second.
    pub limit_per_s: Option<f64>,
    /// The median of the rounds' ratios.
    pub ratio: Option<f64>,
    /// What the ratio must reach.
    pub bar: Option<f64>,
    /// How many rounds the medians are of.
    pub median_of: usize,
    /// The time that half of the requests took at most, in the median round.
    pub p50_ms: f64,
    /// The time that 99 of 100 requests took at most, in the median round.
    pub p99_ms: f64,
}

impl Report {
    /// Whether every ratio reaches its bar.
    pub fn holds(&self) -> bool {
        self.rows.iter().all(|row| match (row.ratio, row.bar) {
            (Some(ratio), Some(bar)) => ratio >= bar,
            _ => true,
        })
    }
}

/// Measures everything; says on standard error where it is.
pub async fn run(options: &Options) -> Result<Report> {
    let limit = Limit::prepare(options)?;
    let mut rows = Vec::new();
    for (clients, bar) in ORDERS {
        rows.extend(orders(options, &limit, clients, bar).await?);
    }
    drop(limit);
    rows.extend(checks(options).await?);
    rows.push(orders_on_sqlite(options).await?);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Report { machine: Machine { cores }, rows })
}

/// Orders on PostgreSQL: the limit and four ways of being busy otherwise, in turn.
async fn orders(options: &Options, limit: &Limit, clients: usize, bar: f64) -> Result<Vec<Row>> {
    let load = Load { clients, measure: options.measure };
    let (mut limits, mut measured) = (Vec::new(), [const { Vec::new() }; 4]);
    let ways = [
        (Role::All, ZuoraState::Up),
        (Role::All, ZuoraState::Down),
        (Role::All, ZuoraState::Instant),
        (Role::Web, ZuoraState::Up),
    ];
    for round in 1..=options.rounds {
        limits.push(limit.run(clients, options.measure)?);
        for ((role, zuora), all) in ways.into_iter().zip(&mut measured) {
            all.push(orders_once(options, (Place::Postgres, role, zuora), load).await?);
        }
        let ours = measured.each_ref().map(|all| all[round - 1].per_s);
        say(&format!("orders, {clients} clients"), round, limits[round - 1], &ours);
    }
    let name = format!("orders_{clients}_clients");
    let [up, down, instant, no_worker] = measured;
    let to_limit = |bar| Some((PGBENCH, limits.as_slice(), bar));
    Ok(vec![
        row(&name, to_limit(Some(bar)), &up),
        row(&format!("{name}_zuora_down"), Some((WHILE_UP, &speeds(&up), Some(DOWN_BAR))), &down),
        row(&format!("{name}_instant_zuora"), to_limit(None), &instant),
        row(&format!("{name}_no_worker"), to_limit(None), &no_worker),
    ])
}

/// On a platform of its own: a worker goes on with what it was left, and would slow down whatever came next.
async fn orders_once(options: &Options, on: (Place, Role, ZuoraState), load: Load) -> Result<Measured> {
    let (place, role, zuora) = on;
    let mut site = Site::open(options, place).await?;
    site.set_zuora(zuora).await?;
    site.serve(role).await?;
    site.orders(load).await
}

/// Entitlement checks: a bare handler, Zuora up, Zuora down, in turn.
async fn checks(options: &Options) -> Result<Vec<Row>> {
    let load = Load { clients: CHECKERS, measure: options.measure };
    let site = Site::open(options, Place::Postgres).await?;
    let (mut limits, mut up, mut down) = (Vec::new(), Vec::new(), Vec::new());
    for round in 1..=options.rounds {
        let limited = bare::run(site.checked().await?, load).await?.per_s;
        site.set_zuora(ZuoraState::Up).await?;
        let with_zuora = site.checks(load).await?;
        site.set_zuora(ZuoraState::Down).await?;
        let without = site.checks(load).await?;
        say("entitlement checks", round, limited, &[with_zuora.per_s, without.per_s]);
        limits.push(limited);
        up.push(with_zuora);
        down.push(without);
    }
    Ok(vec![
        row("entitlement_check", Some((BARE, &limits, Some(CHECK_BAR))), &up),
        row("entitlement_check_zuora_down", Some((WHILE_UP, &speeds(&up), Some(DOWN_BAR))), &down),
    ])
}

/// For information: the embedded database has one writer, and the disk is its limit.
async fn orders_on_sqlite(options: &Options) -> Result<Row> {
    let load = Load { clients: SQLITE_CLIENTS, measure: options.measure };
    let mut measured = Vec::new();
    for _ in 0..options.rounds {
        measured.push(orders_once(options, (Place::Sqlite, Role::All, ZuoraState::Up), load).await?);
    }
    Ok(row(&format!("orders_{SQLITE_CLIENTS}_clients_sqlite"), None, &measured))
}

const PGBENCH: &str = "pgbench with the same statements";
const BARE: &str = "a bare axum handler that answers the same bytes";
const WHILE_UP: &str = "the same with Zuora up";

fn speeds(measured: &[Measured]) -> Vec<f64> {
    measured.iter().map(|one| one.per_s).collect()
}

fn row(name: &str, limit: Option<(&'static str, &[f64], Option<f64>)>, measured: &[Measured]) -> Row {
    let ours = speeds(measured);
    // Neighbors in time are compared: what disturbs the machine for a while disturbs both.
    let ratios = limit.map(|(_, limits, _)| ours.iter().zip(limits).map(|(ours, limit)| ours / limit));
    let millis = |of: fn(&Measured) -> Duration| {
        median(measured.iter().map(|one| of(one).as_secs_f64() * 1_000.0).collect())
    };
    Row {
        name: name.to_owned(),
        limit: limit.map(|(words, _, _)| words),
        limit_per_s: limit.map(|(_, limits, _)| rounded(median(limits.to_vec()), 0)),
        ratio: ratios.map(|ratios| rounded(median(ratios.collect()), 2)),
        bar: limit.and_then(|(_, _, bar)| bar),
        median_of: ours.len(),
        p50_ms: rounded(millis(|one| one.p50), 2),
        p99_ms: rounded(millis(|one| one.p99), 2),
        ours_per_s: rounded(median(ours), 0),
    }
}

/// The middle one; the mean of the two middle ones of an even number.
fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    let middle = all.len() / 2;
    match (all.len() % 2, all.get(middle)) {
        (_, None) => f64::NAN,
        (1, Some(one)) => *one,
        (_, Some(one)) => (all[middle - 1] + one) / 2.0,
    }
}

fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}

fn say(what: &str, round: usize, limit: f64, ours: &[f64]) {
    let ours: Vec<String> = ours.iter().map(|one| format!("{one:.0}")).collect();
    eprintln!("{what}, round {round}: limit {limit:.0} a second, ours {}", ours.join(", "));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(per_s: f64) -> Measured {
        Measured { per_s, p50: Duration::from_micros(1_234), p99: Duration::from_millis(9) }
    }

    #[test]
    fn a_figure_is_the_median_of_the_ratios_of_its_rounds() {
        let ours = [measured(50.0), measured(90.0), measured(10.0)];
        let row = row("orders", Some(("limit", &[100.0, 100.0, 100.0], Some(0.5))), &ours);
        assert_eq!((row.ours_per_s, row.limit_per_s, row.ratio), (50.0, Some(100.0), Some(0.5)));
        assert_eq!((row.p50_ms, row.p99_ms, row.median_of), (1.23, 9.0, 3));
        let machine = Machine { cores: 2 };
        assert!(Report { machine: machine.clone(), rows: vec![row.clone()] }.holds());
        assert!(!Report { machine, rows: vec![Row { ratio: Some(0.49), ..row }] }.holds());
    }

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_ones() {
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(Vec::new()).is_nan());
    }
}
