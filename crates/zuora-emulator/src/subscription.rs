//! Subscriptions: immutable versions of rate plans, whose charges run in segments.
//! Refuses to change a version: every order action makes the next one.

pub(crate) mod view;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use rating::{Currency, Period, Price};
use rust_decimal::Decimal;

use crate::catalog::{Alignment, ChargeModel, ChargeType};
use crate::error::Refusal;
use crate::ids::Ids;
use crate::json::Custom;
use crate::table::Row;

/// Where the arithmetic puts the end of an evergreen subscription; it is never shown.
pub(crate) const FOREVER: Date = Date::constant(9000, 1, 1);

/// How long a term is, as the order said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TermLength {
    pub(crate) period: i64,
    pub(crate) unit: TermUnit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TermUnit {
    Day,
    Week,
    Month,
    Year,
}

impl TermUnit {
    pub(crate) fn name(self) -> &'static str {
        match self {
            TermUnit::Day => "Day",
            TermUnit::Week => "Week",
            TermUnit::Month => "Month",
            TermUnit::Year => "Year",
        }
    }
}

impl TermLength {
    /// The day after the last day of a term that starts on `start`.
    pub(crate) fn end(&self, start: Date) -> Result<Date, Refusal> {
        let span = match self.unit {
            TermUnit::Day => jiff::Span::new().try_days(self.period),
            TermUnit::Week => jiff::Span::new().try_weeks(self.period),
            TermUnit::Month => jiff::Span::new().try_months(self.period),
            TermUnit::Year => jiff::Span::new().try_years(self.period),
        };
        let end = span.and_then(|span| start.checked_add(span)).ok().filter(|end| *end < FOREVER);
        end.ok_or_else(|| Refusal::invalid("initialTerm.period", "the term ends beyond the calendar"))
    }
}

/// One version of a subscription.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) version: u32,
    pub(crate) previous: Option<String>,
    pub(crate) original: String,
    pub(crate) account: String,
    pub(crate) invoice_account: String,
    pub(crate) currency: Currency,
    pub(crate) contract_effective: Date,
    pub(crate) service_activation: Option<Date>,
    pub(crate) customer_acceptance: Option<Date>,
    pub(crate) start: Date,
    /// The end of the current term; none for an evergreen subscription.
    pub(crate) term_end: Option<Date>,
    pub(crate) initial_term: TermLength,
    pub(crate) renewal_term: TermLength,
    pub(crate) auto_renew: bool,
    pub(crate) renewal_setting: String,
    pub(crate) cancelled: Option<Date>,
    pub(crate) cancel_reason: Option<String>,
    pub(crate) invoice_separately: bool,
    pub(crate) notes: Option<String>,
    pub(crate) custom: Custom,
    pub(crate) order: String,
    pub(crate) booked: Date,
    pub(crate) plans: Vec<RatePlan>,
    pub(crate) created: Timestamp,
    pub(crate) original_created: Timestamp,
    pub(crate) updated: Timestamp,
}

/// A product rate plan as it was subscribed to.
#[derive(Debug, Clone)]
pub(crate) struct RatePlan {
    pub(crate) id: String,
    pub(crate) original: String,
    pub(crate) number: String,
    pub(crate) product_rate_plan: String,
    pub(crate) last_change: Option<&'static str>,
    pub(crate) unique_token: Option<String>,
    pub(crate) custom: Custom,
    pub(crate) charges: Vec<Charge>,
}

/// A product rate plan charge as it was subscribed to.
#[derive(Debug, Clone)]
pub(crate) struct Charge {
    pub(crate) original: String,
    pub(crate) number: String,
    pub(crate) product_rate_plan_charge: String,
    pub(crate) name: String,
    pub(crate) charge_type: ChargeType,
    pub(crate) model: ChargeModel,
    pub(crate) alignment: Alignment,
    pub(crate) bill_cycle_type: String,
    pub(crate) trigger_event: String,
    pub(crate) uom: Option<String>,
    pub(crate) anchor: Date,
    pub(crate) unique_token: Option<String>,
    pub(crate) custom: Custom,
    pub(crate) segments: Vec<Segment>,
}

