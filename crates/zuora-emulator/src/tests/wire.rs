//! The Zuora client of this workspace against the emulator, in one process: what one writes the other reads.
//! This is what keeps the client's wire types and the emulator's own reading of them from drifting apart.

use std::sync::Arc;

use jiff::civil::date;
use rust_decimal::Decimal;
use zuora::wire::{
    AddProduct, CancelSubscription, CancellationPolicy, ChargeOverride, ChargePricing, ChargeUpdate, Contact,
    CreateAccount, CreateOrder, CreatePayment, CreatePaymentMethod, CreateSubscription, InitialTerm,
    InvoiceApplication, OrderAction, OrderedSubscription, PaymentMethodType, PaymentType, PerUnitPrice,
    PeriodType, PreviewOptions, PreviewOrder, ProcessingOptions, QueryObject, RatePlanOverride, TermType,
    Terms, UpdateProduct, body,
};
use zuora::{Client, Credentials, IdempotencyKey, Kind, Options, Seams, Transport, TransportError};

use super::desk::{Desk, START};
use crate::http::Handle;
use crate::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Fault, FaultKind, Outcome};

fn client(emulator: &Handle, version: &str) -> Client {
    let now: jiff::Timestamp = START.parse().unwrap();
    let emulator = emulator.clone();
    let serve = move |request: zuora::Request| {
        let request = http::Request::try_from(request).unwrap();
        let reply = emulator.lock().handle(request, now);
        let answer = match reply.outcome {
            Outcome::Answer(response) => Ok(response.into()),
            Outcome::Refuse => Err(TransportError::NotSent("refused".to_owned())),
            Outcome::Reset => Err(TransportError::Unknown("reset".to_owned())),
        };
        Box::pin(std::future::ready(answer)) as std::pin::Pin<Box<dyn Future<Output = _> + Send>>
    };
    let credentials =
        Credentials { client_id: DEFAULT_CLIENT_ID.to_owned(), client_secret: DEFAULT_CLIENT_SECRET.into() };
    let options = Options { zuora_version: version.to_owned(), ..Options::default() };
    Client::new(
        Transport::InProcess(Arc::new(serve)),
        credentials,
        Seams { now: Arc::new(move || now) },
        options,
    )
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).unwrap()
}

/// The id that the first charge of the demo's catalog has in every run.
fn charge_id() -> String {
    let mut desk = Desk::demo();
    desk.version = "229.0";
    let catalog = desk.get("/v1/catalog/products").ok();
    let charge = &catalog["products"][0]["productRatePlans"][0]["productRatePlanCharges"][0];
    charge["id"].as_str().unwrap().to_owned()
}

fn seats(quantity: u32) -> RatePlanOverride {
    RatePlanOverride {
        product_rate_plan_number: Some("PRP-00000001".to_owned()),
        charge_overrides: vec![ChargeOverride {
            product_rate_plan_charge_id: charge_id(),
            pricing: Some(per_unit(quantity)),
            ..ChargeOverride::default()
        }],
        ..RatePlanOverride::default()
    }
}

fn per_unit(quantity: u32) -> ChargePricing {
    let price = PerUnitPrice { quantity: Some(Decimal::from(quantity)), ..PerUnitPrice::default() };
    ChargePricing { recurring_per_unit: Some(price), ..ChargePricing::default() }
}

fn order(number: &str, action: OrderAction) -> CreateOrder {
    CreateOrder {
        order_date: date(2026, 3, 1),
        existing_account_number: Some("N-1".to_owned()),
        existing_account_id: None,
        order_number: Some(number.to_owned()),
        description: Some("by the client".to_owned()),
        category: Some("NewSales".to_owned()),
        custom_fields: [("PurserId__c".to_owned(), serde_json::json!(number))].into_iter().collect(),
        processing_options: Some(ProcessingOptions {
            run_billing: Some(true),
            ..ProcessingOptions::default()
        }),
        subscriptions: vec![OrderedSubscription {
            subscription_number: Some("S-1".to_owned()),
            order_actions: vec![action],
            ..OrderedSubscription::default()
        }],
    }
}

