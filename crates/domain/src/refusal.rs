//! Why an order or another request is refused, in words for the caller: a stable code, the field, what to do next.
//! Refuses internal texts: everything here may be shown to a client.

use crate::text::Unreadable;

/// A refusal of ours: nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's message says what it is")]
pub enum Refusal {
    #[error("There is no offer {code:?}.")]
    UnknownOffer { field: String, code: String },
    #[error("The offer {code:?} is not sold in {currency}.")]
    NotSoldInCurrency { field: String, code: String, currency: &'static str },
    #[error("The quantity must be a whole number from 1 to {max}.")]
    Quantity { field: String, max: u32 },
    #[error("The target must be {expected}.")]
    Target { field: String, expected: &'static str },
    #[error("The start date {start} is not between {from} and {to}.")]
    StartDate { field: String, start: String, from: String, to: String },
    #[error("There is no subscription {number:?} in this account.")]
    UnknownSubscription { field: String, number: String },
    #[error("The subscription {number} ended, or ends before the change would start.")]
    SubscriptionEnded { field: String, number: String },
    #[error("The subscription {number} does not contain the offer {code:?}.")]
    NotInSubscription { field: String, number: String, code: String },
    #[error("The subscription {number} contains the offer {code:?} more than once, or a later change of it.")]
    Ambiguous { field: String, number: String, code: String },
    #[error("The offer {code:?} can only be added to a subscription.")]
    AddOnOnly { field: String, code: String },
    #[error("An order needs 1 to {max} actions.")]
    ActionCount { max: usize },
    #[error("Two actions of one order touch the subscription {number}.")]
    SubscriptionTwice { field: String, number: String },
    #[error("The account {number} cannot order: it is {status}.")]
    AccountStatus { number: String, status: &'static str },
    #[error("The account has no payment method on file.")]
    NoPaymentMethod,
    #[error("The amount is too large.")]
    Amount,
    #[error("This field must be {expected}.")]
    Text { field: String, expected: &'static str },
    #[error("{0}.")]
    Unreadable(#[from] Unreadable),
}

impl Refusal {
    /// The stable word that scripts match.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::UnknownOffer { .. } => "unknown_offer",
            Refusal::NotSoldInCurrency { .. } => "wrong_currency",
            Refusal::Quantity { .. } => "quantity_out_of_range",
            Refusal::Target { .. } => "wrong_target",
            Refusal::StartDate { .. } => "start_date_out_of_range",
            Refusal::UnknownSubscription { .. } => "unknown_subscription",
            Refusal::SubscriptionEnded { .. } => "subscription_ended",
            Refusal::NotInSubscription { .. } => "not_in_subscription",
            Refusal::Ambiguous { .. } => "ambiguous_change",
            Refusal::AddOnOnly { .. } => "add_on_only",
            Refusal::ActionCount { .. } => "wrong_number_of_actions",
            Refusal::SubscriptionTwice { .. } => "subscription_twice",
            Refusal::AccountStatus { .. } => "account_cannot_order",
            Refusal::NoPaymentMethod => "no_payment_method",
            Refusal::Amount => "amount_too_large",
            Refusal::Text { .. } => "field_not_readable",
            Refusal::Unreadable(_) => "not_readable",
        }
    }

    /// Which field of the request it is about, as a path: `actions[0].quantity`.
    pub fn field(&self) -> Option<&str> {
        match self {
            Refusal::UnknownOffer { field, .. }
            | Refusal::NotSoldInCurrency { field, .. }
            | Refusal::Quantity { field, .. }
            | Refusal::Target { field, .. }
            | Refusal::StartDate { field, .. }
            | Refusal::UnknownSubscription { field, .. }
            | Refusal::SubscriptionEnded { field, .. }
            | Refusal::NotInSubscription { field, .. }
            | Refusal::Ambiguous { field, .. }
            | Refusal::AddOnOnly { field, .. }
            | Refusal::SubscriptionTwice { field, .. }
            | Refusal::Text { field, .. } => Some(field),
            Refusal::ActionCount { .. } => Some("actions"),
            Refusal::AccountStatus { .. } => Some("account"),
            Refusal::NoPaymentMethod => Some("settlement"),
            Refusal::Amount | Refusal::Unreadable(_) => None,
        }
    }

    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Refusal::UnknownOffer { .. } => "List what can be ordered with GET /api/v1/offers.",
            Refusal::NotSoldInCurrency { .. } => {
                "Choose an offer that has a price in the account's currency, or ask us for one."
            }
            Refusal::Quantity { .. } => "Send a whole number within the range.",
            Refusal::Target { .. } => {
                "Name what is to be provisioned, for example namespace:brightwater or server:git-1."
            }
            Refusal::StartDate { .. } => {
                "Leave the start date out to start today, or choose a day within the range."
            }
            Refusal::UnknownSubscription { .. } => {
                "Use the number of a subscription of this account; its orders list them."
            }
            Refusal::SubscriptionEnded { .. } => "Order a new subscription instead.",
            Refusal::NotInSubscription { .. } => {
                "Name an offer that the subscription contains, or add it first."
            }
            Refusal::Ambiguous { .. } => {
                "Order more with an action of type add; to order less, ask us which part is meant."
            }
            Refusal::AddOnOnly { .. } => "Use an action of type add, with the number of a subscription.",
            Refusal::ActionCount { .. } => {
                "Send between one and the allowed number of actions; split larger orders."
            }
            Refusal::SubscriptionTwice { .. } => "Send one order for each change of the same subscription.",
            Refusal::AccountStatus { .. } => "Write to support; they can say why and what to do.",
            Refusal::NoPaymentMethod => "Use settlement \"invoice\", or \"new_card\" to add a card first.",
            Refusal::Amount => "Split the order into smaller ones.",
            Refusal::Text { .. } | Refusal::Unreadable(_) => {
                "Correct the field and send the request again with a new Idempotency-Key."
            }
        }
    }
}
