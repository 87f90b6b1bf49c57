//! `cargo bench -p lab --bench orders -- --postgres URL --programs DIR [--out FILE] [--table FILE]`: the figures of `bench/`.
//! Refuses to pass when a ratio is below its bar: it exits with 1 then, after it has written what it measured.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use lab::bench::{Options, Report, run, table};

const USAGE: &str = "\
usage: cargo bench -p lab --bench orders -- --postgres URL --programs DIR [options]
  --postgres URL   a server on which databases may be made and dropped, and which flushes what it commits
  --programs DIR   where createdb, psql, pgbench and vacuumdb are
  --purser FILE    the optimized program; beside this bench if not given
  --seconds N      how long each measurement takes (5)
  --rounds N       how often each is repeated (5)
  --out FILE       where the figures go as JSON
  --table FILE     where they go as a table";

/// What was asked.
#[derive(Default)]
struct Asked {
    postgres: Option<String>,
    programs: Option<PathBuf>,
    purser: Option<PathBuf>,
    seconds: Option<u64>,
    rounds: Option<usize>,
    out: Option<PathBuf>,
    table: Option<PathBuf>,
}

impl Asked {
    /// What stands on the command line; `None` if something there is not understood.
    fn read(mut arguments: impl Iterator<Item = String>) -> Option<Asked> {
        let mut asked = Asked::default();
        while let Some(name) = arguments.next() {
            // Cargo says so itself.
            if name == "--bench" {
                continue;
            }
            let value = arguments.next()?;
            match name.as_str() {
                "--postgres" => asked.postgres = Some(value),
                "--programs" => asked.programs = Some(value.into()),
                "--purser" => asked.purser = Some(value.into()),
                "--seconds" => asked.seconds = Some(value.parse().ok()?),
                "--rounds" => asked.rounds = Some(value.parse().ok()?),
                "--out" => asked.out = Some(value.into()),
                "--table" => asked.table = Some(value.into()),
                _ => return None,
            }
        }
        Some(asked)
    }

    /// All that the bench needs; `None` if something is missing.
    fn options(&self) -> Option<Options> {
        // target/release/deps/orders-0123 stands beside target/release/purser.
        let beside = || Some(std::env::current_exe().ok()?.parent()?.parent()?.join("purser"));
        Some(Options {
            purser: self.purser.clone().or_else(beside)?,
            programs: self.programs.clone()?,
            postgres: self.postgres.clone()?,
            measure: Duration::from_secs(self.seconds.unwrap_or(5)),
            rounds: self.rounds.unwrap_or(5),
        })
    }

    fn write(&self, report: &Report) -> std::io::Result<()> {
        let json = serde_json::to_string_pretty(report)?;
        println!("{json}");
        if let Some(file) = &self.out {
            std::fs::write(file, json + "\n")?;
        }
        if let Some(file) = &self.table {
            std::fs::write(file, table(report))?;
        }
        Ok(())
    }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |told, cause| format!("{told}: {cause}"))
}

#[tokio::main]
async fn main() -> ExitCode {
    let asked = Asked::read(std::env::args().skip(1)).unwrap_or_default();
    let Some(options) = asked.options() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    // The HTTP client asks for one even where nothing is encrypted.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("a TLS provider was there before");
    }
    let report = match run(&options).await {
        Ok(report) => report,
        Err(error) => {
            eprintln!("the bench could not be run: {}", chain(&error));
            return ExitCode::FAILURE;
        }
    };
    if let Err(error) = asked.write(&report) {
        eprintln!("the figures cannot be written: {error}");
        return ExitCode::FAILURE;
    }
    if report.holds() {
        return ExitCode::SUCCESS;
    }
    eprintln!("a ratio is below its bar");
    ExitCode::FAILURE
}
