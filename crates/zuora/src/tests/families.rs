//! Both families of Zuora-Version: the shapes of 2016 and those of 2025 read alike.

use jiff::{civil::date, tz::TimeZone};
use rust_decimal::Decimal;

use super::{Script, answer, key, ok};
use crate::wire::{
    BillingPeriod, BillingTiming, ChargeModel, ChargeType, InvoiceStatus, OrderAnswer, OrderStatus,
    PaymentStatus, QueryObject, SubscriptionStatus, TermType,
};
use crate::{Kind, Options};

fn decimal(text: &str) -> Option<Decimal> {
    Some(text.parse().unwrap())
}

const PLAN: &str = r#"{"id":"prp1","status":"Active","name":"Premium, yearly","productRatePlanNumber":"PRP-1","effectiveStartDate":"2020-01-01",
    "effectiveEndDate":"2099-12-31","Line__c":"saas","productRatePlanCharges":[{"id":"prpc1","name":"Seats","type":"Recurring",
    "model":"Volume","uom":"Seat","pricingSummary":["1 to 10: $29.00/Seat"],"defaultQuantity":1.000000000,"billingPeriod":"Annual",
    "specificBillingPeriod":null,"billingTiming":"IN_ADVANCE","triggerEvent":"ContractEffective","taxable":false,
    "pricing":[{"currency":"USD","price":null,"includedUnits":0E-9,"discountPercentage":null,"tiers":[
      {"tier":1,"startingUnit":0,"endingUnit":10,"price":29.00,"priceFormat":"PerUnit"},
      {"tier":2,"startingUnit":11,"endingUnit":null,"price":24.5,"priceFormat":"FlatFee"}]}]}]}"#;

fn product(plans: &str) -> String {
    format!(
        r#"{{"products":[{{"id":"p1","sku":"SKU-1","name":"Premium","category":"Base Products","effectiveStartDate":"2020-01-01",
        "effectiveEndDate":"2099-12-31","productFeatures":[],"IntegrationId__NS":"42","productRatePlans":{plans}}}],"success":true}}"#
    )
}

