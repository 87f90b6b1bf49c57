//! Callouts: who wants to be told of what, what is on its way, and what became of it.
//! Refuses any promise of delivery: it tries as often as its definition says, then forgets.

pub(crate) mod definition;
mod queue;

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

use crate::invoice::Invoice;
use crate::json::Custom;
use crate::order::Order;
use crate::payment::Payment;
pub(crate) use queue::{LEAVES_AFTER, Queue};

/// Something happened that a definition may ask to be told about.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) name: &'static str,
    /// The numeric code of the classic events; custom events have none.
    pub(crate) category: Option<u32>,
    /// The account it belongs to, by id.
    pub(crate) account: String,
    /// What merge fields stand for, by `Object.Field`.
    pub(crate) fields: BTreeMap<String, String>,
}

impl Event {
    fn new(name: &'static str, category: Option<u32>, account: &str) -> Event {
        let fields = BTreeMap::from([("Account.Id".to_owned(), account.to_owned())]);
        Event { name, category, account: account.to_owned(), fields }
    }

    fn with(mut self, field: &str, value: &str) -> Event {
        self.fields.insert(field.to_owned(), value.to_owned());
        self
    }

    fn with_custom(mut self, object: &str, custom: &Custom) -> Event {
        for (name, value) in custom {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.fields.insert(format!("{object}.{name}"), text);
        }
        self
    }

    pub(crate) fn order_processed(order: &Order) -> Event {
        let numbers: Vec<&str> = order.subscriptions.iter().map(|part| part.number.as_str()).collect();
        Event::new("OrderProcessed", None, &order.account)
            .with("Order.Id", &order.id)
            .with("Order.OrderNumber", &order.number)
            .with("Order.Status", "Completed")
            .with("Subscription.Name", &numbers.join(","))
            .with_custom("Order", &order.custom)
    }

    pub(crate) fn order_actions_processed(order: &Order) -> Vec<Event> {
        let actions = order
            .subscriptions
            .iter()
            .flat_map(|part| part.actions.iter().map(move |(action, _)| (part.number.as_str(), *action)));
        let event = |(number, action): (&str, &str)| {
            Event::new("OrderActionProcessed", None, &order.account)
                .with("Order.Id", &order.id)
                .with("Order.OrderNumber", &order.number)
                .with("OrderAction.Type", action)
                .with("Subscription.Name", number)
        };
        actions.map(event).collect()
    }

    pub(crate) fn invoice_posted(invoice: &Invoice) -> Event {
        Event::new("InvoicePosted", Some(1110), &invoice.account)
            .with("Invoice.Id", &invoice.id)
            .with("Invoice.InvoiceNumber", &invoice.number)
            .with("Invoice.Amount", &invoice.amount.to_string())
    }

    pub(crate) fn payment(payment: &Payment) -> Event {
        let (name, category) =
            if payment.processed() { ("PaymentProcessed", 2120) } else { ("PaymentDeclined", 2110) };
        Event::new(name, Some(category), &payment.account)
            .with("Payment.Id", &payment.id)
            .with("Payment.PaymentNumber", &payment.number)
            .with("Payment.Amount", &payment.amount.to_string())
    }
}

/// A rule of the tenant: which event is called out where.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) event: String,
    pub(crate) active: bool,
    pub(crate) url: String,
    pub(crate) method: String,
    /// Name of a parameter to a template such as `<Order.OrderNumber>`.
    pub(crate) params: BTreeMap<String, String>,
    pub(crate) retry: bool,
    pub(crate) auth: Option<BasicAuth>,
    /// The definition as it was sent, to be shown again.
    pub(crate) raw: Value,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

/// Basic authentication of a callout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasicAuth {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: String,
    /// Whether the credentials go with the first request; otherwise only after a 401.
    pub preemptive: bool,
}

/// A callout to be delivered now. Answer it with [`crate::Emulator::callout_answered`].
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Names this attempt in the answer.
    pub id: u64,
    /// Where to.
    pub url: String,
    /// `GET`, `POST`, …
    pub method: String,
    /// `Zuora-Notification-Id`, which is the same for every attempt, and the rest.
    pub headers: Vec<(String, String)>,
    /// The parameters as JSON; empty where they went into the query.
    pub body: Bytes,
    /// How to authenticate.
    pub auth: Option<BasicAuth>,
}

/// How callouts are retried where their definition allows it.
#[derive(Debug, Clone, Copy)]
pub struct CalloutRetry {
    /// Attempts in all; Zuora's default is 3, its maximum 5.
    pub attempts: u32,
    /// Between attempts; Zuora's default is 30 minutes.
    pub interval: jiff::SignedDuration,
}

impl Default for CalloutRetry {
    fn default() -> CalloutRetry {
        CalloutRetry { attempts: 3, interval: jiff::SignedDuration::from_mins(30) }
    }
}