/// A stretch of a charge with one price and one quantity.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub(crate) id: String,
    pub(crate) number: u32,
    pub(crate) version: u32,
    pub(crate) price: Decimal,
    pub(crate) quantity: Option<Decimal>,
    pub(crate) start: Date,
    pub(crate) end: Date,
    /// Up to when it was invoiced; beyond `end` after a cut, until the rest is credited.
    pub(crate) charged_through: Option<Date>,
    pub(crate) original_order_date: Date,
    pub(crate) amended_on: Option<Date>,
}

impl Row for Subscription {
    fn id(&self) -> &str {
        &self.id
    }
    fn number(&self) -> &str {
        &self.number
    }
    fn account(&self) -> &str {
        &self.account
    }
}

impl Subscription {
    /// The end of service: the cancellation, or the end of the term.
    pub(crate) fn end(&self) -> Option<Date> {
        self.cancelled.or(self.term_end)
    }

    /// The same end as a date that can be computed with.
    pub(crate) fn last_day_after(&self) -> Date {
        self.end().unwrap_or(FOREVER)
    }

    /// The version after this one: the same content under new ids.
    pub(crate) fn next_version(&self, ids: &mut Ids, order: &str, now: Timestamp) -> Subscription {
        let mut next = self.clone();
        next.previous = Some(std::mem::replace(&mut next.id, ids.id()));
        next.version += 1;
        order.clone_into(&mut next.order);
        (next.created, next.updated) = (now, now);
        for plan in &mut next.plans {
            plan.id = ids.id();
            plan.last_change = None;
            for segment in plan.charges.iter_mut().flat_map(|charge| &mut charge.segments) {
                segment.id = ids.id();
            }
        }
        next
    }

    /// Ends all service on `day`; what was invoiced beyond it will be credited by the next bill run.
    pub(crate) fn cut(&mut self, day: Date, order_date: Date) {
        for charge in self.plans.iter_mut().flat_map(|plan| &mut plan.charges) {
            charge.cut(day, order_date);
        }
    }

    /// The latest day up to which anything was invoiced.
    pub(crate) fn charged_through(&self) -> Option<Date> {
        let segments = self.plans.iter().flat_map(|plan| &plan.charges).flat_map(|charge| &charge.segments);
        segments.filter_map(|segment| segment.charged_through).max()
    }
}

impl Charge {
    /// Ends every segment at `day`; one that would only begin later keeps no day.
    pub(crate) fn cut(&mut self, day: Date, order_date: Date) {
        if self.charge_type == ChargeType::OneTime && self.segments.iter().all(|segment| segment.start < day)
        {
            return;
        }
        for segment in self.segments.iter_mut().filter(|segment| segment.end > day) {
            segment.end = day.max(segment.start);
            segment.amended_on = Some(order_date);
        }
    }

    /// The segment in force on a day.
    pub(crate) fn on(&self, day: Date) -> Option<&Segment> {
        self.segments.iter().rev().find(|segment| segment.start <= day && day < segment.end)
    }

    /// What `rating` needs to know of a segment; `end` may lie beyond a cut when a credit is worked out.
    pub(crate) fn rated(&self, segment: &Segment, end: Date) -> rating::Segment {
        let quantity = segment.quantity.unwrap_or(Decimal::ONE);
        let price = match self.model {
            ChargeModel::FlatFee => Price::FlatFee(segment.price),
            ChargeModel::PerUnit => Price::PerUnit(segment.price),
        };
        rating::Segment { period: Period { start: segment.start, end }, anchor: self.anchor, price, quantity }
    }
}

/// The day after a day; only the calendar's last day has none, and no term reaches it.
pub(crate) fn next_day(day: Date) -> Date {
    day.checked_add(1.day()).unwrap_or(day)
}
