//! One outage: Zuora fails in some way, customers go on, Zuora comes back, everything is billed.
//! Refuses to help: the fault is switched on and off, and nothing else is touched.

use std::collections::BTreeSet;
use std::time::Duration;

use zuora_emulator::{Fault, FaultKind};

use super::stage::span;
use super::story::Cast;
use super::{OutageReport, ending};
use crate::check::OnTrust;
use crate::customers::NewCompany;
use crate::{Error, Result};

/// How long Zuora fails, in real time.
const LASTS: Duration = Duration::from_secs(8);

/// Tells one outage in which customers place that many orders and some companies are new.
pub(super) async fn tell(
    cast: &Cast<'_>,
    kind: FaultKind,
    (orders, newcomers): (usize, Vec<NewCompany>),
) -> Result<OutageReport> {
    let (stage, world) = (cast.stage, cast.world);
    let word = word(kind)?;
    let placed = || cast.crowd.ledger(|ledger| ledger.placed.len());
    let (before, (read, _), begun) = (placed(), cast.crowd.reads().counts(), world.app.now());
    let due = ending::provisioning(cast, &BTreeSet::new(), OnTrust::There).await?.due;
    world.zuora.lock().set_faults(vec![Fault::every(kind)]);
    stage.tell(&format!("{word}: {}", meaning(kind)));

    for new in &newcomers {
        if let Some(company) = cast.crowd.open(new).await {
            cast.crowd.join(company);
        }
    }
    let bar = stage.bar(&word, orders);
    let step = bar.clone();
    cast.crowd.shop(orders, LASTS, move || step.step()).await;
    world.zuora.lock().set_faults(Vec::new());

    let healed = world.app.now();
    let (accepted, (reads, _)) = (placed() - before, cast.crowd.reads().counts());
    let waiting = cast.billing(&BTreeSet::new()).lost;
    let ready = ending::provisioning(cast, &BTreeSet::new(), OnTrust::There).await?;
    let lasted = span(begun.until(healed).as_secs());
    stage.tell(&format!(
        "{lasted} later: {accepted} orders taken, {} new accounts, {} reads; {waiting} orders wait for Zuora.",
        newcomers.len(),
        reads - read
    ));
    let (due, missing) = (ready.due - due, ready.due - ready.done);
    stage.more(&format!(
        "{} of {due} deliveries for them are made already, on trust; the rest wait for billing.",
        due.saturating_sub(missing)
    ));
    bar.say("Zuora is back");
    let recovered = cast
        .until("every order is billed", async || {
            Ok((cast.billing(&BTreeSet::new()).lost == 0).then(|| world.app.now()))
        })
        .await;
    bar.end();
    let recovered_in_s = match recovered {
        Ok(at) => Some(healed.until(at).as_secs()),
        Err(Error::Waited { .. }) => None,
        Err(error) => return Err(error),
    };
    match recovered_in_s {
        Some(seconds) => {
            stage.tell(&format!("Every order is billed, {} after Zuora's return.", span(seconds)))
        }
        None => stage.tell("Some orders are still not billed; the story goes on."),
    }
    Ok(OutageReport { kind: word, orders_accepted: accepted, recovered_in_s })
}

/// The kind in the words of fault traces.
fn word(kind: FaultKind) -> Result<String> {
    let value = serde_json::to_value(kind).ok();
    let word = value.as_ref().and_then(serde_json::Value::as_str);
    word.map(str::to_owned).ok_or_else(|| Error::Setup("a fault has no name".to_owned()))
}

fn meaning(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Http500 => "Zuora answers every call with a bare 500; nothing is done.",
        FaultKind::CommitThen504 => "Zuora does what it is asked, and its gateway answers 504.",
        FaultKind::LateCommit => "the gateway answers 504, and Zuora does what it was asked 3 minutes later.",
        FaultKind::Refuse => "nobody answers at Zuora's address.",
        _ => "Zuora is not itself.",
    }
}
