//! Looking at licenses and downloading them: always the bytes that were stored.
//! Refuses to sign anything on a read.

use domain::AccountNumber;
use domain::access::{Caller, Operation};
use domain::license::License;

use crate::{App, Error, Result, account};

/// The newest license of each of an account's servers.
pub async fn list(app: &App, caller: &Caller, number: &AccountNumber) -> Result<Vec<License>> {
    let mut tx = app.db.read().await?;
    let account = account::visible(&mut tx, caller, Operation::LicenseView, number).await?;
    Ok(store::license::list_of_account(&mut tx, account.id).await?)
}

/// One license of an account.
pub async fn file(app: &App, caller: &Caller, number: &AccountNumber, hash: &str) -> Result<License> {
    let mut tx = app.db.read().await?;
    let account = account::visible(&mut tx, caller, Operation::LicenseView, number).await?;
    store::license::find(&mut tx, account.id, hash).await?.ok_or(Error::NotFound("license"))
}
