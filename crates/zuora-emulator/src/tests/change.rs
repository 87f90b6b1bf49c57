//! Changes to subscriptions: versions, segments, credits.

use serde_json::{Value, json};

use super::desk::{Desk, add_seats, change, new_subscription};

fn subscribed(seats: i64) -> Desk {
    let mut desk = Desk::demo();
    desk.account("N-1");
    desk.post("/v1/orders", &new_subscription("N-1", "PUR-1", "S-1", seats)).ok();
    desk
}

fn update_seats(desk: &mut Desk, seats: i64) -> Value {
    let plan = desk.get("/v1/subscriptions/S-1").ok()["ratePlans"][0].clone();
    json!({
        "type": "UpdateProduct",
        "updateProduct": {
            "ratePlanId": plan["id"],
            "chargeUpdates": [{
                "chargeNumber": plan["ratePlanCharges"][0]["number"],
                "pricing": {"recurringPerUnit": {"quantity": seats}},
            }],
        },
    })
}

fn items(desk: &mut Desk, invoice: &str) -> Vec<(String, String, String)> {
    let items = desk.get(&format!("/v1/invoices/{invoice}/items")).ok()["invoiceItems"].clone();
    let one = |item: &Value| {
        let text = |name: &str| item[name].to_string().replace('"', "");
        (text("quantity"), text("chargeAmount"), text("serviceStartDate"))
    };
    items.as_array().unwrap().iter().map(one).collect()
}

#[test]
fn fifteen_seats_added_in_november_cost_109_of_365_days() {
    let mut desk = subscribed(10);
    let order = desk.post("/v1/orders", &change("N-1", "PUR-2", "S-1", ("2026-11-12", add_seats(15)))).ok();
    let number = order["invoiceNumbers"][0].as_str().unwrap();
    assert_eq!(desk.get(&format!("/v1/invoices/{number}")).ok()["amount"].to_string(), "1558.85");

    let subscription = desk.get("/v1/subscriptions/S-1").ok();
    assert_eq!((&subscription["version"], &subscription["orderNumber"]), (&json!(2), &json!("PUR-2")));
    assert_eq!(subscription["ratePlans"].as_array().unwrap().len(), 2);
    assert_eq!(subscription["ratePlans"][1]["lastChangeType"], "Add");
    assert_eq!(subscription["PurserId__c"], "id-S-1", "custom fields outlive a version");
    assert_eq!(subscription["contractedMrr"].to_string(), "725", "25 seats at 29 a month");
    let tcv = &subscription["ratePlans"][1]["ratePlanCharges"][0]["tcv"];
    assert_eq!(tcv.to_string(), "1558.849315068", "metrics have nine decimals");
}

#[test]
fn a_changed_quantity_credits_the_old_terms_and_charges_the_new_ones() {
    let mut desk = subscribed(10);
    let update = update_seats(&mut desk, 25);
    let order = desk.post("/v1/orders", &change("N-1", "PUR-2", "S-1", ("2026-11-12", update))).ok();
    let invoice = order["invoiceNumbers"][0].as_str().unwrap().to_owned();
    // 10 x 348 x 109/365 back, 25 x 348 x 109/365 asked: 15 seats more, item by item.
    let expected = [("-10", "-1039.23", "2026-11-12"), ("25", "2598.08", "2026-11-12")];
    let expected =
        expected.map(|(quantity, amount, start)| (quantity.to_owned(), amount.to_owned(), start.to_owned()));
    assert_eq!(items(&mut desk, &invoice), expected);
    assert_eq!(desk.get(&format!("/v1/invoices/{invoice}")).ok()["amount"].to_string(), "1558.85");

    let last = desk.get("/v1/subscriptions/S-1").ok()["ratePlans"][0]["ratePlanCharges"][0].clone();
    assert_eq!((&last["quantity"].to_string()[..], &last["segment"]), ("25", &json!(2)));
    let all = desk.get("/v1/subscriptions/S-1?charge-detail=all-segments").ok();
    let segments = all["ratePlans"][0]["ratePlanCharges"][0]["chargeSegments"].clone();
    assert_eq!(segments.as_array().unwrap().len(), 2);
    assert_eq!(
        (&segments[0]["effectiveEndDate"], &segments[1]["effectiveStartDate"]),
        (&json!("2026-11-12"), &json!("2026-11-12"))
    );
    assert_eq!(segments[0]["chargedThroughDate"], "2026-11-12", "the credit brought it back to the cut");
    let on = desk.get("/v1/subscriptions/S-1?charge-detail=specific-segment&as-of-date=2026-10-01").ok();
    assert_eq!(on["ratePlans"][0]["ratePlanCharges"][0]["quantity"].to_string(), "10");
    assert_eq!(desk.get("/v1/subscriptions/S-1?charge-detail=specific-segment").refusal().0, 23);
}

