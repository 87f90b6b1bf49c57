//! One schema for both databases.
//! Refuses a column that only one of them has.

use std::collections::BTreeSet;

use store::ReadTx;
use store::testing::databases;

/// Table, column, and whether it may be NULL.
type Columns = BTreeSet<(String, String, bool)>;

async fn columns(tx: &mut ReadTx) -> Columns {
    let rows: Vec<(String, String, bool)> = match tx {
        ReadTx::Postgres(tx) => sqlx::query_as(
            "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), is_nullable = 'YES'
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'",
        )
        .fetch_all(&mut **tx)
        .await
        .unwrap(),
        // SQLite lets a primary key of text be NULL unless told otherwise.
        ReadTx::Sqlite(tx) => sqlx::query_as(
            r#"SELECT tables.name, columns.name, NOT (columns."notnull" OR columns.pk > 0)
               FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS columns
               WHERE tables.type = 'table' AND tables.name NOT LIKE '\_sqlx%' ESCAPE '\'"#,
        )
        .fetch_all(&mut **tx)
        .await
        .unwrap(),
    };
    rows.into_iter().collect()
}

/// What the migrations say, read as text: the third witness, also when only one database is at hand.
fn written() -> Columns {
    let mut columns = Columns::new();
    let mut table = None;
    for line in include_str!("../../migrations/0001_init.sql").lines() {
        if let Some(name) = line.strip_prefix("CREATE TABLE ") {
            table = Some(name.trim_end_matches(" (").to_owned());
        } else if line.starts_with(')') {
            table = None;
        } else if let (Some(table), Some(name)) = (&table, line.split_whitespace().next())
            && name.chars().all(|char| char.is_ascii_lowercase() || char == '_')
        {
            let nullable = !line.contains("NOT NULL") && !line.contains("PRIMARY KEY");
            columns.insert((table.clone(), name.to_owned(), nullable));
        }
    }
    columns
}

#[tokio::test]
async fn both_databases_have_the_tables_and_columns_that_the_migrations_write() {
    let expected = written();
    assert!(expected.len() > 100, "{expected:?}");
    for db in databases().await {
        let found = columns(&mut db.read().await.unwrap()).await;
        let differences: Vec<_> = found.symmetric_difference(&expected).collect();
        assert!(differences.is_empty(), "{}: {differences:?}", db.name());
    }
}
