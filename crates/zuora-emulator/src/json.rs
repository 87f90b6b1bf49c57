//! Reading and writing JSON as exactly as Zuora does: decimals token by token, every field accounted for.
//! Refuses floats, numbers of more than 28 digits, and fields that nobody asked about.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::error::Refusal;

/// Custom fields by name, as they came.
pub(crate) type Custom = BTreeMap<String, Value>;

/// A decimal as a JSON number, digit for digit.
pub(crate) fn number(decimal: Decimal) -> Value {
    decimal.to_string().parse::<serde_json::Number>().map_or(Value::Null, Value::Number)
}

/// The exact decimal of a number or of a string that holds one.
pub(crate) fn decimal(value: &Value) -> Option<Decimal> {
    let token = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    if token.contains(['e', 'E']) {
        Decimal::from_scientific(&token).ok()
    } else {
        Decimal::from_str_exact(&token).ok()
    }
}

/// Whether a name is that of a custom field.
pub(crate) fn is_custom(name: &str) -> bool {
    ["__c", "__NS", "__QT"].iter().any(|suffix| name.ends_with(suffix))
}

/// Adds custom fields beside the standard ones.
pub(crate) fn with_custom(mut object: Value, custom: &Custom) -> Value {
    if let Value::Object(map) = &mut object {
        map.extend(custom.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    object
}

/// One JSON object of a request while it is read; remembers which fields were asked for.
pub(crate) struct Fields<'a> {
    at: String,
    map: &'a Map<String, Value>,
    seen: BTreeSet<String>,
}

impl<'a> Fields<'a> {
    /// Starts reading the body of a request.
    pub(crate) fn of_body(body: &'a Value) -> Result<Fields<'a>, Refusal> {
        Fields::at(String::new(), body)
    }

    fn at(at: String, value: &'a Value) -> Result<Fields<'a>, Refusal> {
        match value {
            Value::Object(map) => Ok(Fields { at, map, seen: BTreeSet::new() }),
            _ if at.is_empty() => Err(Refusal::malformed("the request body must be a JSON object")),
            _ => Err(Refusal::invalid(&at, "an object is expected")),
        }
    }

    /// The full path of a field, as messages name it.
    pub(crate) fn path(&self, name: &str) -> String {
        if self.at.is_empty() { name.to_owned() } else { format!("{}.{name}", self.at) }
    }

    fn take(&mut self, name: &str) -> Option<&'a Value> {
        self.seen.insert(name.to_owned());
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// Whether the field is there and not null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(|value| !value.is_null())
    }

    /// A value that must be there, read by one of the `maybe_` functions.
    fn must<T>(&self, name: &str, value: Option<T>) -> Result<T, Refusal> {
        value.ok_or_else(|| Refusal::missing(&self.path(name)))
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<String, Refusal> {
        let value = self.maybe_text(name)?.filter(|text| !text.is_empty());
        self.must(name, value)
    }

    pub(crate) fn maybe_text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Refusal::invalid(&self.path(name), "a string is expected")),
        }
    }

    pub(crate) fn flag(&mut self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            // Zuora's own clients send booleans as text in places; so did the recordings.
            Some(Value::String(text)) if text == "true" || text == "false" => Ok(Some(text == "true")),
            Some(_) => Err(Refusal::invalid(&self.path(name), "true or false is expected")),
        }
    }

    pub(crate) fn maybe_int(&mut self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let token = match value {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            _ => String::new(),
        };
        token.parse().map(Some).map_err(|_| Refusal::invalid(&self.path(name), "a whole number is expected"))
    }

    pub(crate) fn maybe_decimal(&mut self, name: &str) -> Result<Option<Decimal>, Refusal> {
        let Some(value) = self.take(name) else { return Ok(None) };
        decimal(value)
            .map(Some)
            .ok_or_else(|| Refusal::invalid(&self.path(name), "a number of at most 28 digits is expected"))
    }

    pub(crate) fn decimal(&mut self, name: &str) -> Result<Decimal, Refusal> {
        let value = self.maybe_decimal(name)?;
        self.must(name, value)
    }

    pub(crate) fn maybe_date(&mut self, name: &str) -> Result<Option<Date>, Refusal> {
        let Some(text) = self.maybe_text(name)? else { return Ok(None) };
        let well_formed = text.len() == 10;
        text.parse()
            .ok()
            .filter(|_| well_formed)
            .map(Some)
            .ok_or_else(|| Refusal::invalid(&self.path(name), "a date as yyyy-mm-dd is expected"))
    }

    pub(crate) fn date(&mut self, name: &str) -> Result<Date, Refusal> {
        let value = self.maybe_date(name)?;
        self.must(name, value)
    }

    pub(crate) fn maybe_object(&mut self, name: &str) -> Result<Option<Fields<'a>>, Refusal> {
        let path = self.path(name);
        self.take(name).map(|value| Fields::at(path, value)).transpose()
    }

    pub(crate) fn object(&mut self, name: &str) -> Result<Fields<'a>, Refusal> {
        let value = self.maybe_object(name)?;
        self.must(name, value)
    }

    /// The objects of a list; an absent list is an empty one.
    pub(crate) fn list(&mut self, name: &str) -> Result<Vec<Fields<'a>>, Refusal> {
        let path = self.path(name);
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) => {
                let one = |(index, value)| Fields::at(format!("{path}[{index}]"), value);
                values.iter().enumerate().map(one).collect()
            }
            Some(_) => Err(Refusal::invalid(&path, "a list is expected")),
        }
    }

    /// A value that is kept as it came.
    pub(crate) fn raw(&mut self, name: &str) -> Option<&'a Value> {
        self.take(name)
    }

    /// The custom fields that lie flat beside the standard ones.
    pub(crate) fn flat_custom(&mut self) -> Custom {
        let custom = self.map.iter().filter(|(name, value)| is_custom(name) && !value.is_null());
        custom.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// The custom fields nested in `customFields`, as the Orders API has them.
    pub(crate) fn nested_custom(&mut self) -> Result<Custom, Refusal> {
        let Some(mut nested) = self.maybe_object("customFields")? else { return Ok(Custom::new()) };
        let custom = nested.flat_custom();
        nested.finish(&[])?;
        Ok(custom)
    }

    /// Refuses any field that was neither read nor is among those Zuora knows and we accept without acting on them.
    /// A null is an absent field, whatever its name: Zuora's own SDK sends nulls for fields that it knows and we do not.
    pub(crate) fn finish(self, accepted: &[&str]) -> Result<(), Refusal> {
        let known =
            |name: &String| self.seen.contains(name) || accepted.contains(&name.as_str()) || is_custom(name);
        match self.map.iter().find(|(name, value)| !value.is_null() && !known(name)) {
            Some((stranger, _)) => Err(Refusal::unknown(&self.path(stranger))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn decimals_keep_every_digit_and_exponents_are_read() {
        let read = |text: &str| decimal(&serde_json::from_str(text).unwrap());
        assert_eq!(number(read("9999999999999.990000001").unwrap()).to_string(), "9999999999999.990000001");
        assert_eq!(read("0E-9"), Some(Decimal::ZERO));
        assert_eq!(read("\"12.50\""), Some(Decimal::new(1250, 2)));
        assert_eq!(read("1234567890.12345678901234567890"), None, "30 digits are refused, not rounded");
    }

    #[test]
    fn a_stranger_a_gap_and_a_wrong_type_are_named_by_their_path() {
        let body = json!({"billToContact": {"firstName": 1, "flavor": "red"}});
        let mut fields = Fields::of_body(&body).unwrap();
        assert!(fields.text("name").unwrap_err().message.contains("'name'"));
        let mut contact = fields.object("billToContact").unwrap();
        assert!(contact.maybe_text("firstName").unwrap_err().message.contains("billToContact.firstName"));
        assert!(contact.finish(&[]).unwrap_err().message.contains("'billToContact.flavor'"));
        assert!(fields.finish(&[]).is_ok());
    }

    #[test]
    fn a_null_is_an_absent_field_even_where_no_field_is_known() {
        let body = json!({"isBillable": null, "name": null});
        let mut fields = Fields::of_body(&body).unwrap();
        assert!(fields.maybe_text("name").unwrap().is_none());
        assert!(fields.finish(&[]).is_ok());
    }
}
