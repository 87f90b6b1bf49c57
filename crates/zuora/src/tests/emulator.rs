//! The client against the emulator's core: two programs that were written from the same facts, not from each other.

use std::sync::{Arc, Mutex};

use jiff::{Timestamp, ToSpan, civil::Date, civil::date};
use rust_decimal::Decimal;
use zuora_emulator::{
    DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Emulator, Fault, FaultKind, Outcome, Settings, seed,
};

use crate::wire::{
    self, BillingOptions, ChargeOverride, ChargePricing, ChargeUpdate, CreateAccount, CreateOrder,
    CreatePayment, CreatePaymentMethod, CreateSubscription, InitialTerm, InvoiceApplication, OrderAction,
    OrderStatus, OrderedSubscription, PaymentMethodType, PaymentStatus, PaymentType, PerUnitPrice,
    PeriodType, ProcessingOptions, QueryObject, RatePlanOverride, SubscriptionStatus, TermType, Terms,
    UpdateProduct,
};
use crate::{
    Client, Credentials, Error, IdempotencyKey, Kind, Options, Response, Retry, Seams, Transport,
    TransportError,
};

const TODAY: Date = date(2026, 11, 2);
const LATER: Retry = Retry::Later { after: None };

/// An emulator with the demo catalog, and a clock that both sides read.
#[derive(Clone)]
struct World {
    emulator: Arc<Mutex<Emulator>>,
    now: Arc<Mutex<Timestamp>>,
}

impl World {
    fn new() -> Self {
        let now: Timestamp = "2026-11-02T20:00:00Z".parse().unwrap();
        let mut emulator = Emulator::new(Settings::default());
        seed::demo(&mut emulator, now).unwrap();
        Self { emulator: Arc::new(Mutex::new(emulator)), now: Arc::new(Mutex::new(now)) }
    }

    fn client(&self, zuora_version: &str) -> Client {
        let (here, clock) = (self.clone(), self.now.clone());
        let transport = Transport::InProcess(Arc::new(move |request| {
            let now = *here.now.lock().unwrap();
            let reply = here.emulator.lock().unwrap().handle(request.try_into().unwrap(), now);
            Box::pin(async move {
                match reply.outcome {
                    Outcome::Answer(response) => Ok(Response::from(response)),
                    Outcome::Refuse => Err(TransportError::NotSent("refused".into())),
                    Outcome::Reset => Err(TransportError::Unknown("reset".into())),
                }
            })
        }));
        let credentials = Credentials {
            client_id: DEFAULT_CLIENT_ID.into(),
            client_secret: DEFAULT_CLIENT_SECRET.to_owned().into(),
        };
        let seams = Seams { now: Arc::new(move || *clock.lock().unwrap()) };
        Client::new(
            transport,
            credentials,
            seams,
            Options { zuora_version: zuora_version.into(), ..Options::default() },
        )
    }

    fn set_fault(&self, kind: Option<FaultKind>) {
        self.emulator.lock().unwrap().set_faults(kind.map(Fault::every).into_iter().collect());
    }

    fn wait_minutes(&self, minutes: i64) {
        let mut now = self.now.lock().unwrap();
        *now += minutes.minutes();
    }

    fn orders(&self) -> usize {
        self.emulator.lock().unwrap().books().accounts.iter().map(|account| account.orders.len()).sum()
    }
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).unwrap()
}

fn account() -> CreateAccount {
    CreateAccount {
        name: "Quill & Sons".into(),
        currency: "USD".into(),
        account_number: Some("T-A-1".into()),
        bill_to_contact: wire::Contact {
            first_name: Some("Ada".into()),
            last_name: Some("Quill".into()),
            country: Some("United States".into()),
            ..wire::Contact::default()
        },
        bill_cycle_day: Some(1),
        payment_term: Some("Net 30".into()),
        custom_fields: [("OurId__c".to_owned(), "acc_1".into())].into(),
        ..CreateAccount::default()
    }
}

