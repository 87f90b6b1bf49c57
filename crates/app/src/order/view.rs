//! Looking at orders, all from the local copy.
//! Refuses to show an order through another account's rights.

use domain::access::{Caller, Operation};
use domain::account::Account;
use domain::invoice::Invoice;
use domain::obligation::Obligation;
use domain::order::Order;
use domain::payment::Payment;
use domain::{AccountNumber, InvoiceNumber, OrderNumber};
use store::Page;
use store::event::Event;

use crate::{App, Error, Result, account};

/// The longest story of one order that a page tells.
const EVENTS_MAX: i64 = 100;

/// How many payments are looked through for the order's own.
const PAYMENTS_MAX: i64 = 100;

/// An order with everything that belongs to it.
#[derive(Debug, Clone)]
pub struct OrderView {
    /// The order.
    pub order: Order,
    /// Who bought.
    pub account: Account,
    /// What is to be provisioned.
    pub obligations: Vec<Obligation>,
    /// What happened.
    pub events: Vec<Event>,
    /// Zuora's invoice, once the copy has it.
    pub invoice: Option<Invoice>,
    /// What was paid for it.
    pub payments: Vec<Payment>,
}

/// One order. One that the caller may not see looks like one that is not there.
pub async fn view(app: &App, caller: &Caller, number: &OrderNumber) -> Result<OrderView> {
    let mut tx = app.db.read().await?;
    let order = store::order::get_by_number(&mut tx, number).await?;
    if !caller.may(Operation::OrderView, Some(order.account_id)) {
        return Err(Error::NotFound("order"));
    }
    let invoice_number = order.invoice_number.clone().map(InvoiceNumber::from);
    let invoice = match &invoice_number {
        Some(number) => store::invoice::find(&mut tx, number).await?,
        None => None,
    };
    let mut payments = store::payment::list_of_account(&mut tx, order.account_id, PAYMENTS_MAX).await?;
    payments.retain(|payment| payment.invoice_number.is_some() && payment.invoice_number == invoice_number);
    Ok(OrderView {
        account: store::account::get(&mut tx, order.account_id).await?,
        obligations: store::obligation::list_of_order(&mut tx, order.id).await?,
        events: store::event::list_of_noun(&mut tx, &order.id.to_string(), EVENTS_MAX).await?,
        invoice,
        payments,
        order,
    })
}

/// A page of an account's orders, newest first.
pub async fn list(app: &App, caller: &Caller, number: &AccountNumber, page: &Page) -> Result<Vec<Order>> {
    let mut tx = app.db.read().await?;
    let account = account::visible(&mut tx, caller, Operation::OrderList, number).await?;
    Ok(store::order::list_of_account(&mut tx, account.id, page).await?)
}
