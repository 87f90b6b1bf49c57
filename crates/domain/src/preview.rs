//! The decision on an order: what it would do and cost. Preview and placing share it, so they cannot differ.
//! Refuses to guess: an order that does not name exactly what it wants is refused.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use rating::{Money, Period, Rounding, Segment, billed_through, items};
use rust_decimal::Decimal;

use crate::account::{Account, AccountStatus};
use crate::offer::{CatalogCharge, PricedOffer};
use crate::order::{
    ACTIONS_MAX, ActionKind, OrderAction, OrderLine, PlaceOrder, PricedItem, QUANTITY_MAX, Requested,
    START_DAYS_AHEAD_MAX, Settlement,
};
use crate::subscription::{Expected, Line};
use crate::{Currency, Day, Ids, Refusal, SubscriptionNumber};

/// Everything the decision looks at.
#[derive(Debug, Clone)]
pub struct Intake {
    /// Who buys.
    pub account: Account,
    /// The offers that the request names, priced in the account's currency.
    pub offers: Vec<PricedOffer>,
    /// The subscriptions that the request names, as they are expected to be.
    pub subscriptions: BTreeMap<SubscriptionNumber, Expected>,
    /// Today, in the tenant's zone.
    pub today: Date,
    /// How the tenant rounds.
    pub rounding: Rounding,
}

/// What an order would do and cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The decided actions.
    pub actions: Vec<OrderAction>,
    /// The sum of all items, before tax.
    pub total: Money,
}

impl Intake {
    /// Decides on a request; nothing about it depends on the time of day or on chance, but the numbers drawn.
    pub fn decide(&self, request: &PlaceOrder, ids: &mut Ids) -> Result<Preview, Refusal> {
        self.check(request)?;
        let mut actions = Vec::with_capacity(request.actions.len());
        for (index, asked) in request.actions.iter().enumerate() {
            let asked = Asked { intake: self, asked, at: format!("actions[{index}]") };
            let action = match asked.asked.kind {
                ActionKind::Subscribe => asked.subscribe(ids)?,
                ActionKind::Add => asked.add()?,
                ActionKind::ChangeQuantity => asked.change_quantity()?,
                ActionKind::Cancel => asked.cancel()?,
            };
            actions.push(action);
        }
        let amounts = actions.iter().flat_map(OrderAction::items).map(|priced| priced.item.amount);
        let total = Money::sum(self.account.currency.0, amounts).map_err(|_| Refusal::Amount)?;
        Ok(Preview { actions, total })
    }

    fn check(&self, request: &PlaceOrder) -> Result<(), Refusal> {
        if matches!(self.account.status, AccountStatus::Rejected | AccountStatus::Canceled) {
            let (number, status) = (self.account.number.to_string(), self.account.status.as_str());
            return Err(Refusal::AccountStatus { number, status });
        }
        if request.actions.is_empty() || request.actions.len() > ACTIONS_MAX {
            return Err(Refusal::ActionCount { max: ACTIONS_MAX });
        }
        if request.settlement == Settlement::CardOnFile && self.account.payment_method.is_none() {
            return Err(Refusal::NoPaymentMethod);
        }
        if let Some(po_number) = &request.po_number {
            crate::account::check_text("po_number", po_number)?;
        }
        let mut seen = Vec::new();
        for (index, number) in
            request.actions.iter().enumerate().filter_map(|(i, a)| Some((i, a.subscription.as_ref()?)))
        {
            if seen.contains(&number) {
                let field = format!("actions[{index}].subscription");
                return Err(Refusal::SubscriptionTwice { field, number: number.to_string() });
            }
            seen.push(number);
        }
        Ok(())
    }
}

/// One requested action and where it stands in the request.
struct Asked<'a> {
    intake: &'a Intake,
    asked: &'a Requested,
    at: String,
}