fn seats(quantity: u32) -> Option<ChargePricing> {
    let per_unit = PerUnitPrice { list_price: None, quantity: Some(quantity.into()) };
    Some(ChargePricing { recurring_per_unit: Some(per_unit), ..ChargePricing::default() })
}

fn order(number: &str, subscription: OrderedSubscription) -> CreateOrder {
    CreateOrder {
        order_date: TODAY,
        existing_account_number: Some("T-A-1".into()),
        existing_account_id: None,
        order_number: Some(number.into()),
        description: None,
        category: None,
        custom_fields: [("OurId__c".to_owned(), "ord_1".into())].into(),
        processing_options: Some(ProcessingOptions {
            run_billing: Some(true),
            billing_options: Some(BillingOptions { target_date: Some(TODAY), ..BillingOptions::default() }),
            ..ProcessingOptions::default()
        }),
        subscriptions: vec![subscription],
    }
}

/// A year of ten seats of the first plan in the catalog.
async fn purchase(client: &Client) -> CreateOrder {
    let catalog = client.catalog(None).await.unwrap().value;
    let plan = &catalog.products[0].rate_plans()[0];
    let create = CreateSubscription {
        subscription_number: Some("T-S-1".into()),
        terms: Terms {
            auto_renew: Some(true),
            initial_term: InitialTerm {
                period: Some(12),
                period_type: Some(PeriodType::Month),
                start_date: Some(TODAY),
                end_date: None,
                term_type: TermType::Termed,
            },
            renewal_setting: None,
            renewal_terms: vec![wire::RenewalTerm { period: 12, period_type: PeriodType::Month }],
        },
        subscribe_to_rate_plans: vec![RatePlanOverride {
            product_rate_plan_id: Some(plan.id.clone()),
            charge_overrides: vec![ChargeOverride {
                product_rate_plan_charge_id: plan.product_rate_plan_charges[0].id.clone(),
                pricing: seats(10),
                ..ChargeOverride::default()
            }],
            ..RatePlanOverride::default()
        }],
        invoice_owner_account_number: None,
        invoice_separately: None,
        payment_term: None,
        notes: None,
    };
    let subscription = OrderedSubscription {
        custom_fields: [("OurId__c".to_owned(), "ord_1".into())].into(),
        order_actions: vec![OrderAction::create_subscription(TODAY, create)],
        ..OrderedSubscription::default()
    };
    order("T-O-1", subscription)
}

#[tokio::test]
async fn both_families_of_versions_bring_an_order_to_its_payment() {
    for version in ["186.0", "2025-08-12"] {
        let world = World::new();
        let client = world.client(version);
        assert!(client.account_find("T-A-1").await.unwrap().is_none());
        assert!(client.order_find("T-O-1").await.unwrap().is_none());
        assert!(client.orders_of_subscription("T-S-1").await.unwrap().is_none());
        let made = client.account_create(wire::body(&account()).unwrap(), &key("a")).await.unwrap().value;
        let read = client.account(&made.account_number).await.unwrap().value;
        assert_eq!(
            (read.basic_info.id, read.metrics.balance),
            (made.account_id.clone(), Some(Decimal::ZERO))
        );
        assert_eq!(read.basic_info.custom_fields["OurId__c"], "acc_1");

        let body = wire::body(&purchase(&client).await).unwrap();
        let first = client.order_create(body.clone(), &key("o")).await.unwrap();
        let again = client.order_create(body.clone(), &key("o")).await.unwrap();
        assert_eq!((&first.body, first.value.subscription_numbers()), (&again.body, vec!["T-S-1"]));
        let second = client.order_create(body, &key("another")).await.unwrap_err();
        assert_eq!((second.kind(), second.retry()), (Kind::Rejected, Retry::Never));
        let found = client.order_find("T-O-1").await.unwrap().unwrap().value;
        assert_eq!(
            (found.status, found.custom_fields["OurId__c"].as_str()),
            (Some(OrderStatus::Completed), Some("ord_1"))
        );

        pay(&client, &first.value.invoice_numbers[0], &made.account_id).await;
        for object in QueryObject::ALL {
            let page =
                client.query(object, "2026-11-02T19:00:00Z".parse().unwrap(), None).await.unwrap().value;
            assert!(page.data.iter().all(|row| row.number(object).is_some()), "{object:?}");
            assert!(page.data.iter().all(|row| row.updated_date.is_some()), "{object:?}");
            assert_eq!(page.data.len(), 1, "{object:?}");
        }
    }
}

