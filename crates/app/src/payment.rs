//! Collecting what an order's invoice asks, from the card on file.
//! Refuses to collect twice: the payment's number is chosen before the first call, and a paid invoice ends it.

use bytes::Bytes;
use domain::account::Account;
use domain::invoice::Invoice;
use domain::order::Order;
use domain::{InvoiceNumber, PaymentNumber, ZuoraId};
use rating::Money;
use store::Tx;
use store::job::Job;
use zuora::wire;

use crate::event::{self, Happened};
use crate::job::{OfMail, OfPayment, Promise};
use crate::write::{Loaded, Made, Write};
use crate::{App, Result, translate};

/// A payment on its way to Zuora.
pub(crate) struct Collection {
    pub(crate) order: Order,
    account: Account,
    invoice: Invoice,
    method: ZuoraId,
    number: PaymentNumber,
}

/// Zuora's category for what a payment gateway or a tax engine behind it said.
const GATEWAY_CATEGORY: i64 = 99;

impl Collection {
    pub(crate) async fn load(tx: &mut Tx, of: OfPayment) -> Result<Loaded> {
        let order = store::order::get(tx, of.order).await?;
        let account = store::account::get(tx, order.account_id).await?;
        let Some(number) = order.invoice_number.clone().map(InvoiceNumber::from) else {
            return Ok(Loaded::NotYet("the invoice is not in the copy yet"));
        };
        let Some(invoice) = store::invoice::find(tx, &number).await? else {
            return Ok(Loaded::NotYet("the invoice is not in the copy yet"));
        };
        if invoice.balance_minor <= 0 {
            return Ok(Loaded::Over);
        }
        let Some(method) = account.payment_method.clone() else {
            return Ok(Loaded::NotYet("the account has no payment method"));
        };
        Ok(Loaded::Ready(Write::Payment(Box::new(Collection {
            order,
            account,
            invoice,
            method,
            number: of.payment,
        }))))
    }

    pub(crate) fn request(&self) -> Result<Bytes> {
        let amount = Money { minor: self.invoice.balance_minor, currency: self.invoice.currency.0 }.amount();
        translate::payment(wire::CreatePayment {
            number: Some(self.number.to_string()),
            account_id: self.account.zuora_id.as_ref().map(ToString::to_string),
            account_number: None,
            amount,
            currency: self.invoice.currency.to_string(),
            payment_type: wire::PaymentType::Electronic,
            effective_date: Some(self.order.order_date.0),
            payment_method_id: Some(self.method.to_string()),
            payment_method_type: None,
            invoices: vec![wire::InvoiceApplication {
                invoice_id: Some(self.invoice.zuora_id.to_string()),
                invoice_number: None,
                amount,
            }],
            comment: None,
            custom_fields: std::collections::BTreeMap::from([(
                translate::OUR_ID.to_owned(),
                serde_json::Value::String(self.order.id.to_string()),
            )]),
        })
    }

    /// A bank that declines is an answer for good: charging the same card again and again would be wrong.
    pub(crate) async fn send(
        &self,
        app: &App,
        body: Bytes,
        key: &zuora::IdempotencyKey,
    ) -> Result<Result<Made, String>, zuora::Error> {
        match app.zuora.payment_create(body, key).await {
            Ok(answer) if answer.value.status == wire::PaymentStatus::Error => {
                Ok(Err(answer.value.gateway_response.unwrap_or_else(|| "the bank declined".to_owned())))
            }
            Ok(_) => Ok(Ok(Made::Payment(self.number.clone()))),
            Err(error) if error.codes().iter().any(|code| code % 100 == GATEWAY_CATEGORY) => {
                Ok(Err(error.messages().join(" ")))
            }
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn probe(&self, app: &App) -> Result<Option<Result<Made, String>>, zuora::Error> {
        let found = app.zuora.payment_find(self.number.as_str()).await?;
        Ok(found.map(|found| {
            match translate::is_ours(&found.value.custom_fields, &self.order.id.to_string()) {
                true => Ok(Made::Payment(self.number.clone())),
                false => Err(format!("the payment number {} was taken by someone else", self.number)),
            }
        }))
    }

    pub(crate) async fn done(&self, app: &App, tx: &mut Tx, job: &Job, number: &PaymentNumber) -> Result<()> {
        let now = app.now();
        let mut ids = app.ids(now);
        let mut promise = Promise { ids: &mut ids, now, trace_id: &job.trace_id };
        for object in ["invoices", "payments"] {
            promise.sync(tx, object).await?;
        }
        self.append(tx, ("payment.collected", serde_json::json!({ "payment": number })), &mut promise).await
    }

    pub(crate) async fn refused(&self, app: &App, tx: &mut Tx, job: &Job, reason: &str) -> Result<()> {
        let now = app.now();
        let mut ids = app.ids(now);
        let mut promise = Promise { ids: &mut ids, now, trace_id: &job.trace_id };
        let number = &self.order.number;
        let mail = OfMail {
            to: self.account.contact_mail.clone(),
            subject: format!("The payment for order {number} did not go through"),
            text: format!(
                "Your bank did not accept the payment for invoice {} of order {number}.\n\nUse another card, or ask your bank. \
                 What you bought stays as it is; the invoice is due on {}.\n",
                self.invoice.number, self.invoice.due_date
            ),
        };
        promise.mail(tx, &mail).await?;
        self.append(tx, ("payment.declined", serde_json::json!({ "reason": reason })), &mut promise).await
    }

    async fn append(
        &self,
        tx: &mut Tx,
        what: (&str, serde_json::Value),
        promise: &mut Promise<'_>,
    ) -> Result<()> {
        let (kind, payload) = what;
        let (noun_id, account) = (self.order.id.to_string(), Some(self.order.account_id));
        event::append(tx, Happened { kind, noun_id, account, actor: "worker", payload }, promise).await
    }
}
