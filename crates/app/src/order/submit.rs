//! Sending an order to Zuora, once, and what follows when it is billed or refused.
//! Refuses to send what depends on an order that was refused.

use bytes::Bytes;
use domain::account::{Account, AccountStatus};
use domain::order::{ActionKind, Order, OrderStatus, Settlement};
use domain::subscription::Subscription;
use domain::target::Target;
use domain::{Ids, Instant, InvoiceNumber, OrderId};
use store::Tx;
use store::job::Job;

use crate::event::{self, Happened};
use crate::job::{Kind, OfMail, OfOrder, OfPayment, Promise};
use crate::write::{Loaded, Made, Write};
use crate::{App, Result, drift, entitlement, translate};

/// An order on its way to Zuora.
pub(crate) struct Submission {
    pub(crate) order: Order,
    account: Account,
    /// The mirrored versions of the subscriptions that it changes.
    versions: Vec<Subscription>,
}

/// What a customer reads when something that the order builds on was refused.
const DEPENDS_ON_REJECTED: &str = "An earlier order that this one builds on could not be billed, so this one was not billed either. Nothing was charged.";

/// How many of the account's newest invoices could be the order's.
const INVOICES_MAX: i64 = 20;

impl Submission {
    pub(crate) async fn load(app: &App, tx: &mut Tx, id: OrderId) -> Result<Loaded> {
        let order = store::order::get(tx, id).await?;
        if matches!(order.status, OrderStatus::Billed | OrderStatus::Rejected) {
            return Ok(Loaded::Over);
        }
        let account = store::account::get(tx, order.account_id).await?;
        match account.status {
            AccountStatus::Active => {}
            AccountStatus::Pending => return Ok(Loaded::NotYet("the account is not in Zuora yet")),
            AccountStatus::Rejected | AccountStatus::Canceled => {
                reject(tx, &order, DEPENDS_ON_REJECTED, app.now()).await?;
                return Ok(Loaded::Over);
            }
        }
        let mut versions = Vec::new();
        for action in order.actions.iter().filter(|action| action.kind != ActionKind::Subscribe) {
            match store::subscription::find_latest(tx, &action.subscription).await? {
                Some(version) if translate::fits(&version, action) => versions.push(version),
                Some(_) | None => match earlier(tx, &order).await? {
                    Earlier::Refused => {
                        reject(tx, &order, DEPENDS_ON_REJECTED, app.now()).await?;
                        return Ok(Loaded::Over);
                    }
                    Earlier::Unconfirmed => {
                        return Ok(Loaded::NotYet("an earlier order is not in the copy yet"));
                    }
                },
            }
        }
        Ok(Loaded::Ready(Write::Order(Box::new(Submission { order, account, versions }))))
    }

    pub(crate) fn request(&self) -> Result<Bytes> {
        translate::order(&self.order, &self.account, &self.versions)
    }

    pub(crate) async fn send(
        &self,
        app: &App,
        body: Bytes,
        key: &zuora::IdempotencyKey,
    ) -> Result<Made, zuora::Error> {
        let created = app.zuora.order_create(body, key).await?;
        Ok(Made::Order { invoices: created.value.invoice_numbers })
    }

    /// By number and by our id: an order of that number that is not ours is somebody else's. Where there is none, by the
    /// subscriptions' orders too: that numbers find everything is Zuora's word, not our proof.
    pub(crate) async fn probe(&self, app: &App) -> Result<Option<Result<Made, String>>, zuora::Error> {
        let our_id = self.order.id.to_string();
        let done = || Ok(Made::Order { invoices: Vec::new() });
        if let Some(found) = app.zuora.order_find(self.order.number.as_str()).await? {
            return Ok(Some(match translate::is_ours(&found.value.custom_fields, &our_id) {
                true => done(),
                false => Err(format!("the order number {} was taken by someone else", self.order.number)),
            }));
        }
        for number in self.order.subscriptions() {
            let orders = app.zuora.orders_of_subscription(number.as_str()).await?;
            let orders = orders.map(|orders| orders.value).unwrap_or_default();
            if orders.iter().any(|order| translate::is_ours(&order.custom_fields, &our_id)) {
                return Ok(Some(done()));
            }
        }
        Ok(None)
    }

