//! Comparing what was promised with what Zuora made of it (I7).
//! Refuses to correct either side: a difference is recorded for someone who can.

use domain::drift::Drift;
use domain::invoice::Invoice;
use domain::order::{Order, OrderAction};
use store::Tx;

use crate::{App, Result};

/// Finds the order that an invoice was made for and compares the two: items before tax, to the cent.
pub(crate) async fn compare_invoice(app: &App, tx: &mut Tx, invoice: &Invoice) -> Result<()> {
    let order = match store::order::find_by_invoice(tx, &invoice.number).await? {
        Some(order) => Some(order),
        None => link(tx, invoice).await?,
    };
    let Some(order) = order else { return Ok(()) };
    let now = app.now();
    let (ours, theirs) = (promised(&order), billed(invoice));
    let number = order.number.to_string();
    if ours == theirs {
        return Ok(store::drift::settle(tx, "order", &number, now).await?);
    }
    let words = |amounts: &[i64]| amounts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let drift = Drift {
        id: app.ids(now).id(),
        noun: "order".to_owned(),
        number,
        field: "invoice items, in minor units".to_owned(),
        ours: words(&ours),
        theirs: words(&theirs),
        first_seen_at: now,
        settled_at: None,
    };
    Ok(store::drift::record(tx, &drift).await?)
}

/// Records that something in Zuora cannot be taken over, for someone who can say why.
pub(crate) async fn unreadable(app: &App, what: (&str, &str), why: &str) -> Result<()> {
    let (noun, number) = what;
    tracing::warn!(noun, number, why, "something in Zuora cannot be taken over");
    let now = app.now();
    let drift = Drift {
        id: app.ids(now).id(),
        noun: noun.to_owned(),
        number: number.to_owned(),
        field: "everything".to_owned(),
        ours: "nothing".to_owned(),
        theirs: why.to_owned(),
        first_seen_at: now,
        settled_at: None,
    };
    let mut tx = app.db.write().await?;
    store::drift::record(&mut tx, &drift).await?;
    Ok(tx.commit().await?)
}

/// An order that was found by asking does not know its invoice; the invoice's subscriptions and amounts do.
async fn link(tx: &mut Tx, invoice: &Invoice) -> Result<Option<Order>> {
    let fits = |order: &Order| {
        let numbers = order.subscriptions();
        let of_order = invoice
            .items
            .iter()
            .all(|item| item.subscription.as_ref().is_some_and(|number| numbers.contains(&number)));
        of_order && promised(order) == billed(invoice)
    };
    let order = store::order::list_without_invoice(tx, invoice.account_id).await?.into_iter().find(fits);
    if let Some(order) = &order {
        store::order::set_invoice(tx, order.id, &invoice.number).await?;
    }
    Ok(order)
}

fn promised(order: &Order) -> Vec<i64> {
    sorted(order.actions.iter().flat_map(OrderAction::items).map(|priced| priced.item.amount.minor))
}

fn billed(invoice: &Invoice) -> Vec<i64> {
    sorted(invoice.items.iter().map(|item| item.amount_minor))
}

fn sorted(amounts: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut amounts: Vec<i64> = amounts.collect();
    amounts.sort_unstable();
    amounts
}
