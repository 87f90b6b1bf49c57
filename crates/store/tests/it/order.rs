//! Orders: round trips, pages, counts, and what is on trust.
//! Refuses to take back what is billed.

use domain::order::{Order, OrderStatus};
use store::order;
use store::testing::databases;
use store::{Error, Page};

use crate::sample::{self, at, euro, id, insert_account, insert_first_account};

fn bare(number: u128) -> Order {
    Order {
        total_minor: i64::MIN,
        actions: sqlx::types::Json(vec![]),
        po_number: None,
        trust_until: None,
        reason: None,
        invoice_number: None,
        ..sample::order(number)
    }
}

#[tokio::test]
async fn an_order_comes_back_as_it_went_in() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        let full =
            Order { total_minor: i64::MAX, confirmed: true, billed_at: Some(at(7)), ..sample::order(1) };
        for order in [full, bare(2)] {
            order::insert(&mut tx, &order).await.unwrap();
            assert_eq!(order::get(&mut tx, order.id).await.unwrap(), order, "{}", db.name());
            assert_eq!(order::get_by_number(&mut tx, &order.number).await.unwrap(), order);
            assert_eq!(order::find_by_number(&mut tx, order.number.as_str()).await.unwrap(), Some(order));
        }
    }
}

#[tokio::test]
async fn an_unknown_order_is_not_found_and_a_second_one_is_taken() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        assert!(matches!(order::get(&mut tx, id(9)).await, Err(Error::NotFound("order"))));
        let number = "P-O9".parse().unwrap();
        assert!(matches!(order::get_by_number(&mut tx, &number).await, Err(Error::NotFound("order"))));
        assert_eq!(order::find_by_number(&mut tx, "Zuora's own / number").await.unwrap(), None);
        order::insert(&mut tx, &bare(1)).await.unwrap();
        let again = Order { id: id(2), ..bare(1) };
        assert!(matches!(order::insert(&mut tx, &again).await, Err(Error::Taken("order"))), "{}", db.name());
    }
}

#[tokio::test]
async fn pages_of_orders_go_newest_first_and_show_each_once() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        let foreign = insert_account(&mut tx, 2).await;
        for number in 1..=5 {
            order::insert(&mut tx, &bare(number)).await.unwrap();
        }
        order::insert(&mut tx, &Order { account_id: foreign, ..bare(6) }).await.unwrap();
        let mut seen = Vec::new();
        let mut page = Page::first(2);
        loop {
            let rows = order::list_of_account(&mut tx, id(1), &page).await.unwrap();
            let Some(last) = rows.last() else { break };
            page = Page::after(Some(last.id.to_string()), 2);
            seen.extend(rows);
        }
        assert_eq!(seen, [5, 4, 3, 2, 1].map(bare), "{}", db.name());
    }
}

#[tokio::test]
async fn orders_are_listed_and_counted_by_status() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        let of = |number, status, second| Order { status, accepted_at: at(second), ..bare(number) };
        let orders = [
            of(1, OrderStatus::Unknown, 9),
            of(2, OrderStatus::Accepted, 8),
            of(3, OrderStatus::Accepted, 7),
            of(4, OrderStatus::Rejected, 6),
        ];
        for order in &orders {
            order::insert(&mut tx, order).await.unwrap();
        }
        let accepted = order::list_in_status(&mut tx, OrderStatus::Accepted, 9).await.unwrap();
        assert_eq!(accepted, orders[1..3]);
        assert_eq!(order::list_in_status(&mut tx, OrderStatus::Accepted, 1).await.unwrap(), orders[1..2]);
        let counts = order::count_by_status(&mut tx).await.unwrap();
        let expected = [
            (OrderStatus::Accepted, 2, at(7)),
            (OrderStatus::Rejected, 1, at(6)),
            (OrderStatus::Unknown, 1, at(9)),
        ];
        assert_eq!(counts, expected, "{}", db.name());
        let confirmed = Order { confirmed: true, ..bare(5) };
        order::insert(&mut tx, &confirmed).await.unwrap();
        assert_eq!(order::list_unconfirmed(&mut tx, id(1)).await.unwrap(), orders[..3]);
        assert!(order::list_unconfirmed(&mut tx, id(9)).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn orders_are_counted_by_the_quarter_hour_in_which_they_came() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        // The test's clock starts at ten.
        for (number, second) in [(1, -1), (2, 0), (3, 899), (4, 900), (5, 1_800), (6, 3_599), (7, 3_600)] {
            order::insert(&mut tx, &Order { accepted_at: at(second), ..bare(number) }).await.unwrap();
        }
        let billed = Order { status: OrderStatus::Billed, accepted_at: at(1), ..bare(8) };
        order::insert(&mut tx, &billed).await.unwrap();
        let counts = order::count_by_quarter(&mut tx, at(0)).await.unwrap();
        let row = |quarter: &str, status, count| (format!("2026-11-12T{quarter}"), status, count);
        let expected = [
            row("10:00", OrderStatus::Accepted, 2),
            row("10:00", OrderStatus::Billed, 1),
            row("10:15", OrderStatus::Accepted, 1),
            row("10:30", OrderStatus::Accepted, 1),
            row("10:45", OrderStatus::Accepted, 1),
            row("11:00", OrderStatus::Accepted, 1),
        ];
        assert_eq!(counts, expected, "{}", db.name());
    }
}