    pub(crate) async fn done(&self, app: &App, tx: &mut Tx, job: &Job, invoices: Vec<String>) -> Result<()> {
        let now = app.now();
        let invoice = invoices.first().map(|number| InvoiceNumber::from(number.clone()));
        if !store::order::set_billed(tx, self.order.id, now, invoice.as_ref()).await? {
            return Ok(());
        }
        store::account::count_billed(tx, self.account.id).await?;
        store::obligation::set_due(tx, self.order.id, now.after(app.settings.deadline.0)).await?;
        let mut ids = app.ids(now);
        let mut promise = Promise { ids: &mut ids, now, trace_id: &job.trace_id };
        for object in ["subscriptions", "invoices"] {
            promise.sync(tx, object).await?;
        }
        if self.order.settlement != Settlement::Invoice && self.order.total_minor > 0 {
            let payload = OfPayment { order: self.order.id, payment: promise.ids.number('Y') };
            promise.account(tx, self.account.id, Kind::CollectPayment, &payload).await?;
        }
        // The copy may have the invoice before we know that it is this order's.
        for invoice in store::invoice::list_of_account(tx, self.account.id, INVOICES_MAX).await? {
            if invoices.first().is_none_or(|number| *number == invoice.number.to_string()) {
                drift::compare_invoice(app, tx, &invoice).await?;
            }
        }
        // What was granted on trust is there already; the mirrored version will confirm it.
        let waited = self.order.trust_until.is_none_or(|until| until <= now);
        for target in super::place::targets(&self.order) {
            if waited {
                promise.push(tx, target).await?;
            }
            entitlement::changed(tx, target, &mut promise).await?;
        }
        append(tx, &self.order, "order.billed", &mut promise).await
    }

    pub(crate) async fn refused(&self, app: &App, tx: &mut Tx, job: &Job, reason: &str) -> Result<()> {
        let now = app.now();
        let words = format!(
            "Our billing provider refused the order: {}. Nothing was charged.",
            reason.trim_end_matches('.')
        );
        let targets = reject(tx, &self.order, &words, now).await?;
        let mut ids = app.ids(now);
        let mut promise = Promise { ids: &mut ids, now, trace_id: &job.trace_id };
        for target in &targets {
            promise.push(tx, target).await?;
            entitlement::changed(tx, target, &mut promise).await?;
        }
        let number = &self.order.number;
        let mail = OfMail {
            to: self.account.contact_mail.clone(),
            subject: format!("We could not bill order {number}"),
            text: format!(
                "We could not bill order {number}.\n\n{words}\n\nIf you have questions, write to {} and name the order.\n",
                app.settings.seller.support_mail
            ),
        };
        promise.mail(tx, &mail).await?;
        append(tx, &self.order, "order.rejected", &mut promise).await
    }

    pub(crate) async fn waits(&self, tx: &mut Tx, in_doubt: bool) -> Result<()> {
        let status = if in_doubt { OrderStatus::Unknown } else { OrderStatus::Accepted };
        if status != self.order.status {
            store::order::set_status(tx, self.order.id, status, None).await?;
        }
        Ok(())
    }
}

/// What keeps an order from being sent: an earlier one of its account.
enum Earlier {
    /// One that it builds on was refused.
    Refused,
    /// One is billed, and the mirror does not show it yet.
    Unconfirmed,
}

async fn earlier(tx: &mut Tx, order: &Order) -> Result<Earlier> {
    let touched = order.subscriptions();
    let orders =
        store::order::list_of_account(tx, order.account_id, &store::Page::first(store::PAGE_ROWS_MAX))
            .await?;
    let mut before = orders.iter().filter(|earlier| earlier.id < order.id);
    let refused = before.any(|earlier| {
        earlier.status == OrderStatus::Rejected
            && earlier.subscriptions().iter().any(|number| touched.contains(number))
    });
    Ok(if refused { Earlier::Refused } else { Earlier::Unconfirmed })
}

/// The defined way back: the order is rejected with a sentence for the customer, its duties are closed.
/// Returns the targets that lose something.
pub(crate) async fn reject(tx: &mut Tx, order: &Order, words: &str, now: Instant) -> Result<Vec<Target>> {
    store::order::set_status(tx, order.id, OrderStatus::Rejected, Some(words)).await?;
    let targets = store::obligation::close_of_order(tx, order.id, words, now).await?;
    let mut targets: Vec<Target> = targets.iter().filter_map(|target| target.parse().ok()).collect();
    targets.sort();
    targets.dedup();
    Ok(targets)
}

/// Sends the orders that waited for the account's payment method.
pub(crate) async fn release_waiting(
    tx: &mut Tx,
    account: &Account,
    ids: &mut Ids,
    now: Instant,
) -> Result<()> {
    if account.payment_method.is_none() {
        return Ok(());
    }
    for order in store::order::list_unconfirmed(tx, account.id).await? {
        if order.status == OrderStatus::AwaitingPaymentMethod {
            store::order::set_status(tx, order.id, OrderStatus::Accepted, None).await?;
            let mut promise = Promise { ids, now, trace_id: &order.trace_id };
            promise.account(tx, account.id, Kind::SubmitOrder, &OfOrder { order: order.id }).await?;
        }
    }
    Ok(())
}

async fn append(tx: &mut Tx, order: &Order, kind: &str, promise: &mut Promise<'_>) -> Result<()> {
    let (noun_id, account) = (order.id.to_string(), Some(order.account_id));
    let happened = Happened { kind, noun_id, account, actor: "worker", payload: serde_json::json!({}) };
    event::append(tx, happened, promise).await
}
