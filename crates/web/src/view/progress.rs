//! Where an order stands, told to the customer: four steps, what happened and what comes, and whether they have to act.
//! Refuses to promise times that nobody can keep, and to show what went on inside.

use domain::Instant;
use domain::invoice::Invoice;
use domain::obligation::{Obligation, ObligationStatus};
use domain::order::{Order, OrderStatus, Settlement};
use domain::payment::Payment;

use super::reader::Reader;
use super::{money, state};

mod timeline;

pub use timeline::Happening;

/// All that is known of an order.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The order.
    pub order: &'a Order,
    /// What it promised to provision.
    pub duties: &'a [Obligation],
    /// Its invoice, if the copy has it.
    pub invoice: Option<&'a Invoice>,
    /// The payments for that invoice.
    pub payments: &'a [Payment],
    /// Since when billing does not answer, if it does not.
    pub silent_since: Option<Instant>,
    /// Who reads.
    pub reader: &'a Reader,
}

/// One of the four steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The class that colors it.
    pub kind: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What is to be said in a few words.
    pub note: String,
}

/// What the customer has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// `You need to do nothing.`
    pub title: &'static str,
    /// Why, or what to do.
    pub text: String,
}

impl Step {
    /// Whether it lies ahead: drawn dotted.
    pub fn is_later(&self) -> bool {
        self.kind != "good" && self.kind != "bad"
    }
}

impl Known<'_> {
    /// Whether something will change by itself, so that the page should look again.
    pub fn is_in_motion(&self) -> bool {
        let billing = matches!(self.order.status, OrderStatus::Accepted | OrderStatus::Unknown);
        let invoicing = self.is_billed() && self.costs() && self.invoice.is_none();
        let open =
            |duty: &Obligation| matches!(duty.status, ObligationStatus::Due | ObligationStatus::Waiting);
        billing || invoicing || (self.is_alive() && self.duties.iter().any(open))
    }

    /// Accepted, ready, billed, paid.
    pub fn steps(&self) -> Vec<Step> {
        let accepted = self.reader.moment(self.order.accepted_at);
        let mut steps = vec![step("good", "check", "Accepted", accepted)];
        steps.extend(self.ready_step());
        steps.push(self.billing_step());
        if self.costs() && self.is_alive() {
            steps.push(self.payment_step());
        }
        steps
    }

    fn ready_step(&self) -> Option<Step> {
        let ready = state::is_ready(self.duties)?;
        let unmapped = self.duties.iter().any(|duty| duty.status == ObligationStatus::Unmapped);
        let due = self.duties.iter().any(|duty| duty.status == ObligationStatus::Due);
        Some(match (self.is_alive(), ready) {
            (false, _) => step("idle", "ring", "Ready to use", "Not set up".into()),
            (true, true) => {
                let trust = if self.is_billed() { "" } else { ", on trust" };
                let icon = if self.is_billed() { "check" } else { "trust" };
                step("good", icon, "Ready to use", format!("{}{trust}", self.ready_note()))
            }
            (true, false) if unmapped => step("wait", "clock", "Ready to use", "We set it up by hand".into()),
            (true, false) if due => step("busy", "half", "Ready to use", "Takes a few seconds".into()),
            (true, false) => step("idle", "ring", "Ready to use", "When billing confirms".into()),
        })
    }

    fn ready_note(&self) -> String {
        match self.ready_at() {
            Some(at) => format!("{} later", super::reader::duration(self.order.accepted_at.until(at))),
            None => "Done".to_owned(),
        }
    }

    fn billing_step(&self) -> Step {
        match (self.order.status, self.silent_since) {
            (OrderStatus::Billed, _) => {
                let note = self.order.invoice_number.clone();
                let at = self.order.billed_at.map(|at| self.reader.moment(at));
                step("good", "check", "Billed", note.or(at).unwrap_or_else(|| "Done".into()))
            }
            (OrderStatus::Rejected, _) => step("bad", "cross", "Billing", "Not possible".into()),
            (OrderStatus::AwaitingPaymentMethod, _) => {
                step("idle", "doc", "Billing", "After your card".into())
            }
            (_, Some(_)) => step("wait", "clock", "Billing", "Provider not reachable".into()),
            (_, None) => step("busy", "half", "Billing", "Being passed on".into()),
        }
    }

    fn payment_step(&self) -> Step {
        let total = money::amount(self.order.total());
        let by_card = self.order.settlement != Settlement::Invoice;
        match self.invoice {
            Some(invoice) if invoice.balance_minor <= 0 => {
                step("good", "check", "Paid", self.invoiced(invoice))
            }
            Some(_) if self.declined().is_some() => step("bad", "cross", "Payment", "Declined".into()),
            Some(invoice) if !by_card => {
                step("idle", "card", "Paid", format!("Due {}", self.reader.day(invoice.due_date)))
            }
            _ if by_card => step("idle", "card", "Paid", format!("{total}, not charged yet")),
            _ => step("idle", "card", "Paid", format!("{total}, before tax")),
        }
    }

    /// What the customer has to do, first of all: usually nothing.
    pub fn verdict(&self) -> Verdict {
        let nothing = "You need to do nothing.";
        let declined =
            self.declined().is_some() && self.invoice.is_some_and(|invoice| invoice.balance_minor > 0);
        let (title, text) = match self.order.status {
            OrderStatus::Rejected => {
                ("You were not charged.", "Order again once the reason is settled, or write to us.".into())
            }
            OrderStatus::AwaitingPaymentMethod => {
                ("Add a card to go on.", "Write to support to add one; the order waits.".into())
            }
            _ if declined => {
                ("The payment needs you.", "Use another card, or ask your bank and try again.".into())
            }
            OrderStatus::Billed if !self.is_in_motion() => match self.invoice {
                Some(invoice)
                    if invoice.balance_minor > 0 && self.order.settlement == Settlement::Invoice =>
                {
                    ("Done.", format!("The invoice is due {}.", self.reader.day(invoice.due_date)))
                }
                _ => ("Done.", "Everything is set up and billed.".into()),
            },
            _ => (nothing, self.nothing_because()),
        };
        Verdict { title, text }
    }

    fn nothing_because(&self) -> String {
        let ready = state::is_ready(self.duties) == Some(true);
        let text = match (ready, self.silent_since, self.order.trust_until) {
            (true, Some(_), _) => {
                "What you ordered works now. The invoice follows when our billing provider answers again."
            }
            (true, None, _) => "What you ordered works now. The invoice follows.",
            (false, Some(_), None) => {
                "Our billing provider does not answer at the moment. What you ordered starts as soon as it does."
            }
            (false, ..) => "What you ordered is being set up.",
        };
        text.to_owned()
    }

    fn ready_at(&self) -> Option<Instant> {
        self.duties.iter().filter_map(|duty| duty.done_at).max()
    }

    fn invoiced(&self, invoice: &Invoice) -> String {
        money::minor(invoice.amount_minor, invoice.currency)
    }

    fn declined(&self) -> Option<&Payment> {
        self.payments
            .iter()
            .max_by_key(|payment| payment.updated_at)
            .filter(|payment| payment.status == "Error")
    }

    fn is_billed(&self) -> bool {
        self.order.status == OrderStatus::Billed
    }

    fn is_alive(&self) -> bool {
        self.order.status != OrderStatus::Rejected
    }

    fn costs(&self) -> bool {
        self.order.total_minor > 0
    }
}

