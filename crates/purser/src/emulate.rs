//! `purser emulate`: a Zuora on this machine, for any client of Zuora.
//! Refuses to be reachable from elsewhere unless told so by `--listen`.

use anyhow::Context;
use jiff::Timestamp;
use tokio::net::TcpListener;
use zuora_emulator::http::{Clock, Handle, Speed, serve, serve_admin};
use zuora_emulator::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Emulator, FaultTrace, Settings, seed};

use crate::cli::EmulateOptions;
use crate::serve::{announce, stopped};
use crate::telemetry;

/// Runs until it is told to stop.
pub async fn run(options: EmulateOptions) -> anyhow::Result<()> {
    telemetry::start(telemetry::EVERYTHING)?;
    let speed: Speed = options.clock_speed.parse().context("--clock-speed")?;
    let clock = Clock::new(options.clock_origin.unwrap_or_else(Timestamp::now), speed);
    let mut emulator = Emulator::new(Settings::default());
    if !options.empty {
        seed::demo(&mut emulator, clock.now())?;
    }
    if let Some(file) = &options.trace {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        emulator.play(&FaultTrace::parse(&text)?, clock.now());
    }
    let emulator = Handle::new(emulator);
    let admin = match options.admin {
        None => None,
        Some(address) => {
            let listener =
                TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
            announce(listener.local_addr()?, options.admin_port_file.as_deref())?;
            let stopped = stopped()?;
            Some(tokio::spawn(serve_admin(listener, emulator.clone(), clock.clone(), stopped)))
        }
    };
    let listener = TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("cannot listen on {}", options.listen))?;
    let address = listener.local_addr()?;
    announce(address, options.port_file.as_deref())?;
    eprintln!("Zuora is at http://{address}, client {DEFAULT_CLIENT_ID}, secret {DEFAULT_CLIENT_SECRET}");
    serve(listener, emulator, clock, stopped()?).await?;
    if let Some(admin) = admin {
        admin.await??;
    }
    Ok(())
}
