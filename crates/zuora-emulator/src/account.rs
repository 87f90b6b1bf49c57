//! Billing accounts with their contacts.
//! Refuses a currency change, a number that is taken, and numbers that begin with the tenant's own prefix.

pub(crate) mod contact;
pub(crate) mod summary;

use jiff::Timestamp;
use rating::{Currency, Money};
use serde_json::{Value, json};

use crate::call::Call;
use crate::error::Refusal;
use crate::ids::Series;
use crate::json::{Custom, Fields, number, with_custom};
use crate::payment_method;
use crate::table::Row;
use crate::tenant::Tenant;
use contact::Contact;

/// The documented longest account number.
const NUMBER_LENGTH_MOST: usize = 50;

/// Numbers that Zuora hands out itself start with this; a caller's own must not.
const DEFAULT_PREFIX: &str = "A";

/// Fields of an account that Zuora knows and that change nothing in what is emulated.
const ACCEPTED: &[&str] = &[
    "allowInvoiceEdit",
    "applicationOrder",
    "applyCredit",
    "applyCreditBalance",
    "communicationProfileId",
    "communicationProfileName",
    "creditMemoTemplateId",
    "customerServiceRepName",
    "debitMemoTemplateId",
    "gatewayRoutingEligible",
    "invoiceTemplateId",
    "organizationLabel",
    "parentAccountNumber",
    "parentId",
    "partnerAccount",
    "paymentGatewayName",
    "paymentGatewayNumber",
    "profileNumber",
    "purchaseOrderNumber",
    "rollUpUsage",
    "salesRep",
    "sequenceSetId",
    "shipToContact",
    "shipToSameAsBillTo",
    "summaryStatementTemplateId",
    "tagging",
    "taxInfo",
];

/// Fields of a new account that would make Zuora do more than make an account; refused, not ignored.
const NOT_EMULATED: &[&str] = &[
    "collect",
    "creditCard",
    "invoice",
    "invoiceCollect",
    "invoiceTargetDate",
    "runBilling",
    "subscription",
    "targetDate",
];

#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) currency: Currency,
    pub(crate) bill_cycle_day: i8,
    pub(crate) payment_term: String,
    pub(crate) auto_pay: bool,
    pub(crate) batch: String,
    pub(crate) crm_id: Option<String>,
    pub(crate) notes: Option<String>,
    pub(crate) payment_gateway: Option<String>,
    pub(crate) emails: Vec<Value>,
    pub(crate) bill_to: Contact,
    pub(crate) sold_to: Contact,
    pub(crate) default_payment_method: Option<String>,
    pub(crate) custom: Custom,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

impl Row for Account {
    fn id(&self) -> &str {
        &self.id
    }
    fn number(&self) -> &str {
        &self.number
    }
    fn account(&self) -> &str {
        ""
    }
}

/// Checks a number that a caller chose: length and the characters that Zuora forbids.
pub(crate) fn check_number(field: &str, number: &str, most: usize) -> Result<(), Refusal> {
    if number.len() > most {
        return Err(Refusal::invalid(field, &format!("at most {most} characters are allowed")));
    }
    match number.chars().find(|c| "#?/".contains(*c) || c.is_control()) {
        Some(c) => Err(Refusal::invalid(field, &format!("the character {c:?} is not allowed"))),
        None => Ok(()),
    }
}

/// The day of the month on which an account's periods begin; 0 lets the first subscription decide.
fn read_bill_cycle_day(fields: &mut Fields) -> Result<Option<i8>, Refusal> {
    let path = fields.path("billCycleDay");
    let Some(day) = fields.maybe_int("billCycleDay")? else { return Ok(None) };
    let day = i8::try_from(day).ok().filter(|day| (0..=31).contains(day));
    day.map(Some).ok_or_else(|| Refusal::invalid(&path, "a day of 0 to 31 is expected"))
}

