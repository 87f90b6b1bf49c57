//! How an amount was worked out, line by line, so that a customer can do it again on paper.
//! Refuses to compute: every number comes from the item's own explanation.

use domain::offer::ChargeTerms;
use domain::order::{ActionKind, OrderAction, PricedItem};
use domain::subscription::Line;
use domain::{Currency, Day};
use rating::{BillingPeriod, Charge, Money};

use super::money;
use super::reader::Reader;

/// An amount and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `15 seats, Ternlight Cloud Business`.
    pub label: String,
    /// `€1,558.85`.
    pub amount: String,
    /// What a person would write down, in order.
    pub steps: Vec<Step>,
    /// How the amount came out of the last step.
    pub outcome: String,
    /// What follows later, if it is charged again within its term.
    pub later: Option<String>,
}

/// One line of the sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub what: String,
    /// What comes out, or by what it is multiplied.
    pub value: String,
}

/// All entries of some actions, and what they come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// The entries, charges before credits.
    pub entries: Vec<Entry>,
    /// The total before tax.
    pub total: String,
    /// The currency in words.
    pub currency: String,
}

/// Explains what was decided for an order.
pub fn bill(actions: &[OrderAction], total: Money, reader: &Reader) -> Bill {
    let currency = Currency(total.currency);
    let entries = actions.iter().flat_map(|action| entries(action, currency, reader)).collect();
    Bill { entries, total: money::amount(total), currency: money::currency_name(currency) }
}

/// What an action does, in one line: `15 seats, Ternlight Cloud Business`.
pub fn title(action: &OrderAction) -> String {
    match action.kind {
        ActionKind::Cancel => format!("End of {}", action.subscription),
        _ => {
            let labels =
                action.lines.iter().flat_map(|line| line.items.first()).map(|item| item.label.clone());
            labels.reduce(|all, label| format!("{all} and {label}")).unwrap_or_else(|| action.name.clone())
        }
    }
}

fn entries(action: &OrderAction, currency: Currency, reader: &Reader) -> Vec<Entry> {
    let mut entries = Vec::new();
    for line in &action.lines {
        let last = line.items.len().saturating_sub(1);
        for (index, item) in line.items.iter().enumerate() {
            let later = (index == last).then(|| later(&line.line, item, currency, reader)).flatten();
            entries.push(Entry { later, ..entry(item, Some(&line.line.terms.charge), currency, reader) });
        }
    }
    entries.extend(action.credits.iter().map(|item| entry(item, None, currency, reader)));
    entries
}

fn entry(priced: &PricedItem, charge: Option<&Charge>, currency: Currency, reader: &Reader) -> Entry {
    let item = &priced.item;
    let every = match charge {
        Some(Charge::Recurring { every }) => format!(" {}", each(*every)),
        Some(Charge::OneTime) => ", once".to_owned(),
        None => String::new(),
    };
    let unit = money::decimal(item.unit_price, currency);
    let mut steps = vec![Step {
        what: format!("{} × {unit}{every}", money::quantity(item.quantity)),
        value: money::decimal(item.why.full, currency),
    }];
    if item.why.days != item.why.full_days {
        let period = reader.term(Day(item.period.start), Day(item.period.end));
        steps.push(Step {
            what: format!("{} of {} days, {period}", item.why.days, item.why.full_days),
            value: format!("× {} ÷ {}", item.why.days, item.why.full_days),
        });
    }
    let exact = money::exact(item.why.exact, currency);
    let outcome = match money::is_rounded(item.why.exact, currency) {
        true => format!("{exact} rounded"),
        false => reader.term(Day(item.period.start), Day(item.period.end)),
    };
    Entry { label: priced.label.clone(), amount: money::amount(item.amount), steps, outcome, later: None }
}

/// What is charged again before the line ends: a monthly price within a yearly term.
fn later(line: &Line, last: &PricedItem, currency: Currency, reader: &Reader) -> Option<String> {
    let Charge::Recurring { every } = line.terms.charge else { return None };
    if last.item.period.end >= line.period.end {
        return None;
    }
    let full = match line.terms.price {
        rating::Price::FlatFee(fee) => fee,
        rating::Price::PerUnit(unit) => unit.checked_mul(line.quantity)?,
    };
    let amount = money::decimal(full, currency);
    Some(format!("Then {amount} {}, until {}", each(every), reader.last_day(Day(line.period.end))))
}

/// A price in a list: `€348.00 a year for each seat`, `€90.00 once`.
pub fn price(terms: &ChargeTerms, unit: &str, currency: Currency) -> String {
    let amount = money::decimal(terms.price.unit(), currency);
    let often = match terms.charge {
        Charge::OneTime => "once",
        Charge::Recurring { every } => each(every),
    };
    match terms.price {
        rating::Price::PerUnit(_) => format!("{amount} {often} for each {unit}"),
        rating::Price::FlatFee(_) => format!("{amount} {often}"),
    }
}

/// How often, after a price: `€348.00 a year`.
pub fn each(every: BillingPeriod) -> &'static str {
    match every {
        BillingPeriod::Month => "a month",
        BillingPeriod::Quarter => "a quarter",
        BillingPeriod::SemiAnnual => "a half-year",
        BillingPeriod::Annual => "a year",
        BillingPeriod::TwoYears => "every 2 years",
        BillingPeriod::ThreeYears => "every 3 years",
        BillingPeriod::FiveYears => "every 5 years",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story;

    #[test]
    fn fifteen_seats_for_109_days_explain_themselves_to_the_cent() {
        let order = story::order();
        let bill = bill(&order.actions, order.total(), &story::reader());
        let seats = &bill.entries[0];
        assert_eq!((seats.label.as_str(), seats.amount.as_str()), ("15 Business seats", "€1,558.85"));
        let steps: Vec<(&str, &str)> =
            seats.steps.iter().map(|step| (step.what.as_str(), step.value.as_str())).collect();
        assert_eq!(
            steps,
            [
                ("15 × €348.00 a year", "€5,220.00"),
                ("109 of 365 days, 12 Nov 2026 – 28 Feb 2027", "× 109 ÷ 365"),
            ]
        );
        assert_eq!(seats.outcome, "€1,558.849… rounded");
        assert_eq!((bill.total.as_str(), bill.currency.as_str()), ("€2,096.38", "euro"));
    }

    #[test]
    fn a_monthly_price_in_a_yearly_term_says_what_follows() {
        let order = story::monthly_order();
        let bill = bill(&order.actions, order.total(), &story::reader());
        assert_eq!(bill.entries[0].later.as_deref(), Some("Then €29.00 a month, until 11 Nov 2027"));
        assert_eq!(bill.entries[0].steps.len(), 1, "a full period is not prorated");
    }

    #[test]
    fn the_title_of_an_order_is_what_was_bought() {
        assert_eq!(title(&story::order().actions[0]), "15 Business seats");
    }
}
