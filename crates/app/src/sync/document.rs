//! Taking over invoices and payments, and comparing an invoice with what was previewed (I7).
//! Refuses to correct either side: a difference is a drift that someone sees.

use domain::drift::Drift;
use domain::invoice::Invoice;
use domain::order::Order;
use domain::{Instant, InvoiceNumber, OrderId, ZuoraId};
use store::Tx;

use super::{asked, owner};
use crate::mirror::{self, Read};
use crate::translate::OUR_ID;
use crate::{App, Result};

/// Reads an invoice unless the copy is as new.
pub(super) async fn take_invoice(app: &App, id: &ZuoraId, updated_at: Instant) -> Result<()> {
    let mut tx = app.db.read().await?;
    let known = store::invoice::updated_at(&mut tx, id).await?;
    drop(tx);
    if known >= Some(updated_at) {
        return Ok(());
    }
    let answer = asked(app, app.zuora.invoice(id.as_str()).await)?;
    let items = asked(app, app.zuora.invoice_items(id.as_str()).await)?;
    let account = owner(app, &ZuoraId::from(answer.value.account_id.clone())).await?;
    let now = app.now();
    let invoice =
        mirror::invoice(&answer.value, &items.value, &account, Read { updated_at, synced_at: now })?;

    let mut tx = app.db.write().await?;
    store::invoice::upsert(&mut tx, &invoice, &String::from_utf8_lossy(&answer.body)).await?;
    if let Some(order) = store::order::find_by_invoice(&mut tx, &invoice.number).await? {
        compare(app, &mut tx, &order, &invoice).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// A preview's items before tax are the invoice's, to the cent.
async fn compare(app: &App, tx: &mut Tx, order: &Order, invoice: &Invoice) -> Result<()> {
    let now = app.now();
    let mut ours: Vec<i64> = order
        .actions
        .iter()
        .flat_map(|action| action.items())
        .map(|priced| priced.item.amount.minor)
        .collect();
    let mut theirs: Vec<i64> = invoice.items.iter().map(|item| item.amount_minor).collect();
    ours.sort_unstable();
    theirs.sort_unstable();
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

/// Reads a payment unless the copy is as new.
pub(super) async fn take_payment(app: &App, id: &ZuoraId, updated_at: Instant) -> Result<()> {
    let mut tx = app.db.read().await?;
    let known = store::payment::updated_at(&mut tx, id).await?;
    drop(tx);
    if known >= Some(updated_at) {
        return Ok(());
    }
    let Some(answer) = asked(app, app.zuora.payment_find(id.as_str()).await)? else { return Ok(()) };
    let account = owner(app, &ZuoraId::from(answer.value.account_id.clone().unwrap_or_default())).await?;
    let now = app.now();
    let ours = answer.value.custom_fields.get(OUR_ID).and_then(|id| id.as_str()?.parse::<OrderId>().ok());
    let invoice = match ours {
        Some(id) => {
            store::order::get(&mut app.db.read().await?, id).await?.invoice_number.map(InvoiceNumber::from)
        }
        None => None,
    };
    let payment = mirror::payment(&answer.value, invoice, &account, Read { updated_at, synced_at: now })?;
    let mut tx = app.db.write().await?;
    store::payment::upsert(&mut tx, &payment, &String::from_utf8_lossy(&answer.body)).await?;
    tx.commit().await?;
    Ok(())
}
