//! `purser emulate`: a Zuora on this machine, for any client of Zuora.
//! Refuses to be reachable from elsewhere unless told so by `--listen`.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context;
use jiff::Timestamp;
use serde_json::json;
use tokio::net::TcpListener;
use zuora_emulator::http::{Clock, Handle, Speed, serve, serve_admin};
use zuora_emulator::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Emulator, FaultTrace, Settings, seed};

use crate::cli::{Duplicates, EmulateOptions, Seed};
use crate::serve::{announce, stopped};
use crate::telemetry;

/// Runs until it is told to stop.
pub async fn run(options: EmulateOptions) -> anyhow::Result<()> {
    telemetry::start(telemetry::EVERYTHING)?;
    let speed: Speed = options.clock_speed.parse().context("--clock-speed")?;
    let clock = Clock::new(options.clock_origin.unwrap_or_else(Timestamp::now), speed);
    let seed = if let Seed::Catalog(seed) = options.seed { seed } else { 1 };
    let accept_duplicate_order_numbers = options.duplicate_order_numbers == Duplicates::Accept;
    let mut emulator =
        Emulator::new(Settings { seed, accept_duplicate_order_numbers, ..Settings::default() });
    if matches!(options.seed, Seed::Catalog(_)) {
        seed::demo(&mut emulator, clock.now())?;
    }
    if let Some(file) = &options.trace {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        emulator.play(&FaultTrace::parse(&text)?, clock.now());
    }
    let emulator = Handle::new(emulator);
    let (zuora, zuora_at) = listen(options.listen, options.port_file.as_deref()).await?;
    let (admin, admin_at) = listen(options.admin, options.admin_port_file.as_deref()).await?;
    // One line for a script that waits for it.
    println!("{}", json!({ "url": format!("http://{zuora_at}"), "admin": format!("http://{admin_at}") }));
    eprintln!(
        "Any credentials will do, for example client {DEFAULT_CLIENT_ID}, secret {DEFAULT_CLIENT_SECRET}"
    );
    let admin = serve_admin(admin, emulator.clone(), clock.clone(), stopped()?);
    tokio::try_join!(serve(zuora, emulator, clock, stopped()?), admin)?;
    Ok(())
}

async fn listen(address: SocketAddr, port_file: Option<&Path>) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    let address = listener.local_addr()?;
    announce(address, port_file)?;
    Ok((listener, address))
}
