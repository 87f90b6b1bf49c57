//! Payment methods by reference to a gateway's token.
//! Refuses card numbers: there is no field for one.

use serde::{Deserialize, Serialize};

use super::{CustomFields, custom};

/// The request of `POST /v1/payment-methods`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatePaymentMethod {
    /// The account's id or number.
    #[serde(default)]
    pub account_key: Option<String>,
    /// What kind of method it is.
    #[serde(rename = "type")]
    pub method_type: PaymentMethodType,
    /// The gateway's token.
    #[serde(default)]
    pub token_id: Option<String>,
    /// The gateway's customer, where it wants both.
    #[serde(default)]
    pub second_token_id: Option<String>,
    /// Whether the account pays with it from now on.
    #[serde(default)]
    pub make_default: Option<bool>,
    /// The tenant's own fields.
    #[serde(flatten, deserialize_with = "custom::flat")]
    pub custom_fields: CustomFields,
}

/// What kind of payment method it is; the kinds that need bank or card numbers are not modeled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaymentMethodType {
    /// A card that the gateway keeps under a token.
    CreditCardReferenceTransaction,
    /// Any other of Zuora's kinds.
    #[serde(untagged)]
    Other(String),
}

/// What creating a payment method answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentMethodCreated {
    /// 32 hex digits.
    pub id: String,
}
