//! Accounts, their contacts, and what they owe.

use serde_json::json;

use super::desk::{Desk, account, new_subscription};

#[test]
fn an_account_is_found_by_id_and_by_number_with_its_custom_fields() {
    let mut desk = Desk::demo();
    let id = desk.account("N-1");
    for key in [id.as_str(), "N-1"] {
        let shown = desk.get(&format!("/v1/accounts/{key}")).ok();
        assert_eq!(shown["basicInfo"]["accountNumber"], "N-1");
        assert_eq!(shown["basicInfo"]["PurserId__c"], "acc-N-1");
        assert_eq!(shown["billingAndPayment"]["currency"], "EUR");
        assert_eq!(shown["billToContact"]["workEmail"], "ada@northwind.test");
        assert_eq!(shown["metrics"]["balance"].to_string(), "0.00");
    }
}

#[test]
fn an_account_without_a_number_gets_one() {
    let mut desk = Desk::demo();
    let mut body = account("");
    body["accountNumber"] = json!(null);
    assert_eq!(desk.post("/v1/accounts", &body).ok()["accountNumber"], "A00000001");
    assert_eq!(desk.post("/v1/accounts", &body).ok()["accountNumber"], "A00000002");
}

#[test]
fn an_account_number_is_taken_once_and_never_with_the_default_prefix() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    let again = desk.post("/v1/accounts", &account("N-1"));
    assert_eq!(again.refusal().0, 20);
    assert!(again.refusal().1.contains("N-1 is already in use"));
    assert!(desk.post("/v1/accounts", &account("A77")).refusal().1.contains("'accountNumber'"));
    assert!(desk.post("/v1/accounts", &account("N#1")).refusal().1.contains("'#'"));
    assert_eq!(desk.emulator.books().accounts.len(), 1);
}

#[test]
fn an_update_changes_what_it_names_and_keeps_the_rest() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    let change = json!({"notes": "VIP", "billToContact": {"city": "Bergen"}, "Tier__c": "gold", "paymentTerm": "Net 30"});
    desk.put("/v1/accounts/N-1", &change).ok();
    let shown = desk.get("/v1/accounts/N-1").ok();
    assert_eq!(
        (&shown["basicInfo"]["notes"], &shown["basicInfo"]["Tier__c"]),
        (&json!("VIP"), &json!("gold"))
    );
    assert_eq!(shown["basicInfo"]["name"], "Northwind Robotics");
    assert_eq!(shown["billToContact"]["city"], "Bergen");
    assert_eq!(shown["billToContact"]["firstName"], "Ada");
    assert_eq!(shown["billingAndPayment"]["paymentTerm"], "Net 30");
    assert!(desk.put("/v1/accounts/N-1", &json!({"currency": "USD"})).refusal().1.contains("'currency'"));
}

#[test]
fn a_summary_shows_subscriptions_invoices_and_the_balance() {
    let mut desk = Desk::demo();
    desk.account("N-1");
    desk.post("/v1/orders", &new_subscription("N-1", "PUR-1", "S-1", 2)).ok();
    let summary = desk.get("/v1/accounts/N-1/summary").ok();
    assert_eq!(summary["basicInfo"]["balance"].to_string(), "696.00");
    assert_eq!(summary["subscriptions"][0]["subscriptionNumber"], "S-1");
    assert_eq!(summary["invoices"][0]["amount"].to_string(), "696.00");
    assert_eq!(desk.get("/v1/accounts/N-1").ok()["metrics"]["totalInvoiceBalance"].to_string(), "696.00");
}

#[test]
fn missing_and_unknown_fields_are_named() {
    let mut desk = Desk::demo();
    let mut without = account("N-1");
    without["billToContact"]["firstName"] = json!(null);
    assert_eq!(
        desk.post("/v1/accounts", &without).refusal(),
        (22, "Missing required field: 'billToContact.firstName'.".into())
    );
    let mut with = account("N-1");
    with["favoriteColor"] = json!("teal");
    assert_eq!(desk.post("/v1/accounts", &with).refusal(), (21, "Unknown field: 'favoriteColor'.".into()));
    let mut wrong = account("N-1");
    wrong["currency"] = json!("EURO");
    assert_eq!(desk.post("/v1/accounts", &wrong).refusal().0, 20);
    assert!(desk.emulator.books().accounts.is_empty());
}
