//! Lost, doubled and wrong: accounts, orders, subscriptions, invoices and payments in the emulator's books.
//! Refuses to believe a number alone: our id on the object counts as much, and so does the amount.

use std::collections::{BTreeMap, BTreeSet};

use domain::order::{ActionKind, Settlement};
use rust_decimal::Decimal;
use zuora_emulator::{AccountBook, Books, InvoiceBook, OrderBook};

use crate::ledger::{Ledger, Placed};

/// The custom field with the platform's id of an object.
const OUR_ID: &str = "PurserId__c";

/// What Zuora calls a payment that went through.
const PROCESSED: &str = "Processed";

/// What the comparison found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Billing {
    /// Orders that were answered 201.
    pub accepted: usize,
    /// Of those, the ones with an invoice of the amount that was told, and, if by card, paid.
    pub billed: usize,
    /// Requests that were refused, and orders that were rejected after they had been taken.
    pub rejected: usize,
    /// Accepted, and neither billed nor rejected.
    pub lost: usize,
    /// Orders and subscriptions in Zuora beyond the one that somebody asked for.
    pub duplicated: usize,
    /// Accounts beyond the one that somebody asked for.
    pub accounts_duplicated: usize,
    /// Invoices beyond one for each order.
    pub invoices_duplicated: usize,
    /// Payments beyond one for each invoice.
    pub payments_duplicated: usize,
    /// Each of them in words.
    pub findings: Vec<String>,
}

/// Compares; `rejected` are the numbers of orders of which the platform said so.
pub fn billing(books: &Books, ledger: &Ledger, rejected: &BTreeSet<String>) -> Billing {
    let index = Index::of(books);
    let accounts = accounts(books, ledger);
    let orders = orders(books, ledger);
    let (invoices, payments) = (invoices(books, ledger), payments(books));
    let mut found = Billing {
        accepted: ledger.placed.len(),
        duplicated: orders.len(),
        accounts_duplicated: accounts.len(),
        invoices_duplicated: invoices.len(),
        payments_duplicated: payments.len(),
        ..Billing::default()
    };
    found.findings.extend([accounts, orders, invoices, payments].into_iter().flatten());
    found.rejected = ledger.refused.len();
    found.findings.extend(
        ledger.refused.iter().map(|one| format!("{} was refused with {}: {}", one.key, one.status, one.body)),
    );
    for order in &ledger.placed {
        if !order.numbers.is_disjoint(rejected) {
            found.rejected += 1;
            found.findings.push(format!("{} was taken and rejected later", name(order)));
            continue;
        }
        match index.bills(order) {
            Ok(()) => found.billed += 1,
            Err(why) => {
                found.lost += 1;
                found.findings.push(format!("{} {why}", name(order)));
            }
        }
    }
    found
}

fn name(order: &Placed) -> String {
    order.numbers.iter().cloned().collect::<Vec<_>>().join(" and ")
}

/// Books by number.
struct Index<'a> {
    orders: BTreeMap<&'a str, (&'a AccountBook, &'a OrderBook)>,
    invoices: BTreeMap<&'a str, &'a InvoiceBook>,
}

impl<'a> Index<'a> {
    fn of(books: &'a Books) -> Index<'a> {
        let mut index = Index { orders: BTreeMap::new(), invoices: BTreeMap::new() };
        for account in &books.accounts {
            for order in &account.orders {
                index.orders.entry(&order.number).or_insert((account, order));
            }
            for invoice in &account.invoices {
                if let Some(order) = &invoice.order {
                    index.invoices.entry(order).or_insert(invoice);
                }
            }
        }
        index
    }

    /// Whether the order is billed as its customer was told; if not, why.
    fn bills(&self, placed: &Placed) -> Result<(), String> {
        let found = placed.numbers.iter().find_map(|number| self.orders.get_key_value(number.as_str()));
        let Some((number, (account, _))) = found else { return Err("is not in Zuora".to_owned()) };
        if account.number != placed.account {
            return Err(format!(
                "is in Zuora for the account {} instead of {}",
                account.number, placed.account
            ));
        }
        let Some(invoice) = self.invoices.get(number) else { return Err("has no invoice".to_owned()) };
        if invoice.amount != placed.total {
            return Err(format!("is invoiced with {} instead of {}", invoice.amount, placed.total));
        }
        if placed.settlement == Settlement::CardOnFile && invoice.balance != Decimal::ZERO {
            return Err(format!("is to be paid by card and {} is still open", invoice.balance));
        }
        Ok(())
    }
}

/// What comes up a second time under a key, each named once.
struct Seconds<'a> {
    seen: BTreeSet<(&'static str, &'a str)>,
    found: BTreeMap<String, String>,
}

