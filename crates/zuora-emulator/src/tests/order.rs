//! Orders as a whole: what they answer, what they bill, and that they leave nothing behind when they fail.

use serde_json::{Value, json};

use super::desk::{Desk, account, add_seats, change, new_subscription};

#[test]
fn an_order_creates_a_subscription_and_its_invoice() {
    let mut desk = Desk::demo();
    let account = desk.account("N-1");
    let order = desk.post("/v1/orders?returnIds=true", &new_subscription("N-1", "PUR-1", "S-1", 10)).ok();
    assert_eq!(order["orderNumber"], "PUR-1");
    assert_eq!(order["accountId"], account.as_str());
    assert_eq!(order["status"], "Completed");
    assert_eq!(order["subscriptions"][0]["subscriptionNumber"], "S-1");
    assert_eq!(order["subscriptions"][0]["status"], "Active");
    assert_eq!(order["invoiceNumbers"], json!(["INV00000001"]));

    let invoice = desk.get("/v1/invoices/INV00000001").ok();
    assert_eq!(invoice["amount"].to_string(), "3480.00");
    assert_eq!(invoice["balance"].to_string(), "3480.00");
    assert_eq!((&invoice["status"], &invoice["sourceId"]), (&json!("Posted"), &json!("PUR-1")));
    assert_eq!(invoice["postedDate"], "2026-11-12", "a day, where other times are to the second");
    let items = desk.get("/v1/invoices/INV00000001/items").ok();
    let item = &items["invoiceItems"][0];
    assert_eq!(item["chargeAmount"].to_string(), "3480.00");
    assert_eq!(item["unitPrice"].to_string(), "348.00");
    assert_eq!(
        (&item["serviceStartDate"], &item["serviceEndDate"]),
        (&json!("2026-03-01"), &json!("2027-02-28"))
    );
    assert_eq!(item["productName"], "Ternlight Cloud Business");
}

#[test]
fn an_order_is_read_back_with_its_actions_and_custom_fields() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    desk.post("/v1/orders", &new_subscription("N-1", "PUR-1", "S-1", 10)).ok();
    desk.post("/v1/orders", &change("N-1", "PUR-2", "S-1", ("2026-11-12", add_seats(15)))).ok();
    let order = desk.get("/v1/orders/PUR-1").ok()["order"].clone();
    assert_eq!(order["customFields"]["PurserId__c"], "id-PUR-1");
    assert_eq!((&order["existingAccountNumber"], &order["currency"]), (&json!("N-1"), &json!("EUR")));
    let part = &order["subscriptions"][0];
    assert_eq!((&part["baseVersion"], &part["newVersion"]), (&json!(0), &json!(1)));
    assert_eq!(part["orderActions"][0]["type"], "CreateSubscription");
    let added = desk.get("/v1/orders/PUR-2").ok()["order"]["subscriptions"][0]["orderActions"][0].clone();
    let created = &part["orderActions"][0]["createSubscription"]["subscribeToRatePlans"][0];
    for plan in [created, &added["addProduct"]] {
        let charge = &plan["chargeOverrides"][0];
        assert_eq!(
            charge["productRateplanChargeId"].as_str().map(str::len),
            Some(32),
            "with a small p: {plan}"
        );
        assert!(charge.get("productRatePlanChargeId").is_none());
    }
    for path in ["/v1/orders/subscription/S-1", "/v1/orders/subscriptionOwner/N-1", "/v1/orders"] {
        let orders = desk.get(path).ok();
        let numbers: Vec<&str> = orders["orders"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["orderNumber"].as_str().unwrap())
            .collect();
        assert_eq!(numbers, ["PUR-2", "PUR-1"], "{path} lists the latest first");
    }
    assert_eq!(desk.get("/v1/orders/PUR-9").refusal().0, 40);
}

#[test]
fn an_override_may_carry_nulls_for_fields_that_nobody_here_knows() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    let mut order = new_subscription("N-1", "PUR-1", "S-1", 10);
    let charge =
        "/subscriptions/0/orderActions/0/createSubscription/subscribeToRatePlans/0/chargeOverrides/0";
    order.pointer_mut(charge).unwrap()["isBillable"] = json!(false);
    let (category, message) = desk.post("/v1/orders", &order).refusal();
    assert_eq!((category, message.contains("isBillable")), (21, true), "it would change what is billed");
    order.pointer_mut(charge).unwrap()["isBillable"] = Value::Null;
    desk.post("/v1/orders", &order).ok();
}

#[test]
fn below_223_an_order_answers_with_subscription_numbers() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    desk.version = "222.0";
    let old = desk.post("/v1/orders", &new_subscription("N-1", "PUR-1", "S-1", 1)).ok();
    assert_eq!(old["subscriptionNumbers"], json!(["S-1"]));
    assert!(old.get("subscriptions").is_none() && old.get("orderId").is_none());
}

#[test]
fn an_order_may_make_its_account_and_its_numbers_itself() {
    let mut desk = Desk::demo();
    let mut order = new_subscription("", "", "", 3);
    for name in ["existingAccountNumber", "orderNumber"] {
        order[name] = Value::Null;
    }
    order["newAccount"] = account("N-7");
    order["subscriptions"][0]["subscriptionNumber"] = Value::Null;
    let answer = desk.post("/v1/orders", &order).ok();
    assert_eq!(answer["orderNumber"], "O-00000001");
    assert_eq!(answer["accountNumber"], "N-7");
    assert_eq!(answer["subscriptions"][0]["subscriptionNumber"], "A-S00000001");
    assert_eq!(desk.get("/v1/accounts/N-7").ok()["metrics"]["balance"].to_string(), "1044.00");
}

