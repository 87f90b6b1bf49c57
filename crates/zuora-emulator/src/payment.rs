//! Payments: electronic through the simulated gateway, external as they are reported; applied to invoices.
//! Refuses a number that is taken, more than an invoice's balance, and an amount of a fraction of a cent.

use jiff::Timestamp;
use jiff::civil::Date;
use rating::{Currency, Money};
use serde_json::{Value, json};

use crate::account::{self, Account};
use crate::call::Call;
use crate::callout::Event;
use crate::error::{Category, Refusal};
use crate::gateway::Verdict;
use crate::ids::Series;
use crate::json::{Custom, Fields, with_custom};
use crate::payment_method::PaymentMethod;
use crate::table::Row;
use crate::tenant::Tenant;

/// Ways in which money comes in without the gateway.
const EXTERNAL_KINDS: &[&str] = &[
    "ACH",
    "ApplePay",
    "BankTransfer",
    "Cash",
    "Check",
    "CreditCard",
    "CreditCardReferenceTransaction",
    "DebitCard",
    "Other",
    "PayPal",
    "WireTransfer",
];

/// Fields of a payment that Zuora knows and that change nothing in what is emulated.
const ACCEPTED: &[&str] = &[
    "authTransactionId",
    "balanceRefresh",
    "cryptogram",
    "customRates",
    "financeInformation",
    "gatewayId",
    "gatewayOptions",
    "gatewayOrderId",
    "mitTransactionSource",
    "paymentGatewayNumber",
    "paymentOption",
    "paymentScheduleKey",
    "prepayment",
    "softDescriptor",
    "softDescriptorPhone",
    "standalone",
];

/// The documented longest payment number.
const NUMBER_LENGTH_MOST: usize = 32;

#[derive(Debug, Clone)]
pub(crate) struct Payment {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) account: String,
    pub(crate) electronic: bool,
    pub(crate) method: Option<String>,
    pub(crate) amount: Money,
    pub(crate) applied: Vec<Applied>,
    pub(crate) effective: Date,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) reference: Option<String>,
    pub(crate) comment: Option<String>,
    pub(crate) custom: Custom,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

/// The part of a payment that pays for one invoice.
#[derive(Debug, Clone)]
pub(crate) struct Applied {
    pub(crate) invoice: String,
    pub(crate) amount: Money,
}

impl Row for Payment {
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

impl Payment {
    /// Whether the money came.
    pub(crate) fn processed(&self) -> bool {
        self.verdict.is_none_or(|verdict| verdict.approved)
    }

    pub(crate) fn status(&self) -> &'static str {
        if self.processed() { "Processed" } else { "Error" }
    }

    /// What was applied; nothing of a failed payment.
    pub(crate) fn applied_amount(&self) -> Result<Money, Refusal> {
        Ok(Money::sum(self.amount.currency, self.applied.iter().map(|part| part.amount))?)
    }

    fn shown(&self, tenant: &Tenant) -> Result<Value, Refusal> {
        let applied = self.applied_amount()?;
        let unapplied = if self.processed() { self.amount.plus(applied.negated()?)? } else { applied };
        let amount = |money: Money| crate::json::number(money.amount());
        let owner = tenant.accounts.get(&self.account);
        let body = json!({
            "id": self.id,
            "number": self.number,
            "accountId": self.account,
            "accountNumber": owner.map(|owner| &owner.number),
            "amount": amount(self.amount),
            "appliedAmount": amount(applied),
            "unappliedAmount": amount(unapplied),
            "refundAmount": amount(Money::zero(self.amount.currency)),
            "creditBalanceAmount": amount(Money::zero(self.amount.currency)),
            "currency": self.amount.currency.code(),
            "effectiveDate": self.effective.to_string(),
            "status": self.status(),
            "type": if self.electronic { "Electronic" } else { "External" },
            "gatewayState": match self.verdict {
                Some(verdict) if verdict.approved => "Submitted",
                Some(_) | None => "NotSubmitted",
            },
            "gatewayResponse": self.verdict.map(|verdict| verdict.text),
            "gatewayResponseCode": self.verdict.map(|verdict| verdict.code),
            "referenceId": self.reference,
            "secondPaymentReferenceId": null,
            "paymentMethodId": self.method,
            "paymentMethodSnapshotId": null,
            "comment": self.comment,
            "standalone": false,
            "createdDate": tenant.local(self.created),
            "updatedDate": tenant.local(self.updated),
            "financeInformation": {"transferredToAccounting": "No"},
        });
        Ok(with_custom(body, &self.custom))
    }
}

