//! The decision on an order and its record: milliseconds, one transaction.
//! Refuses to differ: preview and placing take the same decision.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::access::{Caller, Operation};
use domain::account::Account;
use domain::entitlement::Sources;
use domain::obligation::Obligation;
use domain::offer::TrustClass;
use domain::order::{Order, OrderStatus, PlaceOrder, Settlement};
use domain::policy::{Exposure, Risk};
use domain::preview::{Intake, Preview};
use domain::subscription::Expected;
use domain::target::Target;
use domain::{Currency, Day, Ids, Instant, Refusal, SubscriptionNumber};
use store::{ReadTx, Tx};

use crate::event::{self, Happened};
use crate::idempotency::{conclude, record};
use crate::job::{Kind, OfOrder, Promise};
use crate::offer::{Offers, book};
use crate::wake::Class;
use crate::{Answer, App, Error, Keyed, Replayed, Result, account, entitlement, health};

/// What an order would do, and when it would count.
#[derive(Debug, Clone)]
pub struct Previewed {
    /// The actions and what they cost.
    pub preview: Preview,
    /// Until when it would be granted before billing confirms; `None` if it waits for billing.
    pub trust_until: Option<Instant>,
    /// When the prices were read.
    pub prices_as_of: Option<Instant>,
}

/// What an order would do and cost; nothing is kept.
pub async fn preview(app: &App, caller: &Caller, request: &PlaceOrder) -> Result<Previewed> {
    let offers = book(app).await?;
    let mut tx = app.db.read().await?;
    let account = account::visible(&mut tx, caller, Operation::OrderPreview, &request.account).await?;
    check_product_line(caller, &offers, request)?;
    let now = app.now();
    let decided = decide(app, &mut tx, &account, (request, &offers), &mut app.ids(now)).await?;
    let preview = decided?;
    let trust_until = trust(app, &mut tx, &account, (request, &preview, &offers), now).await?;
    let prices_as_of = offers.charges.values().flatten().map(|charge| charge.synced_at).min();
    Ok(Previewed { preview, trust_until, prices_as_of })
}

/// Takes an order: recorded with its obligations, its job and its answer, or refused with its answer.
pub async fn place(
    app: &App,
    caller: &Caller,
    keyed: Keyed<'_>,
    request: PlaceOrder,
    render: fn(Result<&Order, &Refusal>) -> Answer,
) -> Result<(Answer, Replayed)> {
    let offers = book(app).await?;
    check_product_line(caller, &offers, &request)?;
    let mut tx = app.db.write().await?;
    let account = account::visible(&mut tx, caller, Operation::OrderPlace, &request.account).await?;
    let now = app.now();
    let mut ids = app.ids(now);

    let placed = match decide(app, &mut tx, &account, (&request, &offers), &mut ids).await? {
        Err(refusal) => Err(refusal),
        Ok(preview) => {
            let trust_until = trust(app, &mut tx, &account, (&request, &preview, &offers), now).await?;
            let terms =
                Terms { trust_until, placed_by: caller.name(), trace_id: keyed.trace_id.clone(), now };
            let order = accept(app, &account, (&request, preview), terms, &mut ids);
            save(app, &mut tx, &order, (&offers, &mut ids)).await?;
            Ok(order)
        }
    };

    let mut record = record(&keyed, caller, Operation::OrderPlace, render(placed.as_ref()), now);
    record.account_id = Some(account.id);
    let (answer, replayed) = conclude(app, tx, record, caller, Operation::OrderPlace).await?;
    app.metrics.order(match (&placed, replayed) {
        (_, Replayed::Yes) => "replayed",
        (Ok(_), _) => "accepted",
        (Err(_), _) => "refused",
    });
    if let (Ok(order), Replayed::No) = (&placed, replayed) {
        app.memory.wake.ring(Class::Account);
        if order.entitles(now) {
            targets(order).into_iter().for_each(|target| app.memory.entitlements.forget(target));
            app.memory.wake.ring(Class::Target);
        }
    }
    Ok((answer, replayed))
}

async fn decide(
    app: &App,
    tx: &mut ReadTx,
    account: &Account,
    asked: (&PlaceOrder, &Arc<Offers>),
    ids: &mut Ids,
) -> Result<Result<Preview, Refusal>> {
    let (request, offers) = asked;
    let named = |code: &str| request.actions.iter().any(|action| action.offer.as_deref() == Some(code));
    let priced = offers.offers.iter().filter(|offer| named(&offer.code));
    let priced = priced.map(|offer| offers.priced(offer, account.currency)).collect();
    let touches = request.actions.iter().any(|action| action.subscription.is_some());
    let subscriptions = match touches {
        true => expected(app, tx, account, offers).await?,
        false => BTreeMap::new(),
    };
    let intake = Intake {
        account: account.clone(),
        offers: priced,
        subscriptions,
        today: app.now().day(&app.settings.zone).0,
        rounding: app.settings.rounding,
    };
    Ok(intake.decide(request, ids))
}

