//! Nouns with every column filled, and nouns with every optional column empty.
//! Refuses chance: ids and times are counted.

use domain::account::{Account, AccountStatus};
use domain::offer::ChargeTerms;
use domain::order::{ActionKind, Order, OrderAction, OrderLine, OrderStatus, PricedItem, Settlement};
use domain::person::{Person, StaffRole};
use domain::subscription::Line;
use domain::{AccountId, Currency, Day, Instant, JobId, OrderId, PersonId};
use jiff::SignedDuration;
use jiff::civil::date;
use rust_decimal::Decimal;
use sqlx::types::Json;
use store::Tx;
use store::job::Job;
use store::testing::TestDb;
use ulid::Ulid;

/// More digits than a float keeps.
pub const LONG: &str = "1234567890123456.789012";

/// The test's clock: so many seconds after it began.
pub fn at(seconds: i64) -> Instant {
    "2026-11-12T10:00:00Z".parse::<Instant>().unwrap().after(SignedDuration::from_secs(seconds))
}

pub fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub fn euro() -> Currency {
    "EUR".parse().unwrap()
}

/// An id of any kind.
pub fn id<T: From<Ulid>>(number: u128) -> T {
    T::from(Ulid(number))
}

/// A full account.
pub fn account(number: u128) -> Account {
    Account {
        id: id(number),
        number: format!("P-A{number}").parse().unwrap(),
        name: format!("Brightwater Labs {number} „GmbH“"),
        currency: euro(),
        entity: Some("emea".into()),
        status: AccountStatus::Active,
        zuora_id: Some(format!("zuora-account-{number}").parse().unwrap()),
        payment_method: Some("zuora-card-1".parse().unwrap()),
        contact_first_name: "Jana".into(),
        contact_last_name: "O'Neill".into(),
        contact_mail: "jana@brightwater.example".into(),
        contact_country: "DE".into(),
        orders_billed: i64::MAX - 1,
        created_at: at(0),
        updated_at: Some(at(55)),
        synced_at: Some(at(60)),
    }
}

/// Puts an account in, for those that hang on it.
pub async fn insert_account(tx: &mut Tx, number: u128) -> AccountId {
    store::account::insert(tx, &account(number)).await.unwrap();
    id(number)
}

/// A database with account 1 in it.
pub async fn insert_first_account(db: &TestDb) -> AccountId {
    let mut tx = db.write().await.unwrap();
    let account = insert_account(&mut tx, 1).await;
    tx.commit().await.unwrap();
    account
}

pub fn person(number: u128) -> Person {
    Person {
        id: id::<PersonId>(number),
        mail: format!("person{number}@example.com"),
        name: format!("Person {number}"),
        staff_role: Some(StaffRole::Billing),
        created_at: at(0),
    }
}

pub fn terms() -> ChargeTerms {
    ChargeTerms {
        charge: rating::Charge::Recurring { every: rating::BillingPeriod::Annual },
        price: rating::Price::PerUnit(LONG.parse().unwrap()),
    }
}

pub fn line() -> Line {
    Line {
        rate_plan: "PRP-1".parse().unwrap(),
        charge: "PRPC-1".parse().unwrap(),
        own_rate_plan: Some("SRP-1".into()),
        own_charge: None,
        quantity: LONG.parse().unwrap(),
        terms: terms(),
        period: rating::Period { start: date(999, 1, 1), end: date(9999, 12, 31) },
        anchor: date(2024, 2, 29),
    }
}

/// One action with a line, a charge and a credit.
pub fn action() -> OrderAction {
    let item = rating::Item {
        period: rating::Period { start: date(2026, 11, 12), end: date(2027, 3, 1) },
        quantity: Decimal::from(15),
        unit_price: LONG.parse().unwrap(),
        amount: rating::Money { minor: 155_885, currency: rating::Currency::EUR },
        why: rating::Explanation {
            full: Decimal::from(5_220),
            days: 109,
            full_days: 365,
            exact: LONG.parse().unwrap(),
        },
    };
    let priced = PricedItem { label: "15 seats, “Büro” \\ 'quotes' \"both\"".into(), item };
    OrderAction {
        kind: ActionKind::Add,
        subscription: "P-S1".parse().unwrap(),
        offer: Some("business".into()),
        name: "Business".into(),
        target: Some("namespace:brightwater".parse().unwrap()),
        start: day("2026-11-12"),
        end: day("2027-03-01"),
        term_months: Some(12),
        rate_plan_id: Some("plan-1".parse().unwrap()),
        lines: vec![OrderLine {
            line: line(),
            charge_id: "charge-1".parse().unwrap(),
            items: vec![priced.clone()],
        }],
        credits: vec![priced],
    }
}

/// A full order of account 1.
pub fn order(number: u128) -> Order {
    Order {
        id: id::<OrderId>(number),
        number: format!("P-O{number}").parse().unwrap(),
        account_id: id(1),
        status: OrderStatus::Accepted,
        settlement: Settlement::CardOnFile,
        total_minor: 100,
        currency: euro(),
        actions: Json(vec![action()]),
        po_number: Some("PO 7; DROP".into()),
        order_date: day("2026-11-12"),
        placed_by: "tok_1".into(),
        trust_until: Some(at(3_600)),
        confirmed: false,
        reason: Some("because".into()),
        accepted_at: at(0),
        billed_at: None,
        invoice_number: Some("INV-1".into()),
        trace_id: "trace".into(),
    }
}

/// A job that may run from that second on.
pub fn job(number: u128, lane: &str, second: i64) -> Job {
    Job {
        id: id::<JobId>(number),
        lane: lane.into(),
        kind: "submit_order".into(),
        schema: 3,
        payload: Json(serde_json::json!({ "order": number.to_string() })),
        run_at: at(second),
        blocking: false,
        tries: 0,
        last_error: None,
        trace_id: "trace".into(),
        created_at: at(0),
    }
}
