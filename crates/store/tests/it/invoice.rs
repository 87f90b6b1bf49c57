//! Mirrored invoices.
//! Refuses an older state over a newer one.

use domain::invoice::{Invoice, InvoiceItem};
use sqlx::types::Json;
use store::invoice;
use store::testing::databases;

use crate::sample::{at, day, euro, id, insert_account};

fn sample(number: u128, date: &str) -> Invoice {
    Invoice {
        number: format!("INV-{number:05}").parse().unwrap(),
        zuora_id: format!("zuora-{number}").parse().unwrap(),
        account_id: id(1),
        status: "Posted".into(),
        amount_minor: i64::MAX,
        balance_minor: i64::MIN,
        currency: euro(),
        invoice_date: day(date),
        due_date: day("9999-12-31"),
        items: Json(vec![InvoiceItem {
            name: "Seats".into(),
            subscription: None,
            amount_minor: i64::MAX,
            tax_minor: -1,
            service_start: day("0999-01-01"),
            service_end: day("2027-02-28"),
        }]),
        updated_at: at(10),
        synced_at: at(11),
    }
}

#[tokio::test]
async fn invoices_come_back_newest_first() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        insert_account(&mut tx, 1).await;
        insert_account(&mut tx, 2).await;
        let foreign = Invoice { account_id: id(2), ..sample(4, "2026-12-01") };
        for invoice in
            [&sample(1, "2026-11-01"), &sample(2, "0999-01-01"), &sample(3, "2026-11-01"), &foreign]
        {
            invoice::upsert(&mut tx, invoice, "{}").await.unwrap();
        }
        let list = invoice::list_of_account(&mut tx, id(1), 9).await.unwrap();
        assert_eq!(list, [sample(3, "2026-11-01"), sample(1, "2026-11-01"), sample(2, "0999-01-01")]);
        assert_eq!(invoice::list_of_account(&mut tx, id(1), 2).await.unwrap(), list[..2]);
        assert_eq!(invoice::find(&mut tx, &foreign.number).await.unwrap(), Some(foreign));
        assert_eq!(invoice::find(&mut tx, &"INV-9".parse().unwrap()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_older_invoice_never_replaces_a_newer_one() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        insert_account(&mut tx, 1).await;
        let first = sample(1, "2026-11-01");
        invoice::upsert(&mut tx, &first, "{}").await.unwrap();
        let older = Invoice { status: "Draft".into(), updated_at: at(9), ..first.clone() };
        invoice::upsert(&mut tx, &older, "{}").await.unwrap();
        assert_eq!(invoice::find(&mut tx, &first.number).await.unwrap(), Some(first.clone()));
        let newer = Invoice {
            balance_minor: 0,
            items: Json(vec![]),
            updated_at: at(12),
            synced_at: at(13),
            ..first.clone()
        };
        invoice::upsert(&mut tx, &newer, "{}").await.unwrap();
        assert_eq!(invoice::find(&mut tx, &first.number).await.unwrap(), Some(newer), "{}", db.name());
        assert_eq!(invoice::updated_at(&mut tx, &first.zuora_id).await.unwrap(), Some(at(12)));
        assert_eq!(invoice::updated_at(&mut tx, &"zuora-2".parse().unwrap()).await.unwrap(), None);
    }
}
