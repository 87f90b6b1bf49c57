//! Taking over invoices and payments.
//! Refuses amounts of its own; what differs from a preview is `drift`'s to say.

use domain::{Instant, InvoiceNumber, OrderId, ZuoraId};

use super::{asked, owner};
use crate::mirror::{self, Read};
use crate::translate::OUR_ID;
use crate::{App, Result, drift};

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
    drift::compare_invoice(app, &mut tx, &invoice).await?;
    tx.commit().await?;
    Ok(())
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
