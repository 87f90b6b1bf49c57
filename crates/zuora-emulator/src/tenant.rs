//! Everything one Zuora tenant knows: catalog, accounts, orders, subscriptions, invoices, payments.
//! Refuses to know of HTTP, versions and faults.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rating::Rounding;

use crate::account::Account;
use crate::callout::{Definition, Event, Queue};
use crate::catalog::Catalog;
use crate::credit_memo::CreditMemo;
use crate::ids::Ids;
use crate::invoice::Invoice;
use crate::order::Order;
use crate::payment::Payment;
use crate::payment_method::PaymentMethod;
use crate::subscription::Subscription;
use crate::table::Table;

/// The state behind the API.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) ids: Ids,
    pub(crate) zone: TimeZone,
    pub(crate) rounding: Rounding,
    /// Whether a second order with a number that is taken goes through (what Zuora does is inferred only).
    pub(crate) duplicate_order_numbers: bool,
    pub(crate) catalog: Catalog,
    pub(crate) accounts: Table<Account>,
    pub(crate) payment_methods: Table<PaymentMethod>,
    /// Every version is a row of its own; a number finds the latest.
    pub(crate) subscriptions: Table<Subscription>,
    pub(crate) orders: Table<Order>,
    pub(crate) invoices: Table<Invoice>,
    pub(crate) credit_memos: Table<CreditMemo>,
    pub(crate) payments: Table<Payment>,
    pub(crate) definitions: Vec<Definition>,
    pub(crate) callouts: Queue,
    /// What happened in this call and somebody may want to be called about.
    pub(crate) events: Vec<Event>,
}

impl Tenant {
    /// A tenant in which nothing was ever sold.
    pub(crate) fn new(seed: u64, zone: TimeZone) -> Tenant {
        Tenant {
            ids: Ids::new(seed),
            zone,
            rounding: Rounding::default(),
            duplicate_order_numbers: false,
            catalog: Catalog::default(),
            accounts: Table::default(),
            payment_methods: Table::default(),
            subscriptions: Table::default(),
            orders: Table::default(),
            invoices: Table::default(),
            credit_memos: Table::default(),
            payments: Table::default(),
            definitions: Vec::new(),
            callouts: Queue::default(),
            events: Vec::new(),
        }
    }

    /// The date of an instant in the tenant's zone.
    pub(crate) fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// How v1 prints an instant: the tenant's wall clock, without a zone.
    pub(crate) fn local(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// How Object Query prints an instant: whole seconds with the offset.
    pub(crate) fn offset(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}
