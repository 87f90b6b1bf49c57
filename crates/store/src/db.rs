//! Opening a database, and units of work on it.
//! Refuses a query outside a transaction, and a write through a read transaction.

use std::ops::{Deref, DerefMut};
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Postgres, Sqlite, Transaction};

/// Connections to PostgreSQL: few busy ones beat many (measured: 8 gives more orders a second than 32).
const POSTGRES_CONNECTIONS_MAX: u32 = 10;

/// Connections that read SQLite; they never wait for the writer (write-ahead log).
const SQLITE_READERS_MAX: u32 = 4;

/// How long a caller waits for a connection before it is told that the database is overloaded.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long SQLite waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// What can go wrong in the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The row is not there.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The row is there already.
    #[error("there is such {0} already")]
    Taken(&'static str),
    /// The lane was leased by someone else in the meantime: what this worker did must not be recorded.
    #[error("the lane was taken over by another worker")]
    Fenced,
    /// The database address cannot be used.
    #[error("the database address is wrong: {0}")]
    Address(String),
    /// The schema does not fit this program.
    #[error("the database has schema version {found}, this program needs {needed}; run `purser migrate`")]
    Schema {
        /// What is there.
        found: i64,
        /// What is needed.
        needed: i64,
    },
    /// Everything that the driver says.
    #[error("the database failed")]
    Driver(#[from] sqlx::Error),
    /// A migration failed.
    #[error("a migration failed")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

/// The result of a store function.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Names the noun in what the driver says.
    pub(crate) fn of(noun: &'static str) -> impl FnOnce(sqlx::Error) -> Error {
        move |error| match &error {
            sqlx::Error::RowNotFound => Error::NotFound(noun),
            sqlx::Error::Database(database) if database.is_unique_violation() => Error::Taken(noun),
            _ => Error::Driver(error),
        }
    }
}

/// Which database is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// One file, one process.
    Sqlite,
    /// A server, any number of processes.
    Postgres,
}

#[derive(Debug, Clone)]
enum Pools {
    Postgres(sqlx::PgPool),
    Sqlite { writer: sqlx::SqlitePool, readers: sqlx::SqlitePool },
}

/// An open database.
#[derive(Debug, Clone)]
pub struct Db {
    pools: Pools,
}

/// The same database for those who only read.
#[derive(Debug, Clone)]
pub struct ReadDb(Db);

impl Db {
    /// Opens `sqlite:FILE` (made if missing) or `postgres://…`. Does not migrate.
    pub async fn open(address: &str) -> Result<Db> {
        let pools = match address.split_once(':') {
            Some(("sqlite", file)) => Db::open_sqlite(file.trim_start_matches("//")).await?,
            Some(("postgres" | "postgresql", _)) => Db::open_postgres(address).await?,
            _ => return Err(Error::Address("write sqlite:FILE or postgres://USER@HOST/DATABASE".into())),
        };
        Ok(Db { pools })
    }

