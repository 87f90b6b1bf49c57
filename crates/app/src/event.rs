//! Appending what happened, with the operation's trace.
//! Refuses to stand alone: an event is part of the transaction that makes it true.

use domain::AccountId;
use serde_json::Value;
use store::Tx;
use store::event::Event;

use crate::Result;
use crate::job::Promise;

/// The form of all event payloads so far.
const SCHEMA: i32 = 1;

/// One thing that happened.
pub struct Happened<'a> {
    /// Noun and past participle.
    pub kind: &'a str,
    /// What it happened to.
    pub noun_id: String,
    /// Whose it is.
    pub account: Option<AccountId>,
    /// Who did it.
    pub actor: &'a str,
    /// What else is to be known.
    pub payload: Value,
}

/// Appends it.
pub async fn append(tx: &mut Tx, happened: Happened<'_>, promise: &mut Promise<'_>) -> Result<()> {
    let event = Event {
        id: promise.ids.id(),
        kind: happened.kind.to_owned(),
        schema: SCHEMA,
        noun_id: happened.noun_id,
        account_id: happened.account,
        actor: happened.actor.to_owned(),
        payload: happened.payload.into(),
        trace_id: promise.trace_id.to_owned(),
        occurred_at: promise.now,
    };
    Ok(store::event::append(tx, &event).await?)
}
