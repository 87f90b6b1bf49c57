//! The order of events: a purchase, a normal day, four outages, the reckoning.
//! Refuses to skip a wait: nothing is told before it has happened.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use domain::access::Caller;
use domain::order::ActionKind;
use domain::person::StaffRole;
use domain::{AccountNumber, Currency};
use zuora_emulator::{Fault, FaultKind};

use super::stage::Stage;
use super::{Report, ending, names, outage, purchase};
use crate::check::{self, Billing};
use crate::customers::{Client, Company, Crowd, NewCompany, Reader, Visitor};
use crate::ledger::{Bought, Sold};
use crate::world::{World, offers};
use crate::zuora_user::Sale;
use crate::{Error, Result};

/// The kinds of outage, in the order in which they come.
const OUTAGES: [FaultKind; 4] =
    [FaultKind::Http500, FaultKind::CommitThen504, FaultKind::LateCommit, FaultKind::Refuse];

/// Companies that open their account in the middle of each outage.
const NEWCOMERS: usize = 2;

/// Companies that pay by card.
const BY_CARD: usize = 5;

/// The normal day before the outages and the one after them, in real time.
const DAY: Duration = Duration::from_secs(5);

/// How long the story waits for anything, in real time: many times what it takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it looks, in real time.
const LOOKS_EVERY: Duration = Duration::from_millis(100);

/// What a link that signs in contains.
const LINK: &str = "/portal/sign-in/";

/// What all scenes work with.
pub(super) struct Cast<'a> {
    pub(super) world: &'a World,
    pub(super) stage: &'a Stage,
    pub(super) crowd: Crowd,
    /// Ternlight's operator, who may look at everything.
    pub(super) operator: Caller,
}

/// Tells everything and counts.
pub(super) async fn tell(world: &World, stage: &Stage, orders: usize) -> Result<Report> {
    let cast = open(world, stage).await?;
    let (brightwater, jana) = purchase::tell(&cast).await?;
    let operator = cast.sign_in(names::OPERATOR.0).await?;
    let customer = Reader::Customer(jana, brightwater.account.clone());
    let readers = [cast.crowd.product(), customer, Reader::Staff(operator)];
    let readers = cast.crowd.read(readers);
    cast.crowd.join(brightwater);
    let mut newcomers = gather(&cast).await?;

    let share = orders / (OUTAGES.len() + 2);
    day(&cast, "3. A normal day", share).await;
    stage.scene("4. Zuora fails, in four ways, one after the other");
    let mut outages = Vec::new();
    for kind in OUTAGES {
        let left = newcomers.len().saturating_sub(NEWCOMERS);
        outages.push(outage::tell(&cast, kind, (share, newcomers.split_off(left))).await?);
    }
    let placed = cast.crowd.ledger(|ledger| ledger.placed.len());
    day(&cast, "5. Another normal day", orders.saturating_sub(placed).max(1)).await;
    ending::tell(&cast, outages, readers).await
}

async fn open<'a>(world: &'a World, stage: &'a Stage) -> Result<Cast<'a>> {
    stage.scene("1. Curtain");
    let invited =
        app::person::Invited { mail: names::OPERATOR.0.to_owned(), name: names::OPERATOR.1.to_owned() };
    let person = app::person::staff_invite(&world.app, invited, StaffRole::Operator).await?;
    let operator = Caller::Staff { person: person.id, role: StaffRole::Operator };
    let crowd = Crowd::new(Client::new(&world.urls.public, &world.token)?, offers()?);
    let cast = Cast { world, stage, crowd, operator };
    let euro: Currency = "EUR".parse().map_err(|_| Error::Setup("the euro is not known".to_owned()))?;
    let wanted = cast.crowd.offers().len();
    cast.until("the catalog is read", async || {
        let priced = app::offer::list(&world.app, &cast.operator, euro).await?;
        Ok((priced.len() >= wanted).then_some(()))
    })
    .await?;
    stage.tell(&format!(
        "Zuora (emulated), a SaaS product, a mail server and Purser are up; {wanted} offers have prices."
    ));
    Ok(cast)
}

/// Opens the other accounts, stores cards for some, and lets sales sell something past the platform.
/// Returns the companies that come later.
async fn gather(cast: &Cast<'_>) -> Result<Vec<NewCompany>> {
    let stage = cast.stage;
    let mut later = names::companies();
    let now = later.drain(..later.len() - OUTAGES.len() * NEWCOMERS).collect::<Vec<_>>();
    for (index, new) in now.iter().enumerate() {
        let Some(company) = cast.crowd.open(new).await else { continue };
        match index < BY_CARD {
            true => cast.crowd.join(with_card(cast, company).await?),
            false => cast.crowd.join(company),
        }
    }
    stage.tell(&format!("{} companies opened accounts; {BY_CARD} of them have a card on file.", now.len()));
    sell(cast).await?;
    Ok(later)
}

async fn with_card(cast: &Cast<'_>, company: Company) -> Result<Company> {
    let number = &company.account;
    cast.until("the account is in Zuora", async || {
        let books = cast.world.zuora.lock().books();
        Ok(books.accounts.iter().any(|account| &account.number == number).then_some(()))
    })
    .await?;
    cast.world.zuora_user.add_card(number).await?;
    let mine = AccountNumber::from(number.clone());
    cast.until("the card is known", async || {
        let account = app::account::view(&cast.world.app, &cast.operator, &mine).await?;
        Ok(account.payment_method.map(drop))
    })
    .await?;
    Ok(company.pays_by_card())
}

