//! Accounts and contacts, as `POST /v1/accounts` takes them and `GET /v1/accounts/{key}` prints them.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{CustomFields, custom, decimal};

/// The request of `POST /v1/accounts`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateAccount {
    /// The name on invoices.
    pub name: String,
    /// ISO 4217 code; an account keeps it for life.
    pub currency: String,
    /// Our own number, which must not begin with the tenant's default prefix; Zuora chooses one without it.
    #[serde(default)]
    pub account_number: Option<String>,
    /// Who gets the invoices; Zuora requires a first and a last name.
    pub bill_to_contact: Contact,
    /// Who uses the product; decides the tax.
    #[serde(default)]
    pub sold_to_contact: Option<Contact>,
    /// Whether payment runs collect by themselves.
    #[serde(default)]
    pub auto_pay: Option<bool>,
    /// Day of the month; 0 lets the first charge decide.
    #[serde(default)]
    pub bill_cycle_day: Option<i32>,
    /// Name of a payment term, such as `Net 30`.
    #[serde(default)]
    pub payment_term: Option<String>,
    /// The account's id in a CRM.
    #[serde(default)]
    pub crm_id: Option<String>,
    /// Free text.
    #[serde(default)]
    pub notes: Option<String>,
    /// The tenant's own fields, flat beside the standard ones on the wire.
    #[serde(flatten, deserialize_with = "custom::flat")]
    pub custom_fields: CustomFields,
}

/// A contact, inside an account or alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// Zuora's id; absent in requests.
    #[serde(default)]
    pub id: Option<String>,
    /// Required by Zuora.
    #[serde(default)]
    pub first_name: Option<String>,
    /// Required by Zuora.
    #[serde(default)]
    pub last_name: Option<String>,
    /// Where invoices are sent.
    #[serde(default)]
    pub work_email: Option<String>,
    /// A second address.
    #[serde(default)]
    pub personal_email: Option<String>,
    /// With country code, as entered.
    #[serde(default)]
    pub work_phone: Option<String>,
    /// Street.
    #[serde(default)]
    pub address1: Option<String>,
    /// Rest of the street.
    #[serde(default)]
    pub address2: Option<String>,
    /// City.
    #[serde(default)]
    pub city: Option<String>,
    /// County; some tax tables need it.
    #[serde(default)]
    pub county: Option<String>,
    /// State or province.
    #[serde(default)]
    pub state: Option<String>,
    /// Postal code.
    #[serde(default)]
    pub zip_code: Option<String>,
    /// A code or a name in; always a name out (`USA` comes back as `United States`).
    #[serde(default)]
    pub country: Option<String>,
    /// The tenant's own fields.
    #[serde(flatten, deserialize_with = "custom::flat")]
    pub custom_fields: CustomFields,
}

/// What creating an account answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountCreated {
    /// 32 hex digits.
    pub account_id: String,
    /// The number we chose, or Zuora's.
    pub account_number: String,
    /// Absent in answers of 2016.
    #[serde(default)]
    pub bill_to_contact_id: Option<String>,
    /// Absent in answers of 2016.
    #[serde(default)]
    pub sold_to_contact_id: Option<String>,
    /// Present when the request held a payment method.
    #[serde(default)]
    pub payment_method_id: Option<String>,
}

/// What `GET /v1/accounts/{key}` answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Name, number, status and the custom fields.
    pub basic_info: BasicInfo,
    /// How it is billed.
    #[serde(default)]
    pub billing_and_payment: BillingAndPayment,
    /// What it owes.
    #[serde(default)]
    pub metrics: AccountMetrics,
    /// Who gets the invoices.
    #[serde(default)]
    pub bill_to_contact: Option<Contact>,
    /// Who uses the product.
    #[serde(default)]
    pub sold_to_contact: Option<Contact>,
}

/// The `basicInfo` of an account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BasicInfo {
    /// 32 hex digits.
    pub id: String,
    /// The name on invoices.
    pub name: String,
    /// The business key.
    pub account_number: String,
    /// Free text.
    #[serde(default)]
    pub notes: Option<String>,
    /// Whether it can be billed.
    #[serde(default)]
    pub status: Option<AccountStatus>,
    /// The account's id in a CRM.
    #[serde(default)]
    pub crm_id: Option<String>,
    /// Name of its billing batch.
    #[serde(default)]
    pub batch: Option<String>,
    /// Its parent in a customer hierarchy.
    #[serde(default)]
    pub parent_id: Option<String>,
    /// The tenant's own fields.
    #[serde(flatten, deserialize_with = "custom::flat")]
    pub custom_fields: CustomFields,
}

/// Whether an account can be billed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountStatus {
    /// Not yet.
    Draft,
    /// Yes.
    Active,
    /// No longer.
    Canceled,
    /// A value newer than this crate.
    #[serde(untagged)]
    Other(String),
}

/// The `billingAndPayment` of an account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BillingAndPayment {
    /// Day of the month.
    #[serde(default)]
    pub bill_cycle_day: Option<i32>,
    /// ISO 4217 code.
    #[serde(default)]
    pub currency: Option<String>,
    /// Name of a payment term.
    #[serde(default)]
    pub payment_term: Option<String>,
    /// Name of the gateway; null is the tenant's default.
    #[serde(default)]
    pub payment_gateway: Option<String>,
    /// What electronic payments use.
    #[serde(default)]
    pub default_payment_method_id: Option<String>,
    /// Whether payment runs collect by themselves.
    #[serde(default)]
    pub auto_pay: Option<bool>,
    /// Whether invoices are printed.
    #[serde(default)]
    pub invoice_delivery_prefs_print: Option<bool>,
    /// Whether invoices are mailed.
    #[serde(default)]
    pub invoice_delivery_prefs_email: Option<bool>,
    /// Who else gets them.
    #[serde(default, deserialize_with = "custom::null_is_empty")]
    pub additional_email_addresses: Vec<String>,
}

/// The `metrics` of an account: sums that Zuora keeps, sometimes behind by a minute.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountMetrics {
    /// What the customer owes in all.
    #[serde(default, with = "decimal::option")]
    pub balance: Option<Decimal>,
    /// ISO 4217 code.
    #[serde(default)]
    pub currency: Option<String>,
    /// Unpaid on posted invoices.
    #[serde(default, with = "decimal::option")]
    pub total_invoice_balance: Option<Decimal>,
    /// Only with the credit balance feature.
    #[serde(default, with = "decimal::option")]
    pub credit_balance: Option<Decimal>,
    /// Monthly recurring revenue under contract.
    #[serde(default, with = "decimal::option")]
    pub contracted_mrr: Option<Decimal>,
    /// Payments not yet applied.
    #[serde(default, with = "decimal::option")]
    pub unapplied_payment_amount: Option<Decimal>,
    /// Credit memos not yet applied.
    #[serde(default, with = "decimal::option")]
    pub unapplied_credit_memo_amount: Option<Decimal>,
}
