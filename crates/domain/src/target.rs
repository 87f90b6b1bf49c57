//! What an entitlement is given to: a namespace of a SaaS product, or a self-managed server.
//! Refuses to know how a target is reached.

use std::fmt;
use std::str::FromStr;

use crate::text::{Unreadable, as_text};

/// Which way a target is provisioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetKind {
    /// A group in the SaaS product, provisioned through the product's HTTP API.
    Namespace,
    /// An installation at the customer's, provisioned by a signed license.
    Server,
}
as_text!(
    enum TargetKind {
        Namespace = "namespace",
        Server = "server",
    }
);

/// The longest name of a target: what SaaS products allow for a group path.
const TARGET_NAME_LENGTH_MAX: usize = 200;

/// One receiver of entitlements; text form `namespace:brightwater`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// How it is provisioned.
    pub kind: TargetKind,
    /// Its name in its product: letters, digits and `-_./`, so that it is safe in URLs, logs and files.
    pub name: String,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.name)
    }
}

impl FromStr for Target {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let unreadable = || Unreadable::new("target (namespace:NAME or server:NAME)", text);
        let (kind, name) = text.split_once(':').ok_or_else(unreadable)?;
        let clean = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
        if name.is_empty() || name.len() > TARGET_NAME_LENGTH_MAX || !name.bytes().all(clean) {
            return Err(unreadable());
        }
        Ok(Target { kind: kind.parse().map_err(|_| unreadable())?, name: name.to_owned() })
    }
}
as_text!(Target);
