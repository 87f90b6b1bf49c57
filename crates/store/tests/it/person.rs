//! People, memberships, sign-in links and sessions.
//! Refuses what is old, used or unknown.

use domain::person::{MemberRole, Membership, Person, StaffRole};
use store::Error;
use store::person;
use store::testing::databases;

use crate::sample::{self, at, id, insert_account};

#[tokio::test]
async fn a_person_comes_back_as_they_went_in_and_once_for_each_address() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        let customer = Person { staff_role: None, ..sample::person(2) };
        assert_eq!(person::upsert(&mut tx, &sample::person(1)).await.unwrap(), sample::person(1));
        assert_eq!(person::upsert(&mut tx, &customer).await.unwrap(), customer);
        let again = Person { mail: customer.mail.clone(), ..sample::person(3) };
        assert_eq!(person::upsert(&mut tx, &again).await.unwrap(), customer, "{}", db.name());
        assert_eq!(person::get(&mut tx, id(1)).await.unwrap(), sample::person(1));
        assert!(matches!(person::get(&mut tx, id(3)).await, Err(Error::NotFound("person"))));
        assert_eq!(person::find_by_mail(&mut tx, &customer.mail).await.unwrap(), Some(customer));
        assert_eq!(person::find_by_mail(&mut tx, "nobody@example.com").await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_person_can_be_made_staff_and_cease_to_be() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        person::upsert(&mut tx, &sample::person(1)).await.unwrap();
        person::set_staff_role(&mut tx, id(1), Some(StaffRole::Operator)).await.unwrap();
        assert_eq!(person::get(&mut tx, id(1)).await.unwrap().staff_role, Some(StaffRole::Operator));
        person::set_staff_role(&mut tx, id(1), None).await.unwrap();
        assert_eq!(person::get(&mut tx, id(1)).await.unwrap().staff_role, None);
    }
}

#[tokio::test]
async fn members_come_managers_first_and_a_second_grant_changes_the_role() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        let (first, second) = (insert_account(&mut tx, 1).await, insert_account(&mut tx, 2).await);
        let grants = [
            (1, first, MemberRole::BillingContact),
            (2, first, MemberRole::Manager),
            (3, first, MemberRole::Viewer),
            (3, first, MemberRole::Manager),
            (3, second, MemberRole::Viewer),
        ];
        for number in 1..=3 {
            person::upsert(&mut tx, &sample::person(number)).await.unwrap();
        }
        for (number, account_id, role) in grants {
            person::grant(&mut tx, &Membership { person_id: id(number), account_id, role }).await.unwrap();
        }
        let members = person::members(&mut tx, first).await.unwrap();
        let expected = [(2, MemberRole::Manager), (3, MemberRole::Manager), (1, MemberRole::BillingContact)];
        assert_eq!(members, expected.map(|(number, role)| (sample::person(number), role)), "{}", db.name());
        let memberships = person::memberships(&mut tx, id(3)).await.unwrap();
        let of = |account_id, role| Membership { person_id: id(3), account_id, role };
        assert_eq!(memberships, [of(first, MemberRole::Manager), of(second, MemberRole::Viewer)]);
        assert!(person::memberships(&mut tx, id(9)).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_sign_in_link_works_once_and_in_time() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        person::upsert(&mut tx, &sample::person(1)).await.unwrap();
        person::add_link(&mut tx, "link", id(1), at(100)).await.unwrap();
        person::add_link(&mut tx, "old", id(1), at(10)).await.unwrap();
        assert_eq!(person::use_link(&mut tx, "old", at(10)).await.unwrap(), None);
        assert_eq!(person::use_link(&mut tx, "guessed", at(10)).await.unwrap(), None);
        assert_eq!(person::use_link(&mut tx, "link", at(99)).await.unwrap(), Some(id(1)));
        assert_eq!(person::use_link(&mut tx, "link", at(99)).await.unwrap(), None, "{}", db.name());
        let twice = person::add_link(&mut tx, "link", id(1), at(100)).await;
        assert!(matches!(twice, Err(Error::Taken("sign-in link"))));
    }
}

#[tokio::test]
async fn of_two_who_use_a_link_at_once_one_gets_in() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        person::upsert(&mut tx, &sample::person(1)).await.unwrap();
        person::add_link(&mut tx, "link", id(1), at(100)).await.unwrap();
        tx.commit().await.unwrap();
        let click = async || {
            let mut tx = db.write().await.unwrap();
            let found = person::use_link(&mut tx, "link", at(1)).await.unwrap();
            tx.commit().await.unwrap();
            found
        };
        let (one, other) = tokio::join!(click(), click());
        assert_eq!(one.is_some() as u8 + other.is_some() as u8, 1, "{}", db.name());
    }
}

#[tokio::test]
async fn a_session_lives_until_it_expires_or_is_ended() {
    for db in databases().await {
        let mut tx = db.write().await.unwrap();
        person::upsert(&mut tx, &sample::person(1)).await.unwrap();
        person::add_session(&mut tx, "session", id(1), at(100)).await.unwrap();
        person::add_session(&mut tx, "other", id(1), at(100)).await.unwrap();
        assert_eq!(person::session(&mut tx, "session", at(99)).await.unwrap(), Some(sample::person(1)));
        assert_eq!(person::session(&mut tx, "session", at(100)).await.unwrap(), None);
        assert_eq!(person::session(&mut tx, "guessed", at(0)).await.unwrap(), None);
        person::end_session(&mut tx, "session").await.unwrap();
        assert_eq!(person::session(&mut tx, "session", at(0)).await.unwrap(), None);
        assert!(person::session(&mut tx, "other", at(0)).await.unwrap().is_some());
    }
}
