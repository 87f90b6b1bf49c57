//! What a target is entitled to: a pure merge of all its active lines, never the last writer.
//! Refuses state of its own: subscription versions, unconfirmed orders, offers and now go in, the entitlement comes out.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use crate::offer::{Offer, OfferCharge};
use crate::order::Order;
use crate::subscription::{Expected, Line, Subscription};
use crate::target::Target;
use crate::{Day, Instant, SubscriptionNumber};

/// The zones in which days begin: the tenant's, and the product's.
#[derive(Debug, Clone)]
pub struct Zones {
    /// Where Zuora's dates are dates.
    pub tenant: TimeZone,
    /// Where the product's days begin.
    pub product: TimeZone,
}

impl Zones {
    /// When an entitlement that starts on that day starts: never later than the tenant's day.
    pub fn starts(&self, day: Day) -> Instant {
        day.start(&self.product).min(day.start(&self.tenant))
    }

    /// When an entitlement that ends on that day (exclusive) ends: never earlier than the tenant's day.
    pub fn ends(&self, day: Day) -> Instant {
        day.start(&self.product).max(day.start(&self.tenant))
    }
}

/// Everything that an entitlement follows from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The latest version of every subscription that could matter.
    pub versions: &'a [Subscription],
    /// Orders that the mirror has not confirmed, oldest first.
    pub orders: &'a [Order],
    /// What can be sold, and could ever be.
    pub offers: &'a [Offer],
    /// Where days begin.
    pub zones: &'a Zones,
}

/// What a target has now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    /// Who has it.
    pub target: Target,
    /// The highest plan of all active lines.
    pub plan: Option<String>,
    /// One entry a capability, sorted by name.
    pub capabilities: Vec<Capability>,
    /// When something changes by itself: a line starts or ends, a trust ends.
    pub next_change: Option<Instant>,
}

/// One capability: the sum over the active lines (a second order adds, it does not overwrite).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capability {
    /// Its code.
    pub capability: String,
    /// What is counted.
    pub unit: String,
    /// How many.
    pub quantity: i64,
    /// The first day of the oldest active line.
    pub starts_on: Day,
    /// The day after the last of the longest active line.
    pub ends_on: Day,
    /// The earliest moment at which part of it ends unless billing confirms.
    pub trust_until: Option<Instant>,
}

/// One line that gives a capability to a target over a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// The capability's code.
    pub capability: String,
    /// What is counted.
    pub unit: String,
    /// How many.
    pub quantity: i64,
    /// The first day.
    pub starts_on: Day,
    /// The day after the last.
    pub ends_on: Day,
    /// Until when it is given on trust; `None` if billing confirmed it.
    pub trust_until: Option<Instant>,
    /// Where it comes from.
    pub subscription: SubscriptionNumber,
    /// The plan it brings, with its rank.
    pub plan: Option<(i32, String)>,
}