#[tokio::test]
async fn only_what_is_granted_and_neither_billed_nor_over_is_exposure() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        insert_account(&mut tx, 2).await;
        assert_eq!(order::exposure(&mut tx, at(0)).await.unwrap(), []);
        assert_eq!(order::exposure_of_account(&mut tx, id(1), euro(), at(0)).await.unwrap(), 0);
        let trusted = |number| Order { trust_until: Some(at(10)), total_minor: 100, ..bare(number) };
        let orders = [
            trusted(1),
            trusted(2),
            Order { trust_until: None, ..trusted(3) },
            Order { billed_at: Some(at(1)), ..trusted(4) },
            Order { trust_until: Some(at(5)), ..trusted(5) },
            Order { status: OrderStatus::Rejected, ..trusted(6) },
            Order { total_minor: -50, ..trusted(7) },
            Order { currency: "USD".parse().unwrap(), ..trusted(8) },
            Order { account_id: id(2), total_minor: 7, ..trusted(9) },
        ];
        for order in &orders {
            order::insert(&mut tx, order).await.unwrap();
        }
        assert_eq!(order::exposure_of_account(&mut tx, id(1), euro(), at(5)).await.unwrap(), 200);
        let all = order::exposure(&mut tx, at(5)).await.unwrap();
        assert_eq!(all, [(euro(), 207), ("USD".parse().unwrap(), 100)], "{}", db.name());
        assert_eq!(order::exposure(&mut tx, at(10)).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_billed_order_is_billed_once_and_for_good() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        order::insert(&mut tx, &bare(1)).await.unwrap();
        order::set_status(&mut tx, id(1), OrderStatus::Unknown, Some("no answer")).await.unwrap();
        let unknown = order::get(&mut tx, id(1)).await.unwrap();
        assert_eq!((unknown.status, unknown.reason.as_deref()), (OrderStatus::Unknown, Some("no answer")));

        let invoice = "INV-1".parse().unwrap();
        assert!(order::set_billed(&mut tx, id(1), at(5), Some(&invoice)).await.unwrap());
        assert!(!order::set_billed(&mut tx, id(1), at(6), None).await.unwrap());
        order::set_status(&mut tx, id(1), OrderStatus::Rejected, Some("late refusal")).await.unwrap();
        let billed = Order {
            status: OrderStatus::Billed,
            billed_at: Some(at(5)),
            invoice_number: Some("INV-1".into()),
            ..bare(1)
        };
        assert_eq!(order::get(&mut tx, id(1)).await.unwrap(), billed.clone(), "{}", db.name());
        assert!(!order::set_billed(&mut tx, id(9), at(5), None).await.unwrap(), "an unknown order");
        assert_eq!(order::find_by_invoice(&mut tx, &invoice).await.unwrap(), Some(billed));
        assert_eq!(order::find_by_invoice(&mut tx, &"INV-2".parse().unwrap()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_order_is_confirmed_once() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        order::insert(&mut tx, &bare(1)).await.unwrap();
        assert!(order::set_confirmed(&mut tx, &bare(1).number).await.unwrap());
        assert!(!order::set_confirmed(&mut tx, &bare(1).number).await.unwrap());
        assert!(!order::set_confirmed(&mut tx, &bare(2).number).await.unwrap());
        assert!(order::get(&mut tx, id(1)).await.unwrap().confirmed, "{}", db.name());
    }
}

#[tokio::test]
async fn an_invoice_that_was_not_named_is_found_out_later_and_stays() {
    for db in databases().await {
        insert_first_account(&db).await;
        let mut tx = db.write().await.unwrap();
        for number in 1..=3 {
            order::insert(&mut tx, &bare(number)).await.unwrap();
        }
        let invoice = |number: u32| format!("INV-{number}").parse().unwrap();
        order::set_billed(&mut tx, id(1), at(5), None).await.unwrap();
        order::set_billed(&mut tx, id(2), at(5), Some(&invoice(2))).await.unwrap();
        let without = order::list_without_invoice(&mut tx, id(1)).await.unwrap();
        let ids: Vec<_> = without.iter().map(|order| order.id).collect();
        assert_eq!(ids, [id(1)], "{}", db.name());
        for number in [1, 9] {
            order::set_invoice(&mut tx, id(1), &invoice(number)).await.unwrap();
        }
        assert_eq!(order::get(&mut tx, id(1)).await.unwrap().invoice_number.as_deref(), Some("INV-1"));
        assert!(order::list_without_invoice(&mut tx, id(1)).await.unwrap().is_empty());
    }
}
