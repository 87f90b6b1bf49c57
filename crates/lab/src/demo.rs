//! The demo: the main job told on the terminal, with Zuora up and with Zuora down, and the proof that nothing got lost.
//! Refuses to flatter: what it reports is counted by `check`, and a run that fails says what failed.

mod ending;
mod names;
mod outage;
mod purchase;
mod report;
mod signals;
mod stage;
mod story;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::world::{Setup, World};
use crate::{Error, Result};
pub use report::{Obligations, Orders, OutageReport, ReadCounts, Report};
use stage::Stage;

/// How many seconds pass in the demo for one on the watch: a minute a second.
const SPEED: u32 = 60;

/// What every call to Zuora takes, on the demo's clock.
const LATENCY: Duration = Duration::from_millis(250);

/// Fewer orders would not touch every kind of order in every outage.
pub const ORDERS_MIN: usize = 40;

/// What to show and where.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where API, portal and console listen.
    pub listen: SocketAddr,
    /// Where the metrics are.
    pub metrics: SocketAddr,
    /// An empty database; a SQLite file of its own if absent.
    pub database: Option<String>,
    /// Ends after the story instead of staying up.
    pub once: bool,
    /// Prints one JSON object and nothing else on standard output.
    pub quiet_json: bool,
    /// Orders in all, at least [`ORDERS_MIN`].
    pub orders: usize,
    /// Where to write the public port once everything is up.
    pub port_file: Option<PathBuf>,
    /// Where to write the secret of an API token with every scope.
    pub token_file: Option<PathBuf>,
}

/// Tells the story, prints what came of it, and, unless it is to end at once, stays up until it is interrupted.
pub async fn run(options: Options) -> Result<Report> {
    let stage = Stage::new(options.quiet_json);
    let setup = Setup {
        listen: options.listen,
        metrics: options.metrics,
        database: options.database.clone(),
        speed: SPEED,
        latency: LATENCY,
    };
    stage.opening(SPEED);
    let world = World::start(setup).await?;
    // The token first: whoever waits for the port finds it there.
    write(options.token_file.as_deref(), &world.token)?;
    let port = world.urls.public.rsplit(':').next().unwrap_or_default();
    write(options.port_file.as_deref(), port)?;

    let told = play(&world, &stage, &options).await;
    world.stop().await;
    told
}

async fn play(world: &World, stage: &Stage, options: &Options) -> Result<Report> {
    let told = tokio::select! {
        biased;
        () = signals::end() => return Err(Error::Setup("the demo was interrupted before its end".to_owned())),
        told = story::tell(world, stage, options.orders.max(ORDERS_MIN)) => told,
    };
    match &told {
        // Only numbers and words: nothing in a report can fail to serialize.
        Ok(report) if options.quiet_json => stage.object(&serde_json::to_string(report).unwrap_or_default()),
        Ok(_) => {}
        // Whoever stays to look around can see why.
        Err(error) => stage.plain(&format!("The story broke off: {error}")),
    }
    if !options.once {
        story::invite(world, stage).await?;
        signals::end().await;
    }
    told
}

/// Writes a whole file at once, so that a reader never sees half of it.
fn write(path: Option<&Path>, text: &str) -> Result<()> {
    let Some(path) = path else { return Ok(()) };
    let failed = || format!("write {}", path.display());
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    std::fs::write(&beside, text).map_err(Error::io(failed()))?;
    std::fs::rename(&beside, path).map_err(Error::io(failed()))
}
