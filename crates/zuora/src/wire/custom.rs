//! Custom fields: whatever a tenant added to a noun, kept by name and value; and lists that Zuora left out.
//! Refuses nothing, but keeps only names that Zuora marks as custom: the rest is in the raw answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Custom fields by their API name, such as `PurchaseOrder__c`.
pub type CustomFields = BTreeMap<String, Value>;

/// How Zuora marks a tenant's own fields, the fields of its NetSuite connector, and those of its quotes.
const SUFFIXES: [&str; 3] = ["__c", "__NS", "__QT"];

/// Reads a list or map that Zuora may print as `null` when it is empty; for `#[serde(default, deserialize_with)]`.
///
/// # Errors
///
/// Those of the deserializer.
pub fn null_is_empty<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads the custom fields that lie flat among the standard ones; for `#[serde(flatten, deserialize_with)]`.
///
/// # Errors
///
/// Those of the deserializer.
pub fn flat<'de, D: Deserializer<'de>>(deserializer: D) -> Result<CustomFields, D::Error> {
    let mut fields = CustomFields::deserialize(deserializer)?;
    fields.retain(|name, _| SUFFIXES.iter().any(|suffix| name.ends_with(suffix)));
    Ok(fields)
}