impl Payment {
    /// Money that came without the gateway; not yet part of the books.
    pub(crate) fn new(
        tenant: &mut Tenant,
        account: &Account,
        (amount, effective): (Money, Date),
        now: Timestamp,
    ) -> Payment {
        Payment {
            id: tenant.ids.id(),
            number: tenant.ids.number(Series::Payment),
            account: account.id.clone(),
            electronic: false,
            method: None,
            amount,
            applied: Vec::new(),
            effective,
            verdict: None,
            reference: None,
            comment: None,
            custom: Custom::new(),
            created: now,
            updated: now,
        }
    }

    /// The same amount asked of the gateway instead, with what it answered.
    pub(crate) fn through(mut self, method: &PaymentMethod) -> Payment {
        let verdict = method.behavior.verdict();
        self.reference = verdict.approved.then(|| format!("sim_{}", self.id));
        self.electronic = true;
        self.method = Some(method.id.clone());
        self.verdict = Some(verdict);
        self
    }
}

/// The failure that a declined payment answers with, in the words that callers of Zuora search for.
pub(crate) fn declined(verdict: Verdict) -> Refusal {
    Refusal::new(Category::Gateway, format!("Transaction declined.{} - {}", verdict.code, verdict.text))
}

/// The payment method an electronic payment uses: the one named, or the account's default.
pub(crate) fn method_for(
    tenant: &Tenant,
    account: &Account,
    named: Option<&str>,
) -> Result<PaymentMethod, Refusal> {
    let id = named.or(account.default_payment_method.as_deref());
    let id = id.ok_or_else(|| Refusal::rule("The account has no payment method to charge."))?;
    let method = tenant.payment_methods.get(id).filter(|method| method.account == account.id);
    method.cloned().ok_or_else(|| Refusal::not_found(id))
}

/// Makes a payment part of the books and takes its parts off the invoices' balances.
pub(crate) fn book(tenant: &mut Tenant, payment: Payment) -> Result<(), Refusal> {
    for part in &payment.applied {
        if let Some(invoice) = tenant.invoices.get_mut(&part.invoice) {
            invoice.balance = invoice.balance.plus(part.amount.negated()?)?;
            invoice.updated = payment.created;
        }
    }
    if payment.electronic {
        tenant.events.push(Event::payment(&payment));
    }
    tenant.payments.insert(payment);
    Ok(())
}

/// Reads the invoices that a payment is for, each checked against its balance.
fn read_applied(tenant: &Tenant, account: &Account, fields: &mut Fields) -> Result<Vec<Applied>, Refusal> {
    let mut parts: Vec<Applied> = Vec::new();
    for mut part in fields.list("invoices")? {
        let key = match part.maybe_text("invoiceId")? {
            Some(id) => id,
            None => part.text("invoiceNumber")?,
        };
        let invoice = tenant.invoices.get(&key).filter(|invoice| invoice.account == account.id);
        let invoice = invoice.ok_or_else(|| Refusal::not_found(&key))?;
        let path = part.path("amount");
        let amount = money(part.decimal("amount")?, account.currency, &path)?;
        part.finish(&["items"])?;
        let before = parts.iter().filter(|other| other.invoice == invoice.id).map(|other| other.amount);
        let asked = Money::sum(account.currency, before)?.plus(amount)?;
        if asked.minor > invoice.balance.minor {
            return Err(Refusal::rule(format!(
                "The amount {asked} is more than the balance {} of the invoice {}.",
                invoice.balance, invoice.number
            )));
        }
        parts.push(Applied { invoice: invoice.id.clone(), amount });
    }
    Ok(parts)
}

fn money(amount: rust_decimal::Decimal, currency: Currency, path: &str) -> Result<Money, Refusal> {
    let money = Money::exact(amount, currency).filter(|money| money.minor > 0);
    money.ok_or_else(|| Refusal::invalid(path, "a positive amount in whole minor units is expected"))
}

