//! The books: what the emulator itself holds, row by row, for whoever checks that nothing was lost or doubled.
//! Refuses to count: a checker must do that itself, by its own rules.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::invoice::{Invoice, InvoiceItem};
use crate::table::Row;
use crate::tenant::Tenant;

/// Everything on record, account by account in the order of their creation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Books {
    /// Every account.
    pub accounts: Vec<AccountBook>,
}

/// One account with what belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountBook {
    /// The account number.
    pub number: String,
    /// The account's name.
    pub name: String,
    /// Fields ending in `__c`, `__NS` or `__QT`.
    pub custom: BTreeMap<String, Value>,
    /// Every order, oldest first; two may share a number where duplicates are accepted.
    pub orders: Vec<OrderBook>,
    /// Every subscription with all its versions.
    pub subscriptions: Vec<SubscriptionBook>,
    /// Every invoice.
    pub invoices: Vec<InvoiceBook>,
    /// Every credit memo.
    pub credit_memos: Vec<CreditMemoBook>,
    /// Every payment, failed ones included.
    pub payments: Vec<PaymentBook>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderBook {
    /// The order number.
    pub number: String,
    /// `Completed`.
    pub status: String,
    /// The order's custom fields.
    pub custom: BTreeMap<String, Value>,
    /// The numbers of the subscriptions it made or changed.
    pub subscriptions: Vec<String>,
    /// RFC 3339.
    pub created: String,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubscriptionBook {
    /// The subscription number.
    pub number: String,
    /// The latest version's status.
    pub status: String,
    /// The latest version's custom fields.
    pub custom: BTreeMap<String, Value>,
    /// Every version, oldest first: its number and the order that made it.
    pub versions: Vec<VersionBook>,
}

/// A version of a subscription.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionBook {
    /// Counted from 1.
    pub version: u32,
    /// The version's id.
    pub id: String,
    /// The order that made it.
    pub order: String,
    /// The quantity of the last live segment of each charge, by charge number; none for a flat fee.
    pub quantities: BTreeMap<String, Option<Decimal>>,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InvoiceBook {
    /// The invoice number.
    pub number: String,
    /// The order that caused it; none for a bill run.
    pub order: Option<String>,
    /// `Posted` or `Draft`.
    pub status: String,
    /// ISO 4217.
    pub currency: String,
    /// The total.
    pub amount: Decimal,
    /// What is still to be paid.
    pub balance: Decimal,
    /// Its lines.
    pub items: Vec<ItemBook>,
}

/// A credit memo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreditMemoBook {
    /// The memo number.
    pub number: String,
    /// The order that caused it.
    pub order: Option<String>,
    /// The total, positive.
    pub amount: Decimal,
    /// Its lines.
    pub items: Vec<ItemBook>,
}

/// A line of an invoice or a credit memo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemBook {
    /// The subscription that is charged.
    pub subscription: String,
    /// The charge by number.
    pub charge: String,
    /// The charge's name.
    pub name: String,
    /// How many units.
    pub quantity: Decimal,
    /// The first day paid for.
    pub start: String,
    /// The day after the last one.
    pub end: String,
    /// Rounded.
    pub amount: Decimal,
    /// Worked out how: days, full days and the exact amount.
    pub why: rating::Explanation,
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaymentBook {
    /// The payment number.
    pub number: String,
    /// `Processed` or `Error`.
    pub status: String,
    /// Custom fields.
    pub custom: BTreeMap<String, Value>,
    /// The amount asked of the payer.
    pub amount: Decimal,
    /// The numbers of the invoices it paid for, with the amounts.
    pub invoices: Vec<(String, Decimal)>,
}

fn item(row: &InvoiceItem) -> ItemBook {
    let rated = &row.line.item;
    ItemBook {
        subscription: row.line.subscription_number.clone(),
        charge: row.line.charge_number.clone(),
        name: row.line.charge_name.clone(),
        quantity: rated.quantity,
        start: rated.period.start.to_string(),
        end: rated.period.end.to_string(),
        amount: rated.amount.amount(),
        why: rated.why.clone(),
    }
}

fn invoice(row: &Invoice) -> InvoiceBook {
    InvoiceBook {
        number: row.number.clone(),
        order: row.order.clone(),
        status: row.status().to_owned(),
        currency: row.currency.code().to_owned(),
        amount: row.amount.amount(),
        balance: row.balance.amount(),
        items: row.items.iter().map(item).collect(),
    }
}

fn subscriptions(tenant: &Tenant, account: &str) -> Vec<SubscriptionBook> {
    let latest = tenant.subscriptions.of_account(account).filter(|one| one.is_latest(tenant));
    let version = |one: &crate::subscription::Subscription| VersionBook {
        version: one.version,
        id: one.id.clone(),
        order: one.order.clone(),
        quantities: one
            .plans
            .iter()
            .flat_map(|plan| &plan.charges)
            .filter_map(|charge| {
                let live = charge.segments.iter().rev().find(|segment| segment.end > segment.start)?;
                Some((charge.number.clone(), live.quantity))
            })
            .collect(),
    };
    let book = |one: &crate::subscription::Subscription| SubscriptionBook {
        number: one.number.clone(),
        status: one.status().to_owned(),
        custom: one.custom.clone(),
        versions: tenant.subscriptions.with_number(&one.number).map(version).collect(),
    };
    latest.map(book).collect()
}

/// Reads the books of a tenant.
pub(crate) fn of(tenant: &Tenant) -> Books {
    let account = |account: &crate::account::Account| AccountBook {
        number: account.number.clone(),
        name: account.name.clone(),
        custom: account.custom.clone(),
        orders: tenant
            .orders
            .of_account(account.id())
            .map(|order| OrderBook {
                number: order.number.clone(),
                status: "Completed".to_owned(),
                custom: order.custom.clone(),
                subscriptions: order.subscriptions.iter().map(|part| part.number.clone()).collect(),
                created: order.created.to_string(),
            })
            .collect(),
        subscriptions: subscriptions(tenant, account.id()),
        invoices: tenant.invoices.of_account(account.id()).map(invoice).collect(),
        credit_memos: tenant
            .credit_memos
            .of_account(account.id())
            .map(|memo| CreditMemoBook {
                number: memo.number.clone(),
                order: memo.order.clone(),
                amount: memo.amount.amount(),
                items: memo.items.iter().map(item).collect(),
            })
            .collect(),
        payments: tenant.payments.of_account(account.id()).map(|row| payment(tenant, row)).collect(),
    };
    Books { accounts: tenant.accounts.iter().map(account).collect() }
}

fn payment(tenant: &Tenant, row: &crate::payment::Payment) -> PaymentBook {
    let part = |part: &crate::payment::Applied| {
        let number = tenant.invoices.get(&part.invoice).map(|invoice| invoice.number.clone());
        (number.unwrap_or_default(), part.amount.amount())
    };
    PaymentBook {
        number: row.number.clone(),
        status: row.status().to_owned(),
        custom: row.custom.clone(),
        amount: row.amount.amount(),
        invoices: row.applied.iter().map(part).collect(),
    }
}