fn create(quantity: u32) -> OrderAction {
    OrderAction::create_subscription(
        date(2026, 3, 1),
        CreateSubscription {
            subscription_number: Some("S-1".to_owned()),
            terms: Terms {
                auto_renew: Some(true),
                initial_term: InitialTerm {
                    period: Some(12),
                    period_type: Some(PeriodType::Month),
                    start_date: Some(date(2026, 3, 1)),
                    end_date: None,
                    term_type: TermType::Termed,
                },
                renewal_setting: None,
                renewal_terms: Vec::new(),
            },
            subscribe_to_rate_plans: vec![seats(quantity)],
            invoice_owner_account_number: None,
            invoice_separately: None,
            payment_term: None,
            notes: None,
        },
    )
}

async fn with_account(version: &str) -> (Handle, Client) {
    let emulator = Handle::new(Desk::demo().emulator);
    let client = client(&emulator, version);
    let account = CreateAccount {
        name: "Northwind Robotics".to_owned(),
        currency: "EUR".to_owned(),
        account_number: Some("N-1".to_owned()),
        bill_to_contact: Contact {
            first_name: Some("Ada".to_owned()),
            last_name: Some("Lindqvist".to_owned()),
            ..Contact::default()
        },
        bill_cycle_day: Some(1),
        custom_fields: [("PurserId__c".to_owned(), serde_json::json!("acc-1"))].into_iter().collect(),
        ..CreateAccount::default()
    };
    client.account_create(body(&account).unwrap(), &key("a")).await.unwrap();
    (emulator, client)
}

#[tokio::test]
async fn the_client_takes_an_order_from_the_account_to_the_payment_in_both_families_of_versions() {
    for version in ["2025-08-12", "196.0"] {
        let (_, client) = with_account(version).await;
        let account = client.account("N-1").await.unwrap().value;
        let catalog = client.catalog(None).await.unwrap().value;
        assert_eq!(catalog.products.len(), 6, "{version}");
        let made =
            client.order_create(body(&order("PUR-1", create(10))).unwrap(), &key("o1")).await.unwrap().value;
        assert_eq!((made.subscription_numbers(), made.invoice_numbers.len()), (vec!["S-1"], 1), "{version}");
        assert_eq!(client.order_find("PUR-1").await.unwrap().unwrap().value.order_number, "PUR-1");
        assert!(client.order_find("PUR-2").await.unwrap().is_none(), "{version}");
        let subscription = client.subscription("S-1").await.unwrap().value;
        assert_eq!(subscription.rate_plans[0].rate_plan_charges[0].quantity, Some(Decimal::from(10)));
        let invoice = client.invoice(&made.invoice_numbers[0]).await.unwrap().value;
        assert_eq!(invoice.amount, "3480.00".parse().unwrap(), "{version}");
        assert_eq!(client.invoice_items(&made.invoice_numbers[0]).await.unwrap().value.len(), 1);

        let method = CreatePaymentMethod {
            account_key: Some("N-1".to_owned()),
            method_type: PaymentMethodType::CreditCardReferenceTransaction,
            token_id: Some("tok_visa".to_owned()),
            second_token_id: None,
            make_default: Some(true),
            custom_fields: Default::default(),
        };
        let method = client.payment_method_create(body(&method).unwrap(), &key("m1")).await.unwrap().value;
        let payment = CreatePayment {
            number: Some("PAY-1".to_owned()),
            account_id: None,
            account_number: Some("N-1".to_owned()),
            amount: invoice.amount,
            currency: "EUR".to_owned(),
            payment_type: PaymentType::Electronic,
            effective_date: None,
            payment_method_id: Some(method.id),
            payment_method_type: None,
            invoices: vec![InvoiceApplication {
                invoice_id: None,
                invoice_number: Some(made.invoice_numbers[0].clone()),
                amount: invoice.amount,
            }],
            comment: None,
            custom_fields: Default::default(),
        };
        let paid = client.payment_create(body(&payment).unwrap(), &key("p1")).await.unwrap().value;
        assert_eq!((paid.number.as_deref(), paid.amount), (Some("PAY-1"), invoice.amount), "{version}");
        assert_eq!(client.payment_find("PAY-1").await.unwrap().unwrap().value.id, paid.id);
        assert_eq!(account.basic_info.account_number, "N-1");
    }
}

