//! The actions of an order: what each changes on its subscription.
//! `type` names the one object that is set; the rest of Zuora's eleven types pass as text until they have an object.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{ChargeOverride, ChargePricing, CustomFields, PeriodType, TermType, custom};

/// One action; build it with [`OrderAction::create_subscription`] and its siblings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderAction {
    /// Which of the objects below is set.
    #[serde(rename = "type")]
    pub action_type: ActionType,
    /// When it takes effect; Zuora starts no charge without these.
    #[serde(default, deserialize_with = "custom::null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub trigger_dates: Vec<TriggerDate>,
    /// Free text.
    #[serde(default)]
    pub change_reason: Option<String>,
    /// The tenant's own fields of the action.
    #[serde(
        default,
        deserialize_with = "custom::null_is_empty",
        skip_serializing_if = "CustomFields::is_empty"
    )]
    pub custom_fields: CustomFields,
    /// For [`ActionType::CreateSubscription`].
    #[serde(default)]
    pub create_subscription: Option<CreateSubscription>,
    /// For [`ActionType::AddProduct`].
    #[serde(default)]
    pub add_product: Option<AddProduct>,
    /// For [`ActionType::UpdateProduct`].
    #[serde(default)]
    pub update_product: Option<UpdateProduct>,
    /// For [`ActionType::CancelSubscription`].
    #[serde(default)]
    pub cancel_subscription: Option<CancelSubscription>,
}

/// What an action does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActionType {
    /// Starts a subscription.
    CreateSubscription,
    /// Adds a rate plan.
    AddProduct,
    /// Changes the charges of a rate plan.
    UpdateProduct,
    /// Ends a rate plan.
    RemoveProduct,
    /// Starts the next term now.
    RenewSubscription,
    /// Ends the subscription.
    CancelSubscription,
    /// Changes term and renewal.
    TermsAndConditions,
    /// Moves it to another account.
    OwnerTransfer,
    /// Pauses it.
    Suspend,
    /// Ends the pause.
    Resume,
    /// Swaps one plan for another.
    ChangePlan,
    /// A value newer than this crate.
    #[serde(untagged)]
    Other(String),
}

impl OrderAction {
    /// An action that takes effect on `effective` in all three senses: contract, activation, acceptance.
    #[must_use]
    pub fn new(action_type: ActionType, effective: Date) -> Self {
        let names =
            [TriggerName::ContractEffective, TriggerName::ServiceActivation, TriggerName::CustomerAcceptance];
        Self {
            action_type,
            trigger_dates: names.map(|name| TriggerDate { name, trigger_date: effective }).into(),
            change_reason: None,
            custom_fields: CustomFields::new(),
            create_subscription: None,
            add_product: None,
            update_product: None,
            cancel_subscription: None,
        }
    }

    /// Starts a subscription on `effective`.
    #[must_use]
    pub fn create_subscription(effective: Date, subscription: CreateSubscription) -> Self {
        Self {
            create_subscription: Some(subscription),
            ..Self::new(ActionType::CreateSubscription, effective)
        }
    }

    /// Adds a rate plan on `effective`.
    #[must_use]
    pub fn add_product(effective: Date, product: AddProduct) -> Self {
        Self { add_product: Some(product), ..Self::new(ActionType::AddProduct, effective) }
    }

    /// Changes charges on `effective`.
    #[must_use]
    pub fn update_product(effective: Date, product: UpdateProduct) -> Self {
        Self { update_product: Some(product), ..Self::new(ActionType::UpdateProduct, effective) }
    }

    /// Ends the subscription; the policy, not `effective`, says when it stops.
    #[must_use]
    pub fn cancel_subscription(effective: Date, cancellation: CancelSubscription) -> Self {
        Self {
            cancel_subscription: Some(cancellation),
            ..Self::new(ActionType::CancelSubscription, effective)
        }
    }
}

/// One of an action's effective dates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TriggerDate {
    /// Which date it is.
    pub name: TriggerName,
    /// In the tenant's zone.
    pub trigger_date: Date,
}

/// The three dates an action can have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TriggerName {
    /// The contract takes effect.
    ContractEffective,
    /// The service is switched on.
    ServiceActivation,
    /// The customer accepts it.
    CustomerAcceptance,
    /// A value newer than this crate.
    #[serde(untagged)]
    Other(String),
}

