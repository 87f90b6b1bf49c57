//! Object Query: rows of one object, filtered, sorted and paged by cursor.
//! Refuses `expand` and operators that are not emulated, and says so, rather than answering something else.

mod rows;

use std::cmp::Ordering;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::call::Call;
use crate::error::{Category, Refusal};
use crate::ids::mix;
use crate::json::decimal;
use crate::path::decoded;

/// Zuora's documented default and limit.
const PAGE: usize = 10;
const PAGE_MOST: usize = 99;

/// `field.OP:value`
#[derive(Debug)]
struct Filter {
    field: String,
    operator: Operator,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Eq,
    Ne,
    Lt,
    Gt,
    Le,
    Ge,
    StartsWith,
    In,
}

fn invalid(parameter: &str, why: &str) -> Refusal {
    Refusal::new(Category::InvalidQuery, format!("Invalid query parameter '{parameter}': {why}."))
}

impl Filter {
    fn parse(text: &str) -> Result<Filter, Refusal> {
        let parts = text.split_once(':').and_then(|(left, value)| Some((left.rsplit_once('.')?, value)));
        let Some(((field, operator), value)) = parts else {
            return Err(invalid("filter[]", "field.OP:value is expected"));
        };
        let operator = match operator {
            "EQ" => Operator::Eq,
            "NE" => Operator::Ne,
            "LT" => Operator::Lt,
            "GT" => Operator::Gt,
            "LE" => Operator::Le,
            "GE" => Operator::Ge,
            "SW" => Operator::StartsWith,
            "IN" => Operator::In,
            other => return Err(invalid("filter[]", &format!("'{other}' is not an operator"))),
        };
        Ok(Filter { field: field.to_owned(), operator, value: value.to_owned() })
    }

    fn accepts(&self, row: &Value) -> Result<bool, Refusal> {
        let found = row.get(&self.field).ok_or_else(|| {
            invalid("filter[]", &format!("the object has no field '{}' that can be filtered", self.field))
        })?;
        if self.value == "null" || found.is_null() {
            let both_null = self.value == "null" && found.is_null();
            return Ok(match self.operator {
                Operator::Eq => both_null,
                Operator::Ne => !both_null,
                _ => false,
            });
        }
        let order = || compare(found, &self.value);
        Ok(match self.operator {
            Operator::Eq => order() == Ordering::Equal,
            Operator::Ne => order() != Ordering::Equal,
            Operator::Lt => order() == Ordering::Less,
            Operator::Gt => order() == Ordering::Greater,
            Operator::Le => order() != Ordering::Greater,
            Operator::Ge => order() != Ordering::Less,
            Operator::StartsWith => text(found).starts_with(&self.value),
            Operator::In => {
                let list = self.value.trim_start_matches('[').trim_end_matches(']');
                list.split(',').any(|one| compare(found, one.trim()) == Ordering::Equal)
            }
        })
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Compares a field with a value of a filter: as numbers, as instants, or as text, by what the field is.
fn compare(found: &Value, asked: &str) -> Ordering {
    if let Value::Number(_) = found {
        let asked: Option<Decimal> = decimal(&json!(asked));
        return decimal(found).cmp(&asked);
    }
    let found = text(found);
    match (found.parse::<Timestamp>(), asked.parse::<Timestamp>()) {
        (Ok(found), Ok(asked)) => found.cmp(&asked),
        _ => found.as_str().cmp(asked),
    }
}

fn in_order(rows: &mut [Value], sort: &str) -> Result<(), Refusal> {
    let Some((field, direction)) = sort.rsplit_once('.') else {
        return Err(invalid("sort[]", "field.ASC or field.DESC is expected"));
    };
    if rows.first().is_some_and(|row| row.get(field).is_none()) {
        return Err(invalid("sort[]", &format!("the object has no field '{field}'")));
    }
    let by_field = |a: &Value, b: &Value| compare(&a[field], &text(&b[field]));
    match direction {
        "ASC" => rows.sort_by(by_field),
        "DESC" => rows.sort_by(|a, b| by_field(b, a)),
        _ => return Err(invalid("sort[]", "the direction is ASC or DESC")),
    }
    Ok(())
}

/// A cursor names the place to go on from and the query it belongs to.
fn cursor(call: &Call, place: usize) -> String {
    format!("{:x}-{place:x}", fingerprint(call))
}

fn fingerprint(call: &Call) -> u64 {
    let parts = call.query.iter().filter(|(name, _)| name != "cursor" && name != "pageSize");
    let bytes = parts.flat_map(|(name, value)| name.bytes().chain(value.bytes()));
    call.key(0).bytes().chain(bytes).fold(0, |hash, byte| mix(hash, u64::from(byte)))
}

fn place(call: &Call) -> Result<usize, Refusal> {
    let Some(text) = call.param("cursor") else { return Ok(0) };
    let mine = decoded(text);
    let parts = mine.split_once('-').filter(|(hash, _)| *hash == format!("{:x}", fingerprint(call)));
    let place = parts.and_then(|(_, place)| usize::from_str_radix(place, 16).ok());
    place.ok_or_else(|| invalid("cursor", "it does not belong to this query"))
}

/// `GET /object-query/{object}`
pub(crate) fn list(call: &mut Call) -> Result<Value, Refusal> {
    let size = call.count("pageSize", PAGE, PAGE_MOST)?;
    if call.params("expand[]").next().is_some() {
        return Err(invalid("expand[]", "it is not emulated yet"));
    }
    let filters = call.params("filter[]").map(Filter::parse).collect::<Result<Vec<_>, _>>()?;
    let mut sorts = call.params("sort[]");
    let sort = sorts.next();
    if sorts.next().is_some() {
        return Err(invalid("sort[]", "only one is allowed"));
    }
    let from = place(call)?;
    let mut found = Vec::new();
    for row in rows::of(call.tenant, call.key(0))? {
        let mut all = true;
        for filter in &filters {
            all = all && filter.accepts(&row)?;
        }
        if all {
            found.push(row);
        }
    }
    if let Some(sort) = sort {
        in_order(&mut found, sort)?;
    }
    let total = found.len();
    let data: Vec<Value> = found.into_iter().skip(from).take(size).collect();
    let next = (from + data.len() < total).then(|| cursor(call, from + data.len()));
    Ok(json!({"data": data, "nextPage": next}))
}

/// `GET /object-query/{object}/{key}`
pub(crate) fn view(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.key(1);
    let of_key = |row: &Value| {
        let numbers =
            ["id", "accountNumber", "name", "invoiceNumber", "paymentNumber", "orderNumber", "memoNumber"];
        numbers.iter().any(|name| row[*name] == key)
    };
    // The latest row: of a subscription's versions the last one has the number.
    let found = rows::of(call.tenant, call.key(0))?.filter(of_key).last();
    found.ok_or_else(|| Refusal::not_found(key))
}