#[tokio::test]
async fn the_client_previews_changes_and_cancels() {
    let (_, client) = with_account("2025-08-12").await;
    client.order_create(body(&order("PUR-1", create(10))).unwrap(), &key("o1")).await.unwrap();
    let add = || OrderAction::add_product(date(2026, 11, 12), AddProduct { ..seats(15) });
    let preview = PreviewOrder {
        order_date: date(2026, 11, 12),
        existing_account_number: Some("N-1".to_owned()),
        category: None,
        custom_fields: Default::default(),
        preview_options: PreviewOptions {
            preview_thru_type: Some("TermEnd".to_owned()),
            preview_types: vec!["BillingDocs".to_owned()],
            ..PreviewOptions::default()
        },
        subscriptions: order("", add()).subscriptions,
    };
    let shown = client.order_preview(body(&preview).unwrap()).await.unwrap().value;
    assert_eq!(shown.preview_result.invoices[0].amount, Some("1558.85".parse().unwrap()));
    client.order_create(body(&order("PUR-2", add())).unwrap(), &key("o2")).await.unwrap();

    let subscription = client.subscription("S-1").await.unwrap().value;
    let plan = &subscription.rate_plans[0];
    let update = UpdateProduct {
        subscription_rate_plan_number: plan.subscription_rate_plan_number.clone(),
        charge_updates: vec![ChargeUpdate {
            charge_number: plan.rate_plan_charges[0].number.clone(),
            pricing: Some(per_unit(20)),
            ..ChargeUpdate::default()
        }],
        ..UpdateProduct::default()
    };
    let update = OrderAction::update_product(date(2026, 11, 12), update);
    client.order_create(body(&order("PUR-3", update)).unwrap(), &key("o3")).await.unwrap();
    let cancel = CancelSubscription {
        cancellation_policy: CancellationPolicy::SpecificDate,
        cancellation_effective_date: Some(date(2026, 12, 1)),
    };
    let cancel = OrderAction::cancel_subscription(date(2026, 12, 1), cancel);
    client.order_create(body(&order("PUR-4", cancel)).unwrap(), &key("o4")).await.unwrap();
    assert_eq!(client.subscription("S-1").await.unwrap().value.version, 4);
    assert_eq!(client.subscription_version("S-1", 2).await.unwrap().value.version, 2);
    let orders = client.orders_of_subscription("S-1").await.unwrap().unwrap().value;
    assert_eq!(orders.len(), 4);
    let since = "2026-11-12T00:00:00Z".parse().unwrap();
    let rows = client.query(QueryObject::Subscriptions, since, None).await.unwrap().value;
    assert_eq!(rows.data.len(), 4);
}

#[tokio::test]
async fn the_client_understands_how_the_emulator_fails() {
    for version in ["2025-08-12", "196.0"] {
        let (emulator, client) = with_account(version).await;
        let cases = [
            (FaultKind::Refuse, Kind::NotSent),
            (FaultKind::ResetAfterCommit, Kind::NoAnswer),
            (FaultKind::Http500, Kind::InFront),
            (FaultKind::Http503Html, Kind::InFront),
            (FaultKind::EmptyBody, Kind::InFront),
            (FaultKind::CommitThen504, Kind::InFront),
            (FaultKind::RateLimited, Kind::Limited),
            (FaultKind::Lock, Kind::Locked),
            (FaultKind::Spurious401, Kind::Unauthorized),
        ];
        for (index, (fault, kind)) in cases.into_iter().enumerate() {
            emulator.lock().set_faults(vec![Fault::every(fault)]);
            let number = format!("PUR-{index}");
            let mut asked = order(&number, create(1));
            asked.subscriptions[0].subscription_number = Some(format!("S-{index}"));
            if let Some(create) = &mut asked.subscriptions[0].order_actions[0].create_subscription {
                create.subscription_number = None;
            }
            let failed = client.order_create(body(&asked).unwrap(), &key(&number)).await.unwrap_err();
            assert_eq!(failed.kind(), kind, "{fault:?} under {version}: {failed}");
        }
    }
}
