//! Object Query: filters, sorting, cursors, and its own errors.

use serde_json::{Value, json};

use super::desk::{Answer, Desk, add_seats, change, new_subscription};

fn rows(answer: Answer) -> Vec<Value> {
    answer.ok()["data"].as_array().unwrap().clone()
}

/// Five accounts a minute apart, the first with two versions of a subscription.
fn busy() -> Desk {
    let mut desk = Desk::demo();
    for index in 1..=5 {
        desk.account(&format!("N-{index}"));
        desk.pass(60);
    }
    desk.post("/v1/orders", &new_subscription("N-1", "PUR-1", "S-1", 10)).ok();
    desk.pass(60);
    desk.post("/v1/orders", &change("N-1", "PUR-2", "S-1", ("2026-11-12", add_seats(15)))).ok();
    desk
}

#[test]
fn rows_carry_offset_times_and_no_success_key() {
    let mut desk = busy();
    let answer = desk.get("/object-query/accounts?filter[]=accountNumber.EQ:N-1").ok();
    assert!(answer.get("success").is_none());
    let row = &answer["data"][0];
    assert_eq!(row["createdDate"], "2026-11-12T12:00:00-08:00");
    assert_eq!((row["balance"].to_string(), &row["PurserId__c"]), ("5038.85".to_owned(), &json!("acc-N-1")));
    assert_eq!(answer["nextPage"], Value::Null);
    assert_eq!(desk.get("/object-query/accounts/N-1").ok()["id"], row["id"]);
}

#[test]
fn filters_compare_times_numbers_and_text_each_in_its_way() {
    let mut desk = busy();
    let count = |desk: &mut Desk, filter: &str| {
        rows(desk.get(&format!("/object-query/accounts?pageSize=99&filter%5B%5D={filter}"))).len()
    };
    // 12:02 in California, said in three zones.
    for time in ["2026-11-12T12:02:00-08:00", "2026-11-12T20:02:00Z", "2026-11-12T21:02:00%2B01:00"] {
        assert_eq!(count(&mut desk, &format!("updatedDate.GE:{time}")), 3, "{time}");
        assert_eq!(count(&mut desk, &format!("updatedDate.GT:{time}")), 2, "{time}");
        assert_eq!(count(&mut desk, &format!("updatedDate.LT:{time}")), 2, "{time}");
        assert_eq!(count(&mut desk, &format!("updatedDate.LE:{time}")), 3, "{time}");
        assert_eq!(count(&mut desk, &format!("updatedDate.EQ:{time}")), 1, "{time}");
    }
    assert_eq!(count(&mut desk, "balance.GT:700"), 1, "5038.85 is more than 700, as text it is less");
    assert_eq!(count(&mut desk, "balance.EQ:0"), 4);
    assert_eq!(count(&mut desk, "crmId.EQ:null"), 5);
    assert_eq!(count(&mut desk, "accountNumber.SW:N-"), 5);
    assert_eq!(count(&mut desk, "accountNumber.IN:[N-1,N-3]"), 2);
    assert_eq!(
        count(&mut desk, "accountNumber.NE:N-1&filter[]=accountNumber.NE:N-2"),
        3,
        "filters are joined by and"
    );
}

#[test]
fn a_cursor_walks_every_row_once_in_order() {
    let mut desk = busy();
    let mut path = "/object-query/accounts?pageSize=2&sort[]=accountNumber.DESC".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = desk.get(&path).ok();
        seen.extend(
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["accountNumber"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["nextPage"].as_str() else { break };
        path = format!("/object-query/accounts?pageSize=2&sort[]=accountNumber.DESC&cursor={next}");
    }
    assert_eq!(seen, ["N-5", "N-4", "N-3", "N-2", "N-1"]);
    let next = desk.get("/object-query/accounts?pageSize=2").ok()["nextPage"].as_str().unwrap().to_owned();
    assert_eq!(desk.get(&format!("/object-query/orders?pageSize=2&cursor={next}")).refusal().0, 27);
}

#[test]
fn every_version_of_a_subscription_is_a_row_and_the_older_one_changed_too() {
    let mut desk = busy();
    let all = rows(desk.get("/object-query/subscriptions?sort[]=version.ASC"));
    let shown: Vec<_> = all
        .iter()
        .map(|row| (row["version"].clone(), row["status"].clone(), row["isLatestVersion"].clone()))
        .collect();
    assert_eq!(shown, [(json!(1), json!("Expired"), json!(false)), (json!(2), json!("Active"), json!(true))]);
    assert_eq!(all[0]["updatedDate"], all[1]["updatedDate"], "being superseded is a change");
    assert_eq!(desk.get("/object-query/subscriptions/S-1").ok()["version"], 2);
    assert_eq!(rows(desk.get("/object-query/orders?filter[]=orderNumber.EQ:PUR-2")).len(), 1);
    assert_eq!(rows(desk.get("/object-query/invoices?filter[]=amount.EQ:1558.850")).len(), 1);
    assert_eq!(rows(desk.get("/object-query/invoice-items")).len(), 2);
    assert_eq!(rows(desk.get("/object-query/payments")).len(), 0);
}

#[test]
fn a_bad_query_is_refused_in_one_form_since_2025_and_another_before() {
    let mut desk = busy();
    for query in [
        "accounts?pageSize=100",
        "accounts?filter[]=name",
        "accounts?filter[]=name.XX:1",
        "accounts?filter[]=nope.EQ:1",
        "accounts?sort[]=name.UP",
        "accounts?sort[]=name.ASC&sort[]=id.ASC",
        "accounts?expand[]=billto",
        "accounts?cursor=zz",
    ] {
        let refused = desk.get(&format!("/object-query/{query}"));
        assert_eq!((refused.status.as_u16(), refused.refusal().0), (400, 27), "{query}");
    }
    assert_eq!(desk.get("/object-query/unicorns").refusal().0, 40);
    desk.version = "2024-05-20";
    let old = desk.get("/object-query/accounts?pageSize=100");
    assert_eq!((old.status.as_u16(), &old.body["code"]), (400, &json!("50000027")));
}