async fn pay(client: &Client, invoice_number: &str, account_id: &str) {
    let invoice = client.invoice(invoice_number).await.unwrap().value;
    assert_eq!((invoice.amount, invoice.balance), (Decimal::from(3_840), Some(Decimal::from(3_840))));
    let items = client.invoice_items(invoice_number).await.unwrap().value;
    assert_eq!(items.iter().map(|item| item.charge_amount).sum::<Decimal>(), invoice.amount);
    let method = CreatePaymentMethod {
        account_key: Some("T-A-1".into()),
        method_type: PaymentMethodType::CreditCardReferenceTransaction,
        token_id: Some("tok-1".into()),
        second_token_id: None,
        make_default: Some(true),
        custom_fields: wire::CustomFields::new(),
    };
    client.payment_method_create(wire::body(&method).unwrap(), &key("m")).await.unwrap();
    let payment = CreatePayment {
        number: Some("T-P-1".into()),
        account_id: Some(account_id.into()),
        account_number: None,
        amount: invoice.amount,
        currency: "USD".into(),
        payment_type: PaymentType::Electronic,
        effective_date: Some(TODAY),
        payment_method_id: None,
        payment_method_type: None,
        invoices: vec![InvoiceApplication {
            invoice_id: Some(invoice.id),
            invoice_number: None,
            amount: invoice.amount,
        }],
        comment: None,
        custom_fields: wire::CustomFields::new(),
    };
    let paid = client.payment_create(wire::body(&payment).unwrap(), &key("p")).await.unwrap().value;
    assert_eq!((paid.status.clone(), paid.applied_amount), (PaymentStatus::Processed, Some(invoice.amount)));
    assert_eq!(client.payment_find("T-P-1").await.unwrap().unwrap().value, paid);
    assert_eq!(client.invoice(invoice_number).await.unwrap().value.balance, Some(Decimal::ZERO));
}

#[tokio::test]
async fn a_change_within_a_term_is_read_as_a_version_with_segments() {
    let world = World::new();
    let client = world.client(crate::ZUORA_VERSION);
    client.account_create(wire::body(&account()).unwrap(), &key("a")).await.unwrap();
    client.order_create(wire::body(&purchase(&client).await).unwrap(), &key("o")).await.unwrap();
    let before = client.subscription("T-S-1").await.unwrap().value;
    let plan = &before.rate_plans[0];
    let update = UpdateProduct {
        subscription_rate_plan_number: plan.subscription_rate_plan_number.clone(),
        charge_updates: vec![ChargeUpdate {
            charge_number: plan.rate_plan_charges[0].number.clone(),
            pricing: seats(25),
            ..ChargeUpdate::default()
        }],
        ..UpdateProduct::default()
    };
    let subscription = OrderedSubscription {
        subscription_number: Some("T-S-1".into()),
        order_actions: vec![OrderAction::update_product(date(2026, 12, 2), update)],
        ..OrderedSubscription::default()
    };
    client.order_create(wire::body(&order("T-O-2", subscription)).unwrap(), &key("o2")).await.unwrap();

    let after = client.subscription("T-S-1").await.unwrap().value;
    assert_eq!((after.version, after.status), (2, SubscriptionStatus::Active));
    let segments = after.rate_plans[0].rate_plan_charges[0].segments();
    let quantities: Vec<_> =
        segments.iter().map(|part| (part.effective_start_date.unwrap(), part.quantity.unwrap())).collect();
    assert_eq!(quantities, [(TODAY, Decimal::from(10)), (date(2026, 12, 2), Decimal::from(25))]);
    assert_eq!(client.subscription_version("T-S-1", 1).await.unwrap().value.version, 1);
    assert_eq!(client.orders_of_subscription("T-S-1").await.unwrap().unwrap().value.len(), 2);
}