/// Reads a new account from the body of a request or from the `newAccount` of an order.
pub(crate) fn read(tenant: &mut Tenant, fields: &mut Fields, now: Timestamp) -> Result<Account, Refusal> {
    let name = fields.text("name")?;
    let (path, code) = (fields.path("currency"), fields.text("currency")?);
    let currency =
        Currency::from_code(&code).ok_or_else(|| Refusal::invalid(&path, "an ISO 4217 code is expected"))?;
    let bill_to = contact::read(fields.object("billToContact")?, tenant.ids.id())?;
    let sold_to = match fields.maybe_object("soldToContact")? {
        Some(contact) => contact::read(contact, tenant.ids.id())?,
        None => bill_to.clone(),
    };
    fields.flag("soldToSameAsBillTo")?;
    let chosen = fields.maybe_text("accountNumber")?.filter(|number| !number.is_empty());
    let number = number_for(tenant, &fields.path("accountNumber"), chosen)?;
    let mut account = Account {
        id: tenant.ids.id(),
        number,
        name,
        currency,
        bill_cycle_day: 1,
        payment_term: "Due Upon Receipt".to_owned(),
        auto_pay: false,
        batch: "Batch1".to_owned(),
        crm_id: None,
        notes: None,
        payment_gateway: None,
        emails: Vec::new(),
        bill_to,
        sold_to,
        default_payment_method: None,
        custom: Custom::new(),
        created: now,
        updated: now,
    };
    read_changeable(&mut account, fields)?;
    Ok(account)
}

fn number_for(tenant: &mut Tenant, path: &str, chosen: Option<String>) -> Result<String, Refusal> {
    match chosen {
        Some(number) => {
            check_number(path, &number, NUMBER_LENGTH_MOST)?;
            if number.starts_with(DEFAULT_PREFIX) {
                return Err(Refusal::invalid(path, "it begins with the default prefix of account numbers"));
            }
            if tenant.accounts.has_number(&number) {
                return Err(Refusal::invalid(
                    path,
                    &format!("the account number {number} is already in use"),
                ));
            }
            Ok(number)
        }
        None => Ok(tenant.ids.number(Series::Account)),
    }
}

/// The fields that may also be changed later.
fn read_changeable(account: &mut Account, fields: &mut Fields) -> Result<(), Refusal> {
    if let Some(day) = read_bill_cycle_day(fields)? {
        account.bill_cycle_day = day;
    }
    if let Some(term) = fields.maybe_text("paymentTerm")? {
        account.payment_term = term;
    }
    account.auto_pay = fields.flag("autoPay")?.unwrap_or(account.auto_pay);
    if let Some(batch) = fields.maybe_text("batch")? {
        account.batch = batch;
    }
    account.crm_id = fields.maybe_text("crmId")?.or(account.crm_id.take());
    account.notes = fields.maybe_text("notes")?.or(account.notes.take());
    account.payment_gateway = fields.maybe_text("paymentGateway")?.or(account.payment_gateway.take());
    if let Some(Value::Array(emails)) = fields.raw("additionalEmailAddresses") {
        account.emails.clone_from(emails);
    }
    fields.flag("invoiceDeliveryPrefsEmail")?;
    fields.flag("invoiceDeliveryPrefsPrint")?;
    account.custom.extend(fields.flat_custom());
    account.custom.extend(fields.nested_custom()?);
    Ok(())
}

/// Refuses what is left of a body from which an account was read.
pub(crate) fn finish(fields: Fields) -> Result<(), Refusal> {
    fields.finish(ACCEPTED)
}

/// The account with this id or number.
pub(crate) fn get<'t>(tenant: &'t Tenant, key: &str) -> Result<&'t Account, Refusal> {
    tenant.accounts.get(key).ok_or_else(|| Refusal::not_found(key))
}

/// What is still to be paid of an account's posted invoices.
pub(crate) fn invoice_balance(tenant: &Tenant, account: &Account) -> Result<Money, Refusal> {
    let balances = tenant.invoices.of_account(&account.id).map(|invoice| invoice.balance);
    Ok(Money::sum(account.currency, balances)?)
}