fn step(kind: &'static str, icon: &'static str, name: &'static str, note: String) -> Step {
    Step { kind, icon, name, note }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story;

    fn notes(known: &Known<'_>) -> Vec<String> {
        known.steps().iter().map(|step| format!("{} {}: {}", step.kind, step.name, step.note)).collect()
    }

    #[test]
    fn during_an_outage_the_customer_reads_that_it_works_and_that_nothing_is_to_be_done() {
        let (order, duties, reader) = (story::order(), story::duties(), story::reader());
        let silent_since = Some(story::at("2026-11-12T09:14:00Z"));
        let known = Known {
            order: &order,
            duties: &duties,
            invoice: None,
            payments: &[],
            silent_since,
            reader: &reader,
        };
        assert_eq!(
            notes(&known),
            [
                "good Accepted: Today, 11:03 CET",
                "good Ready to use: 3 s later, on trust",
                "wait Billing: Provider not reachable",
                "idle Paid: €2,096.38, before tax",
            ]
        );
        assert_eq!(known.verdict().title, "You need to do nothing.");
        assert!(known.is_in_motion());
        let waits = known.happenings().into_iter().find(|entry| entry.kind == "wait").unwrap();
        assert_eq!(waits.when, "Now, for 39 min");
        assert!(waits.text.starts_with("It has not answered since 10:14 CET."));
    }

    #[test]
    fn a_billed_and_paid_order_comes_to_rest() {
        let (mut order, duties, reader) = (story::order(), story::duties(), story::reader());
        order.status = OrderStatus::Billed;
        order.billed_at = Some(story::at("2026-11-12T10:03:09Z"));
        order.invoice_number = Some("INV00003392".into());
        let mut invoice = story::invoice();
        invoice.amount_minor = order.total_minor;
        invoice.balance_minor = 0;
        invoice.updated_at = story::at("2026-11-12T10:03:12Z");
        let known = Known {
            order: &order,
            duties: &duties,
            invoice: Some(&invoice),
            payments: &[],
            silent_since: None,
            reader: &reader,
        };
        assert!(!known.is_in_motion());
        assert_eq!(known.verdict().title, "Done.");
        assert!(known.steps().iter().all(|step| step.kind == "good"));
        assert!(known.happenings().iter().all(|entry| !entry.is_later()));
        let titles: Vec<&str> = known.happenings().iter().map(|entry| entry.title).collect();
        assert_eq!(titles, ["We have your order", "Ready to use", "Billed", "Invoice", "Paid"]);
    }

    #[test]
    fn a_rejected_order_says_why_and_that_nothing_was_charged() {
        let (mut order, duties, reader) = (story::order(), story::duties(), story::reader());
        order.status = OrderStatus::Rejected;
        order.reason = Some("The plan was withdrawn before the order could be billed.".into());
        let known = Known {
            order: &order,
            duties: &duties,
            invoice: None,
            payments: &[],
            silent_since: None,
            reader: &reader,
        };
        let told = known.happenings().pop().unwrap();
        assert_eq!(
            told.text,
            "The plan was withdrawn before the order could be billed. Nothing was charged."
        );
        assert!(!known.is_in_motion());
    }

    #[test]
    fn a_declined_payment_names_what_the_bank_said() {
        let (mut order, duties, reader) = (story::order(), story::duties(), story::reader());
        order.status = OrderStatus::Billed;
        order.settlement = Settlement::CardOnFile;
        let invoice = story::invoice();
        let payments = [story::declined_payment()];
        let known = Known {
            order: &order,
            duties: &duties,
            invoice: Some(&invoice),
            payments: &payments,
            silent_since: None,
            reader: &reader,
        };
        assert_eq!(known.verdict().title, "The payment needs you.");
        let declined = known.happenings().into_iter().find(|entry| entry.kind == "bad").unwrap();
        assert!(declined.text.contains("insufficient funds"));
    }
}