/// A new subscription.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateSubscription {
    /// Our own number; without `#`, `?` or `/`.
    #[serde(default)]
    pub subscription_number: Option<String>,
    /// How long it runs, and what then.
    pub terms: Terms,
    /// The plans that are bought.
    #[serde(default, deserialize_with = "custom::null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub subscribe_to_rate_plans: Vec<RatePlanOverride>,
    /// Another account that pays.
    #[serde(default)]
    pub invoice_owner_account_number: Option<String>,
    /// Whether it gets invoices of its own.
    #[serde(default)]
    pub invoice_separately: Option<bool>,
    /// Name of a payment term, when it differs from the account's.
    #[serde(default)]
    pub payment_term: Option<String>,
    /// Free text.
    #[serde(default)]
    pub notes: Option<String>,
}

/// Term and renewal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Terms {
    /// Whether it renews by itself.
    #[serde(default)]
    pub auto_renew: Option<bool>,
    /// The first term.
    pub initial_term: InitialTerm,
    /// `RENEW_WITH_SPECIFIC_TERM` or `RENEW_TO_EVERGREEN`.
    #[serde(default)]
    pub renewal_setting: Option<String>,
    /// The terms after the first.
    #[serde(default, deserialize_with = "custom::null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub renewal_terms: Vec<RenewalTerm>,
}

/// The first term: a length, or a last day, or no end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InitialTerm {
    /// How many of `period_type`.
    #[serde(default)]
    pub period: Option<i32>,
    /// The unit of `period`.
    #[serde(default)]
    pub period_type: Option<PeriodType>,
    /// Where the action's dates do not say it.
    #[serde(default)]
    pub start_date: Option<Date>,
    /// Instead of a length.
    #[serde(default)]
    pub end_date: Option<Date>,
    /// Termed or evergreen.
    pub term_type: TermType,
}

/// A later term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RenewalTerm {
    /// How many of `period_type`.
    pub period: i32,
    /// The unit of `period`.
    pub period_type: PeriodType,
}

/// A catalog plan in a new subscription, with what differs from the catalog.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RatePlanOverride {
    /// The plan by id; or see the next field.
    #[serde(default)]
    pub product_rate_plan_id: Option<String>,
    /// The plan by number.
    #[serde(default)]
    pub product_rate_plan_number: Option<String>,
    /// A name for it within this order.
    #[serde(default)]
    pub unique_token: Option<String>,
    /// What differs, by charge.
    #[serde(default, deserialize_with = "custom::null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub charge_overrides: Vec<ChargeOverride>,
    /// The tenant's own fields of the rate plan.
    #[serde(
        default,
        deserialize_with = "custom::null_is_empty",
        skip_serializing_if = "CustomFields::is_empty"
    )]
    pub custom_fields: CustomFields,
}

/// A catalog plan added later: the same object under another name.
pub type AddProduct = RatePlanOverride;

/// Changes the charges of one rate plan of a subscription.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateProduct {
    /// The subscription's rate plan by id, which changes with every version; or see the next two.
    #[serde(default)]
    pub rate_plan_id: Option<String>,
    /// By number, which does not change.
    #[serde(default)]
    pub subscription_rate_plan_number: Option<String>,
    /// By the name it was given in the order that added it.
    #[serde(default)]
    pub unique_token: Option<String>,
    /// Another date than the action's.
    #[serde(default)]
    pub specific_update_date: Option<Date>,
    /// What changes, by charge.
    #[serde(default, deserialize_with = "custom::null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub charge_updates: Vec<ChargeUpdate>,
}

/// What changes in one charge of a subscription.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChargeUpdate {
    /// The charge by number, or see the next field.
    #[serde(default)]
    pub charge_number: Option<String>,
    /// By the name it was given in the order that added it.
    #[serde(default)]
    pub unique_token: Option<String>,
    /// Price and quantity from then on.
    #[serde(default)]
    pub pricing: Option<ChargePricing>,
    /// The tenant's own fields of the charge.
    #[serde(
        default,
        deserialize_with = "custom::null_is_empty",
        skip_serializing_if = "CustomFields::is_empty"
    )]
    pub custom_fields: CustomFields,
}

/// Ends a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CancelSubscription {
    /// Which date ends it.
    pub cancellation_policy: CancellationPolicy,
    /// For [`CancellationPolicy::SpecificDate`].
    #[serde(default)]
    pub cancellation_effective_date: Option<Date>,
}

/// Which date ends a cancelled subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CancellationPolicy {
    /// The end of the term that runs.
    EndOfCurrentTerm,
    /// The end of what is invoiced.
    EndOfLastInvoicePeriod,
    /// A date given with it.
    SpecificDate,
    /// A value newer than this crate.
    #[serde(untagged)]
    Other(String),
}
