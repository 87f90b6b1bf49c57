//! Issued licenses.
//! Refuses to change their bytes.

use domain::license::License;
use store::license;
use store::testing::databases;

use crate::sample::{at, id, insert_account};

fn sample(hash: &str, server: &str, second: i64) -> License {
    License {
        hash: hash.into(),
        account_id: id(1),
        target: format!("server:{server}").parse().unwrap(),
        file: format!("purser-license-1.{hash}\n"),
        issued_at: at(second),
    }
}

#[tokio::test]
async fn the_newest_license_of_each_server_counts() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        insert_account(&mut tx, 1).await;
        insert_account(&mut tx, 2).await;
        let foreign = License { account_id: id(2), ..sample("d", "git-1", 99) };
        for license in
            [&sample("a", "git-1", 1), &sample("b", "git-1", 2), &sample("c", "git-2", 1), &foreign]
        {
            assert!(license::insert(&mut tx, license).await.unwrap(), "{}", db.name());
        }
        let list = license::list_of_account(&mut tx, id(1)).await.unwrap();
        assert_eq!(list, [sample("b", "git-1", 2), sample("c", "git-2", 1)]);
        assert_eq!(license::find(&mut tx, id(1), "a").await.unwrap(), Some(sample("a", "git-1", 1)));
        assert_eq!(license::find(&mut tx, id(2), "a").await.unwrap(), None, "another account's");
    }
}

#[tokio::test]
async fn the_same_license_issued_again_is_no_news_keeps_its_bytes_and_counts_again() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        insert_account(&mut tx, 1).await;
        assert!(license::insert(&mut tx, &sample("a", "git-1", 1)).await.unwrap());
        assert!(license::insert(&mut tx, &sample("b", "git-1", 2)).await.unwrap());
        // What was granted on trust lapsed: the server is back at its first license.
        let again = License { file: "other bytes".into(), ..sample("a", "git-1", 3) };
        assert!(!license::insert(&mut tx, &again).await.unwrap());
        let newest = License { issued_at: at(3), ..sample("a", "git-1", 1) };
        assert_eq!(license::list_of_account(&mut tx, id(1)).await.unwrap(), [newest], "{}", db.name());
        assert!(!license::insert(&mut tx, &sample("b", "git-1", 2)).await.unwrap(), "late, and out of order");
        assert_eq!(license::list_of_account(&mut tx, id(1)).await.unwrap()[0].hash, "a");
    }
}