/// An order that nobody placed through the platform: it must be found and provisioned all the same.
async fn sell(cast: &Cast<'_>) -> Result<()> {
    let plans = cast.crowd.offers().iter().filter(|offer| !offer.add_on);
    let offer = plans.min_by_key(|offer| offer.plan_rank).cloned();
    let offer = offer.ok_or_else(|| Error::Setup("nothing is for sale".to_owned()))?;
    let charge = offer.charges.first().ok_or_else(|| Error::Setup("an offer has no charge".to_owned()))?;
    let sale = Sale {
        // Numbers of their own: Zuora keeps its default prefixes to itself.
        account: "MARA-815".to_owned(),
        name: names::SOLD_TO.to_owned(),
        order: "SALES-815".to_owned(),
        subscription: "SALES-S815".to_owned(),
        rate_plan: (offer.rate_plan.to_string(), charge.charge.to_string()),
        quantity: 60,
        target: "namespace:mara".to_owned(),
        start: cast.world.app.now().day(&cast.world.app.settings.zone).0,
    };
    cast.world.zuora.lock().set_faults(vec![Fault::every(FaultKind::CalloutsLost)]);
    cast.world.zuora_user.sell(&sale).await?;
    cast.stage.tell(&format!(
        "Sales sells {} × {} to {} in Zuora itself, and Zuora's callout gets lost.",
        sale.quantity, offer.name, sale.name
    ));
    let begun = cast.world.app.now();
    cast.until("what sales sold is provisioned", async || {
        let namespaces = cast.world.saas.namespaces();
        let found = namespaces
            .get(&sale.target)
            .map(|has| has.capabilities.iter().map(|one| one.quantity).sum::<i64>());
        Ok((found == Some(sale.quantity)).then_some(()))
    })
    .await?;
    cast.world.zuora.lock().set_faults(Vec::new());
    let took = begun.until(cast.world.app.now()).as_secs();
    cast.stage.tell(&format!(
        "Purser finds it by reading: its seats are there {} later.",
        super::stage::span(took)
    ));
    let bought = Bought {
        kind: ActionKind::Subscribe,
        offer: offer.code,
        quantity: sale.quantity,
        subscription: sale.subscription,
        target: sale.target,
    };
    cast.crowd.ledger(|ledger| ledger.sold.push(Sold { account: sale.account, order: sale.order, bought }));
    Ok(())
}

async fn day(cast: &Cast<'_>, title: &str, orders: usize) {
    cast.stage.scene(title);
    let bar = cast.stage.bar("orders", orders);
    let step = bar.clone();
    cast.crowd.shop(orders, DAY, move || step.step()).await;
    bar.end();
    let placed = cast.crowd.ledger(|ledger| ledger.placed.len());
    cast.stage.tell(&format!("{orders} orders; {placed} in all."));
}

impl Cast<'_> {
    /// Waits until something is so, and returns what it found.
    pub(super) async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Result<Option<T>>) -> Result<T> {
        let begun = Instant::now();
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            if begun.elapsed() > PATIENCE {
                return Err(Error::Waited { what: what.to_owned(), limit: PATIENCE });
            }
            tokio::time::sleep(LOOKS_EVERY).await;
        }
    }

    /// Waits for the mail to somebody who was let in, and opens its link.
    pub(super) async fn sign_in(&self, mail: &str) -> Result<Visitor> {
        let wait = self.world.mails.wait_for(mail, LINK);
        let arrived = tokio::time::timeout(PATIENCE, wait).await;
        let arrived = arrived.ok().flatten();
        let mail = arrived
            .ok_or_else(|| Error::Waited { what: format!("a mail to {mail} came"), limit: PATIENCE })?;
        Visitor::sign_in(&self.world.urls.public, &mail).await
    }

    /// What customers were told against what the books hold now.
    pub(super) fn billing(&self, rejected: &BTreeSet<String>) -> Billing {
        let books = self.world.zuora.lock().books();
        self.crowd.ledger(|ledger| check::billing(&books, ledger, rejected))
    }
}

/// Says where to look around, with links that sign in.
pub(super) async fn invite(world: &World, stage: &Stage) -> Result<()> {
    let urls = &world.urls;
    stage.scene(
        "Look around; Ctrl-C ends it. The clock stays fast: a link works for 24 minutes, a session for 12.",
    );
    for (what, mail, path) in
        [("portal", names::JANA.0, "/portal"), ("console", names::OPERATOR.0, "/console")]
    {
        stage.plain(&format!("  {what:<9} {}{path}", urls.public));
        let seen = world.mails.count(mail, LINK);
        app::person::request_link(&world.app, mail).await?;
        let arrives = world.mails.wait_for_more(mail, LINK, seen);
        let Ok(Some(arrived)) = tokio::time::timeout(PATIENCE, arrives).await else { continue };
        if let Some(link) = arrived.text.split_whitespace().find(|word| word.contains(LINK)) {
            stage.plain(&format!("            signs in as {mail}: {link}"));
        }
    }
    stage.plain(&format!("  mails     {}", urls.mails));
    stage.plain(&format!("  product   {}", urls.saas));
    stage.plain(&format!("  metrics   {}/metrics", urls.metrics));
    stage.plain(&format!("  Zuora     {} (its books: {}/books)", urls.zuora, urls.zuora_admin));
    stage.plain(&format!(
        "  try       curl -X POST {}/faults -d '{{\"kind\":\"http_500\"}}'",
        urls.zuora_admin
    ));
    stage.plain(&format!("            curl -X DELETE {}/faults", urls.zuora_admin));
    Ok(())
}