#[tokio::test]
async fn the_catalog_reads_alike_with_plans_listed_and_with_plans_behind_a_url() {
    let old = Script::with([ok(&product(&format!("[{PLAN}]")))]);
    let options = Options { zuora_version: "229.0".into(), ..Options::default() };
    let listed = old.client_with(options).catalog(None).await.unwrap().value;

    let url = r#""https://rest.example.com/v1/rateplan/p1/productRatePlan""#;
    let first = format!(
        r#"{{"productRatePlans":[{PLAN}],"nextPage":"https://elsewhere.example.com/rest/v1/rateplan/p1/productRatePlan?page=2","success":true}}"#
    );
    let new = Script::with([ok(&product(url)), ok(&first), ok(r#"{"productRatePlans":[],"success":true}"#)]);
    let fetched = new.client().catalog(None).await.unwrap().value;

    assert_eq!(listed, fetched);
    assert_eq!(
        new.paths()[1..],
        [
            "/v1/catalog/products?pageSize=40",
            "/v1/rateplan/p1/productRatePlan?pageSize=40",
            "/v1/rateplan/p1/productRatePlan?page=2"
        ]
    );
    let plan = &fetched.products[0].rate_plans()[0];
    assert_eq!(plan.custom_fields["Line__c"], "saas");
    assert_eq!(fetched.products[0].custom_fields.len(), 1, "standard fields are not custom fields");
    let charge = &plan.product_rate_plan_charges[0];
    assert_eq!(
        (&charge.charge_type, &charge.model, &charge.billing_period, &charge.billing_timing),
        (
            &ChargeType::Recurring,
            &ChargeModel::Volume,
            &Some(BillingPeriod::Annual),
            &Some(BillingTiming::InAdvance)
        )
    );
    let pricing = &charge.pricing[0];
    assert_eq!(pricing.included_units, Some(Decimal::ZERO));
    assert_eq!(pricing.tiers.as_ref().unwrap()[1].price, Decimal::new(245, 1));
}

#[tokio::test]
async fn an_order_reads_alike_below_and_above_223() {
    let old = r#"{"success":true,"orderNumber":"O-1","accountNumber":"A1","status":"Completed",
        "subscriptionNumbers":["S-1","S-2"],"invoiceNumbers":["INV1"],"paidAmount":"300"}"#;
    let new = r#"{"success":true,"orderNumber":"O-1","accountNumber":"A1","status":"Completed","invoiceNumbers":["INV1"],"paidAmount":300.00,
        "subscriptions":[{"subscriptionNumber":"S-1","subscriptionOwnerId":"a1","subscriptionOwnerNumber":"A1","status":"Active"},
                         {"subscriptionNumber":"S-2","status":"Pending Activation"}]}"#;
    for body in [old, new] {
        let script = Script::with([ok(body)]);
        let order = script.client().order_create("{}".into(), &key()).await.unwrap().value;
        assert_eq!(order.subscription_numbers(), ["S-1", "S-2"]);
        assert_eq!(order.status, Some(OrderStatus::Completed));
        assert_eq!(order.invoice_numbers, ["INV1"]);
        assert_eq!(order.paid_amount, decimal("300"));
    }
}

#[tokio::test]
async fn a_refusal_reads_alike_below_and_above_2024_05_20() {
    let body = r#"{"success":false,"processId":"E3B4","reasons":[{"code":58730022,"message":"orderDate is missing"}]}"#;
    for status in [200, 400] {
        let script = Script::with([answer(status, body)]);
        let error = script.client().order_create("{}".into(), &key()).await.unwrap_err();
        assert_eq!((error.kind(), error.codes()), (Kind::Invalid, vec![58_730_022]));
    }
}

#[tokio::test]
async fn an_account_of_2016_reads_with_its_zeros_and_without_its_process_id() {
    let created = r#"{"success":true,"accountId":"a1","accountNumber":"A00000369","paymentMethodId":"pm1"}"#;
    let read = r#"{"basicInfo":{"id":"a1","name":"Acme","accountNumber":"A00000369","notes":null,"status":"Active","crmId":"","batch":"Batch1",
        "invoiceTemplateId":null,"Tier__c":"gold","SyncDate__NS":null},
        "billingAndPayment":{"billCycleDay":1,"currency":"USD","paymentTerm":"Due Upon Receipt","paymentGateway":null,
        "defaultPaymentMethodId":"pm1","invoiceDeliveryPrefsPrint":false,"invoiceDeliveryPrefsEmail":true,"additionalEmailAddresses":[]},
        "metrics":{"balance":0E-9,"totalInvoiceBalance":0E-9,"creditBalance":0E-9,"contractedMrr":5.0},
        "billToContact":{"firstName":"Ada","lastName":"Byron","country":"United States","zipCode":"94107"},"soldToContact":null,"success":true}"#;
    let script = Script::with([ok(created), ok(read)]);
    let client = script.client();
    assert_eq!(client.account_create("{}".into(), &key()).await.unwrap().value.account_number, "A00000369");
    let account = client.account("A00000369").await.unwrap().value;
    assert_eq!(account.metrics.balance, Some(Decimal::ZERO));
    assert_eq!(account.metrics.contracted_mrr, decimal("5.0"));
    assert_eq!(account.billing_and_payment.bill_cycle_day, Some(1));
    assert_eq!(account.basic_info.custom_fields["Tier__c"], "gold");
    assert_eq!(account.bill_to_contact.unwrap().country.as_deref(), Some("United States"));
}

