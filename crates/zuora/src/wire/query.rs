//! Object Query: rows of any object by update time, page by page.
//! Rows are not typed beyond id and time: they say what changed, the service API says what it is now.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One page of `GET /object-query/{object}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueryPage {
    /// In the order asked for. Required: an answer without the list is not an empty list.
    pub data: Vec<QueryRow>,
    /// The cursor of the next page, base64; absent at the end.
    #[serde(default)]
    pub next_page: Option<String>,
}

/// One row: its id, when it changed, and every other field by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueryRow {
    /// 32 hex digits.
    pub id: String,
    /// An instant with its own offset, unlike the times of the v1 API.
    #[serde(default)]
    pub updated_date: Option<Timestamp>,
    /// The rest: `accountNumber`, `orderNumber`, `version`, ….
    #[serde(flatten)]
    pub fields: BTreeMap<String, Value>,
}

impl QueryRow {
    /// A field that holds text.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    /// The business key, under the name that `object` gives it.
    #[must_use]
    pub fn number(&self, object: QueryObject) -> Option<&str> {
        self.text(object.number_field())
    }
}

/// The objects that are followed by their update time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueryObject {
    /// Accounts.
    Accounts,
    /// Orders.
    Orders,
    /// Subscriptions, one row a version.
    Subscriptions,
    /// Invoices.
    Invoices,
    /// Payments.
    Payments,
}

impl QueryObject {
    /// Every object, in the order in which they depend on each other.
    pub const ALL: [Self; 5] =
        [Self::Accounts, Self::Orders, Self::Subscriptions, Self::Invoices, Self::Payments];

    /// The last part of the object's path.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Orders => "orders",
            Self::Subscriptions => "subscriptions",
            Self::Invoices => "invoices",
            Self::Payments => "payments",
        }
    }

    /// The field of its business key; a subscription's is called `name`, as it was before Orders.
    #[must_use]
    pub fn number_field(self) -> &'static str {
        match self {
            Self::Accounts => "accountNumber",
            Self::Orders => "orderNumber",
            Self::Subscriptions => "name",
            Self::Invoices => "invoiceNumber",
            Self::Payments => "paymentNumber",
        }
    }
}
