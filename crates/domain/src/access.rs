//! Who may do what: one table of operation and role, and the callers that carry the roles.
//! Refuses defaults: an operation that a role does not stand beside is refused to it.

use crate::person::{MemberRole, StaffRole};
use crate::text::as_text;
use crate::token::Scope;
use crate::{AccountId, PersonId, TokenId};

/// Everything that can be asked of the platform, in the words of the API's operationId and the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words are the operations' names; each is documented where it is done")]
pub enum Operation {
    AccountCreate,
    AccountView,
    OfferList,
    OrderPreview,
    OrderPlace,
    OrderView,
    OrderList,
    SubscriptionList,
    InvoiceList,
    LicenseView,
    EntitlementView,
    ConsoleView,
}
as_text!(
    enum Operation {
        AccountCreate = "account_create",
        AccountView = "account_view",
        OfferList = "offer_list",
        OrderPreview = "order_preview",
        OrderPlace = "order_place",
        OrderView = "order_view",
        OrderList = "order_list",
        SubscriptionList = "subscription_list",
        InvoiceList = "invoice_list",
        LicenseView = "license_view",
        EntitlementView = "entitlement_view",
        ConsoleView = "console_view",
    }
);

/// What a caller is, for the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A customer, for the account in question.
    Member(MemberRole),
    /// Staff.
    Staff(StaffRole),
    /// A product service with a scope.
    Service(Scope),
}

impl Role {
    /// Every role there is.
    pub fn all() -> Vec<Role> {
        let members = MemberRole::ALL.iter().copied().map(Role::Member);
        let staff = StaffRole::ALL.iter().copied().map(Role::Staff);
        members.chain(staff).chain(Scope::ALL.iter().copied().map(Role::Service)).collect()
    }
}

const MANAGER: Role = Role::Member(MemberRole::Manager);
const SUBSCRIPTION: Role = Role::Member(MemberRole::SubscriptionContact);
const BILLING: Role = Role::Member(MemberRole::BillingContact);
const VIEWER: Role = Role::Member(MemberRole::Viewer);
const READ: Role = Role::Service(Scope::OrdersRead);
const WRITE: Role = Role::Service(Scope::OrdersWrite);
const CHECK: Role = Role::Service(Scope::EntitlementsRead);
const STAFF_VIEWER: Role = Role::Staff(StaffRole::Viewer);
const STAFF_SUPPORT: Role = Role::Staff(StaffRole::Support);
const STAFF_BILLING: Role = Role::Staff(StaffRole::Billing);
const STAFF_OPERATOR: Role = Role::Staff(StaffRole::Operator);

/// The roles that may do an operation. Staff who look at an account look through the console, not as its members.
pub const fn roles(operation: Operation) -> &'static [Role] {
    use Operation::*;
    match operation {
        AccountCreate => &[WRITE, STAFF_BILLING, STAFF_OPERATOR],
        AccountView | OrderView | OrderList | SubscriptionList => &[
            MANAGER,
            SUBSCRIPTION,
            BILLING,
            VIEWER,
            READ,
            WRITE,
            STAFF_VIEWER,
            STAFF_SUPPORT,
            STAFF_BILLING,
            STAFF_OPERATOR,
        ],
        OfferList => &[
            MANAGER,
            SUBSCRIPTION,
            BILLING,
            VIEWER,
            READ,
            WRITE,
            STAFF_VIEWER,
            STAFF_SUPPORT,
            STAFF_BILLING,
            STAFF_OPERATOR,
        ],
        OrderPreview | OrderPlace => &[MANAGER, WRITE],
        InvoiceList => {
            &[MANAGER, BILLING, READ, WRITE, STAFF_VIEWER, STAFF_SUPPORT, STAFF_BILLING, STAFF_OPERATOR]
        }
        LicenseView => &[MANAGER, SUBSCRIPTION, STAFF_SUPPORT, STAFF_OPERATOR],
        EntitlementView => &[CHECK],
        ConsoleView => &[STAFF_VIEWER, STAFF_SUPPORT, STAFF_BILLING, STAFF_OPERATOR],
    }
}