#[test]
fn fewer_seats_make_a_credit_memo() {
    let mut desk = subscribed(25);
    let update = update_seats(&mut desk, 10);
    let order = desk.post("/v1/orders", &change("N-1", "PUR-2", "S-1", ("2026-11-12", update))).ok();
    assert_eq!(order["creditMemoNumbers"], json!(["CM00000001"]));
    assert!(order.get("invoiceNumbers").is_none());
    let memo = desk.get("/v1/credit-memos/CM00000001").ok();
    assert_eq!((memo["amount"].to_string(), &memo["status"]), ("1558.85".to_owned(), &json!("Posted")));
    let items = desk.get("/v1/credit-memos/CM00000001/items").ok();
    assert_eq!(items["items"][0]["amount"].to_string(), "2598.08");
    assert_eq!(items["items"][1]["amount"].to_string(), "-1039.23");
}

#[test]
fn every_version_stays_with_its_own_id() {
    let mut desk = subscribed(10);
    let first = desk.get("/v1/subscriptions/S-1").ok();
    desk.pass(60);
    desk.post("/v1/orders", &change("N-1", "PUR-2", "S-1", ("2026-11-12", add_seats(15)))).ok();
    let second = desk.get("/v1/subscriptions/S-1").ok();
    assert_ne!(first["id"], second["id"]);
    let row = desk.get("/object-query/subscriptions/S-1").ok();
    assert_eq!((&row["originalId"], &row["previousSubscriptionId"]), (&first["id"], &first["id"]));

    let by_id = desk.get(&format!("/v1/subscriptions/{}", first["id"].as_str().unwrap())).ok();
    assert_eq!(
        (&by_id["version"], &by_id["isLatestVersion"], &by_id["status"]),
        (&json!(1), &json!(false), &json!("Expired"))
    );
    let by_version = desk.get("/v1/subscriptions/S-1/versions/1").ok();
    assert_eq!((&by_version["id"], &by_version["ratePlans"]), (&first["id"], &first["ratePlans"]));
    assert_eq!(desk.get("/v1/subscriptions/S-1/versions/3").refusal().0, 40);
    let listed = desk.get("/v1/subscriptions/accounts/N-1").ok();
    assert_eq!(listed["subscriptions"].as_array().unwrap().len(), 1);
    assert_eq!(listed["subscriptions"][0]["id"], second["id"]);
}

#[test]
fn a_rate_plan_is_found_by_the_id_it_had_in_any_version() {
    let mut desk = subscribed(10);
    let update = update_seats(&mut desk, 11);
    desk.post("/v1/orders", &change("N-1", "PUR-2", "S-1", ("2026-11-12", add_seats(1)))).ok();
    // `update` still names the rate plan by its id in version 1.
    desk.post("/v1/orders", &change("N-1", "PUR-3", "S-1", ("2026-11-12", update.clone()))).ok();
    let mut stranger = update;
    stranger["updateProduct"]["ratePlanId"] = json!("8a000000000000000000000000000000");
    let refused = desk.post("/v1/orders", &change("N-1", "PUR-4", "S-1", ("2026-11-12", stranger)));
    assert!(refused.refusal().1.contains("ratePlanId"));
}

#[test]
fn a_cancellation_gives_back_the_rest_and_ends_the_subscription() {
    let mut desk = subscribed(10);
    let cancel = json!({
        "type": "CancelSubscription",
        "changeReason": "moved away",
        "cancelSubscription": {"cancellationPolicy": "SpecificDate", "cancellationEffectiveDate": "2026-11-12"},
    });
    let order = desk.post("/v1/orders", &change("N-1", "PUR-2", "S-1", ("2026-11-12", cancel.clone()))).ok();
    assert_eq!(order["subscriptions"][0]["status"], "Cancelled");
    let memo = desk.get("/v1/credit-memos/CM00000001").ok();
    assert_eq!(memo["amount"].to_string(), "1039.23");
    let subscription = desk.get("/v1/subscriptions/S-1").ok();
    assert_eq!(
        (&subscription["status"], &subscription["subscriptionEndDate"]),
        (&json!("Cancelled"), &json!("2026-11-12"))
    );
    assert_eq!(
        (&subscription["cancelReason"], &subscription["termEndDate"]),
        (&json!("moved away"), &json!("2027-03-01"))
    );
    assert_eq!(subscription["statusHistory"][1]["status"], "Cancelled");
    assert_eq!(subscription["ratePlans"][0]["ratePlanCharges"][0]["effectiveEndDate"], "2026-11-12");
    let again = desk.post("/v1/orders", &change("N-1", "PUR-3", "S-1", ("2026-11-12", cancel)));
    assert_eq!((again.status.as_u16(), again.refusal().0), (400, 30));
}

