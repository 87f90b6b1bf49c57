//! What the operator decided, checked and typed.
//! Refuses files and environment variables: `purser` reads those.

use domain::NumberPrefix;
use domain::entitlement::Zones;
use domain::obligation::Deadline;
use domain::policy::Policy;
use ed25519_dalek::SigningKey;
use jiff::tz::TimeZone;
use rating::Rounding;
use secrecy::SecretString;

/// Settings that operations look at.
pub struct Settings {
    /// How customers reach the portal; links in mails start with it.
    pub public_url: String,
    /// What our numbers start with.
    pub number_prefix: NumberPrefix,
    /// The zone of the Zuora tenant: its billing dates are days there.
    pub zone: TimeZone,
    /// In which zones entitlements begin and end.
    pub zones: Zones,
    /// How the tenant rounds.
    pub rounding: Rounding,
    /// What may be granted before billing confirms.
    pub policy: Policy,
    /// How long provisioning may take.
    pub deadline: Deadline,
    /// Who sells.
    pub seller: Seller,
    /// The key that licenses are signed with.
    pub signing: Option<Signing>,
    /// How Zuora proves that a callout is its own.
    pub callouts: Option<CalloutLogin>,
    /// How staff sign in.
    pub console_login: ConsoleLogin,
    /// How many accounts are worked on at the same time.
    pub worker_tasks: u16,
}

/// Who sells: shown on pages, mails and licenses.
pub struct Seller {
    /// The company's or product's name.
    pub name: String,
    /// Where customers turn to.
    pub support_mail: String,
}

/// A license signing key.
pub struct Signing {
    /// Its name, written into each license.
    pub key_id: String,
    /// The key.
    pub key: SigningKey,
}

/// What Zuora sends with its callouts.
pub struct CalloutLogin {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: SecretString,
}

/// How staff sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsoleLogin {
    /// The console is closed.
    Off,
    /// By one-time link, like customers; for the demo only.
    Development,
}
