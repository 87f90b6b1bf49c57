//! One call to the API as its handler sees it: who asks what, with which version, at what time.
//! Refuses to carry anything about the wire; faults, limits and tokens were dealt with before.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use crate::error::{Category, Refusal};
use crate::tenant::Tenant;
use crate::version::Version;

/// A call on its way through a handler.
pub(crate) struct Call<'a> {
    pub(crate) tenant: &'a mut Tenant,
    pub(crate) now: Timestamp,
    pub(crate) version: Version,
    /// What stood in the `{}` of the route, decoded.
    pub(crate) keys: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Value,
    /// Scheme, host and path of the request, from which `nextPage` is made.
    pub(crate) address: Address,
}

/// Where the caller found us.
#[derive(Debug, Clone, Default)]
pub(crate) struct Address {
    pub(crate) origin: String,
    pub(crate) path: String,
}

impl Call<'_> {
    /// A key of the path; the route guarantees that it is there.
    pub(crate) fn key(&self, index: usize) -> &str {
        self.keys.get(index).map_or("", String::as_str)
    }

    /// The first value of a query parameter.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a repeated query parameter.
    pub(crate) fn params<'q>(&'q self, name: &'q str) -> impl Iterator<Item = &'q str> {
        self.query.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A whole number from the query within bounds, or a default.
    pub(crate) fn count(&self, name: &str, default: usize, most: usize) -> Result<usize, Refusal> {
        let Some(text) = self.param(name) else { return Ok(default) };
        text.parse().ok().filter(|count| (1..=most).contains(count)).ok_or_else(|| {
            Refusal::new(
                Category::InvalidQuery,
                format!("Invalid parameter '{name}': 1 to {most} is expected."),
            )
        })
    }

    /// Today in the tenant's zone.
    pub(crate) fn today(&self) -> Date {
        self.tenant.date(self.now)
    }

    /// The page of a v1 list that is asked for, with the address of the next one.
    pub(crate) fn page<T>(&self, rows: Vec<T>) -> Result<(Vec<T>, Option<String>), Refusal> {
        let size = self.count("pageSize", V1_PAGE, V1_PAGE_MOST)?;
        let page = self.count("page", 1, usize::MAX)?;
        let (from, total) = (size.saturating_mul(page - 1), rows.len());
        let rows: Vec<T> = rows.into_iter().skip(from).take(size).collect();
        let more = from.saturating_add(rows.len()) < total;
        let next =
            || format!("{}{}?page={}&pageSize={size}", self.address.origin, self.address.path, page + 1);
        Ok((rows, more.then(next)))
    }
}

/// Zuora's documented default and limit for pages of v1 lists.
const V1_PAGE: usize = 20;
const V1_PAGE_MOST: usize = 40;

/// Adds `nextPage` where there is one; at the end Zuora leaves it out.
pub(crate) fn with_next(mut body: Value, next: Option<String>) -> Value {
    if let (Value::Object(map), Some(next)) = (&mut body, next) {
        map.insert("nextPage".to_owned(), Value::String(next));
    }
    body
}