/// What a fault looks like to a writer: kind, retry, stored under the key, and whether the order was made all the same.
const FAULTS: &[(FaultKind, Kind, Retry, bool, usize)] = &[
    (FaultKind::Refuse, Kind::NotSent, Retry::NotSent, false, 0),
    (FaultKind::ResetBeforeCommit, Kind::NoAnswer, Retry::Unknown, false, 0),
    (FaultKind::Http500, Kind::InFront, Retry::Unknown, false, 0),
    (FaultKind::Http503Html, Kind::InFront, Retry::Unknown, false, 0),
    (FaultKind::EmptyBody, Kind::InFront, Retry::Unknown, false, 1),
    (FaultKind::TruncatedBody, Kind::InFront, Retry::Unknown, false, 1),
    (FaultKind::CommitThen504, Kind::InFront, Retry::Unknown, false, 1),
    (FaultKind::LateCommit, Kind::InFront, Retry::Unknown, false, 0),
    (FaultKind::ResetAfterCommit, Kind::NoAnswer, Retry::Unknown, false, 1),
    (FaultKind::Spurious401, Kind::Unauthorized, LATER, false, 0),
    (FaultKind::Lock, Kind::Locked, LATER, true, 0),
];

#[tokio::test]
async fn every_fault_is_told_apart_and_the_retry_it_allows_makes_one_order() {
    for (fault, kind, retry, stored, made) in FAULTS {
        let world = World::new();
        let client = world.client(crate::ZUORA_VERSION);
        client.account_create(wire::body(&account()).unwrap(), &key("a")).await.unwrap();
        let body = wire::body(&purchase(&client).await).unwrap();

        world.set_fault(Some(*fault));
        let error: Error = client.order_create(body.clone(), &key("job.1")).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.retry(), error.stored_under_key(), world.orders()),
            (*kind, *retry, *stored, *made),
            "{fault:?}: {error}"
        );

        world.set_fault(None);
        world.wait_minutes(1);
        if *fault == FaultKind::LateCommit {
            let still = client.order_create(body.clone(), &key("job.1")).await.unwrap_err();
            assert_eq!((still.kind(), still.retry()), (Kind::InProgress, Retry::InProgress));
            world.wait_minutes(3);
        }
        let next = if *stored { key("job.2") } else { key("job.1") };
        let order = client.order_create(body, &next).await.unwrap().value;
        assert_eq!((order.order_number.as_str(), world.orders()), ("T-O-1", 1), "{fault:?}");
    }
}

#[tokio::test]
async fn a_limit_is_told_with_its_wait_and_a_dead_token_service_as_not_sent() {
    let world = World::new();
    let client = world.client(crate::ZUORA_VERSION);
    world.set_fault(Some(FaultKind::AuthDown));
    let error = client.account_create(wire::body(&account()).unwrap(), &key("a")).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (Kind::NotSent, Retry::NotSent));
    world.set_fault(None);
    client.account_create(wire::body(&account()).unwrap(), &key("a")).await.unwrap();
    world.set_fault(Some(FaultKind::RateLimited));
    let error = client.account("T-A-1").await.unwrap_err();
    assert!(matches!(error.retry(), Retry::Later { after: Some(_) }), "{error:?}");
    assert!(!error.stored_under_key());
}
