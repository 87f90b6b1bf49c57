//! What may be granted before billing confirms it, and until when.
//! Refuses to grant without a bound: every trust has a lease and counts against a limit.

use jiff::SignedDuration;

use crate::Instant;
use crate::account::Account;
use crate::offer::TrustClass;
use crate::order::Settlement;

/// The tenant's policy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// How long a grant on trust lasts.
    pub lease: SignedDuration,
    /// The most that one account may have on trust, in minor units of its currency.
    pub account_limit_minor: i64,
    /// The most that all accounts of one currency together may have on trust, in minor units.
    pub total_limit_minor: i64,
}

/// What is on trust already, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exposure {
    /// By this account.
    pub account_minor: i64,
    /// By all accounts with its currency.
    pub total_minor: i64,
}

/// What the decision looks at, besides the account.
#[derive(Debug, Clone, Copy)]
pub struct Risk<'a> {
    /// How the order is paid.
    pub settlement: Settlement,
    /// The classes of the offers in it.
    pub classes: &'a [TrustClass],
    /// What it would add.
    pub amount_minor: i64,
    /// What is on trust already.
    pub exposure: Exposure,
}

impl Policy {
    /// Until when an order is granted before billing confirms it; `None`: it waits for billing.
    pub fn trust(&self, account: &Account, risk: Risk<'_>, now: Instant) -> Option<Instant> {
        let class = risk.classes.iter().all(|class| match class {
            TrustClass::Open => true,
            TrustClass::Standard => account.orders_billed > 0,
            TrustClass::Never => false,
        });
        let paid_for = risk.settlement != Settlement::NewCard;
        let adds = risk.amount_minor.max(0);
        let bounded = risk
            .exposure
            .account_minor
            .checked_add(adds)
            .is_some_and(|sum| sum <= self.account_limit_minor)
            && risk.exposure.total_minor.checked_add(adds).is_some_and(|sum| sum <= self.total_limit_minor);
        (class && paid_for && bounded).then(|| now.after(self.lease))
    }
}
