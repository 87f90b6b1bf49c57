//! The reckoning: what customers were told against the books, the product and the licenses.
//! Refuses to ask the platform about billing; it is asked only what it rejected and what waits for a person.

use std::collections::{BTreeMap, BTreeSet};

use domain::AccountNumber;
use domain::obligation::ObligationStatus;
use jiff::SignedDuration;
use tokio::task::JoinSet;
use zuora_emulator::AccountBook;

use super::story::Cast;
use super::{Obligations, Orders, OutageReport, ReadCounts, Report};
use crate::check::{self, Billing, Delivered, OnTrust, Provisioning};
use crate::world::{DEMO_KEY_ID, demo_signing_key};
use crate::{Error, Result};

/// How long nothing may happen before it counts as the end, on the demo's clock: as late as a late commit comes.
const QUIET: SignedDuration = SignedDuration::from_mins(4);

/// Findings that are shown; the rest is counted.
const FINDINGS_MAX: usize = 20;

/// Waits until everything is done, or nothing more happens, and counts.
pub(super) async fn tell(
    cast: &Cast<'_>,
    outages: Vec<OutageReport>,
    readers: JoinSet<()>,
) -> Result<Report> {
    cast.stage.scene("6. The reckoning");
    let settled = cast
        .until("everything is billed and provisioned", async || {
            let (billing, provisioning, _) = count(cast).await?;
            Ok((billing.lost == 0 && provisioning.done == provisioning.due).then_some(()))
        })
        .await;
    match settled {
        // What is missing now is counted as missing.
        Ok(()) | Err(Error::Waited { .. }) => {}
        Err(error) => return Err(error),
    }
    // What was answered 504 and comes late, or a second time, would be there by then.
    cast.world.app.clock.sleep(QUIET).await;
    drop(readers);
    let (billing, provisioning, human_actions) = count(cast).await?;
    let (total, failed) = cast.crowd.reads().counts();
    let report = Report {
        orders: Orders {
            accepted: billing.accepted,
            billed: billing.billed,
            rejected: billing.rejected,
            lost: billing.lost,
            duplicated: billing.duplicated,
        },
        accounts_duplicated: billing.accounts_duplicated,
        invoices_duplicated: billing.invoices_duplicated,
        payments_duplicated: billing.payments_duplicated,
        obligations: Obligations { due: provisioning.due, done: provisioning.done },
        reads: ReadCounts { total, failed },
        outages,
        human_actions: human_actions.len(),
    };
    let findings = [billing.findings, provisioning.findings, human_actions].concat();
    show(cast, &report, &findings);
    Ok(report)
}

async fn count(cast: &Cast<'_>) -> Result<(Billing, Provisioning, Vec<String>)> {
    let rejected = rejected(cast).await;
    let billing = cast.billing(&rejected);
    let provisioning = provisioning(cast, &rejected, OnTrust::Missing).await?;
    Ok((billing, provisioning, for_people(cast).await?))
}

/// What was bought against what the product and the licenses hold now.
pub(super) async fn provisioning(
    cast: &Cast<'_>,
    rejected: &BTreeSet<String>,
    on_trust: OnTrust,
) -> Result<Provisioning> {
    let delivered = Delivered {
        namespaces: cast.world.saas.namespaces(),
        licenses: licenses(cast).await?,
        on_trust,
        keys: vec![(DEMO_KEY_ID.to_owned(), demo_signing_key().verifying_key())],
    };
    let ledger = cast.crowd.ledger(|ledger| ledger.clone());
    Ok(check::provisioning(&ledger, rejected, cast.crowd.offers(), &delivered))
}