#[test]
fn a_cancellation_at_the_end_of_the_term_costs_nothing() {
    let mut desk = subscribed(10);
    let cancel = json!({"type": "CancelSubscription", "cancelSubscription": {"cancellationPolicy": "EndOfCurrentTerm"}});
    let order = desk.post("/v1/orders", &change("N-1", "PUR-2", "S-1", ("2026-11-12", cancel))).ok();
    assert!(order.get("creditMemoNumbers").is_none() && order.get("invoiceNumbers").is_none());
    assert_eq!(desk.get("/v1/subscriptions/S-1").ok()["subscriptionEndDate"], "2027-03-01");
}

#[test]
fn one_time_and_flat_fee_charges_are_billed_by_their_kind() {
    let mut desk = subscribed(1);
    let add = |plan: &str| json!({"type": "AddProduct", "addProduct": {"productRatePlanNumber": plan}});
    let pack =
        desk.post("/v1/orders", &change("N-1", "PUR-2", "S-1", ("2026-11-12", add("PRP-00000004")))).ok();
    let invoice = pack["invoiceNumbers"][0].as_str().unwrap().to_owned();
    assert_eq!(items(&mut desk, &invoice), [("1".to_owned(), "90.00".to_owned(), "2026-11-12".to_owned())]);
    let storage =
        desk.post("/v1/orders", &change("N-1", "PUR-3", "S-1", ("2026-11-12", add("PRP-00000006")))).ok();
    let invoice = storage["invoiceNumbers"][0].as_str().unwrap().to_owned();
    // 240 x 109/365
    assert_eq!(items(&mut desk, &invoice)[0].1, "71.67");
}

#[test]
fn an_order_bills_in_advance_up_to_its_target_date_and_no_day_twice() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    let mut later = new_subscription("N-1", "PUR-1", "S-1", 10);
    later["processingOptions"]["billingOptions"]["targetDate"] = json!("2026-02-28");
    assert!(desk.post("/v1/orders", &later).ok().get("invoiceNumbers").is_none(), "nothing is due yet");
    let generate = json!({"effectiveDate": "2026-03-01", "targetDate": "2026-03-01", "autoPost": true});
    let path = "/v1/accounts/N-1/billing-documents/generate";
    let made = desk.post(path, &generate).ok();
    let id = made["invoices"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(desk.get(&format!("/v1/invoices/{id}")).ok()["amount"].to_string(), "3480.00");
    assert_eq!(desk.post(path, &generate).ok()["invoices"], json!([]));
    // An out-of-term target date bills nothing beyond the term's end.
    let far = json!({"effectiveDate": "2030-03-01", "targetDate": "2030-03-01", "autoPost": true});
    assert_eq!(desk.post(path, &far).ok()["invoices"], json!([]));
}

#[test]
fn a_bill_cycle_day_cuts_the_first_period_short() {
    let mut desk = Desk::demo();
    let plan = desk.plan(1);
    let charge = json!({
        "ProductRatePlanId": plan,
        "Name": "Support",
        "ChargeModel": "Flat Fee Pricing",
        "ChargeType": "Recurring",
        "BillCycleType": "DefaultFromCustomer",
        "BillingPeriod": "Month",
        "TriggerEvent": "ContractEffective",
        "ProductRatePlanChargeTierData": {"ProductRatePlanChargeTier": [{"Currency": "EUR", "Price": 31}]},
    });
    desk.post("/v1/object/product-rate-plan-charge", &charge).ok();
    let mut account = super::desk::account("N-1");
    account["billCycleDay"] = json!(31);
    desk.post("/v1/accounts", &account).ok();
    let mut order = new_subscription("N-1", "PUR-1", "S-1", 1);
    order["processingOptions"]["billingOptions"]["targetDate"] = json!("2026-05-01");
    desk.post("/v1/orders", &order).ok();
    let support: Vec<_> =
        items(&mut desk, "INV00000001").into_iter().filter(|(_, amount, _)| amount != "348.00").collect();
    let expected = [("30.00", "2026-03-01"), ("31.00", "2026-03-31"), ("31.00", "2026-04-30")];
    let found: Vec<(&str, &str)> =
        support.iter().map(|(_, amount, start)| (amount.as_str(), start.as_str())).collect();
    assert_eq!(found, expected, "30 of 31 days up to the 31st, then month by month through a short one");
}
