//! Subscriptions as Zuora versions them, and what becomes of them when orders that Zuora has not confirmed are applied.
//! Refuses to change a version: each is kept as it was.

use jiff::civil::Date;
use rating::Period;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use crate::offer::ChargeTerms;
use crate::order::{ActionKind, OrderAction};
use crate::target::Target;
use crate::text::as_text;
use crate::{
    AccountId, ChargeNumber, Day, Instant, OrderNumber, RatePlanNumber, SubscriptionNumber, ZuoraId,
};

/// Zuora's status of a subscription version; words that we do not know are kept as `Other`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionStatus {
    /// In force.
    Active,
    /// Ended before its term.
    Cancelled,
    /// Ended with its term.
    Expired,
    /// Paused.
    Suspended,
    /// Draft, pending, or a word of the future: entitles to nothing.
    Other,
}
as_text!(
    enum SubscriptionStatus {
        Active = "active",
        Cancelled = "cancelled",
        Expired = "expired",
        Suspended = "suspended",
        Other = "other",
    }
);

/// One immutable version of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Subscription {
    /// The stable name over all versions.
    pub number: SubscriptionNumber,
    /// Rises with every change.
    pub version: i64,
    /// Zuora's id of this version.
    pub zuora_id: ZuoraId,
    /// Whose it is.
    pub account_id: AccountId,
    /// Where it stands.
    pub status: SubscriptionStatus,
    /// What it provisions; absent where whoever made it in Zuora named none.
    pub target: Option<Target>,
    /// First day of the current term.
    pub term_start: Day,
    /// The day after the last of the current term.
    pub term_end: Day,
    /// The charges, one line for each segment.
    pub lines: Json<Vec<Line>>,
    /// The order that made this version.
    pub order_number: Option<OrderNumber>,
    /// When Zuora changed it last.
    pub updated_at: Instant,
    /// When we read it.
    pub synced_at: Instant,
}

/// A charge over a stretch of time with one quantity and one price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The product rate plan.
    pub rate_plan: RatePlanNumber,
    /// The product rate plan charge.
    pub charge: ChargeNumber,
    /// Zuora's number of the rate plan in this subscription, `SRP-…`; unknown before Zuora made it.
    pub own_rate_plan: Option<String>,
    /// Zuora's number of the charge in this subscription, `C-…`; unknown before Zuora made it.
    pub own_charge: Option<String>,
    /// How many units.
    pub quantity: Decimal,
    /// When and how it is charged.
    pub terms: ChargeTerms,
    /// From when to when.
    pub period: Period,
    /// From where billing periods are counted.
    pub anchor: Date,
}

impl Line {
    /// The line as `rating` sees it.
    pub fn segment(&self) -> rating::Segment {
        rating::Segment {
            period: self.period,
            anchor: self.anchor,
            price: self.terms.price,
            quantity: self.quantity,
        }
    }

    /// Whether its price is asked for each unit, so that an order may change its quantity.
    pub fn per_unit(&self) -> bool {
        matches!(self.terms.price, rating::Price::PerUnit(_))
    }

    /// Whether it is charged again every billing period.
    pub fn recurring(&self) -> bool {
        matches!(self.terms.charge, rating::Charge::Recurring { .. })
    }
}

/// What a subscription is expected to be once Zuora has done what was ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Its number.
    pub number: SubscriptionNumber,
    /// What it provisions.
    pub target: Option<Target>,
    /// First day of the term.
    pub term_start: Date,
    /// The day after the last of the term.
    pub term_end: Date,
    /// All lines, past ones too.
    pub lines: Vec<Line>,
}

impl Expected {
    /// The latest version as it is; one that entitles to nothing has no lines left.
    pub fn of(version: &Subscription) -> Expected {
        let alive = matches!(version.status, SubscriptionStatus::Active | SubscriptionStatus::Cancelled);
        Expected {
            number: version.number.clone(),
            target: version.target.clone(),
            term_start: version.term_start.0,
            term_end: version.term_end.0,
            lines: if alive { version.lines.0.clone() } else { Vec::new() },
        }
    }

    /// What a first action makes of nothing; `None` unless it subscribes.
    pub fn begun(action: &OrderAction) -> Option<Expected> {
        (action.kind == ActionKind::Subscribe).then(|| Expected {
            number: action.subscription.clone(),
            target: action.target.clone(),
            term_start: action.start.0,
            term_end: action.end.0,
            lines: action.lines.iter().map(|line| line.line.clone()).collect(),
        })
    }

    /// The same subscription after one more action.
    pub fn after(mut self, action: &OrderAction) -> Expected {
        match action.kind {
            ActionKind::Subscribe => {}
            ActionKind::Add => self.lines.extend(action.lines.iter().map(|line| line.line.clone())),
            ActionKind::ChangeQuantity => {
                let touched: Vec<&ChargeNumber> = action.lines.iter().map(|line| &line.line.charge).collect();
                self.cut(action.start.0, |line| touched.contains(&&line.charge));
                self.lines.extend(action.lines.iter().map(|line| line.line.clone()));
            }
            ActionKind::Cancel => self.cut(action.start.0, |_| true),
        }
        self
    }

    fn cut(&mut self, at: Date, which: impl Fn(&Line) -> bool) {
        for line in self.lines.iter_mut().filter(|line| which(line)) {
            line.period.end = line.period.end.min(at).max(line.period.start);
        }
        self.lines.retain(|line| !line.period.is_empty());
    }

    /// The lines that are in force on a day or later.
    pub fn from(&self, day: Date) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| day < line.period.end)
    }

    /// The lines that are in force on a day.
    pub fn on(&self, day: Date) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.period.contains(day))
    }
}
