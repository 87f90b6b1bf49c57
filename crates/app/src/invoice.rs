//! Looking at invoices, from the local copy.
//! Refuses to ask Zuora.

use domain::AccountNumber;
use domain::access::{Caller, Operation};
use domain::invoice::Invoice;

use crate::{App, Result, account};

/// How many invoices a list shows.
const LISTED_MAX: i64 = 100;

/// An account's newest invoices.
pub async fn list(app: &App, caller: &Caller, number: &AccountNumber) -> Result<Vec<Invoice>> {
    let mut tx = app.db.read().await?;
    let account = account::visible(&mut tx, caller, Operation::InvoiceList, number).await?;
    Ok(store::invoice::list_of_account(&mut tx, account.id, LISTED_MAX).await?)
}
