//! Payments and payment methods, with the gateway that the token chooses.

use serde_json::{Value, json};

use super::desk::{Desk, new_subscription};

/// An account with an invoice of 3480.00.
fn owing() -> Desk {
    let mut desk = Desk::demo();
    desk.account("N-1");
    desk.post("/v1/orders", &new_subscription("N-1", "PUR-1", "S-1", 10)).ok();
    desk
}

fn method(desk: &mut Desk, token: &str) -> String {
    let body = json!({"type": "CreditCardReferenceTransaction", "accountKey": "N-1", "tokenId": token, "makeDefault": true});
    desk.post("/v1/payment-methods", &body).ok()["id"].as_str().unwrap().to_owned()
}

fn payment(number: &str, amount: Value) -> Value {
    json!({
        "accountNumber": "N-1",
        "type": "Electronic",
        "currency": "EUR",
        "amount": amount,
        "paymentNumber": number,
        "invoices": [{"invoiceNumber": "INV00000001", "amount": amount}],
        "PurserId__c": "pay-1",
    })
}

#[test]
fn a_payment_method_becomes_the_default_and_hides_its_card() {
    let mut desk = owing();
    assert_eq!(desk.get("/v1/accounts/N-1/payment-methods/default").refusal().0, 30);
    let first = method(&mut desk, "tok_visa");
    assert_eq!(desk.get("/v1/accounts/N-1/payment-methods/default").ok()["id"], first.as_str());
    let card = json!({"type": "CreditCard", "accountKey": "N-1", "cardNumber": "4111111111111111", "cardType": "Visa"});
    let second = desk.post("/v1/payment-methods", &card).ok()["id"].as_str().unwrap().to_owned();
    let shown = desk.get(&format!("/v1/payment-methods/{second}")).ok();
    assert_eq!((&shown["cardNumber"], &shown["isDefault"]), (&json!("************1111"), &json!(false)));
    let all = desk.get("/v1/accounts/N-1/payment-methods").ok();
    assert_eq!(all["creditcard"][0]["id"], second.as_str());
    assert_eq!(all["creditcardreferencetransaction"][0]["isDefault"], true);
    desk.put("/v1/accounts/N-1", &json!({"defaultPaymentMethodId": second})).ok();
    assert_eq!(
        desk.get("/v1/accounts/N-1").ok()["billingAndPayment"]["defaultPaymentMethodId"],
        second.as_str()
    );
}

#[test]
fn an_electronic_payment_pays_for_its_invoice_once() {
    let mut desk = owing();
    method(&mut desk, "tok_visa");
    let paid = desk.post("/v1/payments", &payment("PAY-1", json!(1000))).ok();
    assert_eq!((&paid["number"], &paid["status"]), (&json!("PAY-1"), &json!("Processed")));
    assert_eq!(
        (paid["appliedAmount"].to_string(), paid["unappliedAmount"].to_string()),
        ("1000.00".into(), "0.00".into())
    );
    assert_eq!(desk.get("/v1/invoices/INV00000001").ok()["balance"].to_string(), "2480.00");
    let read = desk.get("/v1/payments/PAY-1").ok();
    assert_eq!((&read["id"], &read["PurserId__c"]), (&paid["id"], &json!("pay-1")));

    let again = desk.post("/v1/payments", &payment("PAY-1", json!(10)));
    assert!(again.refusal().1.contains("PAY-1 is already in use"));
    let too_much = desk.post("/v1/payments", &payment("PAY-2", json!(2480.01)));
    assert_eq!(too_much.refusal().0, 30);
    for amount in [json!(0), json!(-5), json!(10.005)] {
        assert!(desk.post("/v1/payments", &payment("PAY-3", amount)).refusal().1.contains("amount"));
    }
    assert_eq!(desk.emulator.books().accounts[0].payments.len(), 1);
}

#[test]
fn a_declined_payment_is_on_record_and_pays_for_nothing() {
    let mut desk = owing();
    for (token, number, code) in
        [("tok_decline", "PAY-1", "insufficient_funds"), ("tok_error", "PAY-2", "processing_error")]
    {
        method(&mut desk, token);
        let declined = desk.post("/v1/payments", &payment(number, json!(1000)));
        let (category, message) = declined.refusal();
        assert_eq!((declined.status.as_u16(), category), (500, 99));
        assert!(message.starts_with(&format!("Transaction declined.{code} - ")), "{message}");
        let id = declined.body["paymentId"].as_str().unwrap().to_owned();
        let read = desk.get(&format!("/v1/payments/{id}")).ok();
        assert_eq!((&read["status"], &read["gatewayResponseCode"]), (&json!("Error"), &json!(code)));
        assert_eq!(read["appliedAmount"].to_string(), "0.00");
        assert_eq!(read["gatewayState"], "NotSubmitted");
        desk.version = "2024-05-19";
        let again = desk.post("/v1/payments", &payment(&format!("{number}-OLD"), json!(1000)));
        assert_eq!(
            (again.status.as_u16(), again.refusal().0),
            (200, 99),
            "the status is told since 2024-05-20"
        );
        desk.version = "2025-08-12";
    }
    assert_eq!(desk.get("/v1/invoices/INV00000001").ok()["balance"].to_string(), "3480.00");
}

#[test]
fn an_external_payment_needs_no_gateway() {
    let mut desk = owing();
    let mut wire = payment("PAY-1", json!(3480));
    (wire["type"], wire["paymentMethodType"]) = (json!("External"), json!("WireTransfer"));
    let paid = desk.post("/v1/payments", &wire).ok();
    assert_eq!(
        (&paid["type"], &paid["gatewayState"], &paid["paymentMethodId"]),
        (&json!("External"), &json!("NotSubmitted"), &Value::Null)
    );
    assert_eq!(desk.get("/v1/accounts/N-1").ok()["metrics"]["balance"].to_string(), "0.00");
    wire["paymentMethodType"] = json!("Shells");
    wire["paymentNumber"] = json!("PAY-2");
    wire["invoices"] = json!([]);
    assert!(desk.post("/v1/payments", &wire).refusal().1.contains("paymentMethodType"));
}
