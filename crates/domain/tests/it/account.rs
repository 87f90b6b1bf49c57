//! New accounts.
//! Refuses what Zuora or a mail server would not take.

use domain::account::{Account, AccountStatus, NewAccount, check_mail, check_text};

use crate::sample::{at, ids};

fn new() -> NewAccount {
    NewAccount {
        name: "Brightwater Labs GmbH & Co. KG".into(),
        currency: "EUR".parse().unwrap(),
        first_name: "Jana".into(),
        last_name: "Weiß-O'Neill".into(),
        mail: "jana@example.com".into(),
        country: "DE".into(),
    }
}

#[test]
fn an_account_is_opened_with_a_number_of_ours_and_nothing_from_zuora() {
    let now = at("2026-11-12T10:00:00Z");
    let account = Account::open(new(), &mut ids(1), now).unwrap();
    assert!(account.number.as_str().starts_with("PA-"), "{}", account.number);
    assert_eq!((account.status, account.created_at), (AccountStatus::Pending, now));
    assert_eq!((account.zuora_id, account.synced_at, account.orders_billed), (None, None, 0));
    assert_eq!((account.name, account.contact_last_name), (new().name, new().last_name));
    let other = Account::open(new(), &mut ids(2), now).unwrap();
    assert_ne!(other.number, account.number);
}

#[test]
fn every_bad_field_is_named() {
    let long = "x".repeat(256);
    let cases: [(&str, NewAccount); 10] = [
        ("name", NewAccount { name: "".into(), ..new() }),
        ("name", NewAccount { name: "a\0b".into(), ..new() }),
        ("name", NewAccount { name: long, ..new() }),
        ("first_name", NewAccount { first_name: " \t".into(), ..new() }),
        ("last_name", NewAccount { last_name: "😀".into(), ..new() }),
        ("mail", NewAccount { mail: "jana".into(), ..new() }),
        ("country", NewAccount { country: "de".into(), ..new() }),
        ("country", NewAccount { country: "DEU".into(), ..new() }),
        ("country", NewAccount { country: "".into(), ..new() }),
        ("country", NewAccount { country: "Ä".into(), ..new() }),
    ];
    for (field, new) in cases {
        let refusal = Account::open(new.clone(), &mut ids(1), at("2026-11-12T10:00:00Z")).unwrap_err();
        assert_eq!((refusal.field(), refusal.code()), (Some(field), "field_not_readable"), "{new:?}");
    }
}

#[test]
fn text_is_taken_up_to_its_limit_in_characters() {
    for text in ["a", "Ünïcödé", "日本語", &"ü".repeat(255), "a  b"] {
        assert!(check_text("name", text).is_ok(), "{text}");
    }
    for text in ["", "   ", "a\r\nb", "a\u{7f}b", "a\u{85}b", "𝒳", &"ü".repeat(256)] {
        assert!(check_text("name", text).is_err(), "{text:?}");
    }
}

#[test]
fn a_mail_address_cannot_break_a_header_or_name_two_people() {
    for mail in
        ["a@b", "jana+test@mail.example.com", "o'neill@example.com", &format!("a@{}", "b".repeat(252))]
    {
        assert!(check_mail("mail", mail).is_ok(), "{mail}");
    }
    let bad = [
        "",
        "@",
        "a@",
        "@b",
        "a@b@c",
        "a b@c",
        "a@b\r\nBcc: x@y",
        "a@b,c@d",
        "<a@b>",
        "a@.b",
        "a@b.",
        "ü@b",
        "a@bü",
        "a@b;",
        "\"a\"@b",
        "a@[1]",
        "a\\@b",
        "a(b)@c",
        "a:b@c",
    ];
    for mail in bad {
        assert!(check_mail("mail", mail).is_err(), "{mail:?}");
    }
    assert!(check_mail("mail", &format!("a@{}", "b".repeat(253))).is_err());
}
