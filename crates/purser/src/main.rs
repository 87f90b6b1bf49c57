//! The one binary: configuration, telemetry, wiring, command line.
//! Refuses logic: every command calls one operation and prints what it returns.

mod admin;
mod cli;
mod config;
mod demo;
mod emulate;
mod license;
mod serve;
mod telemetry;
mod wire;

use std::process::ExitCode;

use clap::Parser;
use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Several crates speak TLS; one provider serves them all.
    let installed = rustls::crypto::ring::default_provider().install_default();
    let ran =
        installed.map_err(|_| anyhow::anyhow!("a TLS provider was installed before")).and_then(|()| run(cli));
    match ran {
        Ok(code) => code,
        Err(error) => {
            eprintln!("purser: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Demo(options) => return demo::run(options).await,
        Command::Emulate(options) => emulate::run(options).await?,
        Command::Serve(options) => serve::run(options, cli.config.as_deref()).await?,
        Command::License { command } => return license::run(command),
        Command::Migrate(common) => admin::migrate(&common, cli.config.as_deref()).await?,
        Command::Offer { command } => admin::offer(command, cli.config.as_deref()).await?,
        Command::Account { command } => admin::account(command, cli.config.as_deref()).await?,
        Command::Token { command } => admin::token(command, cli.config.as_deref()).await?,
        Command::Staff { command } => admin::staff(command, cli.config.as_deref()).await?,
        Command::Membership { command } => admin::membership(command, cli.config.as_deref()).await?,
    }
    Ok(ExitCode::SUCCESS)
}
