//! The words for every state: a kind (color), an icon and a word, one table for each noun. No raw enum ever reaches a page.
//! Refuses to tell customers of "outcome unknown": to them an order waits, and that is true.

use domain::Instant;
use domain::invoice::Invoice;
use domain::obligation::{Obligation, ObligationStatus};
use domain::order::{Order, OrderStatus};
use domain::subscription::{Subscription, SubscriptionStatus};

/// A badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// The class that colors it: `good busy wait bad odd idle`.
    pub kind: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// What it says.
    pub words: &'static str,
}

const fn state(kind: &'static str, icon: &'static str, words: &'static str) -> State {
    State { kind, icon, words }
}

/// Whether everything that was promised is provisioned; `None` if nothing was promised, or it is not known here.
pub fn is_ready(duties: &[Obligation]) -> Option<bool> {
    let done = |duty: &Obligation| matches!(duty.status, ObligationStatus::Done | ObligationStatus::Closed);
    (!duties.is_empty()).then(|| duties.iter().all(done))
}

/// An order, for the customer. Lists do not know the duties and pass none.
pub fn order(order: &Order, duties: &[Obligation], silent_since: Option<Instant>) -> State {
    let ready = is_ready(duties);
    match order.status {
        OrderStatus::Rejected => state("bad", "cross", "Not possible"),
        OrderStatus::AwaitingPaymentMethod => state("wait", "card", "Waiting for your card"),
        OrderStatus::Billed if ready == Some(false) => state("busy", "half", "Being set up"),
        OrderStatus::Billed if ready == Some(true) => state("good", "check", "Complete"),
        OrderStatus::Billed => state("good", "check", "Billed"),
        OrderStatus::Accepted | OrderStatus::Unknown => match (silent_since, ready) {
            (Some(_), Some(true)) => state("wait", "clock", "Ready, waiting for billing"),
            (Some(_), _) => state("wait", "clock", "Waiting for billing"),
            (None, _) => state("busy", "half", "Accepted"),
        },
    }
}

/// An order, for staff.
pub fn staff_order(status: OrderStatus, silent_since: Option<Instant>) -> State {
    match status {
        OrderStatus::Rejected => state("bad", "cross", "Rejected"),
        OrderStatus::AwaitingPaymentMethod => state("idle", "card", "Waiting for a card"),
        OrderStatus::Billed => state("good", "check", "Billed"),
        OrderStatus::Unknown => state("odd", "ask", "Outcome unknown"),
        OrderStatus::Accepted if silent_since.is_some() => state("wait", "clock", "Waiting for billing"),
        OrderStatus::Accepted => state("busy", "half", "Accepted"),
    }
}

/// A subscription as it is expected to be; `trust_until` is set while part of it is not confirmed.
pub fn subscription(version: Option<&Subscription>, trust_until: Option<Instant>) -> State {
    let Some(version) = version else {
        return match trust_until {
            Some(_) => state("wait", "trust", "Ready, not billed yet"),
            None => state("busy", "half", "Being set up"),
        };
    };
    match version.status {
        SubscriptionStatus::Active if trust_until.is_some() => {
            state("good", "trust", "Active, change not billed yet")
        }
        SubscriptionStatus::Active => state("good", "check", "Active"),
        SubscriptionStatus::Cancelled => state("idle", "ring", "Canceled"),
        SubscriptionStatus::Expired => state("idle", "ring", "Ended"),
        SubscriptionStatus::Suspended => state("wait", "clock", "Paused"),
        SubscriptionStatus::Other => state("idle", "ring", "Not active"),
    }
}

/// An invoice, as of the day on which the page is read.
pub fn invoice(invoice: &Invoice, today: domain::Day) -> State {
    match invoice.status.as_str() {
        "Posted" if invoice.balance_minor <= 0 => state("good", "check", "Paid"),
        "Posted" if invoice.due_date < today => state("wait", "clock", "Overdue"),
        "Posted" => state("idle", "ring", "Open"),
        "Draft" => state("busy", "half", "Being made"),
        "Canceled" | "Reversed" => state("idle", "ring", "Withdrawn"),
        "Error" => state("bad", "cross", "Failed"),
        _ => state("idle", "ring", "Not final"),
    }
}

/// A duty to provision, for staff.
pub fn duty(status: ObligationStatus) -> State {
    match status {
        ObligationStatus::Waiting => state("idle", "ring", "Waits for billing"),
        ObligationStatus::Due => state("busy", "half", "Due"),
        ObligationStatus::Done => state("good", "check", "Done"),
        ObligationStatus::Closed => state("idle", "ring", "Closed"),
        ObligationStatus::Unmapped => state("bad", "warn", "Not mapped"),
    }
}

/// A breaker, for staff.
pub fn breaker(breaker: app::BreakerState) -> State {
    match breaker {
        app::BreakerState::Closed => state("good", "check", "Closed"),
        app::BreakerState::Open => state("bad", "cross", "Open"),
        app::BreakerState::HalfOpen => state("busy", "half", "Trying"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story;

    #[test]
    fn an_order_of_unknown_outcome_just_waits_for_the_customer() {
        let mut order = story::order();
        order.status = OrderStatus::Unknown;
        let silent = Some(story::at("2026-11-12T09:14:00Z"));
        assert_eq!(super::order(&order, &story::duties(), silent).words, "Ready, waiting for billing");
        assert_eq!(super::order(&order, &[], silent).words, "Waiting for billing");
        assert_eq!(staff_order(order.status, silent).words, "Outcome unknown");
    }

    #[test]
    fn an_order_is_complete_only_when_it_is_billed_and_set_up() {
        let mut order = story::order();
        order.status = OrderStatus::Billed;
        let mut duties = story::duties();
        assert_eq!(super::order(&order, &duties, None).words, "Complete");
        duties[0].status = ObligationStatus::Due;
        assert_eq!(super::order(&order, &duties, None).words, "Being set up");
        assert_eq!(super::order(&order, &[], None).words, "Billed");
    }

    #[test]
    fn every_state_has_a_kind_that_the_style_sheet_colors() {
        let kinds = ["good", "busy", "wait", "bad", "odd", "idle"];
        for status in OrderStatus::ALL {
            assert!(kinds.contains(&staff_order(*status, None).kind));
        }
        for status in ObligationStatus::ALL {
            assert!(kinds.contains(&duty(*status).kind));
        }
    }
}
