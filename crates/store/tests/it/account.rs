//! Accounts: round trips, pages, and what the sync takes over.
//! Refuses two accounts of one number.

use domain::account::{Account, AccountStatus};
use store::account;
use store::testing::databases;
use store::{Error, Page};

use crate::sample::{self, at, id};

fn bare(number: u128) -> Account {
    Account {
        entity: None,
        status: AccountStatus::Pending,
        zuora_id: None,
        payment_method: None,
        orders_billed: 0,
        updated_at: None,
        synced_at: None,
        ..sample::account(number)
    }
}

#[tokio::test]
async fn an_account_comes_back_as_it_went_in() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        for account in [sample::account(1), bare(2)] {
            account::insert(&mut tx, &account).await.unwrap();
            assert_eq!(account::get(&mut tx, account.id).await.unwrap(), account, "{}", db.name());
            assert_eq!(account::get_by_number(&mut tx, &account.number).await.unwrap(), account);
        }
        let zuora_id = sample::account(1).zuora_id.unwrap();
        assert_eq!(account::find_by_zuora_id(&mut tx, &zuora_id).await.unwrap(), Some(sample::account(1)));
        let unknown = "nobody".parse().unwrap();
        assert_eq!(account::find_by_zuora_id(&mut tx, &unknown).await.unwrap(), None);
        assert_eq!(account::count(&mut tx).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn an_unknown_account_is_not_found_and_a_second_one_is_taken() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        assert!(matches!(account::get(&mut tx, id(9)).await, Err(Error::NotFound("account"))));
        let number = "P-A9".parse().unwrap();
        assert!(matches!(account::get_by_number(&mut tx, &number).await, Err(Error::NotFound("account"))));
        account::insert(&mut tx, &bare(1)).await.unwrap();
        let again = Account { id: id(2), ..bare(1) };
        assert!(matches!(account::insert(&mut tx, &again).await, Err(Error::Taken("account"))));
    }
}

#[tokio::test]
async fn pages_of_accounts_go_by_number_and_contain_the_text() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        for number in 1..=5 {
            account::insert(&mut tx, &sample::account(number)).await.unwrap();
        }
        let odd = Account { name: "100%_Pure".into(), ..sample::account(6) };
        account::insert(&mut tx, &odd).await.unwrap();

        let first = account::list(&mut tx, "brightWATER", &Page::first(3)).await.unwrap();
        assert_eq!(first, [1, 2, 3].map(sample::account));
        let rest = Page::after(Some(first[2].number.to_string()), 3);
        assert_eq!(account::list(&mut tx, "brightwater", &rest).await.unwrap(), [4, 5].map(sample::account));
        assert_eq!(account::list(&mut tx, "p-a4", &Page::first(9)).await.unwrap(), [sample::account(4)]);
        assert_eq!(account::list(&mut tx, "", &Page::first(1_000)).await.unwrap().len(), 6);
        assert!(account::list(&mut tx, "nobody", &Page::first(9)).await.unwrap().is_empty());
        for literal in ["%", "_", "100%_p"] {
            assert_eq!(
                account::list(&mut tx, literal, &Page::first(9)).await.unwrap(),
                std::slice::from_ref(&odd),
                "{literal}"
            );
        }
    }
}

#[tokio::test]
async fn saving_takes_over_what_zuora_says_and_nothing_else() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        account::insert(&mut tx, &bare(1)).await.unwrap();
        account::insert(&mut tx, &bare(2)).await.unwrap();
        let theirs = Account {
            name: "Renamed".into(),
            contact_mail: "new@brightwater.example".into(),
            ..sample::account(1)
        };
        account::save(&mut tx, &theirs).await.unwrap();
        let expected = Account { entity: None, orders_billed: 0, ..theirs };
        assert_eq!(account::get(&mut tx, id(1)).await.unwrap(), expected);
        assert_eq!(account::get(&mut tx, id(2)).await.unwrap(), bare(2));
    }
}

#[tokio::test]
async fn a_status_without_an_id_keeps_the_id_that_is_known() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        account::insert(&mut tx, &bare(1)).await.unwrap();
        let zuora_id = "zuora-1".parse().unwrap();
        account::set_status(&mut tx, id(1), AccountStatus::Active, Some(&zuora_id)).await.unwrap();
        account::set_status(&mut tx, id(1), AccountStatus::Canceled, None).await.unwrap();
        let account = account::get(&mut tx, id(1)).await.unwrap();
        assert_eq!((account.status, account.zuora_id), (AccountStatus::Canceled, Some(zuora_id)));
    }
}

#[tokio::test]
async fn billed_orders_are_counted_and_the_oldest_copy_is_known() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        assert_eq!(account::oldest_sync(&mut tx).await.unwrap(), None);
        account::insert(&mut tx, &bare(1)).await.unwrap();
        assert_eq!(account::oldest_sync(&mut tx).await.unwrap(), None);
        for (number, second) in [(2, 60), (3, 30)] {
            let account = Account { synced_at: Some(at(second)), ..sample::account(number) };
            account::insert(&mut tx, &account).await.unwrap();
        }
        assert_eq!(account::oldest_sync(&mut tx).await.unwrap(), Some(at(30)));
        account::count_billed(&mut tx, id(1)).await.unwrap();
        account::count_billed(&mut tx, id(1)).await.unwrap();
        account::count_billed(&mut tx, id(2)).await.unwrap();
        assert_eq!(account::get(&mut tx, id(1)).await.unwrap().orders_billed, 2);
        assert_eq!(account::get(&mut tx, id(2)).await.unwrap().orders_billed, i64::MAX);
    }
}
