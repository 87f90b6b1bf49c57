//! The story that all pages tell in tests: Thursday 12 Nov 2026, 10:42 UTC, Zuora unreachable since 09:14.
//! Refuses invented sums: amounts come from `rating`.

use domain::account::{Account, AccountStatus};
use domain::invoice::{Invoice, InvoiceItem};
use domain::license::License;
use domain::obligation::{Obligation, ObligationStatus};
use domain::offer::{CatalogCharge, ChargeTerms, Offer, OfferCharge, PricedOffer, TrustClass};
use domain::order::{ActionKind, Order, OrderAction, OrderLine, OrderStatus, PricedItem, Settlement};
use domain::payment::Payment;
use domain::subscription::{Expected, Line, Subscription, SubscriptionStatus};
use domain::{AccountId, Currency, Day, Instant, ObligationId, OrderId};
use jiff::tz::TimeZone;
use rating::{BillingPeriod, Charge, Money, Period, Price, Rounding};
use rust_decimal::Decimal;
use ulid::Ulid;

use crate::view::page::{Link, Page};
use crate::view::reader::Reader;

/// Renders a page, and keeps it for people to look at where `PURSER_TEST_PAGES` names a folder.
pub fn shown(name: &str, page: &impl askama::Template) -> String {
    let html = page.render().unwrap();
    if let Ok(folder) = std::env::var("PURSER_TEST_PAGES") {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(format!("{folder}/{name}.html"), &html).unwrap();
    }
    html
}

/// The frame around a page of the story.
pub fn page(title: &str) -> Page {
    let link = |words: &'static str, here: bool| Link { href: "#".into(), words, here };
    Page {
        title: title.into(),
        seller: "Ternlight".into(),
        support_mail: "support@ternlight.example".into(),
        reader: reader(),
        silent_since: None,
        menu: vec![
            link("Overview", true),
            link("Orders", false),
            link("Invoices", false),
            link("Licenses", false),
        ],
        account: Some("Brightwater Labs GmbH".into()),
        person: Some("Jana Okafor".into()),
        refresh_s: None,
    }
}

pub fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub fn euro() -> Currency {
    "EUR".parse().unwrap()
}

/// Somebody in Berlin.
pub fn reader() -> Reader {
    Reader { zone: TimeZone::get("Europe/Berlin").unwrap(), now: at("2026-11-12T10:42:10Z") }
}

pub fn silent_since() -> Instant {
    at("2026-11-12T09:14:22Z")
}

pub fn account() -> Account {
    Account {
        id: AccountId(Ulid(1)),
        number: "A-00000412".parse().unwrap(),
        name: "Brightwater Labs GmbH".into(),
        currency: euro(),
        entity: None,
        status: AccountStatus::Active,
        zuora_id: None,
        payment_method: Some("2c92c0f8".parse().unwrap()),
        contact_first_name: "Jana".into(),
        contact_last_name: "Okafor".into(),
        contact_mail: "ap@brightwater.example".into(),
        contact_country: "DE".into(),
        orders_billed: 13,
        created_at: at("2026-03-01T08:00:00Z"),
        synced_at: Some(at("2026-11-12T09:13:51Z")),
        updated_at: None,
    }
}

fn terms(every: BillingPeriod, price: u32) -> ChargeTerms {
    ChargeTerms { charge: Charge::Recurring { every }, price: Price::PerUnit(Decimal::from(price)) }
}

fn line(plan: &str, quantity: u32, terms: ChargeTerms, term: (&str, &str, &str)) -> Line {
    let (anchor, start, end) = term;
    Line {
        rate_plan: format!("PRP-{plan}").parse().unwrap(),
        charge: format!("PRPC-{plan}").parse().unwrap(),
        own_rate_plan: None,
        own_charge: None,
        quantity: Decimal::from(quantity),
        terms,
        period: Period { start: day(start).0, end: day(end).0 },
        anchor: day(anchor).0,
    }
}

fn ordered(label: &str, line: Line) -> OrderLine {
    let segment = line.segment();
    let through = rating::billed_through(&line.terms.charge, &segment, line.period.start).unwrap();
    let window = Period { start: line.period.start, end: through };
    let items = rating::items(&line.terms.charge, &segment, window, euro().0, &Rounding::default()).unwrap();
    let items = items.into_iter().map(|item| PricedItem { label: label.into(), item }).collect();
    OrderLine { line, charge_id: "8a28c0f1".parse().unwrap(), items }
}

