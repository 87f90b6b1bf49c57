//! Opening billing accounts, here at once and in Zuora by a job.
//! Refuses to open one twice: the number is ours.

use bytes::Bytes;
use domain::access::{Caller, Operation};
use domain::account::{Account, AccountStatus, NewAccount};
use domain::{AccountNumber, Instant, Refusal, ZuoraId};
use store::Tx;

use crate::idempotency::{conclude, record};
use crate::job::{Kind, OfAccount, Promise};
use crate::wake::Class;
use crate::{Answer, App, Error, Keyed, Replayed, Result, order, translate};

/// Opens an account; orders for it are taken at once.
pub async fn create(
    app: &App,
    caller: &Caller,
    keyed: Keyed<'_>,
    new: NewAccount,
    render: fn(Result<&Account, &Refusal>) -> Answer,
) -> Result<(Answer, Replayed)> {
    if !caller.may(Operation::AccountCreate, None) {
        return Err(Error::Forbidden);
    }
    let now = app.now();
    let mut ids = app.ids(now);
    let opened = Account::open(new, &mut ids, now);

    let mut tx = app.db.write().await?;
    if let Ok(account) = &opened {
        insert(&mut tx, account, Promise { ids: &mut ids, now, trace_id: &keyed.trace_id }).await?;
    }
    let answer = render(opened.as_ref());
    let record = record(&keyed, caller, Operation::AccountCreate, answer, now);
    let concluded = conclude(app, tx, record, caller, Operation::AccountCreate).await?;
    app.memory.wake.ring(Class::Account);
    Ok(concluded)
}

/// Opens an account for the command line: no key, no stored answer.
pub async fn open(app: &App, new: NewAccount, trace_id: &str) -> Result<Account> {
    let now = app.now();
    let mut ids = app.ids(now);
    let account = Account::open(new, &mut ids, now)?;
    let mut tx = app.db.write().await?;
    insert(&mut tx, &account, Promise { ids: &mut ids, now, trace_id }).await?;
    tx.commit().await?;
    app.memory.wake.ring(Class::Account);
    Ok(account)
}

async fn insert(tx: &mut Tx, account: &Account, mut promise: Promise<'_>) -> Result<()> {
    store::account::insert(tx, account).await?;
    promise.account(tx, account.id, Kind::CreateAccount, &OfAccount { account: account.id }).await
}

/// The account, if the caller may see it.
pub async fn view(app: &App, caller: &Caller, number: &AccountNumber) -> Result<Account> {
    let mut tx = app.db.read().await?;
    visible(&mut tx, caller, Operation::AccountView, number).await
}

/// The account for an operation. One that the caller may not see looks like one that is not there.
pub(crate) async fn visible(
    tx: &mut store::ReadTx,
    caller: &Caller,
    operation: Operation,
    number: &AccountNumber,
) -> Result<Account> {
    let account = store::account::get_by_number(tx, number).await?;
    if caller.may(operation, Some(account.id)) {
        return Ok(account);
    }
    match caller.may(Operation::AccountView, Some(account.id)) {
        true => Err(Error::Forbidden),
        false => Err(Error::NotFound("account")),
    }
}

/// The creation of an account in Zuora, as `write` makes it happen once.
pub(crate) struct Creation {
    account: Account,
}

impl Creation {
    pub(crate) async fn load(tx: &mut Tx, of: &OfAccount) -> Result<Creation> {
        Ok(Creation { account: store::account::get(tx, of.account).await? })
    }

    pub(crate) fn request(&self) -> Result<Bytes> {
        translate::account(&self.account)
    }

    pub(crate) async fn send(
        &self,
        app: &App,
        body: Bytes,
        key: &zuora::IdempotencyKey,
    ) -> Result<ZuoraId, zuora::Error> {
        let created = app.zuora.account_create(body, key).await?;
        Ok(ZuoraId::from(created.value.account_id))
    }

    /// By number and by our id: an account of that number that is not ours is somebody else's.
    pub(crate) async fn probe(&self, app: &App) -> Result<Option<Result<ZuoraId, String>>, zuora::Error> {
        let found = app.zuora.account_find(self.account.number.as_str()).await?;
        Ok(found.map(|found| {
            let basic = found.value.basic_info;
            match translate::is_ours(&basic.custom_fields, &self.account.id.to_string()) {
                true => Ok(ZuoraId::from(basic.id)),
                false => Err(format!("the account number {} was taken by someone else", self.account.number)),
            }
        }))
    }

    pub(crate) async fn done(&self, tx: &mut Tx, id: &ZuoraId) -> Result<()> {
        Ok(store::account::set_status(tx, self.account.id, AccountStatus::Active, Some(id)).await?)
    }

    pub(crate) async fn refused(&self, tx: &mut Tx, now: Instant) -> Result<()> {
        store::account::set_status(tx, self.account.id, AccountStatus::Rejected, None).await?;
        let reason = "Our billing provider refused to open the account, so nothing was ordered or charged.";
        for order in store::order::list_unconfirmed(tx, self.account.id).await? {
            order::reject(tx, &order, reason, now).await?;
        }
        Ok(())
    }
}
