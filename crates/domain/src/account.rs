//! A billing account: a Zuora account with its people.
//! Refuses card numbers and addresses: Zuora keeps those.

use serde::Serialize;

use crate::text::as_text;
use crate::{AccountId, AccountNumber, Currency, Instant, Refusal, ZuoraId};

/// Where the account stands between us and Zuora.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountStatus {
    /// Ours; Zuora has not confirmed it yet.
    Pending,
    /// Both know it.
    Active,
    /// Zuora refused to create it.
    Rejected,
    /// Closed in Zuora.
    Canceled,
}
as_text!(
    enum AccountStatus {
        Pending = "pending",
        Active = "active",
        Rejected = "rejected",
        Canceled = "canceled",
    }
);

/// A billing account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Account {
    /// Ours.
    pub id: AccountId,
    /// The business key, the same in Zuora.
    pub number: AccountNumber,
    /// The company's name.
    pub name: String,
    /// One currency for life.
    pub currency: Currency,
    /// Zuora entity, where the tenant has several.
    pub entity: Option<String>,
    /// Where it stands.
    pub status: AccountStatus,
    /// Zuora's id, once known.
    pub zuora_id: Option<ZuoraId>,
    /// Zuora's id of the default payment method, if there is one.
    pub payment_method: Option<ZuoraId>,
    /// First and last name of the person who is billed.
    pub contact_first_name: String,
    /// See `contact_first_name`.
    pub contact_last_name: String,
    /// Where invoices go.
    pub contact_mail: String,
    /// ISO country of the person who is billed; Zuora wants one.
    pub contact_country: String,
    /// How many orders of this account Zuora has billed: what trust is built on.
    pub orders_billed: i64,
    /// When it came into being here.
    pub created_at: Instant,
    /// When Zuora changed it last.
    pub updated_at: Option<Instant>,
    /// When our copy was last equal to Zuora.
    pub synced_at: Option<Instant>,
}

/// What is asked for a new account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewAccount {
    /// The company's name.
    pub name: String,
    /// Its currency, for life.
    pub currency: Currency,
    /// First name of the person who is billed.
    pub first_name: String,
    /// Last name of the person who is billed.
    pub last_name: String,
    /// Where invoices go.
    pub mail: String,
    /// ISO 3166 country code.
    pub country: String,
}

/// The longest free text that we take for a name; Zuora's limit.
pub const NAME_LENGTH_MAX: usize = 255;

impl Account {
    /// Decides on a new account; the number is ours, so that Zuora can never create it twice.
    pub fn open(new: NewAccount, ids: &mut crate::Ids, now: Instant) -> Result<Account, Refusal> {
        for (field, text) in
            [("name", &new.name), ("first_name", &new.first_name), ("last_name", &new.last_name)]
        {
            check_text(field, text)?;
        }
        check_mail("mail", &new.mail)?;
        if new.country.len() != 2 || !new.country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(Refusal::Text {
                field: "country".into(),
                expected: "two capital letters (ISO 3166), for example DE",
            });
        }
        Ok(Account {
            id: ids.id(),
            number: ids.number('A'),
            name: new.name,
            currency: new.currency,
            entity: None,
            status: AccountStatus::Pending,
            zuora_id: None,
            payment_method: None,
            contact_first_name: new.first_name,
            contact_last_name: new.last_name,
            contact_mail: new.mail,
            contact_country: new.country,
            orders_billed: 0,
            created_at: now,
            updated_at: None,
            synced_at: None,
        })
    }
}

/// Free text that Zuora will take: not empty, not too long, no control characters, no 4-byte UTF-8.
pub fn check_text(field: &str, text: &str) -> Result<(), Refusal> {
    let fits = !text.trim().is_empty()
        && text.chars().count() <= NAME_LENGTH_MAX
        && text.chars().all(|char| !char.is_control() && char.len_utf8() < 4);
    fits.then_some(()).ok_or(Refusal::Text { field: field.into(), expected: "1 to 255 printable characters" })
}

/// A mail address that a mail server could take: one `@`, something on both sides, nothing that breaks a header.
pub fn check_mail(field: &str, mail: &str) -> Result<(), Refusal> {
    let clean = mail.len() <= 254
        && mail.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>,;:\"()[]\\".contains(&byte));
    let shaped = mail.split_once('@').is_some_and(|(local, host)| {
        !local.is_empty()
            && !host.is_empty()
            && !host.contains('@')
            && !host.starts_with('.')
            && !host.ends_with('.')
    });
    (clean && shaped).then_some(()).ok_or(Refusal::Text {
        field: field.into(),
        expected: "a mail address, for example jana@example.com",
    })
}
