//! Differences: recorded once, open until settled.
//! Refuses to forget when one was seen first.

use domain::drift::Drift;
use store::drift;
use store::testing::databases;

use crate::sample::{at, id};

fn sample(number: u128, theirs: &str, second: i64) -> Drift {
    Drift {
        id: id(number),
        noun: "order".into(),
        number: "P-O1".into(),
        field: "total".into(),
        ours: "1558.85".into(),
        theirs: theirs.into(),
        first_seen_at: at(second),
        settled_at: None,
    }
}

#[tokio::test]
async fn one_difference_is_one_row_however_often_it_is_seen() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        drift::record(&mut tx, &sample(1, "1558.84", 20)).await.unwrap();
        drift::record(&mut tx, &sample(2, "1558.84", 30)).await.unwrap();
        drift::record(&mut tx, &sample(3, "0.00", 10)).await.unwrap();
        let open = drift::list_open(&mut tx, 9).await.unwrap();
        assert_eq!(open, [sample(3, "0.00", 10), sample(1, "1558.84", 20)]);
        assert_eq!(drift::list_open(&mut tx, 1).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_settled_difference_that_comes_back_is_open_again() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        drift::record(&mut tx, &sample(1, "1558.84", 0)).await.unwrap();
        let other = Drift { number: "P-O2".into(), ..sample(2, "1", 5) };
        drift::record(&mut tx, &other).await.unwrap();
        drift::settle(&mut tx, "order", "P-O1", at(40)).await.unwrap();
        assert_eq!(drift::list_open(&mut tx, 9).await.unwrap(), std::slice::from_ref(&other));
        drift::record(&mut tx, &sample(3, "1558.84", 50)).await.unwrap();
        assert_eq!(drift::list_open(&mut tx, 9).await.unwrap(), [sample(1, "1558.84", 0), other]);
    }
}