/// `POST /v1/accounts`
pub(crate) fn create(call: &mut Call) -> Result<Value, Refusal> {
    let body = std::mem::take(&mut call.body);
    let mut fields = Fields::of_body(&body)?;
    let mut account = read(call.tenant, &mut fields, call.now)?;
    let method = payment_method::read_with_account(call, &mut account, &mut fields)?;
    for name in NOT_EMULATED {
        if fields.raw(name).is_some_and(|value| *value != Value::Bool(false)) {
            return Err(Refusal::invalid(name, "it is not emulated here; send an order"));
        }
    }
    finish(fields)?;
    let answer = json!({
        "accountId": account.id,
        "accountNumber": account.number,
        "billToContactId": account.bill_to.id,
        "soldToContactId": account.sold_to.id,
        "paymentMethodId": account.default_payment_method,
    });
    call.tenant.accounts.insert(account);
    if let Some(method) = method {
        call.tenant.payment_methods.insert(method);
    }
    Ok(answer)
}

/// `PUT /v1/accounts/{account-key}`
pub(crate) fn update(call: &mut Call) -> Result<Value, Refusal> {
    let mut account = get(call.tenant, call.key(0))?.clone();
    let mut fields = Fields::of_body(&call.body)?;
    if let Some(name) = fields.maybe_text("name")? {
        account.name = name;
    }
    if let Some(contact) = fields.maybe_object("billToContact")? {
        account.bill_to = contact::merge(contact, account.bill_to)?;
    }
    if let Some(contact) = fields.maybe_object("soldToContact")? {
        account.sold_to = contact::merge(contact, account.sold_to)?;
    }
    if let Some(id) = fields.maybe_text("defaultPaymentMethodId")? {
        let method = call.tenant.payment_methods.get(&id).filter(|method| method.account == account.id);
        account.default_payment_method = Some(method.ok_or_else(|| Refusal::not_found(&id))?.id.clone());
    }
    read_changeable(&mut account, &mut fields)?;
    finish(fields)?;
    account.updated = call.now;
    if let Some(row) = call.tenant.accounts.get_mut(&account.id.clone()) {
        *row = account;
    }
    Ok(json!({}))
}

/// `GET /v1/accounts/{account-key}`
pub(crate) fn view(call: &mut Call) -> Result<Value, Refusal> {
    let account = get(call.tenant, call.key(0))?;
    let balance = number(invoice_balance(call.tenant, account)?.amount());
    let zero = number(Money::zero(account.currency).amount());
    let metrics = json!({
        "balance": balance,
        "totalInvoiceBalance": balance,
        "creditBalance": zero,
        "contractedMrr": zero,
        "totalDebitMemoBalance": zero,
        "unappliedCreditMemoAmount": number(crate::credit_memo::unapplied(call.tenant, account)?.amount()),
        "unappliedPaymentAmount": zero,
        "reservedPaymentAmount": zero,
        "currency": account.currency.code(),
    });
    Ok(json!({
        "basicInfo": basic_info(account),
        "billingAndPayment": billing_and_payment(account),
        "metrics": metrics.clone(),
        "metricsData": [metrics],
        "billToContact": account.bill_to.shown(&account.id),
        "soldToContact": account.sold_to.shown(&account.id),
        "shipToContact": null,
        "taxInfo": null,
    }))
}

pub(crate) fn basic_info(account: &Account) -> Value {
    let basic = json!({
        "id": account.id,
        "name": account.name,
        "accountNumber": account.number,
        "notes": account.notes,
        "status": "Active",
        "crmId": account.crm_id,
        "batch": account.batch,
        "invoiceTemplateId": null,
        "communicationProfileId": null,
        "parentId": null,
        "salesRep": null,
        "sequenceSetId": null,
    });
    with_custom(basic, &account.custom)
}

fn billing_and_payment(account: &Account) -> Value {
    json!({
        "billCycleDay": account.bill_cycle_day,
        "currency": account.currency.code(),
        "paymentTerm": account.payment_term,
        "paymentGateway": account.payment_gateway,
        "defaultPaymentMethodId": account.default_payment_method,
        "invoiceDeliveryPrefsPrint": false,
        "invoiceDeliveryPrefsEmail": false,
        "autoPay": account.auto_pay,
        "additionalEmailAddresses": account.emails,
    })
}
