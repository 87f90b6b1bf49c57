//! Taking over an account: one of ours that is confirmed, or one that was made in Zuora.
//! Refuses to join people to it: that needs an order, an invitation or a proposal.

use domain::account::{Account, AccountStatus};
use domain::{AccountNumber, Instant, ZuoraId};
use zuora::wire;

use super::asked;
use crate::wake::Class;
use crate::{App, Result, mirror, order};

/// Reads an account unless the copy is as new, and returns it.
pub(super) async fn take(app: &App, id: &ZuoraId, updated_at: Instant) -> Result<Account> {
    let mut tx = app.db.read().await?;
    let known = store::account::find_by_zuora_id(&mut tx, id).await?;
    drop(tx);
    if let Some(account) = known
        && account.updated_at >= Some(updated_at)
    {
        return Ok(account);
    }
    let answer = asked(app, app.zuora.account(id.as_str()).await)?;
    let now = app.now();
    let mut ids = app.ids(now);
    let theirs = answer.value;
    let mut tx = app.db.write().await?;
    let number: AccountNumber = theirs.basic_info.account_number.clone().into();
    // By number: one that we created and whose answer was lost is known by it.
    let account = match store::account::get_by_number(&mut tx, &number).await {
        Ok(mut account) => {
            update(&mut account, &theirs);
            (account.updated_at, account.synced_at) = (Some(updated_at), Some(now));
            store::account::save(&mut tx, &account).await?;
            account
        }
        Err(store::Error::NotFound(_)) => {
            let mut account = adopted(&theirs, ids.id(), now)?;
            update(&mut account, &theirs);
            (account.updated_at, account.synced_at) = (Some(updated_at), Some(now));
            store::account::insert(&mut tx, &account).await?;
            account
        }
        Err(error) => return Err(error.into()),
    };
    order::release_waiting(&mut tx, &account, &mut ids, now).await?;
    tx.commit().await?;
    app.memory.wake.ring(Class::Account);
    Ok(account)
}

fn adopted(theirs: &wire::Account, id: domain::AccountId, now: Instant) -> Result<Account> {
    let contact = theirs.bill_to_contact.clone().unwrap_or_default();
    Ok(Account {
        id,
        number: theirs.basic_info.account_number.clone().into(),
        name: theirs.basic_info.name.clone(),
        currency: mirror::currency(theirs)?,
        entity: None,
        status: AccountStatus::Active,
        zuora_id: None,
        payment_method: None,
        contact_first_name: contact.first_name.unwrap_or_default(),
        contact_last_name: contact.last_name.unwrap_or_default(),
        contact_mail: contact.work_email.unwrap_or_default(),
        contact_country: contact.country.unwrap_or_default(),
        orders_billed: 0,
        created_at: now,
        updated_at: None,
        synced_at: None,
    })
}

/// What Zuora is the source of.
fn update(account: &mut Account, theirs: &wire::Account) {
    account.name = theirs.basic_info.name.clone();
    account.zuora_id = Some(theirs.basic_info.id.clone().into());
    account.payment_method = theirs.billing_and_payment.default_payment_method_id.clone().map(ZuoraId::from);
    account.status = match theirs.basic_info.status {
        Some(wire::AccountStatus::Canceled) => AccountStatus::Canceled,
        _ => AccountStatus::Active,
    };
    if let Some(mail) = theirs.bill_to_contact.as_ref().and_then(|contact| contact.work_email.clone()) {
        account.contact_mail = mail;
    }
}
