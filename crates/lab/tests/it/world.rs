//! Purchases, mails, a product that fails, and sales that nobody was told about.
//! Refuses mocks: every test starts a whole world on ports of its own.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use domain::order::ActionKind;
use domain::person::MemberRole;
use lab::check::{self, Delivered, OnTrust, Provisioning};
use lab::customers::{Client, Company, Crowd, NewCompany, Visitor, Wish};
use lab::saas::Health;
use lab::world::{DEMO_KEY_ID, Setup, World, demo_signing_key, offers};
use lab::zuora_user::Sale;
use zuora_emulator::{Fault, FaultKind};

/// A minute passes in a third of a second.
const SPEED: u32 = 180;

fn setup() -> Setup {
    let any = "127.0.0.1:0".parse().unwrap();
    Setup { listen: any, metrics: any, database: None, speed: SPEED, latency: Duration::ZERO }
}

/// A world with one company that can buy.
async fn world() -> (World, Crowd, Company) {
    let world = World::start(setup()).await.expect("a world");
    let crowd = Crowd::new(Client::new(&world.urls.public, &world.token).unwrap(), offers().unwrap());
    let company = crowd.open(&brightwater()).await.expect("an account");
    until("the catalog is read", || async {
        let euro = "EUR".parse().unwrap();
        let service = app::token::caller(&world.app, &world.token).await.unwrap().unwrap();
        !app::offer::list(&world.app, &service, euro).await.unwrap().is_empty()
    })
    .await;
    (world, crowd, company)
}

fn brightwater() -> NewCompany {
    NewCompany {
        name: "Brightwater Labs GmbH".into(),
        slug: "brightwater".into(),
        contact: ("Jana".into(), "Okafor".into()),
        mail: "jana@brightwater.example".into(),
        country: "DE".into(),
    }
}

fn wish(offer: &str, quantity: i64, target: &str) -> Wish {
    Wish {
        kind: ActionKind::Subscribe,
        offer: offer.into(),
        quantity,
        subscription: None,
        target: target.into(),
    }
}

