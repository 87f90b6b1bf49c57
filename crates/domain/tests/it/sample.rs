//! A small shop: five offers, one account, one subscription with sixty seats.
//! Refuses prices that nobody can check in the head.

use std::collections::BTreeMap;

use domain::account::{Account, AccountStatus};
use domain::entitlement::Zones;
use domain::offer::{CatalogCharge, ChargeTerms, Offer, OfferCharge, PricedOffer, TrustClass};
use domain::order::{ActionKind, Order, OrderAction, OrderStatus, PlaceOrder, Requested, Settlement};
use domain::preview::{Intake, Preview};
use domain::subscription::{Expected, Line, Subscription, SubscriptionStatus};
use domain::target::{Target, TargetKind};
use domain::{Day, Ids, Instant, Refusal};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rating::{BillingPeriod, Charge, Period, Price, Rounding, Segment};
use rust_decimal::Decimal;
use sqlx::types::Json;
use ulid::Ulid;

pub const ANNUAL: Charge = Charge::Recurring { every: BillingPeriod::Annual };
pub const MONTHLY: Charge = Charge::Recurring { every: BillingPeriod::Month };

pub fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub fn date(text: &str) -> Date {
    day(text).0
}

pub fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub fn target(text: &str) -> Target {
    text.parse().unwrap()
}

pub fn ids(seed: u128) -> Ids {
    Ids::new(at("2026-11-12T10:00:00Z"), seed, "P".parse().unwrap())
}

/// The zones of most tests: every day begins once.
pub fn utc() -> Zones {
    Zones { tenant: TimeZone::UTC, product: TimeZone::UTC }
}

pub fn account() -> Account {
    Account {
        id: Ulid(1).into(),
        number: "P-A1".parse().unwrap(),
        name: "Brightwater".into(),
        currency: "EUR".parse().unwrap(),
        entity: None,
        status: AccountStatus::Active,
        zuora_id: None,
        payment_method: None,
        contact_first_name: "Jana".into(),
        contact_last_name: "Weiss".into(),
        contact_mail: "jana@example.com".into(),
        contact_country: "DE".into(),
        orders_billed: 1,
        created_at: at("2026-01-01T00:00:00Z"),
        updated_at: None,
        synced_at: None,
    }
}

/// An offer with one charge; its capability, rate plan and charge are named after it.
pub fn offer(code: &str, charge: Charge, price: Price) -> PricedOffer {
    let mapped = OfferCharge {
        charge: format!("C-{code}").parse().unwrap(),
        capability: code.into(),
        unit: ["piece".into(), "pieces".into()],
        units_each: 1,
        lifetime_months: None,
    };
    let offer = Offer {
        code: code.into(),
        version: 1,
        name: format!("Our {code}"),
        product_line: "cloud".into(),
        rate_plan: format!("R-{code}").parse().unwrap(),
        target_kind: TargetKind::Namespace,
        trust: TrustClass::Standard,
        term_months: 12,
        plan: None,
        plan_rank: 0,
        add_on: false,
        sold: true,
        charges: Json(vec![mapped]),
    };
    let charge = CatalogCharge {
        rate_plan: offer.rate_plan.clone(),
        rate_plan_id: format!("plan-{code}").parse().unwrap(),
        charge: format!("C-{code}").parse().unwrap(),
        charge_id: format!("charge-{code}").parse().unwrap(),
        name: format!("{code} charge"),
        currency: "EUR".parse().unwrap(),
        terms: Json(ChargeTerms { charge, price }),
        synced_at: at("2026-01-01T00:00:00Z"),
    };
    PricedOffer { offer, charges: vec![charge] }
}

/// Seats for 348 a year, support for a flat 1,200 a year, packs of a thousand for 10 once, monthly seats for 29.
pub fn offers() -> Vec<PricedOffer> {
    let mut packs = offer("packs", Charge::OneTime, Price::PerUnit(Decimal::TEN));
    packs.offer.add_on = true;
    packs.offer.charges.0[0].units_each = 1_000;
    packs.offer.charges.0[0].lifetime_months = Some(12);
    vec![
        offer("seats", ANNUAL, Price::PerUnit(Decimal::from(348))),
        offer("support", ANNUAL, Price::FlatFee(Decimal::from(1_200))),
        packs,
        offer("monthly", MONTHLY, Price::PerUnit(Decimal::from(29))),
    ]
}

