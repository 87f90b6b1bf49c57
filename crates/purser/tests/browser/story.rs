//! One customer and one staff member: sign in by link, buy, follow the order, see it on the console, in an outage too.
//! Refuses shortcuts: everything is clicked and typed, with scripts off where customers are.

use std::net::SocketAddr;
use std::time::Duration;

use app::person::Invited;
use domain::account::{Account, NewAccount};
use domain::person::{MemberRole, StaffRole};
use lab::world::{Setup, World};
use thirtyfour::prelude::*;
use zuora_emulator::{Fault, FaultKind};

use crate::driver::{Driver, Wanted};
use crate::look;

const JANA: &str = "jana.okafor@brightwater.example";
const LINDQVIST: &str = "r.lindqvist@ternlight.example";
const PHONE: u32 = 390;
const LAPTOP: u32 = 1_280;

/// How long something may take on the page, in real time; the world runs 60 times faster.
const PATIENCE: Duration = Duration::from_secs(30);

pub async fn run() -> WebDriverResult<()> {
    let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    let setup = Setup { listen: any, metrics: any, database: None, speed: 60, latency: Duration::ZERO };
    let world = World::start(setup).await.expect("a world");
    let account = account(&world).await;
    let driver = Driver::start().await?;

    let browser = driver.open(Wanted { scripts: false, width: LAPTOP }).await?;
    sign_in(&world, &browser, JANA).await?;
    let order = buy(&browser, "cloud-business", "brightwater").await?;
    until(&browser, "Complete").await?;
    buy_server(&browser, &world, &account).await?;
    until(&browser, "Complete").await?;
    license(&browser, &world, &account).await?;
    let cookie = browser.get_all_cookies().await?;
    browser.quit().await?;

    // The same person on both widths, while billing does not answer.
    world.zuora.lock().set_faults(vec![Fault::every(FaultKind::Http500)]);
    while app::health::freshness(&world.app).billing == app::health::Billing::Answers {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut wrong = Vec::new();
    let waiting = during_outage(&world, &driver, cookie.clone(), &account).await?;
    for width in [PHONE, LAPTOP] {
        let browser = driver.open(Wanted { scripts: true, width }).await?;
        browser.goto(format!("{}/status", world.urls.public)).await?;
        for cookie in cookie.clone() {
            browser.add_cookie(cookie).await?;
        }
        wrong.extend(pages(&world, &browser, (&account, &order, &waiting), width).await?);
        browser.quit().await?;
    }
    wrong.extend(console(&world, &driver).await?);
    assert!(wrong.is_empty(), "{wrong:#?}");
    world.stop().await;
    Ok(())
}

/// A customer buys while billing does not answer, and is told so.
async fn during_outage(
    world: &World,
    driver: &Driver,
    cookies: Vec<Cookie>,
    account: &Account,
) -> WebDriverResult<String> {
    let browser = driver.open(Wanted { scripts: false, width: LAPTOP }).await?;
    browser.goto(format!("{}/status", world.urls.public)).await?;
    for cookie in cookies {
        browser.add_cookie(cookie).await?;
    }
    browser.goto(format!("{}/portal/{}", world.urls.public, account.number)).await?;
    let order = buy(&browser, "cloud-business", "brightwater-labs").await?;
    let verdict = text(&browser, ".panel footer[role=status]").await?;
    assert!(verdict.contains("nothing"), "says who has to act: {verdict}");
    browser.quit().await?;
    Ok(order)
}

async fn account(world: &World) -> Account {
    let new = NewAccount {
        name: "Brightwater Labs GmbH".into(),
        currency: "EUR".parse().expect("a currency"),
        first_name: "Jana".into(),
        last_name: "Okafor".into(),
        mail: "ap@brightwater.example".into(),
        country: "DE".into(),
    };
    let account = app::account::open(&world.app, new, "").await.expect("an account");
    let jana = Invited { mail: JANA.into(), name: "Jana Okafor".into() };
    app::person::membership_grant(&world.app, jana, &account.number, MemberRole::Manager)
        .await
        .expect("a membership");
    let lindqvist = Invited { mail: LINDQVIST.into(), name: "R. Lindqvist".into() };
    app::person::staff_invite(&world.app, lindqvist, StaffRole::Operator).await.expect("a staff member");
    account
}

/// Follows the link in the newest mail, as a person does.
async fn sign_in(world: &World, browser: &WebDriver, mail: &str) -> WebDriverResult<()> {
    let link = world.mails.wait_for(mail, "/portal/sign-in/").await.expect("a mail with a link");
    let link = link
        .text
        .split_whitespace()
        .find(|word| word.contains("/portal/sign-in/"))
        .expect("a link")
        .to_owned();
    browser.goto(&link).await?;
    browser.find(By::Css("main button")).await?.click().await
}

async fn buy(browser: &WebDriver, offer: &str, target: &str) -> WebDriverResult<String> {
    browser.query(By::LinkText("Buy a subscription")).first().await?.click().await?;
    // An order with an answer missing keeps what was entered and says what to enter.
    choose(browser, offer).await?;
    fill(browser, "quantity", "15").await?;
    press(browser, "preview").await?;
    let errors = browser.query(By::Css("[role=alert] a")).first().await?;
    assert!(
        errors.attr("href").await?.is_some_and(|to| to.ends_with("#target")),
        "the summary leads to the field"
    );
    fill(browser, "target", target).await?;
    press(browser, "preview").await?;
    let total = text(browser, ".total").await?;
    assert!(total.contains("€5,220.00"), "15 seats at €348.00: {total}");
    press(browser, "order").await?;
    number(browser).await
}

async fn buy_server(browser: &WebDriver, world: &World, account: &Account) -> WebDriverResult<String> {
    browser.goto(format!("{}/portal/{}/buy", world.urls.public, account.number)).await?;
    choose(browser, "server-business").await?;
    fill(browser, "quantity", "25").await?;
    fill(browser, "target", "git-1").await?;
    press(browser, "preview").await?;
    press(browser, "order").await?;
    number(browser).await
}

/// The text of an element, on whichever page is being shown by then.
async fn text(browser: &WebDriver, css: &str) -> WebDriverResult<String> {
    let started = tokio::time::Instant::now();
    loop {
        let found = browser.query(By::Css(css)).first().await?.text().await;
        if found.is_ok() || started.elapsed() > PATIENCE {
            return found;
        }
    }
}

async fn choose(browser: &WebDriver, offer: &str) -> WebDriverResult<()> {
    browser.query(By::Css(format!("input[name=offer][value={offer}]"))).first().await?.click().await
}

async fn fill(browser: &WebDriver, id: &str, text: &str) -> WebDriverResult<()> {
    let field = browser.query(By::Id(id)).first().await?;
    field.clear().await?;
    field.send_keys(text).await
}

async fn press(browser: &WebDriver, action: &str) -> WebDriverResult<()> {
    browser.query(By::Css(format!("button[name=do][value={action}]"))).first().await?.click().await
}

/// The number of the order on the page.
async fn number(browser: &WebDriver) -> WebDriverResult<String> {
    let title = text(browser, "h1").await?;
    let number = title.strip_prefix("Order ").map(str::to_owned);
    Ok(number.unwrap_or_else(|| panic!("not an order page: {title}")))
}

/// Reloads until the order's badge says so.
async fn until(browser: &WebDriver, state: &str) -> WebDriverResult<()> {
    let started = tokio::time::Instant::now();
    loop {
        let badge = text(browser, ".head .state").await?;
        if badge.contains(state) {
            return Ok(());
        }
        assert!(started.elapsed() < PATIENCE, "the order stays {badge:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
        browser.refresh().await?;
    }
}

async fn license(browser: &WebDriver, world: &World, account: &Account) -> WebDriverResult<()> {
    browser.goto(format!("{}/portal/{}/licenses", world.urls.public, account.number)).await?;
    let link = browser
        .query(By::LinkText("Download the license"))
        .first()
        .await?
        .attr("href")
        .await?
        .expect("a link");
    let session = browser.get_all_cookies().await?;
    let session: Vec<String> =
        session.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
    let file = reqwest::Client::new()
        .get(format!("{}{link}", world.urls.public))
        .header("cookie", session.join("; "));
    let file = file.send().await.expect("an answer").text().await.expect("a text");
    let key = lab::world::demo_signing_key().verifying_key();
    let payload =
        domain::license::verify(&file, &[(lab::world::DEMO_KEY_ID.into(), key)]).expect("a good license");
    assert_eq!((payload.server.as_str(), payload.lines[0].quantity), ("git-1", 25));
    Ok(())
}

async fn pages(
    world: &World,
    browser: &WebDriver,
    of: (&Account, &str, &str),
    width: u32,
) -> WebDriverResult<Vec<String>> {
    let (account, order, waiting) = of;
    let mut wrong = Vec::new();
    let base = format!("{}/portal/{}", world.urls.public, account.number);
    let pages = [
        ("portal-home", String::new()),
        ("portal-order", format!("/orders/{order}")),
        ("portal-order-waiting", format!("/orders/{waiting}")),
        ("portal-orders", "/orders".to_owned()),
        ("portal-invoices", "/invoices".to_owned()),
        ("portal-licenses", "/licenses".to_owned()),
    ];
    for (name, path) in pages {
        browser.goto(format!("{base}{path}")).await?;
        wrong.extend(look::at(browser, &format!("{name}-{width}")).await?);
    }
    browser.goto(format!("{base}/buy")).await?;
    choose(browser, "cloud-business").await?;
    fill(browser, "quantity", "15").await?;
    fill(browser, "target", "brightwater").await?;
    press(browser, "preview").await?;
    browser.query(By::Css("details.why summary")).first().await?.click().await?;
    wrong.extend(look::at(browser, &format!("portal-buy-{width}")).await?);
    browser.goto(format!("{}/status", world.urls.public)).await?;
    wrong.extend(look::at(browser, &format!("status-{width}")).await?);
    Ok(wrong)
}

async fn console(world: &World, driver: &Driver) -> WebDriverResult<Vec<String>> {
    let mut wrong = Vec::new();
    for width in [PHONE, LAPTOP] {
        let browser = driver.open(Wanted { scripts: true, width }).await?;
        if width == PHONE {
            sign_in(world, &browser, LINDQVIST).await?;
        } else {
            let before = world.mails.mails().len();
            app::person::request_link(&world.app, LINDQVIST).await.expect("a link");
            while world.mails.mails().len() == before {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            sign_in(world, &browser, LINDQVIST).await?;
        }
        browser.goto(format!("{}/console", world.urls.public)).await?;
        wrong.extend(look::at(&browser, &format!("console-{width}")).await?);
        browser.quit().await?;
    }
    Ok(wrong)
}
