//! How far the sync has read.
//! Refuses to go back.

use store::cursor::{self, Cursor};
use store::testing::databases;

use crate::sample::at;

fn sample(name: &str, since: i64, synced_at: i64) -> Cursor {
    Cursor { name: name.into(), since: at(since), synced_at: at(synced_at) }
}

#[tokio::test]
async fn a_cursor_only_moves_forward() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        assert_eq!(cursor::find(&mut tx, "orders").await.unwrap(), None);
        cursor::advance(&mut tx, &sample("orders", 10, 20)).await.unwrap();
        cursor::advance(&mut tx, &sample("accounts", 1, 2)).await.unwrap();
        assert_eq!(cursor::find(&mut tx, "orders").await.unwrap(), Some(sample("orders", 10, 20)));
        cursor::advance(&mut tx, &sample("orders", 5, 30)).await.unwrap();
        assert_eq!(cursor::find(&mut tx, "orders").await.unwrap(), Some(sample("orders", 10, 30)));
        cursor::advance(&mut tx, &sample("orders", 40, 25)).await.unwrap();
        let all = cursor::list(&mut tx).await.unwrap();
        assert_eq!(all, [sample("accounts", 1, 2), sample("orders", 40, 30)]);
    }
}
