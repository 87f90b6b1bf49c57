//! Contacts of an account: who is billed, who is delivered to.
//! Refuses a contact without both names.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::error::Refusal;
use crate::json::{Custom, Fields, with_custom};

/// The text fields of a contact.
const CONTACT_FIELDS: &[&str] = &[
    "firstName",
    "lastName",
    "address1",
    "address2",
    "city",
    "contactDescription",
    "country",
    "county",
    "fax",
    "homePhone",
    "mobilePhone",
    "nickname",
    "otherPhone",
    "otherPhoneType",
    "personalEmail",
    "state",
    "taxRegion",
    "workEmail",
    "workPhone",
    "zipCode",
    "postalCode",
];

/// A person to bill or to deliver to.
#[derive(Debug, Clone)]
pub(crate) struct Contact {
    pub(crate) id: String,
    pub(crate) fields: BTreeMap<&'static str, String>,
    pub(crate) custom: Custom,
}

/// Reads a contact; a new one must have both names.
pub(super) fn read(fields: Fields, id: String) -> Result<Contact, Refusal> {
    merge(fields, Contact { id, fields: BTreeMap::new(), custom: Custom::new() })
}

/// Reads what is there over what the contact was.
pub(super) fn merge(mut fields: Fields, mut contact: Contact) -> Result<Contact, Refusal> {
    for name in CONTACT_FIELDS {
        if let Some(text) = fields.maybe_text(name)? {
            contact.fields.insert(name, text);
        }
    }
    for name in ["firstName", "lastName"] {
        if contact.fields.get(name).is_none_or(String::is_empty) {
            return Err(Refusal::missing(&fields.path(name)));
        }
    }
    contact.custom.extend(fields.flat_custom());
    contact.custom.extend(fields.nested_custom()?);
    fields.finish(&[])?;
    Ok(contact)
}

impl Contact {
    pub(super) fn shown(&self, account: &str) -> Value {
        let mut map = Map::new();
        for name in CONTACT_FIELDS {
            map.insert((*name).to_owned(), json!(self.fields.get(name)));
        }
        map.insert("id".to_owned(), json!(self.id));
        map.insert("accountId".to_owned(), json!(account));
        with_custom(Value::Object(map), &self.custom)
    }
}