const SUBSCRIPTION: &str = r#"{"success":true,"id":"sv9","accountId":"a1","accountNumber":"A1","accountName":"Acme",
    "invoiceOwnerAccountId":"a1","invoiceOwnerAccountNumber":"A1","subscriptionNumber":"S-1","version":9,"revision":"9.0","termType":"TERMED",
    "invoiceSeparately":false,"contractEffectiveDate":"2026-01-31","serviceActivationDate":"2026-01-31","customerAcceptanceDate":null,
    "subscriptionStartDate":"2026-01-31","subscriptionEndDate":"2027-01-31","termStartDate":"2026-01-31","termEndDate":"2027-01-31",
    "initialTerm":12,"initialTermPeriodType":"Month","currentTerm":12,"currentTermPeriodType":"Month","autoRenew":true,
    "renewalSetting":"RENEW_WITH_SPECIFIC_TERM","renewalTerm":12,"renewalTermPeriodType":"Month","currency":"EUR","contractedMrr":282.0,
    "totalContractedValue":3384.000000000,"notes":null,"status":"Active","TrialEndDate__c":"2026-02-15","billToContact":null,"isLatestVersion":true,
    "orderNumber":"O-9","statusHistory":[{"startDate":"2026-01-31","endDate":"2027-01-31","status":"Active"},
    {"startDate":"2027-01-31","endDate":null,"status":"OutOfTerm"},{"startDate":null,"endDate":null,"status":"Frozen Solid"}],
    "createTime":"2026-01-30 16:00:35","updateTime":"2026-02-01 08:30:00","ratePlans":[
    {"id":"rp1","lastChangeType":null,"productId":"p1","productName":"Premium","productSku":"SKU-1","productRatePlanId":"prp1",
     "ratePlanName":"Premium, yearly","subscriptionProductFeatures":[],"subscriptionRatePlanNumber":"SRP-1","isFromExternalCatalog":false,
     "ratePlanCharges":[{"id":"rpc1","originalChargeId":"rpc0","productRatePlanChargeId":"prpc1","number":"C-1","name":"Seats","type":"Recurring",
     "model":"PerUnit","uom":"Seat","version":2,"segment":1,"price":28.2,"tiers":null,"quantity":10,"billingDay":"ChargeTriggerDay",
     "billingPeriod":"Semi_Annual","billingTiming":"IN_ADVANCE","effectiveStartDate":"2026-01-31","effectiveEndDate":"2027-01-31",
     "processedThroughDate":null,"chargedThroughDate":"2026-07-31","done":false,"triggerEvent":"ContractEffective","triggerDate":null,
     "mrr":282.000000000,"tcv":3384,"pricingSummary":"EUR282","discountPercentage":null}]},
    {"id":"rp2","lastChangeType":"Remove","ratePlanName":"Storage","ratePlanCharges":[]}]}"#;

#[tokio::test]
async fn a_subscription_reads_with_custom_fields_open_states_and_local_times() {
    let script = Script::with([ok(SUBSCRIPTION), ok(SUBSCRIPTION)]);
    let client = script.client();
    let subscription = client.subscription("S-1").await.unwrap().value;
    assert_eq!(client.subscription_version("S-1", 9).await.unwrap().value, subscription);
    let detail = "charge-detail=all-segments";
    assert_eq!(
        script.paths()[1..],
        [format!("/v1/subscriptions/S-1?{detail}"), format!("/v1/subscriptions/S-1/versions/9?{detail}")]
    );

    assert_eq!((subscription.version, subscription.term_type), (9, Some(TermType::Termed)));
    assert_eq!(subscription.contracted_mrr, decimal("282.0"));
    assert_eq!(subscription.term_end_date, Some(date(2027, 1, 31)));
    assert_eq!(subscription.custom_fields.keys().collect::<Vec<_>>(), ["TrialEndDate__c"]);
    let states: Vec<_> = subscription.status_history.iter().map(|state| &state.status).collect();
    assert_eq!(
        states,
        [
            &SubscriptionStatus::Active,
            &SubscriptionStatus::OutOfTerm,
            &SubscriptionStatus::Other("Frozen Solid".into())
        ]
    );
    let zone = TimeZone::get("America/Los_Angeles").unwrap();
    assert_eq!(subscription.create_time.unwrap().at(&zone).unwrap().to_string(), "2026-01-31T00:00:35Z");
    let plans = &subscription.rate_plans;
    assert_eq!(plans.iter().map(crate::wire::RatePlan::is_removed).collect::<Vec<_>>(), [false, true]);
    let charge = &plans[0].rate_plan_charges[0];
    assert_eq!(charge.billing_period, Some(BillingPeriod::SemiAnnual));
    assert_eq!((charge.price, charge.quantity), (decimal("28.2"), decimal("10")));
}

