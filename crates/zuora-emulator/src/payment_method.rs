//! Payment methods: tokens and cards, which choose how the simulated gateway behaves.
//! Refuses to keep a card number: only its last four digits stay.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::account::{self, Account};
use crate::call::Call;
use crate::error::Refusal;
use crate::gateway::Behavior;
use crate::ids::Series;
use crate::json::{Custom, Fields, with_custom};
use crate::table::Row;

/// The kinds that are taken; all others differ in their fields only and come later.
const KINDS: &[&str] = &["CreditCard", "CreditCardReferenceTransaction"];

/// Fields of a payment method that Zuora knows and that change nothing in what is emulated.
const ACCEPTED: &[&str] = &[
    "authGateway",
    "cardHolderInfo",
    "checkDuplicated",
    "cryptogram",
    "currencyCode",
    "gatewayOptions",
    "identityNumber",
    "ipAddress",
    "mandateInfo",
    "mitConsentAgreementRef",
    "mitConsentAgreementSrc",
    "mitNetworkTransactionId",
    "mitProfileAction",
    "mitProfileAgreedOn",
    "mitProfileType",
    "paymentGatewayNumber",
    "processingOptions",
    "screeningAmount",
    "secondTokenId",
    "securityCode",
    "skipValidation",
    "tokenize",
    "tokens",
];

