//! Object Query: what changed since a moment, page by page.

use jiff::Timestamp;

use crate::client::{Answer, Call, Client};
use crate::error::Error;
use crate::path::encode;
use crate::wire::{QueryObject, QueryPage};

/// The largest page that Zuora gives.
const PAGE_SIZE: u8 = 99;

impl Client {
    /// Reads one page of the objects that changed at or after `since`, oldest change first.
    ///
    /// Times are compared in whole seconds, as Zuora keeps them, so `since` is rounded down. `cursor` is the `nextPage`
    /// of the page before, asked with the same `since`.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub async fn query(
        &self,
        object: QueryObject,
        since: Timestamp,
        cursor: Option<&str>,
    ) -> Result<Answer<QueryPage>, Error> {
        let since = since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut path = format!(
            "/object-query/{}?pageSize={PAGE_SIZE}&{}={}&{}={}",
            object.path(),
            encode("filter[]"),
            encode(&format!("updatedDate.GE:{since}")),
            encode("sort[]"),
            encode("updatedDate.ASC"),
        );
        if let Some(cursor) = cursor {
            path.push_str("&cursor=");
            path.push_str(&encode(cursor));
        }
        self.call(Call::get("query", path)).await
    }
}
