//! Opening, and units of work.
//! Refuses writes that were not committed, and writes where only reading was asked for.

use std::time::Duration;

use store::testing::databases;
use store::{Db, Engine, Error, Page, SCHEMA_VERSION, account, lane};

use crate::sample::{self, at, id, insert_account};

#[tokio::test]
async fn what_is_dropped_or_undone_never_happened() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        insert_account(&mut tx, 1).await;
        drop(tx);
        let mut tx = db.write().await.unwrap();
        insert_account(&mut tx, 2).await;
        tx.undo().await.unwrap();
        let mut tx = db.write().await.unwrap();
        insert_account(&mut tx, 3).await;
        tx.commit().await.unwrap();
        let mut tx = db.read().await.unwrap();
        let all = account::list(&mut tx, "", &Page::first(9)).await.unwrap();
        assert_eq!(all, [sample::account(3)], "{}", db.name());
    }
}

#[tokio::test]
async fn a_unit_of_work_that_panics_leaves_nothing_and_the_next_one_works() {
    for db in databases().await {
        let doomed = (*db).clone();
        let ended = tokio::spawn(async move {
            let mut tx = doomed.write().await.unwrap();
            insert_account(&mut tx, 1).await;
            panic!("a bug");
        });
        assert!(ended.await.unwrap_err().is_panic());
        let mut tx = db.write().await.unwrap();
        assert_eq!(account::count(&mut tx).await.unwrap(), 0, "{}", db.name());
        insert_account(&mut tx, 1).await;
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn what_is_not_committed_is_not_seen_and_does_not_hold_readers_up() {
    for db in databases().await {
        let mut writer = db.write().await.unwrap();
        insert_account(&mut writer, 1).await;
        let reader = db.reader();
        assert_eq!(reader.engine(), db.engine());
        let count = async || account::count(&mut reader.read().await.unwrap()).await.unwrap();
        let seen = tokio::time::timeout(Duration::from_secs(5), count()).await;
        assert_eq!(seen.unwrap(), 0, "{}", db.name());
        writer.commit().await.unwrap();
        assert_eq!(count().await, 1);
    }
}

#[tokio::test]
async fn a_server_refuses_writes_where_only_reading_was_asked_for() {
    for db in databases().await {
        if db.engine() == Engine::Sqlite {
            continue;
        }
        let mut tx = db.read().await.unwrap();
        assert_eq!(tx.engine(), Engine::Postgres);
        let store::ReadTx::Postgres(raw) = &mut tx else { panic!("the engine says PostgreSQL") };
        let refused = sqlx::query("DELETE FROM accounts").execute(&mut **raw).await.unwrap_err();
        let code = refused.as_database_error().and_then(|error| error.code()).unwrap().into_owned();
        assert_eq!(code, "25006", "read-only transaction");
    }
}

#[tokio::test]
async fn a_row_of_an_account_that_is_not_there_is_refused_and_not_called_taken() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        let orphan = sample::order(1);
        assert!(
            matches!(store::order::insert(&mut tx, &orphan).await, Err(Error::Driver(_))),
            "{}",
            db.name()
        );
    }
}

#[tokio::test]
async fn a_database_is_migrated_again_without_effect_and_knows_its_version() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        insert_account(&mut tx, 1).await;
        tx.commit().await.unwrap();
        db.migrate().await.unwrap();
        let mut tx = db.read().await.unwrap();
        tx.check_schema().await.unwrap();
        assert_eq!(account::get(&mut tx, id(1)).await.unwrap(), sample::account(1), "{}", db.name());
    }
}

#[tokio::test]
async fn a_database_that_was_never_migrated_says_what_to_do() {
    let file = std::env::temp_dir().join(format!("purser_unmigrated_{}.db", std::process::id()));
    let db = Db::open(&format!("sqlite:{}", file.display())).await.unwrap();
    let error = db.read().await.unwrap().check_schema().await.unwrap_err();
    assert!(matches!(error, Error::Schema { found: 0, needed: SCHEMA_VERSION }));
    assert!(error.to_string().contains("purser migrate"), "{error}");
    db.close().await;
    std::fs::remove_file(&file).unwrap();
}

#[tokio::test]
async fn a_closed_database_can_be_opened_again_and_has_kept_everything() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        insert_account(&mut tx, 1).await;
        tx.commit().await.unwrap();
        db.close().await;
        assert!(db.read().await.is_err());
        let again = Db::open(db.address()).await.unwrap();
        let mut tx = again.read().await.unwrap();
        assert_eq!(account::get(&mut tx, id(1)).await.unwrap(), sample::account(1), "{}", db.name());
    }
}

#[tokio::test]
async fn an_address_of_another_kind_is_refused_with_what_to_write() {
    for address in ["", "purser.db", "mysql://root@localhost/purser"] {
        let error = Db::open(address).await.unwrap_err();
        assert!(matches!(error, Error::Address(_)), "{address}");
        assert!(error.to_string().contains("sqlite:FILE"), "{error}");
    }
}

#[tokio::test]
async fn every_test_has_databases_of_its_own() {
    let (ours, theirs) = (databases().await, databases().await);
    for (one, other) in ours.iter().zip(&theirs) {
        assert_ne!(one.address(), other.address());
        let mut tx = one.write().await.unwrap();
        lane::extend(&mut tx, "test:a", at(0)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            lane::next_at(&mut other.read().await.unwrap(), "test").await.unwrap(),
            None,
            "{}",
            one.name()
        );
    }
}