/// Who pays, named by id or by number; if both are there they must agree.
fn owner(tenant: &Tenant, fields: &mut Fields) -> Result<Account, Refusal> {
    let (id, number) = (fields.maybe_text("accountId")?, fields.maybe_text("accountNumber")?);
    let key = id.as_deref().or(number.as_deref()).ok_or_else(|| Refusal::missing("accountId"))?;
    let account = account::get(tenant, key)?.clone();
    if number.is_some_and(|number| number != account.number) {
        return Err(Refusal::invalid(
            "accountNumber",
            "it is not the number of the account with this accountId",
        ));
    }
    Ok(account)
}

/// `POST /v1/payments`
pub(crate) fn create(call: &mut Call) -> Result<Value, Refusal> {
    let body = std::mem::take(&mut call.body);
    let mut fields = Fields::of_body(&body)?;
    let account = owner(call.tenant, &mut fields)?;
    let code = fields.text("currency")?;
    if code != account.currency.code() {
        return Err(Refusal::invalid(
            "currency",
            &format!("the account is billed in {}", account.currency.code()),
        ));
    }
    let amount = money(fields.decimal("amount")?, account.currency, "amount")?;
    let applied = read_applied(call.tenant, &account, &mut fields)?;
    if Money::sum(account.currency, applied.iter().map(|part| part.amount))?.minor > amount.minor {
        return Err(Refusal::rule("More is applied to invoices than the payment's amount."));
    }
    let effective = fields.maybe_date("effectiveDate")?.unwrap_or(call.today());
    let number = fields.maybe_text("paymentNumber")?.or(fields.maybe_text("number")?);
    if let Some(number) = &number {
        account::check_number("paymentNumber", number, NUMBER_LENGTH_MOST)?;
        if call.tenant.payments.has_number(number) {
            return Err(Refusal::invalid(
                "paymentNumber",
                &format!("the payment number {number} is already in use"),
            ));
        }
    }
    let through_gateway = match fields.text("type")?.as_str() {
        "Electronic" => Some(fields.maybe_text("paymentMethodId")?),
        "External" => None,
        other => return Err(Refusal::invalid("type", &format!("'{other}' is not Electronic or External"))),
    };
    let mut payment = Payment::new(call.tenant, &account, (amount, effective), call.now);
    match through_gateway {
        Some(named) => payment = payment.through(&method_for(call.tenant, &account, named.as_deref())?),
        None => check_external_kind(&mut fields)?,
    }
    payment.number = number.unwrap_or(payment.number);
    payment.comment = fields.maybe_text("comment")?;
    payment.reference = fields.maybe_text("referenceId")?.or(payment.reference);
    payment.custom = fields.flat_custom();
    fields.list("debitMemos")?;
    fields.finish(ACCEPTED)?;
    settle(call, payment, applied)
}

fn check_external_kind(fields: &mut Fields) -> Result<(), Refusal> {
    let kind = fields.text("paymentMethodType")?;
    fields.maybe_text("paymentMethodId")?;
    if EXTERNAL_KINDS.contains(&kind.as_str()) {
        return Ok(());
    }
    Err(Refusal::invalid("paymentMethodType", &format!("'{kind}' is not a way of paying")))
}

/// Books the payment; a declined one is booked too, with status Error and nothing applied.
fn settle(call: &mut Call, mut payment: Payment, applied: Vec<Applied>) -> Result<Value, Refusal> {
    let failed = payment.verdict.filter(|verdict| !verdict.approved);
    if failed.is_none() {
        payment.applied = applied;
    }
    let answer = payment.shown(call.tenant)?;
    let (id, number) = (payment.id.clone(), payment.number.clone());
    book(call.tenant, payment)?;
    match failed {
        None => Ok(answer),
        Some(verdict) => {
            let mut refusal = declined(verdict);
            refusal.beside = vec![("paymentId", json!(id)), ("paymentNumber", json!(number))];
            Err(refusal)
        }
    }
}

/// `GET /v1/payments/{payment-key}`
pub(crate) fn view(call: &mut Call) -> Result<Value, Refusal> {
    let key = call.key(0);
    call.tenant.payments.get(key).ok_or_else(|| Refusal::not_found(key))?.shown(call.tenant)
}
