//! The callout inbox: one row a notification, however often it comes.
//! Refuses to change a body.

use domain::callout::Callout;
use store::callout;
use store::testing::databases;

use crate::sample::{at, id};

fn sample(number: u128, notification: &str) -> Callout {
    Callout {
        id: id(number),
        notification: notification.into(),
        body: format!("<xml id='{number}'>ü</xml>"),
        times: 1,
        received_at: at(0),
    }
}

#[tokio::test]
async fn a_callout_that_comes_again_is_counted_and_is_no_news() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        assert!(callout::store(&mut tx, &sample(1, "n1")).await.unwrap());
        assert!(callout::store(&mut tx, &sample(2, "n2")).await.unwrap());
        assert!(!callout::store(&mut tx, &sample(3, "n1")).await.unwrap());
        assert!(!callout::store(&mut tx, &sample(4, "n1")).await.unwrap());
        let again = Callout { times: 3, ..sample(1, "n1") };
        assert_eq!(callout::list(&mut tx, 9).await.unwrap(), [sample(2, "n2"), again]);
        assert_eq!(callout::list(&mut tx, 1).await.unwrap(), [sample(2, "n2")]);
        assert_eq!(callout::count(&mut tx).await.unwrap(), 2);
    }
}
