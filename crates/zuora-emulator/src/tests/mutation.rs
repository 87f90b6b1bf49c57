//! An order spoiled in every place by every kind of value: each is taken or refused, none breaks the emulator.

use serde_json::{Value, json};

use super::desk::{Desk, account, new_subscription};

fn pointers(value: &Value, at: String, found: &mut Vec<String>) {
    found.push(at.clone());
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(name, inner)| pointers(inner, format!("{at}/{name}"), found));
        }
        Value::Array(list) => {
            list.iter()
                .enumerate()
                .for_each(|(index, inner)| pointers(inner, format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

fn odd_values() -> Vec<Value> {
    let huge: Value = serde_json::from_str("123456789012345678901234567890e999").unwrap();
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(0),
        huge,
        json!(99_999_999_999_999_999_i64),
        json!(""),
        json!("\u{1F600}'; drop table orders"),
        json!("9999-12-31"),
        json!("-009999-01-01"),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"a": {"b": []}}),
    ]
}

#[test]
fn a_spoiled_order_is_taken_or_refused_and_a_refusal_changes_nothing() {
    let mut good = new_subscription("", "PUR-1", "S-1", 10);
    good["existingAccountNumber"] = Value::Null;
    good["newAccount"] = account("N-1");
    good["newAccount"]["paymentMethod"] = json!({"type": "CreditCard", "cardNumber": "4111111111111111"});
    good["processingOptions"]["collectPayment"] = json!(true);
    let mut places = Vec::new();
    pointers(&good, String::new(), &mut places);
    let mut refused = 0;
    for place in &places {
        for value in odd_values() {
            let mut desk = Desk::demo();
            let mut spoiled = good.clone();
            *spoiled.pointer_mut(place).unwrap() = value;
            let answer = desk.post("/v1/orders", &spoiled);
            let orders: usize = desk.emulator.books().accounts.iter().map(|one| one.orders.len()).sum();
            if answer.body["success"] == true {
                assert_eq!(orders, 1, "{place}");
            } else {
                refused += 1;
                assert!(desk.emulator.books().accounts.is_empty(), "{place}");
                assert!((400..=500).contains(&answer.status.as_u16()), "{place}: {answer:?}");
            }
        }
    }
    assert!(
        refused > places.len() * 8,
        "most spoiled orders are refused: {refused} of {}",
        places.len() * 14
    );
}
