//! The rows of the tables that several pages share.
//! Refuses anything that only one page shows.

use domain::account::Account;
use domain::invoice::Invoice;
use domain::order::Order;

use crate::view::page::Page;
use crate::view::state::State;
use crate::view::{arithmetic, money, state};

/// An order in a table.
#[derive(Debug)]
pub struct OrderRow {
    /// Its page.
    pub href: String,
    /// Its number.
    pub number: String,
    /// What was bought.
    pub what: String,
    /// When, for machines.
    pub machine: String,
    /// When, in words.
    pub placed: String,
    /// Where it stands.
    pub state: State,
    /// Its total.
    pub amount: String,
}

impl OrderRow {
    /// The row of an order.
    pub fn of(order: &Order, account: &Account, page: &Page) -> OrderRow {
        let titles = order.actions.iter().map(arithmetic::title).collect::<Vec<_>>();
        OrderRow {
            href: format!("{}/orders/{}", super::base(account), order.number),
            number: order.number.to_string(),
            what: titles.join(", "),
            machine: page.reader.machine(order.accepted_at),
            placed: page.reader.moment(order.accepted_at),
            state: state::order(order, &[], page.silent_since),
            amount: money::amount(order.total()),
        }
    }
}

/// An invoice in a table.
#[derive(Debug)]
pub struct InvoiceRow {
    /// Zuora's number.
    pub number: String,
    /// The date on it, for machines.
    pub machine: String,
    /// The date on it.
    pub date: String,
    /// Where it stands.
    pub state: State,
    /// By when it is to be paid.
    pub due: String,
    /// What is still owed.
    pub balance: String,
    /// What it is over.
    pub amount: String,
}

impl InvoiceRow {
    /// The row of an invoice.
    pub fn of(invoice: &Invoice, page: &Page) -> InvoiceRow {
        let reader = &page.reader;
        let owed = invoice.balance_minor > 0;
        InvoiceRow {
            number: invoice.number.to_string(),
            machine: invoice.invoice_date.to_string(),
            date: reader.day(invoice.invoice_date),
            state: state::invoice(invoice, reader.now.day(&reader.zone)),
            due: if owed { reader.day(invoice.due_date) } else { "–".to_owned() },
            balance: money::minor(invoice.balance_minor, invoice.currency),
            amount: money::minor(invoice.amount_minor, invoice.currency),
        }
    }
}