/// The account's subscriptions as they will be once Zuora has done everything that was accepted.
async fn expected(
    app: &App,
    tx: &mut ReadTx,
    account: &Account,
    offers: &Offers,
) -> Result<BTreeMap<SubscriptionNumber, Expected>> {
    let versions = store::subscription::list_of_account(tx, account.id).await?;
    let mut orders = store::order::list_unconfirmed(tx, account.id).await?;
    // For what may be ordered next it does not matter whether the last order is granted yet.
    orders.iter_mut().for_each(|order| order.status = OrderStatus::Billed);
    let sources =
        Sources { versions: &versions, orders: &orders, offers: &offers.offers, zones: &app.settings.zones };
    let all = sources.expected(app.now());
    Ok(all.into_iter().map(|(expected, _)| (expected.number.clone(), expected)).collect())
}

/// A token that is bound to a product line may touch no other.
fn check_product_line(caller: &Caller, offers: &Offers, request: &PlaceOrder) -> Result<()> {
    let Caller::Service { product_line: Some(line), .. } = caller else { return Ok(()) };
    let of_line =
        |code: &str| offers.offers.iter().any(|offer| offer.code == code && &offer.product_line == line);
    let allowed = request.actions.iter().all(|action| action.offer.as_deref().is_some_and(of_line));
    allowed.then_some(()).ok_or(Error::Forbidden)
}

async fn trust(
    app: &App,
    tx: &mut ReadTx,
    account: &Account,
    order: (&PlaceOrder, &Preview, &Offers),
    now: Instant,
) -> Result<Option<Instant>> {
    let (request, preview, offers) = order;
    let class =
        |code: &String| offers.offers.iter().find(|offer| &offer.code == code).map(|offer| offer.trust);
    let classes: Vec<TrustClass> = preview
        .actions
        .iter()
        .map(|action| action.offer.as_ref().and_then(class).unwrap_or(TrustClass::Never))
        .collect();
    let policy = &app.settings.policy;
    let mut risk = Risk {
        settlement: request.settlement,
        classes: &classes,
        amount_minor: preview.total.minor,
        exposure: Exposure::default(),
    };
    // Only an order that could be granted at all needs the sums.
    if policy.trust(account, risk, now).is_none() {
        return Ok(None);
    }
    let currency = Currency(preview.total.currency);
    risk.exposure = Exposure {
        account_minor: store::order::exposure_of_account(tx, account.id, currency, now).await?,
        total_minor: health::exposure(app, tx, currency, now).await?,
    };
    Ok(policy.trust(account, risk, now))
}

struct Terms {
    trust_until: Option<Instant>,
    placed_by: String,
    trace_id: String,
    now: Instant,
}

fn accept(app: &App, account: &Account, asked: (&PlaceOrder, Preview), terms: Terms, ids: &mut Ids) -> Order {
    let (request, preview) = asked;
    let waits_for_card = request.settlement == Settlement::NewCard && account.payment_method.is_none();
    Order {
        id: ids.id(),
        number: ids.number('O'),
        account_id: account.id,
        status: if waits_for_card { OrderStatus::AwaitingPaymentMethod } else { OrderStatus::Accepted },
        settlement: request.settlement,
        total_minor: preview.total.minor,
        currency: Currency(preview.total.currency),
        actions: preview.actions.into(),
        po_number: request.po_number.clone(),
        order_date: Day(terms.now.day(&app.settings.zone).0),
        placed_by: terms.placed_by,
        trust_until: terms.trust_until,
        confirmed: false,
        reason: None,
        accepted_at: terms.now,
        billed_at: None,
        invoice_number: None,
        trace_id: terms.trace_id,
    }
}

async fn save(app: &App, tx: &mut Tx, order: &Order, with: (&Offers, &mut Ids)) -> Result<()> {
    let (offers, ids) = with;
    let now = order.accepted_at;
    let mut promise = Promise { ids, now, trace_id: &order.trace_id };
    // The lane before the order: a worker locks its lane and then the account, which the order's row locks by
    // referring to it. The other way round the two would wait for each other.
    if order.status == OrderStatus::Accepted {
        promise.account(tx, order.account_id, Kind::SubmitOrder, &OfOrder { order: order.id }).await?;
    }
    store::order::insert(tx, order).await?;
    let sources = Sources { versions: &[], orders: &[], offers: &offers.offers, zones: &app.settings.zones };
    for duty in Obligation::of_order(order, &sources, app.settings.deadline, promise.ids) {
        store::obligation::promise(tx, &duty).await?;
    }
    if order.entitles(now) {
        for target in targets(order) {
            promise.push(tx, target).await?;
            entitlement::changed(tx, target, &mut promise).await?;
        }
    }
    let happened = Happened {
        kind: "order.accepted",
        noun_id: order.id.to_string(),
        account: Some(order.account_id),
        actor: &order.placed_by,
        payload: serde_json::json!({ "total_minor": order.total_minor, "currency": order.currency }),
    };
    event::append(tx, happened, &mut promise).await
}

pub(super) fn targets(order: &Order) -> Vec<&Target> {
    let mut targets: Vec<&Target> =
        order.actions.iter().filter_map(|action| action.target.as_ref()).collect();
    targets.sort();
    targets.dedup();
    targets
}
