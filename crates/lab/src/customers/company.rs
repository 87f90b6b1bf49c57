//! One customer: what it has bought, and what it wants next.
//! Refuses to want what cannot be sold; bad orders are what tests are for.

use domain::offer::Offer;
use domain::order::{ActionKind, Settlement};
use domain::target::TargetKind;
use serde_json::{Value, json};

use crate::Dice;
use crate::ledger::Bought;

/// The most seats of one order.
const SEATS_MAX: u64 = 40;

/// A subscription that the company has.
#[derive(Debug, Clone)]
struct Held {
    subscription: String,
    offer: String,
    quantity: i64,
    target: String,
    is_server: bool,
}

/// A company that buys.
#[derive(Debug, Clone)]
pub struct Company {
    /// The number of its account.
    pub account: String,
    /// Its name.
    pub name: String,
    /// What its namespaces and servers are called after.
    pub slug: String,
    /// How it pays.
    pub settlement: Settlement,
    dice: Dice,
    held: Vec<Held>,
    targets: u32,
}

/// What a company wants next.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What is done.
    pub kind: ActionKind,
    /// With what, by code.
    pub offer: String,
    /// How many.
    pub quantity: i64,
    /// The subscription that is changed; none for a new one.
    pub subscription: Option<String>,
    /// What it is for.
    pub target: String,
}

impl Wish {
    /// The body of the request.
    pub fn body(&self, account: &str, settlement: Settlement) -> Value {
        let mut action = json!({"type": self.kind.as_str(), "offer": self.offer, "quantity": self.quantity});
        match &self.subscription {
            Some(subscription) => action["subscription"] = json!(subscription),
            None => action["target"] = json!(self.target),
        }
        json!({"account": account, "settlement": settlement.as_str(), "actions": [action]})
    }
}

impl Company {
    /// A company that has bought nothing yet; its wishes follow from the seed.
    pub fn new(account: &str, name: &str, slug: &str, seed: u64) -> Company {
        Company {
            account: account.to_owned(),
            name: name.to_owned(),
            slug: slug.to_owned(),
            settlement: Settlement::Invoice,
            dice: Dice::new(seed),
            held: Vec::new(),
            targets: 0,
        }
    }

    /// Pays by card from now on.
    pub fn pays_by_card(mut self) -> Company {
        self.settlement = Settlement::CardOnFile;
        self
    }

    /// What it wants next: mostly something new, sometimes more of what it has.
    pub fn wish(&mut self, offers: &[Offer]) -> Option<Wish> {
        match self.dice.roll(10) {
            0 => self.more(),
            1 => self.add_on(offers),
            _ => None,
        }
        .or_else(|| self.subscribe(offers))
    }

    /// A choice that has nothing to do with what it wants.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.dice.roll(sides)
    }

    fn seats(&mut self) -> i64 {
        i64::try_from(1 + self.dice.roll(SEATS_MAX)).unwrap_or(1)
    }

    fn subscribe(&mut self, offers: &[Offer]) -> Option<Wish> {
        let plans: Vec<&Offer> = offers.iter().filter(|offer| !offer.add_on).collect();
        let offer = (*self.dice.pick(&plans)?).clone();
        let same_kind = |held: &&Held| held.is_server == (offer.target_kind == TargetKind::Server);
        let targets: Vec<String> =
            self.held.iter().filter(same_kind).map(|held| held.target.clone()).collect();
        // Two subscriptions for one target must add up there.
        let again = (self.dice.roll(4) == 0).then(|| self.dice.pick(&targets).cloned()).flatten();
        let target = again.unwrap_or_else(|| self.new_target(offer.target_kind));
        let (kind, quantity) = (ActionKind::Subscribe, self.seats());
        Some(Wish { kind, offer: offer.code, quantity, subscription: None, target })
    }

    fn new_target(&mut self, kind: TargetKind) -> String {
        self.targets += 1;
        match kind {
            TargetKind::Namespace => format!("namespace:{}/team-{}", self.slug, self.targets),
            TargetKind::Server => format!("server:{}-git-{}", self.slug, self.targets),
        }
    }

    fn more(&mut self) -> Option<Wish> {
        let held = self.dice.pick(&self.held)?.clone();
        let quantity = held.quantity + self.seats();
        Some(Wish {
            kind: ActionKind::ChangeQuantity,
            offer: held.offer,
            quantity,
            subscription: Some(held.subscription),
            target: held.target,
        })
    }

    fn add_on(&mut self, offers: &[Offer]) -> Option<Wish> {
        let clouds: Vec<Held> = self.held.iter().filter(|held| !held.is_server).cloned().collect();
        let held = self.dice.pick(&clouds)?.clone();
        let add_ons: Vec<&Offer> = offers.iter().filter(|offer| offer.add_on).collect();
        let offer = self.dice.pick(&add_ons)?;
        Some(Wish {
            kind: ActionKind::Add,
            offer: offer.code.clone(),
            // Storage is sold as one pack; the others are content with one, too.
            quantity: 1,
            subscription: Some(held.subscription),
            target: held.target,
        })
    }

    /// Remembers what it bought.
    pub fn got(&mut self, bought: &Bought) {
        match bought.kind {
            ActionKind::Subscribe => self.held.push(Held {
                subscription: bought.subscription.clone(),
                offer: bought.offer.clone(),
                quantity: bought.quantity,
                target: bought.target.clone(),
                is_server: bought.target.starts_with("server:"),
            }),
            ActionKind::ChangeQuantity => {
                let changed = self.held.iter_mut().filter(|held| held.subscription == bought.subscription);
                changed.for_each(|held| held.quantity = bought.quantity);
            }
            ActionKind::Add | ActionKind::Cancel => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::offers;

    #[test]
    fn a_company_comes_to_want_everything_that_is_sold() {
        let offers = offers().unwrap();
        let mut company = Company::new("A-1", "Kestrel Freight Ltd", "kestrel", 7);
        let mut wanted = std::collections::BTreeSet::new();
        for number in 0..300 {
            let wish = company.wish(&offers).unwrap();
            wanted.insert((wish.kind.as_str(), wish.offer.clone()));
            let subscription = wish.subscription.clone().unwrap_or_else(|| format!("S-{number}"));
            let Wish { kind, offer, quantity, target, .. } = wish;
            company.got(&Bought { kind, offer, quantity, subscription, target });
        }
        assert!(offers.iter().all(|offer| wanted.iter().any(|(_, code)| *code == offer.code)), "{wanted:?}");
        assert_eq!(wanted.iter().map(|(kind, _)| kind).collect::<std::collections::BTreeSet<_>>().len(), 3);
    }
}
