//! The catalog, listed in both shapes and kept through CRUD.

use serde_json::{Value, json};

use super::desk::Desk;
use crate::{Method, Settings};

#[test]
fn the_catalog_lists_plans_or_names_their_url_by_version() {
    let mut desk = Desk::demo();
    desk.version = "229.0";
    let old = desk.get("/v1/catalog/products").ok();
    let plan = &old["products"][0]["productRatePlans"][0];
    assert_eq!(plan["productRatePlanNumber"], "PRP-00000001");
    let charge = &plan["productRatePlanCharges"][0];
    assert_eq!(charge["productRatePlanChargeNumber"], "PRPC-00000001");
    assert_eq!(charge["pricing"][0]["currency"], "EUR");
    assert_eq!(charge["pricing"][0]["price"].to_string(), "348.00");
    desk.version = "230.0";
    let new = desk.get("/v1/catalog/products").ok();
    let url = new["products"][0]["productRatePlans"].as_str().unwrap().to_owned();
    let path = url.strip_prefix("http://zuora.test").unwrap();
    let plans = desk.get(path).ok();
    assert_eq!(plans["productRatePlans"][0]["id"], plan["id"]);
}

#[test]
fn the_demo_sells_six_products_in_order() {
    let mut desk = Desk::demo();
    desk.version = "";
    let all = desk.get("/v1/catalog/products").ok();
    let plan = |product: &Value| {
        let plan = &product["productRatePlans"][0];
        let charge = &plan["productRatePlanCharges"][0];
        let prices: Vec<String> =
            charge["pricing"].as_array().unwrap().iter().map(|one| one["price"].to_string()).collect();
        (
            plan["productRatePlanNumber"].as_str().unwrap().to_owned(),
            charge["type"].clone(),
            charge["model"].clone(),
            prices,
        )
    };
    let sold: Vec<_> = all["products"].as_array().unwrap().iter().map(plan).collect();
    let expected = [
        ("Recurring", "PerUnit", ["348.00", "384.00"]),
        ("Recurring", "PerUnit", ["228.00", "252.00"]),
        ("Recurring", "PerUnit", ["180.00", "198.00"]),
        ("OneTime", "PerUnit", ["90.00", "99.00"]),
        ("Recurring", "PerUnit", ["288.00", "318.00"]),
        ("Recurring", "FlatFee", ["240.00", "264.00"]),
    ];
    assert_eq!(sold.len(), expected.len());
    for (index, (found, (kind, model, prices))) in sold.iter().zip(expected).enumerate() {
        let number = format!("PRP-{:08}", index + 1);
        assert_eq!(*found, (number, json!(kind), json!(model), prices.map(str::to_owned).to_vec()));
    }
}

#[test]
fn pages_name_the_next_one_until_the_end() {
    let mut desk = Desk::demo();
    let first = desk.get("/v1/catalog/products?pageSize=4").ok();
    assert_eq!(first["products"].as_array().unwrap().len(), 4);
    let next = first["nextPage"].as_str().unwrap().strip_prefix("http://zuora.test").unwrap().to_owned();
    let second = desk.get(&next).ok();
    assert_eq!(second["products"].as_array().unwrap().len(), 2);
    assert!(second.get("nextPage").is_none());
    assert_eq!(desk.get("/v1/catalog/products?pageSize=41").refusal().0, 27);
}

fn charge(plan: &Value) -> Value {
    json!({
        "ProductRatePlanId": plan,
        "Name": "Seats",
        "ChargeModel": "Per Unit Pricing",
        "ChargeType": "Recurring",
        "BillCycleType": "DefaultFromCustomer",
        "BillingPeriod": "Semi-Annual",
        "TriggerEvent": "ContractEffective",
        "ProductRatePlanChargeTierData": {"ProductRatePlanChargeTier": [{"Currency": "EUR", "Price": 12.5}]},
    })
}

#[test]
fn products_plans_and_charges_are_created_read_changed_and_deleted() {
    let mut desk = Desk::new(Settings::default());
    let product = json!({"Name": "P", "EffectiveStartDate": "2020-01-01", "EffectiveEndDate": "2030-01-01", "Line__c": "x"});
    let product = desk.post("/v1/object/product", &product).ok()["Id"].clone();
    let plan = desk
        .post("/v1/object/product-rate-plan", &json!({"ProductId": product, "Name": "Annual"}))
        .ok()["Id"]
        .clone();
    let created = desk.post("/v1/object/product-rate-plan-charge", &charge(&plan)).ok();
    let path = format!("/v1/object/product-rate-plan-charge/{}", created["Id"].as_str().unwrap());

    let shown = desk.get(&path).ok();
    assert_eq!(
        (&shown["BillingPeriod"], &shown["ChargeModel"]),
        (&json!("Semi-Annual"), &json!("Per Unit Pricing"))
    );
    desk.put(&path, &json!({"Name": "Chairs"})).ok();
    assert_eq!(desk.get(&path).ok()["Name"], "Chairs");

    let product_path = format!("/v1/object/product/{}", product.as_str().unwrap());
    assert_eq!(desk.get(&product_path).ok()["Line__c"], "x");
    let busy = desk.call(Method::DELETE, &product_path, &Value::Null, &[]);
    assert_eq!((busy.status.as_u16(), &busy.body["Success"]), (400, &json!(false)));
    for path in [path, format!("/v1/object/product-rate-plan/{}", plan.as_str().unwrap()), product_path] {
        assert_eq!(desk.call(Method::DELETE, &path, &Value::Null, &[]).ok()["Success"], true);
        assert_eq!(desk.get(&path).status.as_u16(), 404);
    }
}

#[test]
fn crud_refuses_in_its_own_words() {
    let mut desk = Desk::demo();
    let answer = desk.post("/v1/object/product", &json!({"Name": "P", "EffectiveStartDate": "2020-01-01"}));
    assert_eq!(answer.status.as_u16(), 400);
    assert_eq!(answer.body["Errors"][0]["Code"], "MISSING_REQUIRED_VALUE");
    assert!(answer.body["Errors"][0]["Message"].as_str().unwrap().contains("EffectiveEndDate"));
    let plan = json!(desk.plan(1));
    let mut usage = charge(&plan);
    usage["ChargeType"] = json!("Usage");
    assert!(
        desk.post("/v1/object/product-rate-plan-charge", &usage).body["Errors"][0]["Message"]
            .as_str()
            .unwrap()
            .contains("ChargeType")
    );
    let mut negative = charge(&plan);
    negative["ProductRatePlanChargeTierData"]["ProductRatePlanChargeTier"][0]["Price"] = json!(-1);
    assert_eq!(desk.post("/v1/object/product-rate-plan-charge", &negative).body["Success"], false);
}
