//! Tells idle workers of this process that a lane of their class has work.
//! Refuses to be relied on: workers also look by themselves.

use tokio::sync::Notify;

/// The classes of lanes; each has workers of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Writes to Zuora, one lane an account.
    Account,
    /// Pushes, one lane a target.
    Target,
    /// Reads from Zuora, one lane an object.
    Sync,
    /// Mails, one lane an address.
    Mail,
}

impl Class {
    /// All of them.
    pub const ALL: [Class; 4] = [Class::Account, Class::Target, Class::Sync, Class::Mail];

    /// What lane names of the class start with.
    pub const fn as_str(self) -> &'static str {
        match self {
            Class::Account => "account",
            Class::Target => "target",
            Class::Sync => "sync",
            Class::Mail => "mail",
        }
    }
}

/// One bell for each class.
#[derive(Debug, Default)]
pub struct Wake([Notify; 4]);

impl Wake {
    /// Rings.
    pub fn ring(&self, class: Class) {
        self.of(class).notify_one();
    }

    /// The bell.
    pub fn of(&self, class: Class) -> &Notify {
        &self.0[class as usize]
    }
}