impl Sources<'_> {
    /// Every subscription as it is expected to be at `now`, each with the end of the earliest trust that it rests on.
    pub fn expected(&self, now: Instant) -> Vec<(Expected, Option<Instant>)> {
        let mut all: BTreeMap<SubscriptionNumber, (Expected, Option<Instant>)> = BTreeMap::new();
        for version in self.versions {
            all.insert(version.number.clone(), (Expected::of(version), None));
        }
        for order in self.orders.iter().filter(|order| !order.confirmed && order.entitles(now)) {
            let trust = order.trust_until.filter(|_| order.billed_at.is_none());
            for action in order.actions.iter() {
                let before = all.remove(&action.subscription);
                let (expected, earlier) = match before {
                    Some((expected, earlier)) => (Some(expected.after(action)), earlier),
                    None => (Expected::begun(action), None),
                };
                if let Some(expected) = expected {
                    let trust = [earlier, trust].into_iter().flatten().min();
                    all.insert(action.subscription.clone(), (expected, trust));
                }
            }
        }
        all.into_values().collect()
    }

    /// All lines of the target that have not ended, those to come included.
    pub fn granted(&self, target: &Target, now: Instant) -> Vec<Granted> {
        let mut granted = Vec::new();
        for (expected, trust_until) in self.expected(now) {
            if expected.target.as_ref() != Some(target) {
                continue;
            }
            let lines = expected.lines.iter().filter_map(|line| self.grant(&expected, line, trust_until));
            granted.extend(lines.filter(|line| now < self.zones.ends(line.ends_on)));
        }
        granted.sort_by(|a, b| {
            (&a.capability, &a.subscription, a.starts_on).cmp(&(&b.capability, &b.subscription, b.starts_on))
        });
        granted
    }

    /// What the target has at `now`.
    pub fn entitlement(&self, target: &Target, now: Instant) -> Entitlement {
        let granted = self.granted(target, now);
        let active: Vec<&Granted> =
            granted.iter().filter(|line| self.zones.starts(line.starts_on) <= now).collect();
        let mut capabilities: BTreeMap<&str, Capability> = BTreeMap::new();
        for line in &active {
            let fresh = || Capability { quantity: 0, ..line.capability() };
            let sum = capabilities.entry(&line.capability).or_insert_with(fresh);
            sum.starts_on = sum.starts_on.min(line.starts_on);
            sum.ends_on = sum.ends_on.max(line.ends_on);
            sum.trust_until = [sum.trust_until, line.trust_until].into_iter().flatten().min();
        }
        for ((capability, _), quantity) in self.quantities(&active, now) {
            if let Some(sum) = capabilities.get_mut(capability) {
                sum.quantity = sum.quantity.saturating_add(quantity);
            }
        }
        let boundaries = granted
            .iter()
            .flat_map(|line| [self.zones.starts(line.starts_on), self.zones.ends(line.ends_on)])
            .chain(self.trusts(target, now));
        Entitlement {
            target: target.clone(),
            plan: active.iter().filter_map(|line| line.plan.clone()).max().map(|(_, plan)| plan),
            capabilities: capabilities.into_values().collect(),
            next_change: boundaries.filter(|at| *at > now).min(),
        }
    }

    /// How many of each capability each subscription gives. While a day has begun in one zone and not in the other, a
    /// line and its successor are both active; they are one purchase, so the larger of the two days counts, not the sum.
    fn quantities<'a>(&self, active: &[&'a Granted], now: Instant) -> BTreeMap<(&'a str, &'a str), i64> {
        let mut most = BTreeMap::new();
        for today in [now.day(&self.zones.tenant), now.day(&self.zones.product)] {
            let mut on_day: BTreeMap<(&str, &str), i64> = BTreeMap::new();
            for line in active.iter().filter(|line| line.starts_on <= today && today < line.ends_on) {
                let sum = on_day.entry((&line.capability, line.subscription.as_str())).or_default();
                *sum = sum.saturating_add(line.quantity);
            }
            for (key, sum) in on_day {
                let largest: &mut i64 = most.entry(key).or_default();
                *largest = sum.max(*largest);
            }
        }
        most
    }

    /// When trust in what was ordered for the target ends, also where the order leaves no line to carry it.
    fn trusts(&self, target: &Target, now: Instant) -> Vec<Instant> {
        let of_target = |(expected, trust): (Expected, Option<Instant>)| {
            trust.filter(|_| expected.target.as_ref() == Some(target))
        };
        self.expected(now).into_iter().filter_map(of_target).collect()
    }

    /// The lines of the subscription that no offer explains.
    pub fn unmapped<'a>(&self, expected: &'a Expected) -> Vec<&'a Line> {
        expected.lines.iter().filter(|line| self.mapping(line).is_none()).collect()
    }

    fn grant(&self, expected: &Expected, line: &Line, trust_until: Option<Instant>) -> Option<Granted> {
        let (offer, charge) = self.mapping(line)?;
        Some(Granted {
            capability: charge.capability.clone(),
            unit: charge.unit[1].clone(),
            quantity: line.quantity.checked_mul(Decimal::from(charge.units_each))?.floor().to_i64()?,
            starts_on: Day(line.period.start),
            ends_on: Day(match charge.lifetime_months {
                Some(months) => rating::Segment::term(line.period.start, months).ok()?.end,
                None => line.period.end,
            }),
            trust_until,
            subscription: expected.number.clone(),
            plan: offer.plan.clone().map(|plan| (offer.plan_rank, plan)),
        })
    }

    /// The offer and its mapping for a line, whether or not the offer is still sold.
    pub fn mapping(&self, line: &Line) -> Option<(&Offer, &OfferCharge)> {
        self.offers.iter().filter(|offer| offer.rate_plan == line.rate_plan).find_map(|offer| {
            offer.charges.iter().find(|charge| charge.charge == line.charge).map(|charge| (offer, charge))
        })
    }
}

impl Granted {
    fn capability(&self) -> Capability {
        Capability {
            capability: self.capability.clone(),
            unit: self.unit.clone(),
            quantity: self.quantity,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            trust_until: self.trust_until,
        }
    }
}