pub fn only_offers() -> Vec<Offer> {
    offers().into_iter().map(|priced| priced.offer).collect()
}

/// A line of an offer from one day to another, anchored where its subscription began.
pub fn line(code: &str, quantity: i64, from: &str, to: &str) -> Line {
    let offers = offers();
    let priced = offers.iter().find(|priced| priced.offer.code == code).unwrap();
    Line {
        rate_plan: priced.offer.rate_plan.clone(),
        charge: priced.charges[0].charge.clone(),
        own_rate_plan: None,
        own_charge: None,
        quantity: Decimal::from(quantity),
        terms: *priced.charges[0].terms,
        period: Period { start: date(from), end: date(to) },
        anchor: date("2026-03-01"),
    }
}

/// A mirrored subscription of the namespace `one`, for the year from March 2026.
pub fn version(number: &str, lines: Vec<Line>) -> Subscription {
    Subscription {
        number: number.parse().unwrap(),
        version: 1,
        zuora_id: format!("z-{number}").parse().unwrap(),
        account_id: Ulid(1).into(),
        status: SubscriptionStatus::Active,
        target: Some(target("namespace:one")),
        term_start: day("2026-03-01"),
        term_end: day("2027-03-01"),
        lines: Json(lines),
        order_number: None,
        updated_at: at("2026-03-01T00:00:00Z"),
        synced_at: at("2026-03-01T00:00:00Z"),
    }
}

/// Sixty seats until March 2027.
pub fn sixty_seats() -> Subscription {
    version("P-S1", vec![line("seats", 60, "2026-03-01", "2027-03-01")])
}

/// Everything that a decision on `today` looks at; the subscriptions are as given.
pub fn intake(today: &str, versions: &[Subscription]) -> Intake {
    let subscriptions: BTreeMap<_, _> =
        versions.iter().map(|version| (version.number.clone(), Expected::of(version))).collect();
    Intake {
        account: account(),
        offers: offers(),
        subscriptions,
        today: date(today),
        rounding: Rounding::default(),
    }
}

pub fn place(actions: Vec<Requested>) -> PlaceOrder {
    PlaceOrder { account: account().number, settlement: Settlement::Invoice, actions, po_number: None }
}

pub fn subscribe(offer: &str, quantity: i64) -> Requested {
    Requested {
        kind: ActionKind::Subscribe,
        offer: Some(offer.into()),
        quantity: Some(quantity),
        target: Some(target("namespace:one")),
        subscription: None,
        start: None,
    }
}

/// An action on `P-S1`.
pub fn change(kind: ActionKind, offer: &str, quantity: i64) -> Requested {
    Requested {
        kind,
        offer: Some(offer.into()),
        quantity: Some(quantity),
        target: None,
        subscription: Some("P-S1".parse().unwrap()),
        start: None,
    }
}

pub fn cancel(start: Option<&str>) -> Requested {
    Requested { offer: None, quantity: None, start: start.map(day), ..change(ActionKind::Cancel, "", 0) }
}

/// What a decision on one action comes to.
pub fn decide(today: &str, versions: &[Subscription], asked: Requested) -> Result<Preview, Refusal> {
    intake(today, versions).decide(&place(vec![asked]), &mut ids(7))
}

/// The order that a decision becomes, accepted on 12 November 2026 at ten and on trust for three days.
pub fn order(number: u128, actions: Vec<OrderAction>) -> Order {
    let accepted_at = at("2026-11-12T10:00:00Z");
    Order {
        id: Ulid(number).into(),
        number: format!("P-O{number}").parse().unwrap(),
        account_id: Ulid(1).into(),
        status: OrderStatus::Accepted,
        settlement: Settlement::Invoice,
        total_minor: 0,
        currency: "EUR".parse().unwrap(),
        actions: Json(actions),
        po_number: None,
        order_date: day("2026-11-12"),
        placed_by: "tok_1".into(),
        trust_until: Some(at("2026-11-15T10:00:00Z")),
        confirmed: false,
        reason: None,
        accepted_at,
        billed_at: None,
        invoice_number: None,
        trace_id: "trace".into(),
    }
}

/// The order of one action, decided on 12 November 2026.
pub fn ordered(number: u128, versions: &[Subscription], asked: Requested) -> Order {
    order(number, decide("2026-11-12", versions, asked).unwrap().actions)
}

/// The year from a day on.
pub fn year_from(start: &str) -> Period {
    Segment::term(date(start), 12).unwrap()
}
