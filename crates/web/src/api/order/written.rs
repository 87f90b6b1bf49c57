//! How orders, their pages and their previews are written as JSON.
//! Refuses floats: amounts are decimals in text.

use app::order::{OrderView, Previewed};
use domain::obligation::Obligation;
use domain::order::{ActionKind, Order, OrderAction, PricedItem};
use domain::payment::Payment;
use domain::{AccountNumber, Day, Instant, OrderNumber, SubscriptionNumber};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::invoice::InvoiceBody;
use crate::api::openapi::{
    Money, action_kind, day, moment, moment_or_null, obligation_status, order_status, settlement,
};

/// An order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub struct OrderBody<'a> {
    /// Its number, the same in Zuora.
    #[schema(value_type = String)]
    number: &'a OrderNumber,
    /// Where it stands.
    #[schema(schema_with = order_status)]
    status: &'static str,
    /// Who bought.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = true)]
    account: Option<&'a AccountNumber>,
    /// How it is paid.
    #[schema(schema_with = settlement)]
    settlement: &'static str,
    /// The total before tax.
    total: Money,
    /// The subscriptions that it makes or changes, each once.
    #[schema(value_type = Vec<String>)]
    subscriptions: Vec<&'a SubscriptionNumber>,
    /// What it does, with the price of each line.
    actions: Vec<ActionBody<'a>>,
    /// The customer's own number.
    po_number: Option<&'a str>,
    /// The billing date, in the tenant's zone.
    #[schema(schema_with = day)]
    order_date: Day,
    /// Until when it is granted before billing confirms; null if it waits for billing.
    #[schema(schema_with = moment_or_null)]
    trust_until: Option<Instant>,
    /// When it was accepted.
    #[schema(schema_with = moment)]
    accepted_at: Instant,
    /// When Zuora had it.
    #[schema(schema_with = moment_or_null)]
    billed_at: Option<Instant>,
    /// Zuora's invoice for it.
    invoice_number: Option<&'a str>,
    /// Why it was rejected.
    reason: Option<&'a str>,
    /// The trace that all its work belongs to.
    trace_id: &'a str,
}

impl<'a> OrderBody<'a> {
    /// An order of an account.
    pub fn of(order: &'a Order, account: Option<&'a AccountNumber>) -> OrderBody<'a> {
        OrderBody {
            number: &order.number,
            status: order.status.as_str(),
            account,
            settlement: order.settlement.as_str(),
            total: order.total().into(),
            subscriptions: order.subscriptions(),
            actions: order
                .actions
                .iter()
                .map(|action| ActionBody::of(action, Some(&action.subscription)))
                .collect(),
            po_number: order.po_number.as_deref(),
            order_date: order.order_date,
            trust_until: order.trust_until,
            accepted_at: order.accepted_at,
            billed_at: order.billed_at,
            invoice_number: order.invoice_number.as_deref(),
            reason: order.reason.as_deref(),
            trace_id: &order.trace_id,
        }
    }
}

/// One decided action.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderAction)]
struct ActionBody<'a> {
    /// What it does.
    #[serde(rename = "type")]
    #[schema(schema_with = action_kind)]
    kind: &'static str,
    /// The subscription that it makes or changes; null in the preview of a new one.
    #[schema(value_type = Option<String>)]
    subscription: Option<&'a SubscriptionNumber>,
    /// The offer's code; null for cancel.
    offer: Option<&'a str>,
    /// The offer's name at the time.
    name: &'a str,
    /// What is provisioned.
    target: Option<String>,
    /// From when.
    #[schema(schema_with = day)]
    start: Day,
    /// Until when, exclusive: the end of the term.
    #[schema(schema_with = day)]
    end: Day,
    /// What is asked for it, charges before credits.
    items: Vec<ItemBody<'a>>,
}

impl<'a> ActionBody<'a> {
    fn of(action: &'a OrderAction, subscription: Option<&'a SubscriptionNumber>) -> ActionBody<'a> {
        ActionBody {
            kind: action.kind.as_str(),
            subscription,
            offer: action.offer.as_deref(),
            name: &action.name,
            target: action.target.as_ref().map(ToString::to_string),
            start: action.start,
            end: action.end,
            items: action.items().map(ItemBody::from).collect(),
        }
    }
}

/// An invoice item to be, with how it was worked out: quantity × unit price = full; full × days ÷ full days = exact; rounded = amount.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PricedItem)]
struct ItemBody<'a> {
    /// As a customer reads it.
    label: &'a str,
    /// What is asked, before tax.
    amount: Money,
    /// How many units.
    #[schema(value_type = String)]
    quantity: Decimal,
    /// The price of one unit for a full billing period.
    #[schema(value_type = String)]
    unit_price: Decimal,
    /// The first day that is paid for.
    #[schema(schema_with = day)]
    service_start: Day,
    /// The day after the last that is paid for.
    #[schema(schema_with = day)]
    service_end: Day,
    /// Quantity times price, before proration.
    #[schema(value_type = String)]
    full: Decimal,
    /// The days that are paid for.
    days: i64,
    /// The days of the full billing period.
    full_days: i64,
    /// The result before rounding.
    #[schema(value_type = String)]
    exact: Decimal,
}

