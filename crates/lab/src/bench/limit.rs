//! The limit of taking orders: the same reads and writes in as many statements, sent by `pgbench`.
//! Refuses to be faster by doing less: `bench/intake.sql` says line by line what it stands for.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use jiff::Timestamp;

use super::Options;
use crate::{Error, Result};

/// One transaction of the limit.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../bench/intake.sql");

/// The accounts that it orders for.
const ACCOUNTS_SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../bench/accounts.sql");

/// How many accounts those are: about as many orders come to one of them as to one of ours.
const ACCOUNTS: usize = 1_024;

/// How long the template is filled before it is measured on, so that no table is empty and every plan is settled.
const FILL: Duration = Duration::from_secs(3);

/// Threads of `pgbench`: with one, it would be the limit itself.
const THREADS: &str = "2";

/// The programs of PostgreSQL, and the server.
#[derive(Debug, Clone)]
pub struct Postgres {
    programs: PathBuf,
    server: String,
}

impl Postgres {
    /// Those that the options name.
    pub fn of(options: &Options) -> Postgres {
        Postgres { programs: options.programs.clone(), server: options.postgres.clone() }
    }

    /// The address of one of its databases.
    pub fn at(&self, database: &str) -> String {
        let (address, parameters) = self.server.split_once('?').unwrap_or((&self.server, ""));
        let server = address.rsplit_once('/').map_or(address, |(server, _)| server);
        let separator = if parameters.is_empty() { "" } else { "?" };
        format!("{server}/{database}{separator}{parameters}")
    }

    /// Makes a database, as a copy of another one if that is named.
    pub fn create(&self, database: &str, template: Option<&str>) -> Result<()> {
        let template = template.map(|template| format!("--template={template}"));
        let server = format!("--maintenance-db={}", self.server);
        let arguments = [Some(server), template, Some(database.to_owned())];
        self.run("createdb", arguments.into_iter().flatten()).map(drop)
    }

    /// Drops a database, whoever is connected to it.
    pub fn drop_database(&self, database: &str) -> Result<()> {
        let server = format!("--maintenance-db={}", self.server);
        self.run("dropdb", ["--force", "--if-exists", &server, database]).map(drop)
    }

    /// Lets the planner know what is there, and leaves no work for the autovacuum to do in between.
    pub fn vacuum(&self, database: &str) -> Result<()> {
        let address = format!("--dbname={}", self.at(database));
        self.run("vacuumdb", ["--analyze", "--quiet", &address]).map(drop)
    }

    fn run(&self, program: &str, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<String> {
        let path = self.programs.join(program);
        let output = Command::new(&path).args(arguments).output();
        let output = output.map_err(Error::io(format!("run {}", path.display())))?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => {
                Err(Error::Setup(format!("{program} failed: {}", String::from_utf8_lossy(&output.stderr))))
            }
        }
    }
}

/// The prepared limit.
pub struct Limit {
    postgres: Postgres,
    template: String,
}

impl Limit {
    /// Makes the template that each run starts from: the schema, accounts, and some orders.
    pub fn prepare(options: &Options) -> Result<Limit> {
        let postgres = Postgres::of(options);
        let template = format!("purser_bench_limit_{}", std::process::id());
        postgres.create(&template, None)?;
        let address = postgres.at(&template);
        let migrated = Command::new(&options.purser).args(["migrate", "--database", &address]).output();
        let migrated = migrated.map_err(Error::io(format!("run {}", options.purser.display())))?;
        if !migrated.status.success() {
            return Err(Error::Setup(format!(
                "migrate failed: {}",
                String::from_utf8_lossy(&migrated.stderr)
            )));
        }
        let accounts = format!("--set=accounts={ACCOUNTS}");
        postgres.run(
            "psql",
            ["--quiet", "--set=ON_ERROR_STOP=1", &accounts, "--file", ACCOUNTS_SCRIPT, &address],
        )?;
        let limit = Limit { postgres, template };
        limit.pgbench(&limit.template, 8, FILL)?;
        limit.postgres.vacuum(&limit.template)?;
        Ok(limit)
    }

    /// Transactions a second.
    pub fn run(&self, clients: usize, measure: Duration) -> Result<f64> {
        let database = format!("{}_run", self.template);
        self.postgres.create(&database, Some(&self.template))?;
        let warm = self.pgbench(&database, clients, Duration::from_secs(1));
        let measured = warm.and_then(|_| self.pgbench(&database, clients, measure));
        self.postgres.drop_database(&database)?;
        measured
    }

    fn pgbench(&self, database: &str, clients: usize, measure: Duration) -> Result<f64> {
        let (clients, seconds) = (clients.to_string(), measure.as_secs().max(1).to_string());
        let accounts = format!("accounts={ACCOUNTS}");
        // A millisecond never sees a thousand transactions of one client, so numbers that begin here are new.
        let n = format!("n={}", Timestamp::now().as_millisecond() * 1_000);
        let arguments = [
            &["--no-vacuum", "--protocol=prepared", "--client", &clients, "--jobs", THREADS][..],
            &["--time", &seconds, "--define", &accounts, "--define", &n, "--file", SCRIPT],
            &[&self.postgres.at(database)],
        ];
        let printed = self.postgres.run("pgbench", arguments.concat())?;
        let told =
            printed.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        told.ok_or_else(|| Error::Setup(format!("pgbench does not say how fast it was: {printed}")))
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        // The server that it was made on is thrown away after the run anyway.
        self.postgres.drop_database(&self.template).ok();
    }
}