impl Asked<'_> {
    fn subscribe(&self, ids: &mut Ids) -> Result<OrderAction, Refusal> {
        let offer = self.offer()?;
        if offer.offer.add_on {
            return Err(Refusal::AddOnOnly { field: self.field("offer"), code: offer.offer.code.clone() });
        }
        let target = self.asked.target.clone().filter(|target| target.kind == offer.offer.target_kind);
        let target = target.ok_or_else(|| Refusal::Target {
            field: self.field("target"),
            expected: match offer.offer.target_kind {
                crate::target::TargetKind::Namespace => "a namespace, for example namespace:brightwater",
                crate::target::TargetKind::Server => "a server, for example server:git-1",
            },
        })?;
        let start = self.start(self.intake.today)?;
        let term = Segment::term(start, offer.offer.term_months).map_err(|_| Refusal::Amount)?;
        let mut action = self.action(ids.number('S'), offer, term)?;
        action.target = Some(target);
        action.term_months = Some(offer.offer.term_months);
        action.lines = self.lines(offer, term, start, self.quantity()?)?;
        Ok(action)
    }

    fn add(&self) -> Result<OrderAction, Refusal> {
        let offer = self.offer()?;
        let subscription = self.subscription()?;
        let rest = self.rest_of_term(subscription)?;
        let mut action = self.action(subscription.number.clone(), offer, rest)?;
        action.target = subscription.target.clone();
        action.lines = self.lines(offer, rest, subscription.term_start, self.quantity()?)?;
        Ok(action)
    }

    fn change_quantity(&self) -> Result<OrderAction, Refusal> {
        let offer = self.offer()?;
        let subscription = self.subscription()?;
        let rest = self.rest_of_term(subscription)?;
        let quantity = Decimal::from(self.quantity()?);
        let mut action = self.action(subscription.number.clone(), offer, rest)?;
        action.target = subscription.target.clone();
        for charge in &offer.charges {
            let changes = |line: &&Line| line.charge == charge.charge && line.per_unit() && line.recurring();
            if subscription.from(rest.start).filter(changes).count() > 1 {
                let (number, code) = (subscription.number.to_string(), offer.offer.code.clone());
                return Err(Refusal::Ambiguous { field: self.field("offer"), number, code });
            }
            for old in subscription.on(rest.start).filter(changes) {
                action.credits.extend(self.credits(old, rest.start, &label(offer, charge, old.quantity))?);
                let line = Line { quantity, period: rest, ..old.clone() };
                action.lines.push(self.priced(offer, charge, line)?);
            }
        }
        if action.lines.is_empty() {
            let (number, code) = (subscription.number.to_string(), offer.offer.code.clone());
            return Err(Refusal::NotInSubscription { field: self.field("offer"), number, code });
        }
        Ok(action)
    }

    fn cancel(&self) -> Result<OrderAction, Refusal> {
        let subscription = self.subscription()?;
        let end = match self.asked.start {
            Some(_) => self.start(self.intake.today)?.max(subscription.term_start).min(subscription.term_end),
            None => subscription.term_end,
        };
        if subscription.from(self.intake.today).next().is_none() {
            let number = subscription.number.to_string();
            return Err(Refusal::SubscriptionEnded { field: self.field("subscription"), number });
        }
        let mut credits = Vec::new();
        for line in subscription.from(end).filter(|line| line.recurring()) {
            credits.extend(self.credits(line, end.max(line.period.start), "Unused time")?);
        }
        Ok(OrderAction {
            kind: ActionKind::Cancel,
            subscription: subscription.number.clone(),
            offer: None,
            name: "Cancellation".to_owned(),
            target: subscription.target.clone(),
            start: Day(end),
            end: Day(subscription.term_end),
            term_months: None,
            rate_plan_id: None,
            lines: Vec::new(),
            credits,
        })
    }

    fn action(
        &self,
        subscription: SubscriptionNumber,
        offer: &PricedOffer,
        period: Period,
    ) -> Result<OrderAction, Refusal> {
        Ok(OrderAction {
            kind: self.asked.kind,
            subscription,
            offer: Some(offer.offer.code.clone()),
            name: offer.offer.name.clone(),
            target: None,
            start: Day(period.start),
            end: Day(period.end),
            term_months: None,
            rate_plan_id: offer.charges.first().map(|charge| charge.rate_plan_id.clone()),
            lines: Vec::new(),
            credits: Vec::new(),
        })
    }

    fn lines(
        &self,
        offer: &PricedOffer,
        period: Period,
        anchor: Date,
        quantity: u32,
    ) -> Result<Vec<OrderLine>, Refusal> {
        let line = |charge: &CatalogCharge| Line {
            rate_plan: charge.rate_plan.clone(),
            charge: charge.charge.clone(),
            own_rate_plan: None,
            own_charge: None,
            quantity: match charge.terms.price {
                rating::Price::PerUnit(_) => Decimal::from(quantity),
                rating::Price::FlatFee(_) => Decimal::ONE,
            },
            terms: *charge.terms,
            period,
            anchor,
        };
        offer.charges.iter().map(|charge| self.priced(offer, charge, line(charge))).collect()
    }

    fn priced(&self, offer: &PricedOffer, charge: &CatalogCharge, line: Line) -> Result<OrderLine, Refusal> {
        let segment = line.segment();
        let due =
            billed_through(&line.terms.charge, &segment, line.period.start).map_err(|_| Refusal::Amount)?;
        let window = Period { start: line.period.start, end: due };
        let currency = self.intake.account.currency.0;
        let items = items(&line.terms.charge, &segment, window, currency, &self.intake.rounding)
            .map_err(|_| Refusal::Amount)?;
        let label = label(offer, charge, line.quantity);
        let items = items.into_iter().map(|item| PricedItem { label: label.clone(), item }).collect();
        Ok(OrderLine { line, charge_id: charge.charge_id.clone(), items })
    }

    /// What was billed in advance for the time after `from`, given back.
    fn credits(&self, old: &Line, from: Date, label: &str) -> Result<Vec<PricedItem>, Refusal> {
        let segment = old.segment();
        let billed = billed_through(&old.terms.charge, &segment, from).map_err(|_| Refusal::Amount)?;
        // A day earlier is what bill runs have reached: the period that begins on `from` itself was never billed.
        let reached = from.checked_sub(1.day()).map_err(|_| Refusal::Amount)?;
        let before = billed_through(&old.terms.charge, &segment, reached).map_err(|_| Refusal::Amount)?;
        let through = if segment.period.start == from { billed } else { before };
        if through <= from {
            return Ok(Vec::new());
        }
        let window = Period { start: from, end: through };
        let currency = self.intake.account.currency.0;
        let items = items(&old.terms.charge, &segment, window, currency, &self.intake.rounding)
            .map_err(|_| Refusal::Amount)?;
        let credit = |item: rating::Item| {
            let item = item.negated().map_err(|_| Refusal::Amount)?;
            Ok(PricedItem { label: format!("Credit: {label}"), item })
        };
        items.into_iter().map(credit).collect()
    }

    fn offer(&self) -> Result<&PricedOffer, Refusal> {
        let code = self.asked.offer.as_deref().unwrap_or_default();
        let found = self.intake.offers.iter().find(|offer| offer.offer.code == code && offer.offer.sold);
        let offer = found.ok_or_else(|| Refusal::UnknownOffer {
            field: self.field("offer"),
            code: code.chars().take(64).collect(),
        })?;
        if offer.charges.is_empty() {
            let currency = Currency::code(self.intake.account.currency);
            return Err(Refusal::NotSoldInCurrency {
                field: self.field("offer"),
                code: code.to_owned(),
                currency,
            });
        }
        Ok(offer)
    }

    fn subscription(&self) -> Result<&Expected, Refusal> {
        let number = self.asked.subscription.as_ref();
        let found = number.and_then(|number| self.intake.subscriptions.get(number));
        found.ok_or_else(|| Refusal::UnknownSubscription {
            field: self.field("subscription"),
            number: number.map(ToString::to_string).unwrap_or_default(),
        })
    }

    fn quantity(&self) -> Result<u32, Refusal> {
        let refusal = || Refusal::Quantity { field: self.field("quantity"), max: QUANTITY_MAX };
        let asked = self.asked.quantity.ok_or_else(refusal)?;
        u32::try_from(asked).ok().filter(|quantity| (1..=QUANTITY_MAX).contains(quantity)).ok_or_else(refusal)
    }

    fn start(&self, earliest: Date) -> Result<Date, Refusal> {
        let latest = earliest.checked_add(START_DAYS_AHEAD_MAX.days()).map_err(|_| Refusal::Amount)?;
        let start = self.asked.start.map_or(earliest, |day| day.0);
        if start < earliest || start > latest {
            let (from, to) = (earliest.to_string(), latest.to_string());
            return Err(Refusal::StartDate {
                field: self.field("start"),
                start: start.to_string(),
                from,
                to,
            });
        }
        Ok(start)
    }

    fn rest_of_term(&self, subscription: &Expected) -> Result<Period, Refusal> {
        let start = self.start(self.intake.today)?.max(subscription.term_start);
        if start >= subscription.term_end || subscription.on(start).next().is_none() {
            let number = subscription.number.to_string();
            return Err(Refusal::SubscriptionEnded { field: self.field("subscription"), number });
        }
        Ok(Period { start, end: subscription.term_end })
    }

    fn field(&self, name: &str) -> String {
        format!("{}.{name}", self.at)
    }
}

/// `15 seats, Ternlight Cloud Business`.
fn label(offer: &PricedOffer, charge: &CatalogCharge, quantity: Decimal) -> String {
    match offer.provisions(&charge.charge) {
        Some(mapped) => {
            let units = quantity * Decimal::from(mapped.units_each);
            let unit = if units == Decimal::ONE { &mapped.unit[0] } else { &mapped.unit[1] };
            format!("{} {unit}, {}", units.normalize(), offer.offer.name)
        }
        None => format!("{} × {}", quantity.normalize(), charge.name),
    }
}