fn action(kind: ActionKind, name: &str, line: OrderLine) -> OrderAction {
    OrderAction {
        kind,
        subscription: "A-S00001207".parse().unwrap(),
        offer: Some("cloud-business".into()),
        name: name.into(),
        target: Some("namespace:brightwater".parse().unwrap()),
        start: Day(line.line.period.start),
        end: Day(line.line.period.end),
        term_months: None,
        rate_plan_id: None,
        lines: vec![line],
        credits: Vec::new(),
    }
}

/// 15 Business seats and 10 Review Assist seats, added to a subscription that runs to the end of February.
pub fn order() -> Order {
    let rest = ("2026-03-01", "2026-11-12", "2027-03-01");
    let seats = ordered("15 Business seats", line("1", 15, terms(BillingPeriod::Annual, 348), rest));
    let assist = ordered("10 Review Assist seats", line("2", 10, terms(BillingPeriod::Annual, 180), rest));
    of_actions(vec![
        action(ActionKind::Add, "Ternlight Cloud Business", seats),
        action(ActionKind::Add, "Review Assist", assist),
    ])
}

/// One seat, paid monthly in a yearly term.
pub fn monthly_order() -> Order {
    let term = ("2026-11-12", "2026-11-12", "2027-11-12");
    let seat = ordered("1 seat, Ternlight Cloud Team", line("3", 1, terms(BillingPeriod::Month, 29), term));
    of_actions(vec![action(ActionKind::Subscribe, "Ternlight Cloud Team", seat)])
}

fn of_actions(actions: Vec<OrderAction>) -> Order {
    let amounts = actions.iter().flat_map(OrderAction::items).map(|priced| priced.item.amount);
    let total = Money::sum(euro().0, amounts).unwrap();
    Order {
        id: OrderId(Ulid(8841)),
        number: "O-00008841".parse().unwrap(),
        account_id: AccountId(Ulid(1)),
        status: OrderStatus::Accepted,
        settlement: Settlement::Invoice,
        total_minor: total.minor,
        currency: euro(),
        actions: actions.into(),
        po_number: Some("PO-2026-118".into()),
        order_date: day("2026-11-12"),
        placed_by: "per_00000000000000000000000001".into(),
        trust_until: Some(at("2026-11-19T10:03:02Z")),
        confirmed: false,
        reason: None,
        accepted_at: at("2026-11-12T10:03:02Z"),
        billed_at: None,
        invoice_number: None,
        trace_id: "7f3a91c2b04d4b1e9c57aa01d2e3f405".into(),
    }
}

/// What the order promised, done three seconds later.
pub fn duties() -> Vec<Obligation> {
    let duty = |number: u128, capability: &str| Obligation {
        id: ObligationId(Ulid(number)),
        account_id: AccountId(Ulid(1)),
        subscription: "A-S00001207".parse().unwrap(),
        effective: day("2026-11-12"),
        capability: capability.into(),
        target: "namespace:brightwater".into(),
        status: ObligationStatus::Done,
        deadline: Some(at("2026-11-12T10:08:02Z")),
        order_id: Some(OrderId(Ulid(8841))),
        version: None,
        reason: None,
        created_at: at("2026-11-12T10:03:02Z"),
        done_at: Some(at("2026-11-12T10:03:05Z")),
    };
    vec![duty(1, "business-seats"), duty(2, "review-assist-seats")]
}

/// A posted invoice that is not paid.
pub fn invoice() -> Invoice {
    Invoice {
        number: "INV00003391".parse().unwrap(),
        zuora_id: "2c92c0f9".parse().unwrap(),
        account_id: AccountId(Ulid(1)),
        status: "Posted".into(),
        amount_minor: 9_000,
        balance_minor: 9_000,
        currency: euro(),
        invoice_date: day("2026-11-03"),
        due_date: day("2026-12-03"),
        items: vec![InvoiceItem {
            name: "Compute minutes".into(),
            subscription: Some("A-S00001207".parse().unwrap()),
            amount_minor: 9_000,
            tax_minor: 0,
            service_start: day("2026-11-03"),
            service_end: day("2027-02-28"),
        }]
        .into(),
        updated_at: at("2026-11-03T09:13:40Z"),
        synced_at: at("2026-11-12T09:13:40Z"),
    }
}