#[derive(Debug, Clone)]
pub(crate) struct PaymentMethod {
    pub(crate) id: String,
    pub(crate) number: String,
    /// The id of the account; empty for an orphan that nobody has claimed yet.
    pub(crate) account: String,
    pub(crate) kind: String,
    pub(crate) token: Option<String>,
    pub(crate) mask: Option<String>,
    pub(crate) card_type: Option<String>,
    pub(crate) expires: (Option<i64>, Option<i64>),
    pub(crate) behavior: Behavior,
    pub(crate) custom: Custom,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

impl Row for PaymentMethod {
    fn id(&self) -> &str {
        &self.id
    }
    fn number(&self) -> &str {
        &self.number
    }
    fn account(&self) -> &str {
        &self.account
    }
}

impl PaymentMethod {
    pub(crate) fn shown(&self, call: &Call, default: bool) -> Value {
        let body = json!({
            "id": self.id,
            "type": self.kind,
            "tokenId": self.token,
            "creditCardType": self.card_type,
            "creditCardMaskNumber": self.mask,
            "cardNumber": self.mask,
            "expirationMonth": self.expires.0,
            "expirationYear": self.expires.1,
            "isDefault": default,
            "status": "Active",
            "createdDate": call.tenant.local(self.created),
            "updatedDate": call.tenant.local(self.updated),
        });
        with_custom(body, &self.custom)
    }
}

fn read(call: &mut Call, fields: &mut Fields, account: &str) -> Result<PaymentMethod, Refusal> {
    let path = fields.path("type");
    let kind = fields.text("type")?;
    if !KINDS.contains(&kind.as_str()) {
        return Err(Refusal::invalid(
            &path,
            &format!("the payment method type '{kind}' is not emulated yet"),
        ));
    }
    let (token, card) = if kind == "CreditCard" {
        (fields.maybe_text("tokenId")?, Some(fields.text("cardNumber")?))
    } else {
        (Some(fields.text("tokenId")?), fields.maybe_text("cardNumber")?)
    };
    let mask = fields.maybe_text("creditCardMaskNumber")?.or(fields.maybe_text("cardMaskNumber")?);
    let mask = mask.or_else(|| card.as_deref().map(masked));
    let number = match fields.maybe_text("paymentMethodNumber")? {
        Some(number) => number,
        None => call.tenant.ids.number(Series::PaymentMethod),
    };
    Ok(PaymentMethod {
        id: call.tenant.ids.id(),
        number,
        account: account.to_owned(),
        kind,
        behavior: Behavior::of(token.as_deref().or(card.as_deref()).unwrap_or_default()),
        token,
        mask,
        card_type: fields.maybe_text("cardType")?,
        expires: (fields.maybe_int("expirationMonth")?, fields.maybe_int("expirationYear")?),
        custom: fields.flat_custom(),
        created: call.now,
        updated: call.now,
    })
}

/// A card number of which only the last four digits stay.
fn masked(card: &str) -> String {
    let hidden = card.chars().count().saturating_sub(4);
    let shown = |(index, digit)| if index < hidden { '*' } else { digit };
    card.chars().enumerate().map(shown).collect()
}

/// The payment method that came with a new account: inside it, or an orphan from a hosted page.
pub(crate) fn read_with_account(
    call: &mut Call,
    account: &mut Account,
    fields: &mut Fields,
) -> Result<Option<PaymentMethod>, Refusal> {
    if let Some(mut inner) = fields.maybe_object("paymentMethod")? {
        let method = read(call, &mut inner, &account.id)?;
        inner.flag("makeDefault")?;
        inner.finish(ACCEPTED)?;
        account.default_payment_method = Some(method.id.clone());
        return Ok(Some(method));
    }
    let hosted = fields.maybe_text("hpmCreditCardPaymentMethodId")?.or(fields.maybe_text("paymentMethodId")?);
    let Some(id) = hosted.filter(|id| !id.is_empty()) else { return Ok(None) };
    let orphan = call.tenant.payment_methods.get(&id).filter(|method| method.account.is_empty());
    let mut method = orphan.ok_or_else(|| Refusal::not_found(&id))?.clone();
    method.account.clone_from(&account.id);
    account.default_payment_method = Some(method.id.clone());
    Ok(Some(method))
}

/// `POST /v1/payment-methods`
pub(crate) fn create(call: &mut Call) -> Result<Value, Refusal> {
    let body = std::mem::take(&mut call.body);
    let mut fields = Fields::of_body(&body)?;
    let owner = match fields.maybe_text("accountKey")? {
        Some(key) => account::get(call.tenant, &key)?.id.clone(),
        None => String::new(),
    };
    let method = read(call, &mut fields, &owner)?;
    let first = call.tenant.payment_methods.of_account(&owner).next().is_none();
    let default = fields.flag("makeDefault")?.unwrap_or(first);
    fields.finish(ACCEPTED)?;
    if let Some(account) = call.tenant.accounts.get_mut(&owner).filter(|_| default) {
        account.default_payment_method = Some(method.id.clone());
        account.updated = call.now;
    }
    let answer = json!({"id": method.id});
    call.tenant.payment_methods.insert(method);
    Ok(answer)
}

/// `GET /v1/payment-methods/{id}`
pub(crate) fn view(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.key(0);
    let method = call.tenant.payment_methods.get(key).ok_or_else(|| Refusal::not_found(key))?;
    let owner = call.tenant.accounts.get(&method.account);
    let default =
        owner.is_some_and(|owner| owner.default_payment_method.as_deref() == Some(method.id.as_str()));
    Ok(method.shown(call, default))
}

/// `GET /v1/accounts/{account-key}/payment-methods`, grouped by kind as Zuora does
pub(crate) fn list(call: &mut Call) -> Result<Value, Refusal> {
    let account = account::get(call.tenant, call.key(0))?;
    let default = account.default_payment_method.clone();
    let of = |kind: &str| -> Vec<Value> {
        let all = call.tenant.payment_methods.of_account(&account.id).filter(|method| method.kind == kind);
        all.map(|method| method.shown(call, default.as_ref() == Some(&method.id))).collect()
    };
    Ok(json!({
        "defaultPaymentMethodId": default,
        "paymentGateway": account.payment_gateway,
        "creditcard": of("CreditCard"),
        "creditcardreferencetransaction": of("CreditCardReferenceTransaction"),
    }))
}

/// `GET /v1/accounts/{account-key}/payment-methods/default`
pub(crate) fn view_default(call: &mut Call) -> Result<Value, Refusal> {
    let account = account::get(call.tenant, call.key(0))?;
    let default = account.default_payment_method.as_ref().and_then(|id| call.tenant.payment_methods.get(id));
    let method = default.ok_or_else(|| Refusal::rule("The account has no default payment method."))?;
    Ok(method.shown(call, true))
}