#[test]
fn a_charge_is_read_segment_by_segment() {
    let charge = r#"{"number":"C-1","name":"Seats","type":"Recurring","model":"PerUnit","segment":2,"price":28.2,"quantity":12,
        "effectiveStartDate":"2026-06-01","effectiveEndDate":"2027-01-31","PO__c":"7","chargeSegments":[
        {"id":"rpc1","segment":1,"price":28.2,"quantity":10,"effectiveStartDate":"2026-01-31","effectiveEndDate":"2026-06-01"},
        {"id":"rpc2","segment":2,"price":28.2,"quantity":12,"effectiveStartDate":"2026-06-01","effectiveEndDate":"2027-01-31"}]}"#;
    let charge: crate::wire::RatePlanCharge = serde_json::from_str(charge).unwrap();
    let segments = charge.segments();
    let parts: Vec<_> =
        segments.iter().map(|part| (part.id.as_str(), part.quantity, part.effective_end_date)).collect();
    assert_eq!(
        parts,
        [("rpc1", decimal("10"), Some(date(2026, 6, 1))), ("rpc2", decimal("12"), Some(date(2027, 1, 31)))]
    );
    assert!(
        segments
            .iter()
            .all(|part| part.number.as_deref() == Some("C-1") && part.custom_fields["PO__c"] == "7")
    );
    let alone = crate::wire::RatePlanCharge { charge_segments: vec![], ..charge };
    assert_eq!(alone.segments(), std::slice::from_ref(&alone));
}

#[tokio::test]
async fn an_invoice_reads_with_all_pages_of_its_items() {
    let invoice = r#"{"success":true,"id":"i1","invoiceNumber":"INV00000041","accountId":"a1","amount":110.00,"amountWithoutTax":100,
        "taxAmount":10.00,"balance":110.000000000,"invoiceDate":"2026-11-01","dueDate":"2026-12-01","targetDate":"2026-11-01",
        "postedDate":"2026-11-01 01:02:03","status":"Posted","source":"BillRun","currency":"USD","createdDate":"2026-11-01 01:02:03"}"#;
    let item = |id: &str, amount: &str| {
        format!(
            r#"{{"id":"{id}","subscriptionName":"S-1","chargeId":"rpc1","chargeName":"Seats","chargeAmount":{amount},"quantity":10,
            "unitPrice":5,"serviceStartDate":"2026-11-01","serviceEndDate":"2026-11-30","processingType":"Charge","taxAmount":0E-9,
            "taxationItems":{{"data":[]}}}}"#
        )
    };
    let first = format!(
        r#"{{"invoiceItems":[{}],"nextPage":"https://rest.example.com/v1/invoices/INV00000041/items?page=2&pageSize=40","success":true}}"#,
        item("ii1", "60.00")
    );
    let second = format!(r#"{{"invoiceItems":[{}],"success":true}}"#, item("ii2", "40"));
    let script = Script::with([ok(invoice), ok(&first), ok(&second)]);
    let client = script.client();
    let invoice = client.invoice("INV00000041").await.unwrap().value;
    assert_eq!((&invoice.status, invoice.balance), (&InvoiceStatus::Posted, decimal("110")));
    assert_eq!(invoice.posted_date, Some(date(2026, 11, 1)));
    let items = client.invoice_items("INV00000041").await.unwrap();
    assert_eq!(
        items.value.iter().map(|item| item.charge_amount).sum::<Decimal>(),
        invoice.amount_without_tax.unwrap()
    );
    assert_eq!(items.value[0].service_end_date, Some(date(2026, 11, 30)));
    assert_eq!(script.paths()[3], "/v1/invoices/INV00000041/items?page=2&pageSize=40");
    let pages: Vec<serde_json::Value> = serde_json::from_slice(&items.body).unwrap();
    assert_eq!(pages.len(), 2, "the body of a list is the array of its pages");
}

