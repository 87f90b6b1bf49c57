//! The duty to provision: one for every change of what a target is entitled to, with a deadline.
//! Refuses to end by itself: it is done, or a person closes it with a reason.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde::Serialize;

use crate::entitlement::Sources;
use crate::order::{ActionKind, Order};
use crate::subscription::{Expected, Subscription, SubscriptionStatus};
use crate::target::Target;
use crate::text::as_text;
use crate::{AccountId, Day, Ids, Instant, ObligationId, OrderId, SubscriptionNumber};

/// Where the duty stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObligationStatus {
    /// Waits for billing: it is not granted on trust.
    Waiting,
    /// To be done by its deadline.
    Due,
    /// The target has it.
    Done,
    /// A person ended it, or its order was rejected; the reason says which.
    Closed,
    /// No offer says what it provisions, or no target is named.
    Unmapped,
}
as_text!(
    enum ObligationStatus {
        Waiting = "waiting",
        Due = "due",
        Done = "done",
        Closed = "closed",
        Unmapped = "unmapped",
    }
);

/// One duty; unique by subscription, effective day, capability and target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Obligation {
    /// Ours.
    pub id: ObligationId,
    /// Whose it is.
    pub account_id: AccountId,
    /// The subscription that changed.
    pub subscription: SubscriptionNumber,
    /// From when the change counts.
    pub effective: Day,
    /// The capability; the charge's number where no offer maps it.
    pub capability: String,
    /// Who is to have it; the text `none` where nobody is named.
    pub target: String,
    /// Where it stands.
    pub status: ObligationStatus,
    /// By when it has to be done.
    pub deadline: Option<Instant>,
    /// The order that promised it; kept when a version takes it over.
    pub order_id: Option<OrderId>,
    /// The subscription version that confirmed it.
    pub version: Option<i64>,
    /// Why it was closed.
    pub reason: Option<String>,
    /// When it came into being.
    pub created_at: Instant,
    /// When it was done.
    pub done_at: Option<Instant>,
}

/// The text that stands where no target is named.
pub const NO_TARGET: &str = "none";

/// How long a duty may take before somebody is called.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(pub SignedDuration);

impl Obligation {
    /// The duties of an order that was just accepted.
    pub fn of_order(
        order: &Order,
        sources: &Sources<'_>,
        deadline: Deadline,
        ids: &mut Ids,
    ) -> Vec<Obligation> {
        let mut duties = Vec::new();
        for action in order.actions.iter() {
            let lines = action.lines.iter().map(|line| &line.line);
            let capabilities: BTreeSet<String> = match action.kind {
                ActionKind::Cancel => BTreeSet::from(["all".to_owned()]),
                _ => lines
                    .filter_map(|line| sources.mapping(line))
                    .map(|(_, charge)| charge.capability.clone())
                    .collect(),
            };
            let due = order.entitles(order.accepted_at);
            let begins = sources.zones.starts(action.start).max(order.accepted_at);
            duties.extend(capabilities.into_iter().map(|capability| Obligation {
                id: ids.id(),
                account_id: order.account_id,
                subscription: action.subscription.clone(),
                effective: action.start,
                capability,
                target: action.target.as_ref().map_or_else(|| NO_TARGET.to_owned(), ToString::to_string),
                status: if due { ObligationStatus::Due } else { ObligationStatus::Waiting },
                deadline: due.then(|| begins.after(deadline.0)),
                order_id: Some(order.id),
                version: None,
                reason: None,
                created_at: order.accepted_at,
                done_at: None,
            }));
        }
        duties
    }

    /// The duties of a subscription version that Zuora shows; an order's own are taken over by their key.
    pub fn of_version(
        version: &Subscription,
        sources: &Sources<'_>,
        deadline: Deadline,
        now: Instant,
        ids: &mut Ids,
    ) -> Vec<Obligation> {
        let expected = Expected::of(version);
        let target = version.target.as_ref();
        let mut keys: BTreeSet<(Day, String, bool)> = BTreeSet::new();
        for line in &expected.lines {
            let mapped = sources.mapping(line);
            let capability =
                mapped.map_or_else(|| line.charge.to_string(), |(_, charge)| charge.capability.clone());
            keys.insert((Day(line.period.start), capability, mapped.is_some() && target.is_some()));
        }
        if version.status == SubscriptionStatus::Cancelled {
            // The lines of a canceled version were cut at the day on which it ends; before its start there are none.
            let end = expected.lines.iter().map(|line| line.period.end).max().unwrap_or(expected.term_start);
            keys.insert((Day(end), "all".to_owned(), target.is_some()));
        }
        let duty = |(effective, capability, mapped): (Day, String, bool)| Obligation {
            id: ids.id(),
            account_id: version.account_id,
            subscription: version.number.clone(),
            effective,
            capability,
            target: target.map_or_else(|| NO_TARGET.to_owned(), Target::to_string),
            status: if mapped { ObligationStatus::Due } else { ObligationStatus::Unmapped },
            deadline: Some(sources.zones.starts(effective).max(now).after(deadline.0)),
            order_id: None,
            version: Some(version.version),
            reason: None,
            created_at: now,
            done_at: None,
        };
        keys.into_iter().map(duty).collect()
    }
}
