//! The migrations, embedded; one folder serves both databases.
//! Refuses to contract: a migration only adds.

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use crate::db::on;
use crate::{Error, ReadTx, Result};

const MIGRATIONS: &[(i64, &str, &str)] = &[(1, "init", include_str!("../migrations/0001_init.sql"))];

/// The version of the newest migration.
pub const SCHEMA_VERSION: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

pub(crate) fn migrator() -> Migrator {
    let migration = |(version, name, sql): &(i64, &'static str, &'static str)| {
        // The texts are compiled in; nothing from outside reaches them.
        let sql = AssertSqlSafe(*sql).into_sql_str();
        Migration::new(*version, Cow::Borrowed(*name), MigrationType::Simple, sql, false)
    };
    Migrator::with_migrations(MIGRATIONS.iter().map(migration).collect())
}

impl ReadTx {
    /// Refuses a schema that this program does not fit.
    pub async fn check_schema(&mut self) -> Result<()> {
        let query = "SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations WHERE success";
        let found: i64 = on!(self, conn => sqlx::query_scalar(query).fetch_one(conn).await).unwrap_or(0);
        if found < SCHEMA_VERSION {
            return Err(Error::Schema { found, needed: SCHEMA_VERSION });
        }
        Ok(())
    }
}