impl<'a> From<&'a PricedItem> for ItemBody<'a> {
    fn from(priced: &'a PricedItem) -> ItemBody<'a> {
        let item = &priced.item;
        ItemBody {
            label: &priced.label,
            amount: item.amount.into(),
            quantity: item.quantity,
            unit_price: item.unit_price,
            service_start: Day(item.period.start),
            service_end: Day(item.period.end),
            full: item.why.full,
            days: item.why.days,
            full_days: item.why.full_days,
            exact: item.why.exact,
        }
    }
}

/// What an order would do and cost.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderPreview)]
pub struct PreviewBody<'a> {
    /// The total before tax.
    total: Money,
    /// What it would do, with the price of each line.
    actions: Vec<ActionBody<'a>>,
    /// Until when it would be granted before billing confirms; null if it would wait for billing.
    #[schema(schema_with = moment_or_null)]
    trust_until: Option<Instant>,
    /// When the prices were read from Zuora.
    #[schema(schema_with = moment_or_null)]
    as_of: Option<Instant>,
}

impl<'a> From<&'a Previewed> for PreviewBody<'a> {
    fn from(previewed: &'a Previewed) -> PreviewBody<'a> {
        // The number of a subscription that nobody ordered yet is drawn anew when it is.
        let known =
            |action: &'a OrderAction| (action.kind != ActionKind::Subscribe).then_some(&action.subscription);
        let actions = previewed.preview.actions.iter();
        PreviewBody {
            total: previewed.preview.total.into(),
            actions: actions.map(|action| ActionBody::of(action, known(action))).collect(),
            trust_until: previewed.trust_until,
            as_of: previewed.prices_as_of,
        }
    }
}

/// A page of orders.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderList)]
pub struct OrderListBody<'a> {
    /// The newest first.
    pub orders: Vec<OrderBody<'a>>,
    /// What to send as `after` for the next page; null if this is the last.
    pub next: Option<String>,
    /// When the copy that billing and invoices are read from was last equal to Zuora.
    #[schema(schema_with = moment_or_null)]
    pub as_of: Option<Instant>,
}

/// An order and everything that became of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderView)]
pub struct OrderViewBody<'a> {
    /// The order.
    #[serde(flatten)]
    order: OrderBody<'a>,
    /// What it promised to provision.
    obligations: Vec<ObligationBody<'a>>,
    /// Its invoice, once the copy has it.
    #[schema(inline)]
    invoice: Option<InvoiceBody<'a>>,
    /// The payments for that invoice.
    payments: Vec<PaymentBody<'a>>,
    /// When the copy that invoice and payments are read from was last equal to Zuora.
    #[schema(schema_with = moment_or_null)]
    as_of: Option<Instant>,
}

impl<'a> OrderViewBody<'a> {
    /// An order as of a moment.
    pub fn of(view: &'a OrderView, as_of: Option<Instant>) -> OrderViewBody<'a> {
        OrderViewBody {
            order: OrderBody::of(&view.order, Some(&view.account.number)),
            obligations: view.obligations.iter().map(ObligationBody::from).collect(),
            invoice: view.invoice.as_ref().map(InvoiceBody::from),
            payments: view.payments.iter().map(PaymentBody::from).collect(),
            as_of,
        }
    }
}

/// A duty to provision.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Obligation)]
struct ObligationBody<'a> {
    /// The subscription that changes.
    #[schema(value_type = String)]
    subscription: &'a SubscriptionNumber,
    /// The capability.
    capability: &'a str,
    /// Who is to have it.
    target: &'a str,
    /// From when it counts.
    #[schema(schema_with = day)]
    effective: Day,
    /// Where it stands.
    #[schema(schema_with = obligation_status)]
    status: &'static str,
    /// By when it has to be done.
    #[schema(schema_with = moment_or_null)]
    deadline: Option<Instant>,
    /// When it was done.
    #[schema(schema_with = moment_or_null)]
    done_at: Option<Instant>,
}

impl<'a> From<&'a Obligation> for ObligationBody<'a> {
    fn from(duty: &'a Obligation) -> ObligationBody<'a> {
        ObligationBody {
            subscription: &duty.subscription,
            capability: &duty.capability,
            target: &duty.target,
            effective: duty.effective,
            status: duty.status.as_str(),
            deadline: duty.deadline,
            done_at: duty.done_at,
        }
    }
}

/// A payment as Zuora made it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Payment)]
struct PaymentBody<'a> {
    /// Its number.
    number: String,
    /// Zuora's word: `Processed`, `Error`, …
    status: &'a str,
    /// How much.
    amount: Money,
}

impl<'a> From<&'a Payment> for PaymentBody<'a> {
    fn from(payment: &'a Payment) -> PaymentBody<'a> {
        PaymentBody {
            number: payment.number.to_string(),
            status: &payment.status,
            amount: Money::minor(payment.amount_minor, payment.currency),
        }
    }
}