pub fn declined_payment() -> Payment {
    Payment {
        number: "P-00000077".parse().unwrap(),
        zuora_id: "2c92c0fa".parse().unwrap(),
        account_id: AccountId(Ulid(1)),
        status: "Error".into(),
        amount_minor: 9_000,
        currency: euro(),
        invoice_number: Some("INV00003391".parse().unwrap()),
        gateway_response: Some("insufficient funds".into()),
        updated_at: at("2026-11-10T14:05:00Z"),
        synced_at: at("2026-11-10T14:06:00Z"),
    }
}

/// The subscription that the order changes, with the order's lines applied.
pub fn expected() -> Expected {
    let year = ("2026-03-01", "2026-03-01", "2027-03-01");
    let lines = vec![
        line("1", 60, terms(BillingPeriod::Annual, 348), year),
        line("1", 15, terms(BillingPeriod::Annual, 348), ("2026-03-01", "2026-11-12", "2027-03-01")),
        line("2", 30, terms(BillingPeriod::Annual, 180), year),
    ];
    Expected {
        number: "A-S00001207".parse().unwrap(),
        target: Some("namespace:brightwater".parse().unwrap()),
        term_start: day("2026-03-01").0,
        term_end: day("2027-03-01").0,
        lines,
    }
}

pub fn version() -> Subscription {
    let expected = expected();
    Subscription {
        number: expected.number,
        version: 3,
        zuora_id: "2c92c0fb".parse().unwrap(),
        account_id: AccountId(Ulid(1)),
        status: SubscriptionStatus::Active,
        target: expected.target,
        term_start: day("2026-03-01"),
        term_end: day("2027-03-01"),
        lines: expected.lines.into(),
        order_number: None,
        updated_at: at("2026-03-01T08:00:00Z"),
        synced_at: at("2026-11-12T09:13:58Z"),
    }
}

/// Two plans of the cloud and one of the server.
pub fn offers() -> Vec<PricedOffer> {
    let offer = |number: &str, code: &str, name: &str, unit: [&str; 2]| Offer {
        code: code.into(),
        version: 1,
        name: name.into(),
        product_line: code.split('-').next().unwrap_or_default().into(),
        rate_plan: format!("PRP-{number}").parse().unwrap(),
        target_kind: if code.starts_with("server") { "server" } else { "namespace" }.parse().unwrap(),
        trust: TrustClass::Standard,
        term_months: 12,
        plan: Some("business".into()),
        plan_rank: 2,
        add_on: code.ends_with("assist"),
        sold: true,
        charges: vec![OfferCharge {
            charge: format!("PRPC-{number}").parse().unwrap(),
            capability: code.into(),
            unit: unit.map(str::to_owned),
            units_each: 1,
            lifetime_months: None,
        }]
        .into(),
    };
    let priced = |offer: Offer, every: BillingPeriod, price: u32| PricedOffer {
        charges: vec![CatalogCharge {
            rate_plan: offer.rate_plan.clone(),
            rate_plan_id: "8a1".parse().unwrap(),
            charge: offer.charges[0].charge.clone(),
            charge_id: "8a2".parse().unwrap(),
            name: offer.name.clone(),
            currency: euro(),
            terms: terms(every, price).into(),
            synced_at: at("2026-11-12T09:10:00Z"),
        }],
        offer,
    };
    vec![
        priced(
            offer("1", "cloud-business", "Ternlight Cloud Business", ["seat", "seats"]),
            BillingPeriod::Annual,
            348,
        ),
        priced(offer("3", "cloud-team", "Ternlight Cloud Team", ["seat", "seats"]), BillingPeriod::Month, 29),
        priced(
            offer("4", "server-business", "Ternlight Server Business", ["seat", "seats"]),
            BillingPeriod::Annual,
            288,
        ),
        priced(offer("2", "cloud-assist", "Review Assist", ["seat", "seats"]), BillingPeriod::Annual, 180),
    ]
}

pub fn license() -> License {
    License {
        hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        account_id: AccountId(Ulid(1)),
        target: "server:git-1".parse().unwrap(),
        file: "purser-license-1.demo.e30.AAAA\n".into(),
        issued_at: at("2026-04-18T08:00:00Z"),
    }
}
