//! Making a target have what it is entitled to: level-triggered, so that an old job can never undo a newer one.
//! Refuses to remember what changed: when it runs, it computes what is so.

use domain::entitlement::{Entitlement, Granted};
use domain::license::{License, Licensee, Payload};
use domain::target::{Target, TargetKind};
use domain::{Day, Instant};
use serde::Serialize;
use store::Tx;
use store::job::Job;
use store::lane::Lease;
use store::target::TargetState;

use crate::event::{self, Happened};
use crate::job::{OfMail, OfTarget, Promise, payload};
use crate::wake::Class;
use crate::{App, Error, Result, entitlement};

/// What the SaaS product is told.
#[derive(Debug, Serialize)]
struct Desired<'a> {
    target: &'a Target,
    plan: Option<&'a str>,
    capabilities: Vec<DesiredCapability<'a>>,
}

#[derive(Debug, Serialize)]
struct DesiredCapability<'a> {
    capability: &'a str,
    unit: &'a str,
    quantity: i64,
    starts_on: Day,
    ends_on: Day,
}

/// Computes the desired state, tells the target if it differs from what it has, and ends the duties.
pub(crate) async fn run(app: &App, lease: &Lease, job: &Job) -> Result<()> {
    let target = payload::<OfTarget>(job)?.target;
    let computed_at = app.now();
    let mut tx = app.db.write().await?;
    store::lane::check(&mut tx, lease).await?;
    let (entitlement, granted) = entitlement::compute(app, &mut tx, &target, computed_at).await?;
    let state = store::target::desire(&mut tx, &target, &desired(&entitlement)?).await?;
    tx.commit().await?; // nothing is open while the target thinks

    let news = state.pushed_generation < state.generation;
    let license = match target.kind {
        TargetKind::Namespace if news => {
            push(app, &target, &state).await?;
            None
        }
        TargetKind::Namespace => None,
        TargetKind::Server => sign(app, &target, (&entitlement, &granted)).await?,
    };

    let mut tx = app.db.write().await?;
    store::lane::check(&mut tx, lease).await?;
    let now = app.now();
    let mut ids = app.ids(now);
    let mut promise = Promise { ids: &mut ids, now, trace_id: &job.trace_id };
    if let Some(license) = &license
        && store::license::insert(&mut tx, license).await?
    {
        announce(app, &mut tx, license, &mut promise).await?;
    }
    store::target::confirm(&mut tx, &target, state.generation, now).await?;
    fulfill(app, &mut tx, (&target, computed_at), &mut promise).await?;
    if let Some(at) = entitlement.next_change {
        promise.review(&mut tx, &target, at).await?;
    }
    store::job::finish(&mut tx, lease, job.id, now).await?;
    tx.commit().await?;
    app.memory.wake.ring(Class::Mail);
    Ok(())
}

fn desired(entitlement: &Entitlement) -> Result<String> {
    let capabilities = entitlement.capabilities.iter().map(|has| DesiredCapability {
        capability: &has.capability,
        unit: &has.unit,
        quantity: has.quantity,
        starts_on: has.starts_on,
        ends_on: has.ends_on,
    });
    let desired = Desired {
        target: &entitlement.target,
        plan: entitlement.plan.as_deref(),
        capabilities: capabilities.collect(),
    };
    serde_json::to_string(&desired).map_err(|error| Error::Stored("entitlement", error))
}

async fn push(app: &App, target: &Target, state: &TargetState) -> Result<()> {
    let saas =
        app.saas.as_ref().ok_or(Error::Setting("saas.url is not set, so no namespace can be provisioned"))?;
    let pushed = saas.put(target, state.generation, &state.desired).await;
    let now = app.now();
    match &pushed {
        Ok(()) => app.memory.breakers.answered(Class::Target, now),
        Err(error) => app.memory.breakers.failed(Class::Target, &error.chain(), now),
    }
    pushed
}

/// The license for what the server is entitled to; none if that is nothing.
async fn sign(app: &App, target: &Target, has: (&Entitlement, &[Granted])) -> Result<Option<License>> {
    let (entitlement, granted) = has;
    let Some(first) = granted.first() else { return Ok(None) };
    let signing = app.settings.signing.as_ref();
    let signing =
        signing.ok_or(Error::Setting("license.signing_key_file is not set, so no license can be issued"))?;
    let mut tx = app.db.read().await?;
    // A server belongs to whoever holds its first subscription, or ordered it.
    let account = match store::subscription::find_latest(&mut tx, &first.subscription).await? {
        Some(version) => version.account_id,
        None => *store::subscription::accounts_of_target(&mut tx, target)
            .await?
            .first()
            .ok_or(Error::NotFound("account"))?,
    };
    let account = store::account::get(&mut tx, account).await?;
    drop(tx);
    let licensee =
        Licensee { issuer: &app.settings.seller.name, account: &account.number, name: &account.name };
    let payload = Payload::of(&licensee, target, entitlement.plan.clone(), granted);
    Ok(payload.map(|payload| License {
        hash: payload.hash(),
        account_id: account.id,
        target: target.clone(),
        file: payload.sign(&signing.key_id, &signing.key),
        issued_at: app.now(),
    }))
}

async fn announce(app: &App, tx: &mut Tx, license: &License, promise: &mut Promise<'_>) -> Result<()> {
    let happened = Happened {
        kind: "license.issued",
        noun_id: license.target.to_string(),
        account: Some(license.account_id),
        actor: "worker",
        payload: serde_json::json!({ "hash": license.hash }),
    };
    event::append(tx, happened, promise).await?;
    let account = store::account::get(tx, license.account_id).await?;
    let mail = OfMail {
        to: account.contact_mail.clone(),
        subject: format!("Your license for {} is ready", license.target.name),
        text: format!(
            "Your license for {} is ready.\n\nDownload it at {}/portal/{}/licenses\n",
            license.target.name, app.settings.public_url, account.number
        ),
    };
    match mail.to.is_empty() {
        true => Ok(()),
        false => promise.mail(tx, &mail).await,
    }
}

/// Ends the duties that this push did: those that were there when it was computed and whose day has begun.
async fn fulfill(app: &App, tx: &mut Tx, of: (&Target, Instant), promise: &mut Promise<'_>) -> Result<()> {
    let (target, computed_at) = of;
    let (product, tenant) =
        (computed_at.day(&app.settings.zones.product), computed_at.day(&app.settings.zones.tenant));
    let effective_by = match target.kind {
        TargetKind::Namespace => product.max(tenant).to_string(),
        // A license names what begins later, too.
        TargetKind::Server => "9999-12-31".to_owned(),
    };
    let done =
        store::obligation::fulfill(tx, &target.to_string(), computed_at, &effective_by, promise.now).await?;
    if done == 0 {
        return Ok(());
    }
    let happened = Happened {
        kind: "target.provisioned",
        noun_id: target.to_string(),
        account: None,
        actor: "worker",
        payload: serde_json::json!({ "obligations": done }),
    };
    event::append(tx, happened, promise).await
}
