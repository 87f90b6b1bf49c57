//! `purser serve`: the web server, the worker, or both.
//! Refuses to start with a console that anybody can enter.

use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, ensure};
use app::{Duty, Worker};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::ServeOptions;
use crate::config::{Config, ConsoleLogin, Role, Sources};
use crate::{telemetry, wire};

/// Runs until it is told to stop.
pub async fn run(options: ServeOptions, file: Option<&Path>) -> anyhow::Result<()> {
    telemetry::start(telemetry::EVERYTHING)?;
    let config = Config::load(&Sources::of_process(file, flags(&options)))?;
    ensure!(
        config.console.login == ConsoleLogin::Off,
        "console.login = \"development\" lets anyone in who can reach the console; only `purser demo` may use it"
    );
    let db = wire::database(&config).await?;
    let app = wire::app(&config, db.clone(), options.clock_origin)?;
    warn_of_gaps(&config);
    let duty = if config.role == Role::Web { Duty::Follow } else { Duty::Work };
    let worker = Worker::start(&app, duty);

    let metrics = TcpListener::bind(config.metrics)
        .await
        .with_context(|| format!("metrics cannot listen on {}", config.metrics))?;
    let metrics = axum::serve(metrics, web::metrics_router(app.clone()))
        .with_graceful_shutdown(stopped()?)
        .into_future();
    if config.role == Role::Worker {
        tracing::info!("worker runs");
        metrics.await?;
    } else {
        let public = TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("cannot listen on {}", config.listen))?;
        announce(public.local_addr()?, options.port_file.as_deref())?;
        let public = axum::serve(public, web::router(app.clone())).with_graceful_shutdown(stopped()?);
        tokio::try_join!(public.into_future(), metrics)?;
    }
    worker.stop(&app).await;
    db.close().await;
    Ok(())
}

/// Says at the start what will wait for ever, rather than in each job that waits.
fn warn_of_gaps(config: &Config) {
    let gaps = [
        (config.saas.url.is_none(), "saas.url is not set: what is bought for namespaces is not provisioned"),
        (
            config.license.signing_key_file.is_none(),
            "license.signing_key_file is not set: no license is issued",
        ),
        (config.mail.smtp.is_none(), "mail.smtp is not set: no mail is sent, and nobody can sign in"),
        (
            config.callouts.user.is_none(),
            "callouts.user is not set: callouts are refused, changes are found by polling",
        ),
    ];
    for (_, gap) in gaps.iter().filter(|(missing, _)| *missing) {
        tracing::warn!("{gap}");
    }
}

/// Says where it listens: on the terminal, and to a script that asked for any port.
pub fn announce(address: SocketAddr, port_file: Option<&Path>) -> anyhow::Result<()> {
    tracing::info!(%address, "listens");
    if let Some(file) = port_file {
        // In one step, so that a script never reads half a number.
        let draft = file.with_extension("draft");
        std::fs::write(&draft, address.port().to_string())
            .and_then(|()| std::fs::rename(&draft, file))
            .with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(())
}

/// Completes when the process is asked to stop.
pub fn stopped() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            biased;
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

fn flags(options: &ServeOptions) -> Vec<(String, String)> {
    let flags = [
        ("listen", options.listen.map(|address| address.to_string())),
        ("metrics", options.metrics.map(|address| address.to_string())),
        ("database", options.database.clone()),
        ("zuora.url", options.zuora.clone()),
        ("role", options.role.clone()),
        ("clock_speed", options.clock_speed.clone()),
    ];
    flags.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}
