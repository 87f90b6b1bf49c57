//! Same key, same answer (I9): the answer is stored in the transaction of its effect and replayed for ever after.
//! Refuses to run a request twice, and to give one caller another's answer.

use domain::access::{Caller, Operation};
use domain::{AccountId, Instant};
use store::Tx;
use store::idempotency::Record;

use crate::{App, Error, Result};

/// What a request must carry to be made once.
#[derive(Debug, Clone)]
pub struct Keyed<'a> {
    /// The caller's `Idempotency-Key`.
    pub key: &'a str,
    /// The hash of the parsed request.
    pub request_hash: String,
    /// The trace that all its work will belong to.
    pub trace_id: String,
}

/// What is answered, stored and replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
    /// The `Location` header.
    pub location: Option<String>,
}

/// Whether the answer was given before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replayed {
    /// It is new.
    No,
    /// It is the one that was given before.
    Yes,
}

/// Ends the transaction with the answer: commits it, or, if the key has an answer already, undoes everything and replays.
pub(crate) async fn conclude(
    app: &App,
    mut tx: Tx,
    record: Record,
    caller: &Caller,
    operation: Operation,
) -> Result<(Answer, Replayed)> {
    if store::idempotency::insert(&mut tx, &record).await? {
        tx.commit().await?;
        return Ok((answer(record), Replayed::No));
    }
    tx.undo().await?;
    let mut tx = app.db.read().await?;
    let first = store::idempotency::find(&mut tx, &record.scope, &record.key).await?;
    let first = first.ok_or(Error::NotFound("idempotency record"))?;
    if first.request_hash != record.request_hash {
        return Err(Error::KeyReused);
    }
    // Who lost the right to see the account since then does not get the old answer either.
    if first.account_id.is_some() && !caller.may(operation, first.account_id) {
        return Err(Error::NotFound("account"));
    }
    Ok((answer(first), Replayed::Yes))
}

/// The record of an answer.
pub(crate) fn record(
    keyed: &Keyed<'_>,
    caller: &Caller,
    operation: Operation,
    answer: Answer,
    now: Instant,
) -> Record {
    Record {
        scope: format!("{}:{operation}", caller.name()),
        key: keyed.key.to_owned(),
        request_hash: keyed.request_hash.clone(),
        status: i32::from(answer.status),
        response: answer.body,
        location: answer.location,
        account_id: None::<AccountId>,
        created_at: now,
    }
}

fn answer(record: Record) -> Answer {
    Answer {
        // It was a u16 when it was stored.
        status: u16::try_from(record.status).unwrap_or(500),
        body: record.response,
        location: record.location,
    }
}