/// Whether the table has the role beside the operation.
pub fn allowed(operation: Operation, role: Role) -> bool {
    roles(operation).contains(&role)
}

/// Who is asking. Made only by the code that checked the proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A signed-in customer with their memberships.
    Customer {
        /// Who.
        person: PersonId,
        /// What they may do for which account.
        memberships: Vec<(AccountId, MemberRole)>,
    },
    /// A signed-in staff member.
    Staff {
        /// Who.
        person: PersonId,
        /// What they may do.
        role: StaffRole,
    },
    /// A product service.
    Service {
        /// Its token.
        token: TokenId,
        /// What the token may be used for.
        scopes: Vec<Scope>,
        /// The only product line it may touch.
        product_line: Option<String>,
    },
}

impl Caller {
    /// The text that orders and the audit trail keep, and that scopes idempotency keys.
    pub fn name(&self) -> String {
        match self {
            Caller::Customer { person, .. } | Caller::Staff { person, .. } => person.to_string(),
            Caller::Service { token, .. } => token.to_string(),
        }
    }

    /// Whether the caller may do this for the account; `None` stands for operations that concern no account.
    pub fn may(&self, operation: Operation, account: Option<AccountId>) -> bool {
        match self {
            Caller::Customer { memberships, .. } => memberships.iter().any(|(id, role)| {
                account.is_none_or(|account| account == *id) && allowed(operation, Role::Member(*role))
            }),
            Caller::Staff { role, .. } => allowed(operation, Role::Staff(*role)),
            Caller::Service { scopes, .. } => {
                scopes.iter().any(|scope| allowed(operation, Role::Service(*scope)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written out by hand, so that a change of the table has to be made twice on purpose.
    #[test]
    fn the_whole_table_is_as_intended() {
        let mut table = String::new();
        for operation in Operation::ALL {
            let allowed: Vec<&str> =
                Role::all().into_iter().filter(|role| allowed(*operation, *role)).map(short).collect();
            table.push_str(&format!("{operation}: {}\n", allowed.join(" ")));
        }
        assert_eq!(
            table,
            "account_create: sb so w\n\
             account_view: m s b v sv ss sb so r w\n\
             offer_list: m s b v sv ss sb so r w\n\
             order_preview: m w\n\
             order_place: m w\n\
             order_view: m s b v sv ss sb so r w\n\
             order_list: m s b v sv ss sb so r w\n\
             subscription_list: m s b v sv ss sb so r w\n\
             invoice_list: m b sv ss sb so r w\n\
             license_view: m s ss so\n\
             entitlement_view: e\n\
             console_view: sv ss sb so\n"
        );
    }

    fn short(role: Role) -> &'static str {
        match role {
            Role::Member(MemberRole::Manager) => "m",
            Role::Member(MemberRole::SubscriptionContact) => "s",
            Role::Member(MemberRole::BillingContact) => "b",
            Role::Member(MemberRole::Viewer) => "v",
            Role::Staff(StaffRole::Viewer) => "sv",
            Role::Staff(StaffRole::Support) => "ss",
            Role::Staff(StaffRole::Billing) => "sb",
            Role::Staff(StaffRole::Operator) => "so",
            Role::Service(Scope::EntitlementsRead) => "e",
            Role::Service(Scope::OrdersRead) => "r",
            Role::Service(Scope::OrdersWrite) => "w",
        }
    }

    #[test]
    fn a_member_of_one_account_may_do_nothing_for_another() {
        let (mine, other) = (AccountId(ulid::Ulid(1)), AccountId(ulid::Ulid(2)));
        let caller = Caller::Customer {
            person: PersonId(ulid::Ulid(3)),
            memberships: vec![(mine, MemberRole::Manager)],
        };
        for operation in Operation::ALL {
            assert!(!caller.may(*operation, Some(other)), "{operation}");
        }
        assert!(caller.may(Operation::OrderPlace, Some(mine)));
    }
}
