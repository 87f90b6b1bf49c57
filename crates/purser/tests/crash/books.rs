//! The comparison of what was acknowledged with what Zuora has on record.
//! Refuses to compare sums: each number must be there once, where it belongs, and nothing else.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;
use zuora_emulator::Books;

use crate::customers::Acknowledged;

/// The custom field with our id, on everything that we create.
const OUR_ID: &str = "PurserId__c";

/// Fails with every difference at once.
pub fn compare(database: &str, acknowledged: &Acknowledged, books: &Books) {
    let mut wrong = Vec::new();
    let mut same = |what: &str, ours: Vec<String>, theirs: Vec<String>| {
        wrong.extend(differences(ours, theirs).into_iter().map(|difference| format!("{what} {difference}")));
    };
    let accounts = || books.accounts.iter();
    let orders = || acknowledged.orders.iter();
    let numbers = accounts().map(|account| account.number.clone());
    same("account", acknowledged.accounts.clone(), numbers.collect());

    let ours = orders().map(|order| format!("{} of {}", order.number, order.account));
    let theirs = accounts().flat_map(|account| {
        account.orders.iter().map(move |order| format!("{} of {}", order.number, account.number))
    });
    same("order", ours.collect(), theirs.collect());

    let ours = orders().flat_map(|order| {
        order.subscriptions.iter().map(move |number| format!("{number} by {}", order.number))
    });
    let theirs = accounts().flat_map(|account| &account.subscriptions).flat_map(|one| {
        one.versions.iter().map(move |version| format!("{} by {}", one.number, version.order))
    });
    same("subscription", ours.collect(), theirs.collect());

    let ours = orders().map(|order| format!("for {} over {}", order.number, decimal(&order.total)));
    let theirs = accounts().flat_map(|account| &account.invoices).map(|invoice| {
        let order = invoice.order.as_deref().unwrap_or("no order");
        format!("for {order} over {}", invoice.amount.normalize())
    });
    same("invoice", ours.collect(), theirs.collect());

    let paid = accounts().flat_map(|account| &account.payments).map(|payment| payment.number.clone());
    same("payment", Vec::new(), paid.collect());

    let customs = accounts().flat_map(|account| {
        let orders = account.orders.iter().map(|order| ("order", &order.custom));
        let subscriptions = account.subscriptions.iter().map(|one| ("subscription", &one.custom));
        orders.chain(subscriptions).chain([("account", &account.custom)])
    });
    let ids = customs.map(|(noun, custom)| format!("{noun} {}", custom.get(OUR_ID).unwrap_or(&Value::Null)));
    let doubled = count(ids.collect()).into_iter().filter(|(_, times)| *times > 1);
    wrong.extend(doubled.map(|(id, times)| format!("our id is on {times} objects: {id}")));
    assert!(wrong.is_empty(), "{database}: acknowledged and billed differ:\n{}", wrong.join("\n"));
}

/// What is not there equally often on both sides.
fn differences(ours: Vec<String>, theirs: Vec<String>) -> Vec<String> {
    let (ours, theirs) = (count(ours), count(theirs));
    let times = |side: &BTreeMap<String, usize>, one: &String| side.get(one).copied().unwrap_or(0);
    let mut all: Vec<&String> = ours.keys().chain(theirs.keys()).collect();
    all.sort();
    all.dedup();
    let differ = all.into_iter().filter(|one| times(&ours, one) != times(&theirs, one));
    differ
        .map(|one| format!("{one}: acknowledged {}, billed {}", times(&ours, one), times(&theirs, one)))
        .collect()
}

fn count(all: Vec<String>) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for one in all {
        *counted.entry(one).or_default() += 1;
    }
    counted
}

fn decimal(text: &str) -> Decimal {
    text.parse::<Decimal>().expect("an amount is a decimal").normalize()
}

#[test]
fn a_lost_and_a_doubled_order_are_told() {
    let all = |numbers: &[&str]| numbers.iter().map(ToString::to_string).collect();
    assert_eq!(
        differences(all(&["A", "B", "C"]), all(&["A", "C", "C"])),
        ["B: acknowledged 1, billed 0", "C: acknowledged 1, billed 2"]
    );
    assert!(differences(all(&["A"]), all(&["A"])).is_empty());
}
