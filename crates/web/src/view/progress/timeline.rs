//! The timeline of an order: what happened and what comes, each with a sentence for the customer.
//! Refuses a time for what has not happened.

use domain::Instant;
use domain::order::{OrderStatus, Settlement};

use super::Known;
use crate::view::{money, state};

/// One entry of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// The class that colors it.
    pub kind: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// What happened or comes.
    pub title: &'static str,
    /// When: machine form and words; `None` for what comes.
    pub at: Option<(String, String)>,
    /// For what comes: `Next`, `Now, for 39 min`.
    pub when: String,
    /// One or two sentences.
    pub text: String,
}

impl Happening {
    /// Whether it lies ahead: drawn dotted.
    pub fn is_later(&self) -> bool {
        self.at.is_none()
    }
}

impl Known<'_> {
    /// What happened and what comes, in one list.
    pub fn happenings(&self) -> Vec<Happening> {
        let mut all = vec![self.accepted()];
        all.extend(self.provisioned());
        all.extend(self.billing());
        if self.is_alive() && self.costs() {
            all.push(self.invoice_entry());
            all.push(self.payment_entry());
        }
        // What happened stands in the order of time; what comes follows as it was put together.
        all.sort_by(|one, other| match (&one.at, &other.at) {
            (Some((one, _)), Some((other, _))) => one.cmp(other),
            (one, other) => one.is_none().cmp(&other.is_none()),
        });
        all
    }

    fn accepted(&self) -> Happening {
        let text = format!("It is recorded as {} and cannot get lost.", self.order.number);
        self.happened(self.order.accepted_at, ("good", "check", "We have your order"), text)
    }

    fn provisioned(&self) -> Option<Happening> {
        let ready = state::is_ready(self.duties)?;
        if !self.is_alive() {
            return None;
        }
        if !ready {
            let trusted = self.order.trust_until.is_some() || self.is_billed();
            let text = match trusted {
                true => "It is being set up; this takes a few seconds.",
                false => "It starts as soon as billing confirms the order. Nothing is charged before.",
            };
            let when = if trusted { "Now" } else { "When billing confirms" };
            return Some(comes(("idle", "ring", "Ready to use"), when, text.to_owned()));
        }
        let text = match self.order.trust_until {
            Some(until) if !self.is_billed() => format!(
                "You have it on trust until {}, or for your whole term once billing confirms.",
                self.reader.moment(until)
            ),
            _ => "Everything you ordered is set up.".to_owned(),
        };
        let at = self.ready_at().unwrap_or(self.order.accepted_at);
        Some(self.happened(
            at,
            ("good", if self.is_billed() { "check" } else { "trust" }, "Ready to use"),
            text,
        ))
    }

    fn billing(&self) -> Option<Happening> {
        let order = self.order;
        match order.status {
            OrderStatus::Billed => {
                let text = match self.silent_since.is_none() && self.was_late() {
                    true => "Billing works again. Nothing was charged twice.",
                    false => "Billing has confirmed the order.",
                };
                let at = order.billed_at.unwrap_or(order.accepted_at);
                Some(self.happened(at, ("good", "check", "Billed"), text.to_owned()))
            }
            OrderStatus::Rejected => {
                let reason = order.reason.clone().unwrap_or_else(|| "Billing refused it.".into());
                Some(comes(
                    ("bad", "cross", "We had to cancel this order"),
                    "",
                    format!("{reason} Nothing was charged."),
                ))
            }
            OrderStatus::AwaitingPaymentMethod => {
                let text = "The order starts when a card is added. Nothing is charged before.";
                Some(comes(("wait", "card", "Waiting for your card"), "Now", text.into()))
            }
            OrderStatus::Accepted | OrderStatus::Unknown => Some(match self.silent_since {
                Some(since) => {
                    let text = format!(
                        "It has not answered since {}. We keep trying, and go on the moment it answers. Your order keeps its place; please do not order again.",
                        self.reader.time(since)
                    );
                    let waits = format!("Now, for {}", self.reader.since(order.accepted_at.max(since)));
                    comes(("wait", "clock", "Waiting for our billing provider"), &waits, text)
                }
                None => {
                    comes(("busy", "half", "Billing"), "Now", "We are passing the order to billing.".into())
                }
            }),
        }
    }

    fn invoice_entry(&self) -> Happening {
        let total = money::amount(self.order.total());
        match self.invoice {
            Some(invoice) => {
                let differs = invoice.amount_minor != self.order.total_minor;
                let tax: i64 = invoice.items.iter().map(|item| item.tax_minor).sum();
                let text = match (differs, tax) {
                    (true, tax) if tax != 0 => {
                        format!(
                            "{} for {}, with {} tax.",
                            invoice.number,
                            self.invoiced(invoice),
                            money::minor(tax, invoice.currency)
                        )
                    }
                    (true, _) => {
                        format!("{} for {}; the order said {total}.", invoice.number, self.invoiced(invoice))
                    }
                    (false, _) => format!("{} for {total}, as you saw it before ordering.", invoice.number),
                };
                // An invoice has a date and no time; the moment is when Zuora made its last change to it.
                self.happened(invoice.updated_at, ("good", "doc", "Invoice"), text)
            }
            None => comes(
                ("idle", "doc", "Invoice"),
                "Next",
                format!("For {total} before tax, as you saw it before ordering."),
            ),
        }
    }

    fn payment_entry(&self) -> Happening {
        let paid = self.invoice.filter(|invoice| invoice.balance_minor <= 0);
        if let Some(invoice) = paid {
            let at =
                self.payments.iter().map(|payment| payment.updated_at).max().unwrap_or(invoice.updated_at);
            return self.happened(
                at,
                ("good", "check", "Paid"),
                format!("{}. Thank you.", self.invoiced(invoice)),
            );
        }
        if let Some(declined) = self.declined() {
            let answer = declined.gateway_response.clone().unwrap_or_else(|| "it gave no reason".into());
            let text = format!(
                "Your bank declined it ({answer}). Use another card, or ask your bank and try again."
            );
            return self.happened(declined.updated_at, ("bad", "cross", "Payment declined"), text);
        }
        let text = match (self.order.settlement, self.invoice) {
            (Settlement::Invoice, Some(invoice)) => {
                format!("By bank transfer, due {}.", self.reader.day(invoice.due_date))
            }
            (Settlement::Invoice, None) => "By bank transfer, when you have the invoice.".to_owned(),
            _ => "Your card is charged when the invoice exists. Nothing has been charged yet.".to_owned(),
        };
        comes(("idle", "card", "Payment"), "Then", text)
    }

    fn happened(
        &self,
        at: Instant,
        look: (&'static str, &'static str, &'static str),
        text: String,
    ) -> Happening {
        let (kind, icon, title) = look;
        let at = Some((self.reader.machine(at), self.reader.second(at)));
        Happening { kind, icon, title, at, when: String::new(), text }
    }

    /// Whether billing took so long that the customer will have noticed.
    fn was_late(&self) -> bool {
        let late = jiff::SignedDuration::from_mins(5);
        self.order.billed_at.is_some_and(|at| self.order.accepted_at.until(at) > late)
    }
}

fn comes(look: (&'static str, &'static str, &'static str), when: &str, text: String) -> Happening {
    let (kind, icon, title) = look;
    Happening { kind, icon, title, at: None, when: when.to_owned(), text }
}