impl<'a> Seconds<'a> {
    fn new() -> Seconds<'a> {
        Seconds { seen: BTreeSet::new(), found: BTreeMap::new() }
    }

    /// Looks at a thing under a key of some kind; the second thing under one key is found.
    fn look(&mut self, kind: &'static str, key: &'a str, thing: &str) {
        if !self.seen.insert((kind, key)) {
            self.find(thing, format!("{thing} is a second one with the {kind} {key}"));
        }
    }

    fn find(&mut self, thing: &str, words: String) {
        self.found.entry(thing.to_owned()).or_insert(words);
    }

    fn words(self) -> Vec<String> {
        self.found.into_values().collect()
    }
}

fn our_id(custom: &BTreeMap<String, serde_json::Value>) -> Option<&str> {
    custom.get(OUR_ID).and_then(serde_json::Value::as_str)
}

fn accounts(books: &Books, ledger: &Ledger) -> Vec<String> {
    let mut seconds = Seconds::new();
    let told: BTreeSet<&str> = ledger
        .opened
        .iter()
        .flat_map(|opened| &opened.numbers)
        .chain(ledger.sold.iter().map(|sold| &sold.account))
        .map(String::as_str)
        .collect();
    for (index, account) in books.accounts.iter().enumerate() {
        let thing = format!("account {} (the {}. in Zuora)", account.number, index + 1);
        seconds.look("number", &account.number, &thing);
        seconds.look("name", &account.name, &thing);
        if let Some(id) = our_id(&account.custom) {
            seconds.look("id", id, &thing);
        }
        if !told.contains(account.number.as_str()) {
            seconds.find(&thing, format!("{thing} is one that nobody opened"));
        }
    }
    for opened in &ledger.opened {
        for number in opened.numbers.iter().skip(1) {
            seconds.find(number, format!("{} was answered with a second number, {number}", opened.name));
        }
    }
    seconds.words()
}

fn orders(books: &Books, ledger: &Ledger) -> Vec<String> {
    let mut seconds = Seconds::new();
    let told: BTreeSet<&str> = ledger
        .placed
        .iter()
        .flat_map(|order| &order.numbers)
        .chain(ledger.sold.iter().map(|sold| &sold.order))
        .map(String::as_str)
        .collect();
    let creating: BTreeSet<&str> = ledger
        .placed
        .iter()
        .filter(|order| order.bought.kind == ActionKind::Subscribe)
        .flat_map(|order| &order.numbers)
        .chain(ledger.sold.iter().map(|sold| &sold.order))
        .map(String::as_str)
        .collect();
    for account in &books.accounts {
        for (index, order) in account.orders.iter().enumerate() {
            let thing = format!("order {} (the {}. of {})", order.number, index + 1, account.number);
            seconds.look("number", &order.number, &thing);
            if let Some(id) = our_id(&order.custom) {
                seconds.look("id", id, &thing);
            }
            if !told.contains(order.number.as_str()) {
                seconds.find(&thing, format!("{thing} is one that nobody was told about"));
            }
        }
        for subscription in &account.subscriptions {
            let thing = format!("subscription {}", subscription.number);
            let Some(first) = subscription.versions.first() else { continue };
            seconds.look("first order", &first.order, &thing);
            if !creating.contains(first.order.as_str()) {
                seconds.find(&thing, format!("{thing} was made by {}, which makes none", first.order));
            }
        }
    }
    for order in &ledger.placed {
        for number in order.numbers.iter().skip(1) {
            seconds
                .find(number, format!("the key {} was answered with a second number, {number}", order.key));
        }
    }
    seconds.words()
}

fn invoices(books: &Books, ledger: &Ledger) -> Vec<String> {
    let mut seconds = Seconds::new();
    let told = ledger.placed.iter().flat_map(|order| &order.numbers);
    let told: BTreeSet<&str> =
        told.chain(ledger.sold.iter().map(|sold| &sold.order)).map(String::as_str).collect();
    for invoice in books.accounts.iter().flat_map(|account| &account.invoices) {
        let thing = format!("invoice {}", invoice.number);
        match &invoice.order {
            Some(order) => {
                seconds.look("order", order, &thing);
                if !told.contains(order.as_str()) {
                    seconds.find(&thing, format!("{thing} is for {order}, which nobody was told about"));
                }
            }
            None => seconds.find(&thing, format!("{thing} is for no order")),
        }
    }
    seconds.words()
}

fn payments(books: &Books) -> Vec<String> {
    let mut seconds = Seconds::new();
    for account in &books.accounts {
        for payment in account.payments.iter().filter(|payment| payment.status == PROCESSED) {
            let thing = format!("payment {}", payment.number);
            seconds.look("number", &payment.number, &thing);
            if let Some(id) = our_id(&payment.custom) {
                seconds.look("id", id, &thing);
            }
            for (invoice, _) in &payment.invoices {
                seconds.look("invoice", invoice, &thing);
            }
            if payment.invoices.is_empty() {
                seconds.find(&thing, format!("{thing} is for no invoice"));
            }
        }
    }
    seconds.words()
}

#[cfg(test)]
mod tests;