async fn until<F: Future<Output = bool>>(what: &str, so: impl Fn() -> F) {
    for _ in 0..600 {
        if so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited in vain until {what}");
}

fn provisioning(world: &World, crowd: &Crowd) -> Provisioning {
    let delivered = Delivered {
        namespaces: world.saas.namespaces(),
        keys: vec![(DEMO_KEY_ID.to_owned(), demo_signing_key().verifying_key())],
        on_trust: OnTrust::Missing,
        ..Delivered::default()
    };
    crowd.ledger(|ledger| check::provisioning(ledger, &BTreeSet::new(), crowd.offers(), &delivered))
}

fn billing(world: &World, crowd: &Crowd) -> check::Billing {
    let books = world.zuora.lock().books();
    crowd.ledger(|ledger| check::billing(&books, ledger, &BTreeSet::new()))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_bought_is_billed_once_and_provisioned_when_the_product_answers_again() {
    let (world, crowd, mut company) = world().await;
    world.saas.set_health(Health::Down);
    let placed = crowd.order(&mut company, wish("cloud-business", 15, "namespace:brightwater/lab")).await;
    assert_eq!(placed.expect("an order").total, "5220.00".parse().unwrap());
    until("the order is billed", || async { billing(&world, &crowd).billed == 1 }).await;
    let missing = provisioning(&world, &crowd);
    assert_eq!((missing.due, missing.done), (1, 0), "the product is down");
    world.saas.set_health(Health::Up);
    until("it is provisioned", || async { provisioning(&world, &crowd).done == 1 }).await;
    let found = billing(&world, &crowd);
    assert_eq!((found.lost, found.duplicated, found.rejected), (0, 0, 0), "{:?}", found.findings);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_by_mail_buys_on_the_page_and_sees_nothing_of_others() {
    let (world, crowd, mut company) = world().await;
    let kestrel = NewCompany { name: "Kestrel Freight Ltd".into(), slug: "kestrel".into(), ..brightwater() };
    let other = crowd.open(&kestrel).await.expect("another account");
    let invited =
        app::person::Invited { mail: "jana@brightwater.example".into(), name: "Jana Okafor".into() };
    let number = company.account.parse().unwrap();
    app::person::membership_grant(&world.app, invited, &number, MemberRole::Manager).await.unwrap();
    let mail = world.mails.wait_for("jana@brightwater.example", "sign in").await.expect("a mail");
    let jana = Visitor::sign_in(&world.urls.public, &mail).await.expect("the link works");
    assert!(Visitor::sign_in(&world.urls.public, &mail).await.is_err(), "it works once");

    let purchase =
        jana.buy(&company.account, ("server-business", 25, "server:git-1")).await.expect("an order");
    let wanted = wish("server-business", 25, "server:git-1");
    let placed = crowd.placed(&mut company, wanted, purchase).await.expect("the order is there");
    assert_eq!(placed.total, "7200.00".parse().unwrap());
    until("the license can be downloaded", || async { jana.licenses(&company.account).await.len() == 1 })
        .await;
    assert_eq!(jana.get(&format!("/portal/{}", company.account)).await.status, 200);
    assert_eq!(jana.get(&format!("/portal/{}", other.account)).await.status, 404);
    assert_ne!(jana.get("/console").await.status, 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sales_sold_is_provisioned_and_counts_as_a_duplicate_for_who_was_not_told() {
    let (world, crowd, _) = world().await;
    let offers = offers().unwrap();
    let offer = offers.iter().find(|offer| offer.code == "cloud-premium").unwrap();
    let sale = Sale {
        account: "MARA-815".into(),
        name: "Mara Systems Oy".into(),
        order: "SALES-815".into(),
        subscription: "SALES-S815".into(),
        rate_plan: (offer.rate_plan.to_string(), offer.charges[0].charge.to_string()),
        quantity: 60,
        target: "namespace:mara".into(),
        start: world.app.now().day(&world.app.settings.zone).0,
    };
    world.zuora_user.sell(&sale).await.expect("a sale");
    until("it is provisioned", || async {
        let namespaces = world.saas.namespaces();
        namespaces.get("namespace:mara").is_some_and(|mara| mara.capabilities[0].quantity == 60)
    })
    .await;
    let found = billing(&world, &crowd);
    let counts = (found.accounts_duplicated, found.duplicated, found.invoices_duplicated);
    assert_eq!(
        counts,
        (1, 2, 1),
        "an account, an order with its subscription, an invoice: {:?}",
        found.findings
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_who_repeat_themselves_get_one_order_each_and_readers_read_on() {
    const ORDERS: usize = 40;
    let (world, crowd, company) = world().await;
    crowd.join(company);
    let kestrel = NewCompany { name: "Kestrel Freight Ltd".into(), slug: "kestrel".into(), ..brightwater() };
    crowd.join(crowd.open(&kestrel).await.expect("another account"));
    let reading = crowd.read([crowd.product(), crowd.product()]);
    world.zuora.lock().set_faults(vec![Fault::every(FaultKind::CommitThen504)]);
    crowd.shop(ORDERS, Duration::from_secs(1), || {}).await;
    world.zuora.lock().set_faults(Vec::new());
    until("every order is billed", || async { billing(&world, &crowd).lost == 0 }).await;
    drop(reading);
    let found = billing(&world, &crowd);
    assert_eq!((found.accepted, found.billed, found.rejected), (ORDERS, ORDERS, 0), "{:?}", found.findings);
    assert_eq!((found.duplicated, found.invoices_duplicated), (0, 0), "{:?}", found.findings);
    let (reads, failed) = crowd.reads().counts();
    assert!(reads > 0 && failed == 0, "{reads} reads, {:?}", crowd.reads().first_failure());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_is_for_this_machine_and_for_an_empty_database_only() {
    let open = Setup { listen: "0.0.0.0:0".parse().unwrap(), ..setup() };
    assert!(World::start(open).await.is_err_and(|error| error.to_string().contains("loopback")));

    let folder = std::env::temp_dir().join(format!("purser-lab-test-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let database = Some(format!("sqlite:{}", folder.join("used.sqlite").display()));
    let world = World::start(Setup { database: database.clone(), ..setup() }).await.expect("a world");
    let crowd = Crowd::new(Client::new(&world.urls.public, &world.token).unwrap(), offers().unwrap());
    crowd.open(&brightwater()).await.expect("an account");
    world.stop().await;
    let again = World::start(Setup { database, ..setup() }).await;
    assert!(again.is_err_and(|error| error.to_string().contains("empty")));
    std::fs::remove_dir_all(&folder).unwrap();
}
