//! What customers were told, kept by themselves: the other side of every comparison with the books.
//! Refuses to be filled from anything but answers that customers got, and what they sold in Zuora themselves.

use std::collections::{BTreeMap, BTreeSet};

use domain::offer::Offer;
use domain::order::{ActionKind, Settlement};
use rust_decimal::Decimal;

/// An account that a customer opened.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The company's name.
    pub name: String,
    /// Every number that its one key was answered with.
    pub numbers: BTreeSet<String>,
}

/// What an order does for a target.
#[derive(Debug, Clone)]
pub struct Bought {
    /// What kind of action.
    pub kind: ActionKind,
    /// The offer by code.
    pub offer: String,
    /// How many.
    pub quantity: i64,
    /// The subscription that it makes or changes.
    pub subscription: String,
    /// What it is for.
    pub target: String,
}

/// An order that was answered 201.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The key that the customer sent.
    pub key: String,
    /// Whose it is.
    pub account: String,
    /// Every number that the key was answered with.
    pub numbers: BTreeSet<String>,
    /// How it is paid.
    pub settlement: Settlement,
    /// What the answer said that it costs.
    pub total: Decimal,
    /// What it is for.
    pub bought: Bought,
}

/// A request that was answered with something else, in the end.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The key that the customer sent.
    pub key: String,
    /// The HTTP status; 0 if there was no answer.
    pub status: u16,
    /// What was said.
    pub body: String,
}

/// Something sold in Zuora itself.
#[derive(Debug, Clone)]
pub struct Sold {
    /// The account's number.
    pub account: String,
    /// The order's number.
    pub order: String,
    /// What it is for.
    pub bought: Bought,
}

/// Everything that customers know.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Accounts.
    pub opened: Vec<Opened>,
    /// Orders that were taken, each account's in the order in which it placed them.
    pub placed: Vec<Placed>,
    /// Requests for orders and accounts that were not.
    pub refused: Vec<Refused>,
    /// What was sold past the platform.
    pub sold: Vec<Sold>,
}

impl Ledger {
    /// Everything bought of any target, for all orders but those that were rejected later.
    pub fn bought<'a>(&'a self, rejected: &'a BTreeSet<String>) -> impl Iterator<Item = &'a Bought> {
        let placed = self.placed.iter().filter(|order| order.numbers.is_disjoint(rejected));
        placed.map(|order| &order.bought).chain(self.sold.iter().map(|sold| &sold.bought))
    }
}

/// What a target should have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// The highest plan that was bought for it, with its rank.
    pub plan: Option<(i32, String)>,
    /// How much of each capability.
    pub capabilities: BTreeMap<String, i64>,
}

/// What every target should have after these purchases, by the lab's own arithmetic.
pub fn expected<'a>(
    bought: impl Iterator<Item = &'a Bought>,
    offers: &[Offer],
) -> BTreeMap<String, Expected> {
    let mut lines: BTreeMap<(&str, &str, &str), i64> = BTreeMap::new();
    for one in bought {
        let line = lines.entry((&one.target, &one.subscription, &one.offer)).or_default();
        match one.kind {
            ActionKind::Subscribe | ActionKind::Add => *line += one.quantity,
            ActionKind::ChangeQuantity => *line = one.quantity,
            ActionKind::Cancel => *line = 0,
        }
    }
    let mut targets: BTreeMap<String, Expected> = BTreeMap::new();
    for ((target, _, code), quantity) in lines {
        let Some(offer) = offers.iter().find(|offer| offer.code == code) else { continue };
        let expected = targets.entry(target.to_owned()).or_default();
        let plan = offer.plan.clone().map(|plan| (offer.plan_rank, plan));
        expected.plan = expected.plan.take().max(plan);
        for charge in offer.charges.iter() {
            *expected.capabilities.entry(charge.capability.clone()).or_default() +=
                quantity * charge.units_each;
        }
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::offers;

    fn bought(kind: ActionKind, offer: &str, quantity: i64, subscription: &str) -> Bought {
        let (offer, subscription) = (offer.to_owned(), subscription.to_owned());
        Bought { kind, offer, quantity, subscription, target: "namespace:a".to_owned() }
    }

    #[test]
    fn subscriptions_add_up_and_changes_replace() {
        let all = [
            bought(ActionKind::Subscribe, "cloud-premium", 10, "S-1"),
            bought(ActionKind::Subscribe, "cloud-business", 5, "S-2"),
            bought(ActionKind::ChangeQuantity, "cloud-premium", 12, "S-1"),
            bought(ActionKind::Add, "compute-minutes", 2, "S-1"),
            bought(ActionKind::Add, "compute-minutes", 1, "S-1"),
        ];
        let expected = &expected(all.iter(), &offers().unwrap())["namespace:a"];
        assert_eq!(expected.plan, Some((20, "business".to_owned())));
        let has = |capability: &str| expected.capabilities[capability];
        assert_eq!((has("premium-seats"), has("business-seats"), has("compute-minutes")), (12, 5, 30_000));
    }
}
