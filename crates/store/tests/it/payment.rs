//! Mirrored payments.
//! Refuses an older state over a newer one.

use domain::payment::Payment;
use store::payment;
use store::testing::databases;

use crate::sample::{at, euro, id, insert_account};

fn sample(number: u128, updated: i64) -> Payment {
    Payment {
        number: format!("P-{number:05}").parse().unwrap(),
        zuora_id: format!("zuora-{number}").parse().unwrap(),
        account_id: id(1),
        status: "Error".into(),
        amount_minor: i64::MIN,
        currency: euro(),
        invoice_number: Some("INV-1".parse().unwrap()),
        gateway_response: Some("declined: do not honor".into()),
        updated_at: at(updated),
        synced_at: at(updated + 1),
    }
}

#[tokio::test]
async fn payments_come_back_newest_first() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        insert_account(&mut tx, 1).await;
        insert_account(&mut tx, 2).await;
        let bare = Payment { invoice_number: None, gateway_response: None, ..sample(3, 10) };
        let foreign = Payment { account_id: id(2), ..sample(4, 40) };
        for payment in [&sample(1, 20), &sample(2, 10), &bare, &foreign] {
            payment::upsert(&mut tx, payment, "{}").await.unwrap();
        }
        let list = payment::list_of_account(&mut tx, id(1), 9).await.unwrap();
        assert_eq!(list, [sample(1, 20), bare, sample(2, 10)], "{}", db.name());
        assert_eq!(payment::list_of_account(&mut tx, id(1), 1).await.unwrap(), [sample(1, 20)]);
    }
}

#[tokio::test]
async fn an_older_payment_never_replaces_a_newer_one() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        insert_account(&mut tx, 1).await;
        payment::upsert(&mut tx, &sample(1, 20), "{}").await.unwrap();
        let older = Payment { status: "Draft".into(), ..sample(1, 19) };
        payment::upsert(&mut tx, &older, "{}").await.unwrap();
        assert_eq!(payment::list_of_account(&mut tx, id(1), 9).await.unwrap(), [sample(1, 20)]);
        let newer = Payment {
            status: "Processed".into(),
            invoice_number: None,
            gateway_response: None,
            ..sample(1, 21)
        };
        payment::upsert(&mut tx, &newer, "{}").await.unwrap();
        assert_eq!(payment::updated_at(&mut tx, &newer.zuora_id).await.unwrap(), Some(at(21)));
        assert_eq!(payment::updated_at(&mut tx, &sample(2, 0).zuora_id).await.unwrap(), None);
        let kept = Payment { invoice_number: sample(1, 20).invoice_number, ..newer };
        assert_eq!(payment::list_of_account(&mut tx, id(1), 9).await.unwrap(), [kept]);
    }
}
