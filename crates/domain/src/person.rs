//! People, what they may do for which account, and how they prove who they are.
//! Refuses to join a person to an account by mail address alone.

use jiff::SignedDuration;
use serde::Serialize;

use crate::text::as_text;
use crate::{AccountId, Instant, PersonId};

/// What a customer may do for a billing account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemberRole {
    /// Everything, and lets others in.
    Manager,
    /// Uses what was bought.
    SubscriptionContact,
    /// Sees and pays invoices.
    BillingContact,
    /// Sees.
    Viewer,
}
as_text!(
    enum MemberRole {
        Manager = "manager",
        SubscriptionContact = "subscription_contact",
        BillingContact = "billing_contact",
        Viewer = "viewer",
    }
);

/// What a staff member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StaffRole {
    /// Sees.
    Viewer,
    /// Helps customers.
    Support,
    /// Works on money.
    Billing,
    /// Runs the platform.
    Operator,
}
as_text!(
    enum StaffRole {
        Viewer = "viewer",
        Support = "support",
        Billing = "billing",
        Operator = "operator",
    }
);

/// One human being who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Person {
    /// Ours.
    pub id: PersonId,
    /// The verified address.
    pub mail: String,
    /// As they gave it.
    pub name: String,
    /// Set for staff.
    pub staff_role: Option<StaffRole>,
    /// When they came into being here.
    pub created_at: Instant,
}

/// What a person may do for an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Membership {
    /// Who.
    pub person_id: PersonId,
    /// For which account.
    pub account_id: AccountId,
    /// What.
    pub role: MemberRole,
}

/// How long a one-time sign-in link works.
pub const SIGN_IN_LINK_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// How long a session lasts without a new sign-in.
pub const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(12);