/// The orders that are not billed and of which the platform says that they were rejected.
async fn rejected(cast: &Cast<'_>) -> BTreeSet<String> {
    let books = cast.world.zuora.lock().books();
    let billed: BTreeSet<&str> = books
        .accounts
        .iter()
        .flat_map(|account| &account.orders)
        .map(|order| order.number.as_str())
        .collect();
    let numbers = cast.crowd.ledger(|ledger| {
        ledger.placed.iter().flat_map(|order| order.numbers.iter().cloned()).collect::<Vec<_>>()
    });
    let mut rejected = BTreeSet::new();
    for number in numbers.into_iter().filter(|number| !billed.contains(number.as_str())) {
        if cast.crowd.is_rejected(&number).await {
            rejected.insert(number);
        }
    }
    rejected
}

/// The newest license of every server.
async fn licenses(cast: &Cast<'_>) -> Result<BTreeMap<String, String>> {
    let accounts = cast.crowd.ledger(|ledger| {
        ledger.opened.iter().flat_map(|opened| opened.numbers.iter().cloned()).collect::<Vec<_>>()
    });
    let mut licenses = BTreeMap::new();
    for account in accounts {
        let all = app::license::list(&cast.world.app, &cast.operator, &AccountNumber::from(account)).await?;
        licenses.extend(all.into_iter().map(|license| (license.target.to_string(), license.file)));
    }
    Ok(licenses)
}

/// What waits for a person or was ended by one, as the console shows it.
async fn for_people(cast: &Cast<'_>) -> Result<Vec<String>> {
    let overview = app::console::overview(&cast.world.app, &cast.operator).await?;
    let mut waits = Vec::new();
    for (kind, count) in overview.dead {
        waits.extend((0..count).map(|_| format!("a job {kind} waits for a person")));
    }
    for (status, count) in overview.obligations {
        if matches!(status, ObligationStatus::Closed | ObligationStatus::Unmapped) {
            waits.extend((0..count).map(|_| format!("an obligation is {}", status.as_str())));
        }
    }
    for drift in overview.drifts {
        let words = format!(
            "{} {} differs in {}: {} here, {} in Zuora",
            drift.noun, drift.number, drift.field, drift.ours, drift.theirs
        );
        waits.push(words);
    }
    Ok(waits)
}

fn show(cast: &Cast<'_>, report: &Report, findings: &[String]) {
    let stage = cast.stage;
    let Orders { accepted, billed, rejected, lost, duplicated } = report.orders;
    let row = |what: &str, counts: String| stage.plain(&format!("  {what:<22} {counts}"));
    row(
        "orders",
        format!(
            "{accepted} accepted, {billed} billed, {rejected} rejected, {lost} lost, {duplicated} duplicated"
        ),
    );
    let books = cast.world.zuora.lock().books();
    let of = |count: fn(&AccountBook) -> usize| books.accounts.iter().map(count).sum::<usize>();
    row("accounts duplicated", format!("{} of {}", report.accounts_duplicated, books.accounts.len()));
    row("invoices duplicated", format!("{} of {}", report.invoices_duplicated, of(|one| one.invoices.len())));
    row("payments duplicated", format!("{} of {}", report.payments_duplicated, of(|one| one.payments.len())));
    row("obligations", format!("{} due, {} done", report.obligations.due, report.obligations.done));
    let p99 =
        cast.crowd.reads().p99_ms().map_or_else(String::new, |ms| format!(", 99 of 100 within {ms} ms"));
    row("reads", format!("{} in all, {} failed{p99}", report.reads.total, report.reads.failed));
    for outage in &report.outages {
        let recovered = outage
            .recovered_in_s
            .map_or("not recovered".to_owned(), |s| format!("recovered in {}", super::stage::span(s)));
        row(
            &format!("outage {}", outage.kind),
            format!("{} orders accepted, {recovered}", outage.orders_accepted),
        );
    }
    row("human actions", report.human_actions.to_string());
    for finding in findings.iter().take(FINDINGS_MAX) {
        stage.plain(&format!("  ! {finding}"));
    }
    if let Some(failure) = cast.crowd.reads().first_failure() {
        stage.plain(&format!("  ! {failure}"));
    }
    stage.plain(if report.holds() {
        "Every order was billed once and provisioned; nobody had to do anything."
    } else {
        "It does not hold: see the lines with an exclamation mark."
    });
}
