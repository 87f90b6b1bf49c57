//! Orders: what is asked, what was decided, and where it stands.
//! Refuses to talk to Zuora; how an order is sent and settled is `attempt`.

use rating::Money;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use crate::subscription::Line;
use crate::target::Target;
use crate::text::as_text;
use crate::{
    AccountId, AccountNumber, Currency, Day, Instant, OrderId, OrderNumber, SubscriptionNumber, ZuoraId,
};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderStatus {
    /// Recorded and promised; billing follows.
    Accepted,
    /// Recorded; waits until the customer has added a payment method.
    AwaitingPaymentMethod,
    /// Sent; whether Zuora did it is being settled by asking.
    Unknown,
    /// Zuora has it.
    Billed,
    /// Zuora, or something it depends on, refused it.
    Rejected,
}
as_text!(
    enum OrderStatus {
        Accepted = "accepted",
        AwaitingPaymentMethod = "awaiting_payment_method",
        Unknown = "unknown",
        Billed = "billed",
        Rejected = "rejected",
    }
);

/// How an order is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// On invoice terms.
    Invoice,
    /// The default payment method is charged.
    CardOnFile,
    /// A card that the customer has yet to add.
    NewCard,
}
as_text!(
    enum Settlement {
        Invoice = "invoice",
        CardOnFile = "card_on_file",
        NewCard = "new_card",
    }
);

/// What one action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionKind {
    /// A new subscription.
    Subscribe,
    /// One more offer in a subscription.
    Add,
    /// Another quantity of an offer in a subscription.
    ChangeQuantity,
    /// The end of a subscription.
    Cancel,
}
as_text!(
    enum ActionKind {
        Subscribe = "subscribe",
        Add = "add",
        ChangeQuantity = "change_quantity",
        Cancel = "cancel",
    }
);

/// What a caller asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlaceOrder {
    /// Who buys.
    pub account: AccountNumber,
    /// How it is paid.
    pub settlement: Settlement,
    /// What is to be done, in order.
    pub actions: Vec<Requested>,
    /// The customer's own purchase order number, printed on the invoice.
    pub po_number: Option<String>,
}

/// One action as asked; which fields it needs depends on its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Requested {
    /// What it does.
    pub kind: ActionKind,
    /// The offer; all kinds but cancel need one.
    pub offer: Option<String>,
    /// How many; all kinds but cancel need it.
    pub quantity: Option<i64>,
    /// What is provisioned; subscribe needs it.
    pub target: Option<Target>,
    /// Which subscription; all kinds but subscribe need it.
    pub subscription: Option<SubscriptionNumber>,
    /// From when; today if absent. For cancel the end of the term if absent.
    pub start: Option<Day>,
}

/// An order that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Order {
    /// Ours.
    pub id: OrderId,
    /// The business key, the same in Zuora.
    pub number: OrderNumber,
    /// Who bought.
    pub account_id: AccountId,
    /// Where it stands.
    pub status: OrderStatus,
    /// How it is paid.
    pub settlement: Settlement,
    /// Total before tax, in minor units of `currency`; negative for a credit.
    pub total_minor: i64,
    /// The account's currency.
    pub currency: Currency,
    /// What is done, with the price of each line.
    pub actions: Json<Vec<OrderAction>>,
    /// The customer's own number.
    pub po_number: Option<String>,
    /// The billing date, in the tenant's zone.
    pub order_date: Day,
    /// Who asked: a person, a token, a staff member.
    pub placed_by: String,
    /// Until when it is granted before billing confirms; `None` if it waits for billing.
    pub trust_until: Option<Instant>,
    /// Whether the mirror has a subscription version that this order made.
    pub confirmed: bool,
    /// Why it was rejected, for the customer.
    pub reason: Option<String>,
    /// When it was accepted.
    pub accepted_at: Instant,
    /// When Zuora had it.
    pub billed_at: Option<Instant>,
    /// Zuora's invoice for it.
    pub invoice_number: Option<String>,
    /// The trace that all its work belongs to.
    pub trace_id: String,
}

impl Order {
    /// The total as money.
    pub fn total(&self) -> Money {
        Money { minor: self.total_minor, currency: self.currency.0 }
    }

    /// The subscriptions it makes or changes, each once.
    pub fn subscriptions(&self) -> Vec<&SubscriptionNumber> {
        let mut numbers: Vec<&SubscriptionNumber> =
            self.actions.iter().map(|action| &action.subscription).collect();
        numbers.dedup();
        numbers
    }

    /// Whether it entitles to anything at that moment, ahead of the mirror.
    pub fn entitles(&self, now: Instant) -> bool {
        match self.status {
            OrderStatus::Billed => true,
            OrderStatus::Accepted | OrderStatus::Unknown => self.trust_until.is_some_and(|until| now < until),
            OrderStatus::AwaitingPaymentMethod | OrderStatus::Rejected => false,
        }
    }
}

/// One decided action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderAction {
    /// What it does.
    pub kind: ActionKind,
    /// The subscription that it makes or changes.
    pub subscription: SubscriptionNumber,
    /// The offer; `None` for cancel.
    pub offer: Option<String>,
    /// The offer's name at the time.
    pub name: String,
    /// What is provisioned.
    pub target: Option<Target>,
    /// From when.
    pub start: Day,
    /// Until when (exclusive): the end of the term.
    pub end: Day,
    /// Months of the term; only subscribe has one.
    pub term_months: Option<i32>,
    /// The product rate plan's id, for Zuora.
    pub rate_plan_id: Option<ZuoraId>,
    /// New lines, with what each costs; empty for cancel.
    pub lines: Vec<OrderLine>,
    /// What is given back for lines that end early.
    pub credits: Vec<PricedItem>,
}

/// One new line and its price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// The line as the subscription will hold it.
    pub line: Line,
    /// The product rate plan charge's id, for Zuora.
    pub charge_id: ZuoraId,
    /// What is asked for it now.
    pub items: Vec<PricedItem>,
}

/// An invoice item to be, with the words for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricedItem {
    /// `15 Business seats`.
    pub label: String,
    /// The amount and how it was worked out.
    pub item: rating::Item,
}

impl OrderAction {
    /// Every item of the action, charges first.
    pub fn items(&self) -> impl Iterator<Item = &PricedItem> {
        self.lines.iter().flat_map(|line| &line.items).chain(&self.credits)
    }
}

/// The most actions that one order may have; Zuora takes 50 in a synchronous call.
pub const ACTIONS_MAX: usize = 20;

/// The largest quantity of one line: above every real order, below every overflow.
pub const QUANTITY_MAX: u32 = 100_000;

/// How far ahead an order may start.
pub const START_DAYS_AHEAD_MAX: i64 = 365;