#[test]
fn an_invoice_was_posted_on_a_day_whether_it_is_printed_as_a_date_or_as_a_time() {
    let posted = |value: serde_json::Value| {
        let invoice = serde_json::json!({"id": "i1", "invoiceNumber": "INV1", "accountId": "a1", "amount": 1, "status": "Posted",
            "postedDate": value});
        serde_json::from_value::<crate::wire::Invoice>(invoice).map(|invoice| invoice.posted_date)
    };
    for text in ["2026-11-01", "2026-11-01 23:02:03", "2026-11-01T23:02:03Z", "2026-11-01T23:02:03+01:00"] {
        assert_eq!(posted(text.into()).unwrap(), Some(date(2026, 11, 1)), "{text}");
    }
    assert_eq!(posted(serde_json::Value::Null).unwrap(), None);
    for text in ["banana", "2026-11-011", "2026-11-01é", "2026-02-30", ""] {
        assert!(posted(text.into()).is_err(), "{text}");
    }
}

#[tokio::test]
async fn a_list_whose_pages_lead_in_a_circle_ends_with_an_error() {
    let page = r#"{"invoiceItems":[],"nextPage":"https://rest.example.com/v1/invoices/I/items?page=1","success":true}"#;
    let script = Script::with((0..300).map(|_| ok(page)));
    assert_eq!(script.client().invoice_items("I").await.unwrap_err().kind(), Kind::Unreadable);
}

#[tokio::test]
async fn a_payment_that_failed_is_read_with_its_status() {
    let declined = r#"{"success":true,"id":"pay1","number":"P-00000001","accountId":"a1","amount":110.0,"appliedAmount":0,
        "currency":"USD","effectiveDate":"2026-11-01","status":"Error","type":"Electronic","gatewayState":"NotSubmitted",
        "gatewayResponse":"Declined","gatewayResponseCode":"card_declined","createdDate":"2026-11-01 01:02:03"}"#;
    let script = Script::with([ok(declined), ok(declined), ok(r#"{"success":true,"id":"pm1"}"#)]);
    let client = script.client();
    let payment = client.payment_create("{}".into(), &key()).await.unwrap().value;
    assert_eq!((payment.status.clone(), payment.amount), (PaymentStatus::Error, Decimal::from(110)));
    assert_eq!(client.payment_find("P-00000001").await.unwrap().unwrap().value, payment);
    assert_eq!(client.payment_method_create("{}".into(), &key()).await.unwrap().value.id, "pm1");
}

#[tokio::test]
async fn an_order_is_found_with_what_it_did_and_its_custom_fields() {
    let order = r#"{"orderNumber":"O-1","orderDate":"2026-11-01","status":"Completed","existingAccountNumber":"A1","category":"NewSales",
        "createdDate":"2026-11-01 00:00:01","customFields":{"PurserOrder__c":"ord_1"},"subscriptions":[{"subscriptionNumber":"S-1",
        "baseVersion":null,"newVersion":1,"customFields":{"Target__c":"group/1"},"orderActions":[{"type":"CreateSubscription",
        "triggerDates":[{"name":"ContractEffective","triggerDate":"2026-11-01"}],"createSubscription":{"terms":{"initialTerm":
        {"period":12,"periodType":"Month","startDate":"2026-11-01","termType":"TERMED"},"autoRenew":false,"renewalTerms":[]},
        "subscribeToRatePlans":[{"productRatePlanId":"prp1","chargeOverrides":[{"productRatePlanChargeId":"prpc1",
        "pricing":{"recurringPerUnit":{"listPrice":29.00,"quantity":10}}}]}]},"sequence":0},{"type":"OwnerTransfer","ownerTransfer":{}}]}]}"#;
    let found = format!(r#"{{"success":true,"order":{order}}}"#);
    let listed = format!(r#"{{"success":true,"orders":[{order}]}}"#);
    let script = Script::with([ok(&found), ok(&listed)]);
    let client = script.client();
    let order = client.order_find("O-1").await.unwrap().unwrap().value;
    assert_eq!(
        client.orders_of_subscription("S-1").await.unwrap().unwrap().value,
        std::slice::from_ref(&order)
    );
    assert_eq!(order.custom_fields["PurserOrder__c"], "ord_1");
    assert_eq!(order.subscriptions[0].new_version, Some(1));
    let create = order.subscriptions[0].order_actions[0].create_subscription.as_ref().unwrap();
    let pricing = create.subscribe_to_rate_plans[0].charge_overrides[0].pricing.as_ref().unwrap();
    assert_eq!(pricing.recurring_per_unit.as_ref().unwrap().quantity, decimal("10"));
}

#[test]
fn an_order_read_back_spells_its_overrides_otherwise_and_prints_empty_lists_as_null() {
    let order = r#"{"order":{"orderNumber":"O-1","orderDate":"2026-11-01","status":"Completed","customFields":null,"description":null,
        "subscriptions":[{"subscriptionNumber":"S-1","baseVersion":null,"newVersion":1,"customFields":{"Target__c":null},
        "orderActions":[{"type":"CreateSubscription","sequence":0,"customFields":null,"triggerDates":null,"createSubscription":{
        "invoiceSeparately":null,"notes":null,"terms":{"autoRenew":false,"initialTerm":{"period":12,"periodType":"Month",
        "startDate":"2026-11-01","termType":"TERMED"},"renewalTerms":null},"subscribeToRatePlans":[{"productRatePlanId":"prp1",
        "newRatePlanId":"rp1","customFields":{},"uniqueToken":null,"chargeOverrides":[{"productRateplanChargeId":"prpc1",
        "chargeNumber":"C-1","billing":{"billCycleDay":1},"customFields":{},"startDate":{"specificTriggerDate":null},
        "pricing":{"recurringVolume":{"listPriceBase":"Per_Billing_Period","quantity":12,"tiers":null}}}]}]}}]}]},"success":true}"#;
    let order: OrderAnswer = serde_json::from_str(order).unwrap();
    let create = order.order.subscriptions[0].order_actions[0].create_subscription.as_ref().unwrap();
    let charge = &create.subscribe_to_rate_plans[0].charge_overrides[0];
    assert_eq!(charge.product_rate_plan_charge_id, "prpc1");
    let volume = charge.pricing.as_ref().unwrap().recurring_volume.as_ref().unwrap();
    assert_eq!((volume.quantity, volume.tiers.len()), (decimal("12"), 0));
    assert!(create.terms.renewal_terms.is_empty() && order.order.custom_fields.is_empty());
}

#[tokio::test]
async fn a_preview_reads_its_items() {
    let body = r#"{"success":true,"previewResult":{"invoices":[{"amount":29.00,"amountWithoutTax":29.00,"taxAmount":0,"targetDate":"2026-11-01",
        "invoiceItems":[{"chargeName":"Seats","serviceStartDate":"2026-11-01","serviceEndDate":"2026-11-30","amountWithoutTax":29.00,
        "taxAmount":0,"unitPrice":29.00}]}]}}"#;
    let script = Script::with([ok(body)]);
    let result = script.client().order_preview("{}".into()).await.unwrap().value.preview_result;
    assert_eq!(result.invoices[0].amount, decimal("29"));
    assert_eq!(super::header(&script.asked()[1], "idempotency-key"), None);
}

