//! Fresh databases for tests: one of each engine that is at hand, gone when the test ends.
//! Refuses to be part of a program: it stands behind the feature `testing`.
#![expect(clippy::expect_used, reason = "a test that gets no database must fail at once and say why")]

use std::io::{self, Write};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process, thread};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::OnceCell;

use crate::{Db, migrate};

/// Names a PostgreSQL server on which databases may be made and dropped: `postgres://USER@HOST:PORT/postgres`.
pub const POSTGRES: &str = "PURSER_TEST_POSTGRES";

/// Restricts the tests to `sqlite` or `postgres`.
pub const ENGINE: &str = "PURSER_TEST_ENGINE";

/// The advisory lock under which one process makes the template while others wait: an arbitrary number.
const TEMPLATE_LOCK: i64 = 7_823_001;

/// How much of the migrations' checksum tells one template from that of another schema.
const CHECKSUM_BYTES: usize = 6;

static DATABASES: AtomicU32 = AtomicU32::new(0);
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// A migrated, empty database that only one test uses.
#[derive(Debug)]
pub struct TestDb {
    db: Db,
    address: String,
    home: Home,
}

/// What is to be removed when the test is over.
#[derive(Debug)]
enum Home {
    Directory(PathBuf),
    Server { address: String, database: String },
}

/// A database of each engine that is at hand; every test of SQL runs on all of them.
pub async fn databases() -> Vec<TestDb> {
    let only = env::var(ENGINE).ok();
    let server = env::var(POSTGRES).ok();
    let wanted = |engine: &str| only.as_deref().is_none_or(|only| only == engine);
    let mut databases = Vec::new();
    if wanted("sqlite") {
        databases.push(TestDb::sqlite().await);
    }
    match server {
        Some(server) if wanted("postgres") => databases.push(TestDb::postgres(&server).await),
        None if wanted("postgres") => tell_of_postgres(),
        _ => {}
    }
    assert!(!databases.is_empty(), "{ENGINE}={only:?} leaves no database to test on");
    databases
}

fn tell_of_postgres() {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        // Not `eprintln!`, which the test harness keeps for tests that fail.
        let told = "tests on PostgreSQL are skipped: `bin/test` runs them, or set";
        writeln!(io::stderr(), "{told} {POSTGRES} to a server's URL").ok();
    });
}

impl TestDb {
    async fn sqlite() -> TestDb {
        let directory = env::temp_dir().join(unique());
        // A run that was killed may have left it, under the same process id.
        fs::remove_dir_all(&directory).ok();
        fs::create_dir_all(&directory).expect("the directory for temporary files can be written");
        let address = format!("sqlite:{}", directory.join("test.db").display());
        let db = Db::open(&address).await.expect("a new SQLite file opens");
        db.migrate().await.expect("the migrations run on SQLite");
        TestDb { db, address, home: Home::Directory(directory) }
    }

    async fn postgres(server: &str) -> TestDb {
        let template = TEMPLATE.get_or_init(|| template(server)).await;
        let database = unique();
        let mut admin = admin(server).await;
        run(&mut admin, format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).await;
        run(&mut admin, format!("CREATE DATABASE {database} TEMPLATE {template}")).await;
        admin.close().await.ok();
        let address = database_at(server, &database);
        let db = Db::open(&address).await.expect("a new PostgreSQL database opens");
        TestDb { db, address, home: Home::Server { address: server.to_owned(), database } }
    }

    /// `sqlite` or `postgres`, for messages and for what only one of them can.
    pub fn name(&self) -> &'static str {
        match self.home {
            Home::Directory(_) => "sqlite",
            Home::Server { .. } => "postgres",
        }
    }

    /// The address under which another `Db`, or another process, opens the same database.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Deref for TestDb {
    type Target = Db;
    fn deref(&self) -> &Db {
        &self.db
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        match &self.home {
            Home::Directory(directory) => drop(fs::remove_dir_all(directory)),
            Home::Server { address, database } => {
                let (address, database) = (address.clone(), database.clone());
                // The test's own runtime may be ending, and cannot be waited for from within.
                thread::spawn(move || drop_database(&address, &database)).join().ok();
            }
        }
    }
}

fn drop_database(server: &str, database: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime of one thread starts").block_on(async {
        run(&mut admin(server).await, format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).await;
    });
}

/// Migrates once for each server and schema; making a copy is then cheap. Named only when it is complete.
async fn template(server: &str) -> String {
    let name = format!("purser_template_{}", checksum());
    let unfinished = format!("{name}_unfinished");
    let mut admin = admin(server).await;
    // The lock ends with the connection.
    run(&mut admin, format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await;
    let query = "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)";
    let is_there: bool = sqlx::query_scalar(query)
        .bind(&name)
        .fetch_one(&mut admin)
        .await
        .expect("the server lists its databases");
    if !is_there {
        run(&mut admin, format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).await;
        // Text sorts by people's rules, not by bytes, as in most databases that are not made for tests.
        let rules = "ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'";
        run(&mut admin, format!("CREATE DATABASE {unfinished} TEMPLATE template0 {rules}")).await;
        let db = Db::open(&database_at(server, &unfinished)).await.expect("the template opens");
        db.migrate().await.expect("the migrations run on PostgreSQL");
        db.close().await;
        run(&mut admin, format!("ALTER DATABASE {unfinished} RENAME TO {name}")).await;
    }
    name
}

async fn admin(server: &str) -> PgConnection {
    PgConnection::connect(server).await.expect("the server named by PURSER_TEST_POSTGRES answers")
}

async fn run(admin: &mut PgConnection, statement: String) {
    // The texts are made here, of names that are made here.
    let result = sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(admin).await;
    result.map(drop).expect(&statement);
}

/// The same server's address with another database, whatever parameters follow.
fn database_at(server: &str, database: &str) -> String {
    let (address, parameters) = server.split_once('?').map_or((server, None), |(a, p)| (a, Some(p)));
    let (host, _) = address.rsplit_once('/').expect("the address ends in /DATABASE");
    let parameters = parameters.map(|text| format!("?{text}")).unwrap_or_default();
    format!("{host}/{database}{parameters}")
}

/// Different for every database of every test process on this machine.
fn unique() -> String {
    format!("purser_test_{}_{}", process::id(), DATABASES.fetch_add(1, Ordering::Relaxed))
}

fn checksum() -> String {
    let migrator = migrate::migrator();
    let last = migrator.iter().last().expect("there is a migration");
    last.checksum.iter().take(CHECKSUM_BYTES).map(|byte| format!("{byte:02x}")).collect()
}
