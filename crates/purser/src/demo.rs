//! `purser demo`: starts the demo and tells the truth with the exit code.
//! Refuses logic: the story is `lab`'s.

use std::process::ExitCode;

use crate::cli::DemoOptions;
use crate::telemetry;

/// Runs the demo.
pub async fn run(options: DemoOptions) -> anyhow::Result<ExitCode> {
    telemetry::start(telemetry::ERRORS)?;
    let report = lab::run(lab::Options {
        listen: options.listen,
        metrics: options.metrics,
        database: options.database,
        once: options.once,
        quiet_json: options.json,
        orders: options.orders,
        port_file: options.port_file,
        token_file: options.token_file,
    })
    .await?;
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
