//! The head that every answer of the service API carries, and the failure that is nothing but a head.
//! Nouns do not repeat it: a server puts it in front of the noun, a client judges it before it reads the noun.

use serde::{Deserialize, Serialize};

/// `success` and the ids under which Zuora's support finds the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// Whether Zuora did what was asked; the HTTP status alone does not tell.
    pub success: bool,
    /// Sixteen upper-case hex digits; only failures and some lists carry it.
    #[serde(default)]
    pub process_id: Option<String>,
    /// The request's id in the body, where newer answers repeat the header.
    #[serde(default)]
    pub request_id: Option<String>,
}

/// A refusal in the service API's own format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Always false here.
    pub success: bool,
    /// Sixteen upper-case hex digits.
    pub process_id: String,
    /// Why; the first reason decides.
    pub reasons: Vec<HeadReason>,
    /// The request's id in the body, where newer answers repeat the header.
    #[serde(default)]
    pub request_id: Option<String>,
}

/// One reason of a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadReason {
    /// Six digits of resource and two of category, see [`crate::Category`].
    pub code: i64,
    /// Zuora's sentence for people.
    pub message: String,
}
