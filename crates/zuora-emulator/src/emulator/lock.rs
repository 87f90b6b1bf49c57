//! One write at a time on each account, as Zuora locks it.
//! Refuses nothing itself: it says whether another write is under way.

use std::collections::BTreeMap;

use ::http::Method;
use jiff::Timestamp;
use serde_json::Value;

use crate::Request;
use crate::tenant::Tenant;

/// Until when each account is being written to, by account number.
#[derive(Debug, Default)]
pub(super) struct Locks(BTreeMap<String, Timestamp>);

impl Locks {
    /// Whether a write of this account is under way.
    pub(super) fn is_held(&mut self, account: &str, now: Timestamp) -> bool {
        self.0.retain(|_, until| *until > now);
        self.0.contains_key(account)
    }

    /// Holds the account until a write has ended.
    pub(super) fn hold(&mut self, account: &str, until: Timestamp) {
        self.0.insert(account.to_owned(), until);
    }

    pub(super) fn release(&mut self, account: &str) {
        self.0.remove(account);
    }
}

/// The number of the account that a request is about, whether it exists yet or not.
pub(super) fn account_of(tenant: &Tenant, request: &Request) -> Option<String> {
    let path = request.uri().path();
    let in_path = path.strip_prefix("/v1/accounts/").and_then(|rest| rest.split('/').next());
    let key = match in_path.map(crate::path::decoded) {
        Some(key) => key,
        None if request.method() == Method::GET => return None,
        None => {
            let body: Value = serde_json::from_slice(request.body()).ok()?;
            let names =
                ["existingAccountNumber", "existingAccountId", "accountNumber", "accountId", "accountKey"];
            let flat = names.iter().find_map(|name| body[*name].as_str());
            flat.or_else(|| body["newAccount"]["accountNumber"].as_str())?.to_owned()
        }
    };
    Some(tenant.accounts.get(&key).map_or(key, |account| account.number.clone()))
}