    async fn open_sqlite(file: &str) -> Result<Pools> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true);
        let pool = |connections| {
            SqlitePoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT * 3)
        };
        // One writer: waiting in our own queue is fair, waiting for SQLite's lock is not.
        let writer = pool(1).connect_with(options.clone()).await?;
        let readers = pool(SQLITE_READERS_MAX).connect_with(options).await?;
        Ok(Pools::Sqlite { writer, readers })
    }

    async fn open_postgres(address: &str) -> Result<Pools> {
        let options = PgConnectOptions::from_str(address)?.application_name("purser");
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS_MAX)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // A ping before each use costs a round trip; broken connections are found by their first statement.
            .test_before_acquire(false)
            .connect_with(options)
            .await?;
        Ok(Pools::Postgres(pool))
    }

    /// Which database it is.
    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Postgres(_) => Engine::Postgres,
            Pools::Sqlite { .. } => Engine::Sqlite,
        }
    }

    /// Begins a unit of work that may write; it is undone unless committed.
    pub async fn write(&self) -> Result<Tx> {
        Ok(Tx(match &self.pools {
            Pools::Postgres(pool) => ReadTx::Postgres(pool.begin().await?),
            // A deferred transaction that reads and then writes fails at once when another one wrote in between.
            Pools::Sqlite { writer, .. } => ReadTx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
        }))
    }

    /// Begins a unit of work that only reads.
    pub async fn read(&self) -> Result<ReadTx> {
        Ok(match &self.pools {
            Pools::Postgres(pool) => ReadTx::Postgres(pool.begin_with("BEGIN READ ONLY").await?),
            Pools::Sqlite { readers, .. } => ReadTx::Sqlite(readers.begin().await?),
        })
    }

    /// The read side.
    pub fn reader(&self) -> ReadDb {
        ReadDb(self.clone())
    }

    /// Brings the schema up to what this program needs.
    pub async fn migrate(&self) -> Result<()> {
        let migrator = crate::migrate::migrator();
        match &self.pools {
            Pools::Postgres(pool) => migrator.run(pool).await?,
            Pools::Sqlite { writer, .. } => migrator.run(writer).await?,
        }
        Ok(())
    }

    /// Closes all connections; what is under way is waited for.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Postgres(pool) => pool.close().await,
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
        }
    }
}

impl ReadDb {
    /// Begins a unit of work that only reads.
    pub async fn read(&self) -> Result<ReadTx> {
        self.0.read().await
    }

    /// Which database it is.
    pub fn engine(&self) -> Engine {
        self.0.engine()
    }
}

/// A unit of work that only reads.
#[derive(Debug)]
pub enum ReadTx {
    /// On PostgreSQL, which refuses writes in it.
    Postgres(Transaction<'static, Postgres>),
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
}

impl ReadTx {
    /// Lets `on!` take a `ReadTx` and a `Tx` alike.
    pub(crate) fn raw(&mut self) -> &mut ReadTx {
        self
    }

    /// Which database it is.
    pub fn engine(&self) -> Engine {
        match self {
            ReadTx::Postgres(_) => Engine::Postgres,
            ReadTx::Sqlite(_) => Engine::Sqlite,
        }
    }
}

/// A unit of work that may write.
#[derive(Debug)]
pub struct Tx(ReadTx);

impl Tx {
    /// Makes it so. Dropping a `Tx` undoes it.
    pub async fn commit(self) -> Result<()> {
        match self.0 {
            ReadTx::Postgres(tx) => tx.commit().await?,
            ReadTx::Sqlite(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Undoes it at once; dropping would leave that to whoever takes the connection next.
    pub async fn undo(self) -> Result<()> {
        match self.0 {
            ReadTx::Postgres(tx) => tx.rollback().await?,
            ReadTx::Sqlite(tx) => tx.rollback().await?,
        }
        Ok(())
    }
}

impl Deref for Tx {
    type Target = ReadTx;
    fn deref(&self) -> &ReadTx {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut ReadTx {
        &mut self.0
    }
}

/// Runs one SQL text on whichever database is open.
macro_rules! on {
    ($tx:expr, $conn:ident => $query:expr) => {
        match $tx.raw() {
            $crate::db::ReadTx::Postgres(tx) => {
                let $conn = &mut **tx;
                $query
            }
            $crate::db::ReadTx::Sqlite(tx) => {
                let $conn = &mut **tx;
                $query
            }
        }
    };
}
pub(crate) use on;

/// How many rows a list returns, and after which one it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The id of the last row already seen.
    pub after: Option<String>,
    /// At most so many rows.
    pub limit: i64,
}

/// The longest page.
pub const PAGE_ROWS_MAX: i64 = 100;

impl Page {
    /// The first rows.
    pub fn first(limit: i64) -> Page {
        Page { after: None, limit: limit.clamp(1, PAGE_ROWS_MAX) }
    }

    /// The rows after one.
    pub fn after(after: Option<String>, limit: i64) -> Page {
        Page { after, ..Page::first(limit) }
    }
}