#[test]
fn an_order_that_fails_leaves_nothing_behind() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    let before = desk.emulator.books();
    let mut second_is_bad = new_subscription("N-1", "PUR-1", "S-1", 1);
    let mut bad = second_is_bad["subscriptions"][0].clone();
    bad["subscriptionNumber"] = json!("S-2");
    bad["orderActions"][0]["createSubscription"]["subscribeToRatePlans"][0]["productRatePlanNumber"] =
        json!("PRP-9");
    second_is_bad["subscriptions"].as_array_mut().unwrap().push(bad);
    assert_eq!(desk.post("/v1/orders", &second_is_bad).refusal().0, 40);

    let mut no_money = new_subscription("N-1", "PUR-1", "S-1", 1);
    no_money["processingOptions"]["collectPayment"] = json!(true);
    no_money["existingAccountNumber"] = Value::Null;
    no_money["newAccount"] = account("N-2");
    no_money["newAccount"]["paymentMethod"] =
        json!({"type": "CreditCardReferenceTransaction", "tokenId": "tok_decline"});
    let declined = desk.post("/v1/orders", &no_money);
    assert_eq!((declined.status.as_u16(), declined.refusal().0), (500, 99));
    assert!(declined.refusal().1.contains("insufficient funds"));
    assert_eq!(desk.emulator.books(), before);

    // The numbers that the failed orders took are free again, and none was skipped.
    let good = desk.post("/v1/orders", &new_subscription("N-1", "PUR-1", "S-1", 1)).ok();
    assert_eq!(good["invoiceNumbers"], json!(["INV00000001"]));
}

#[test]
fn an_order_collects_its_invoice_or_keeps_the_failed_payment_where_that_is_allowed() {
    let mut desk = Desk::demo();
    let mut order = new_subscription("", "PUR-1", "S-1", 2);
    order["existingAccountNumber"] = Value::Null;
    order["newAccount"] = account("N-1");
    order["newAccount"]["paymentMethod"] =
        json!({"type": "CreditCard", "cardNumber": "4111111111111111", "cardType": "Visa"});
    order["processingOptions"]["collectPayment"] = json!(true);
    let paid = desk.post("/v1/orders", &order).ok();
    assert_eq!((&paid["paymentStatus"], &paid["paidAmount"]), (&json!("Processed"), &json!("696.00")));
    assert_eq!(desk.get("/v1/invoices/INV00000001").ok()["balance"].to_string(), "0.00");

    order["orderNumber"] = json!("PUR-2");
    order["subscriptions"][0]["subscriptionNumber"] = json!("S-2");
    order["newAccount"]["accountNumber"] = json!("N-2");
    order["newAccount"]["paymentMethod"]["cardNumber"] = json!("4000000000009995");
    order["processingOptions"]["allowPaymentFailure"] = json!(true);
    let unpaid = desk.post("/v1/orders", &order).ok();
    assert_eq!(
        (&unpaid["paymentStatus"], &unpaid["paymentErrorCode"]),
        (&json!("Error"), &json!("insufficient_funds"))
    );
    assert_eq!(desk.get("/v1/invoices/INV00000002").ok()["balance"].to_string(), "696.00");
}

#[test]
fn a_preview_shows_what_the_order_bills_and_keeps_nothing() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    desk.post("/v1/orders", &new_subscription("N-1", "PUR-1", "S-1", 10)).ok();
    let before = desk.emulator.books();
    let order = change("N-1", "PUR-2", "S-1", ("2026-11-12", add_seats(15)));
    let mut preview = order.clone();
    preview["processingOptions"] = Value::Null;
    preview["previewOptions"] = json!({"previewThruType": "TermEnd", "previewTypes": ["BillingDocs"]});
    preview.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let shown = desk.post("/v1/orders/preview", &preview).ok()["previewResult"].clone();
    assert_eq!(shown["invoices"][0]["amount"].to_string(), "1558.85");
    let item = &shown["invoices"][0]["invoiceItems"][0];
    assert_eq!(
        (&item["serviceStartDate"], &item["serviceEndDate"]),
        (&json!("2026-11-12"), &json!("2027-02-28"))
    );
    assert_eq!(desk.emulator.books(), before);

    let billed = desk.post("/v1/orders", &order).ok();
    let number = billed["invoiceNumbers"][0].as_str().unwrap();
    assert_eq!(desk.get(&format!("/v1/invoices/{number}")).ok()["amount"], shown["invoices"][0]["amount"]);
}

#[test]
fn a_preview_needs_no_account_but_a_currency() {
    let mut desk = Desk::demo();
    let mut preview = new_subscription("", "", "", 4);
    for name in ["existingAccountNumber", "orderNumber", "processingOptions", "customFields"] {
        preview.as_object_mut().unwrap().remove(name);
    }
    preview["previewAccountInfo"] = json!({"currency": "USD", "billCycleDay": 1});
    preview["previewOptions"] = json!({"previewThruType": "NumberOfPeriods", "previewNumberOfPeriods": 1});
    let shown = desk.post("/v1/orders/preview", &preview).ok();
    assert_eq!(shown["previewResult"]["invoices"][0]["amount"].to_string(), "1536.00");
    assert!(desk.emulator.books().accounts.is_empty());
}