#[tokio::test]
async fn a_query_walks_by_update_time_with_a_cursor() {
    let first = r#"{"data":[{"id":"s1","name":"S-1","version":3,"cMRR":282.0,"updatedDate":"2026-06-05T06:00:35+01:00"}],"nextPage":"YWJj+/="}"#;
    let script = Script::with([ok(first), ok(r#"{"data":[]}"#)]);
    let client = script.client();
    let since = "2026-06-05T05:00:35.9Z".parse().unwrap();
    let page = client.query(QueryObject::Subscriptions, since, None).await.unwrap().value;
    let row = &page.data[0];
    assert_eq!(row.number(QueryObject::Subscriptions), Some("S-1"));
    assert_eq!(row.updated_date.unwrap().to_string(), "2026-06-05T05:00:35Z");
    assert_eq!(row.fields["cMRR"].to_string(), "282.0");
    client.query(QueryObject::Subscriptions, since, page.next_page.as_deref()).await.unwrap();
    let path = "/object-query/subscriptions?pageSize=99&filter%5B%5D=updatedDate.GE%3A2026-06-05T05%3A00%3A35Z\
                &sort%5B%5D=updatedDate.ASC";
    assert_eq!(script.paths()[1..], [path.to_owned(), format!("{path}&cursor=YWJj%2B%2F%3D")]);
}
