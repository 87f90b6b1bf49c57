//! The first scene: a person signs in and buys for the cloud and for a server, and sees what is charged and delivered.
//! Refuses to show a figure that is not from the invoice in Zuora or from the license file itself.

use std::time::Instant;

use domain::AccountNumber;
use domain::license;
use domain::order::ActionKind;
use domain::person::MemberRole;
use rust_decimal::Decimal;
use zuora_emulator::{InvoiceBook, ItemBook};

use super::names;
use super::story::Cast;
use crate::customers::{Company, Visitor, Wish};
use crate::ledger::Placed;
use crate::world::{DEMO_KEY_ID, demo_signing_key};
use crate::{Error, Result};

/// What Jana buys: offer, seats, target.
const SHOPPING_LIST: [(&str, i64, &str); 2] = [
    ("cloud-business", 15, "namespace:brightwater"),
    ("server-business", 25, "server:git.brightwater.example"),
];

/// Tells the scene; returns the company that bought, and who bought for it.
pub(super) async fn tell(cast: &Cast<'_>) -> Result<(Company, Visitor)> {
    cast.stage.scene("2. A customer buys");
    let new = names::brightwater();
    let company = cast.crowd.open(&new).await;
    let mut company = company.ok_or_else(|| Error::Setup(format!("{} got no account", new.name)))?;
    let number = AccountNumber::from(company.account.clone());
    let invited = app::person::Invited { mail: names::JANA.0.to_owned(), name: names::JANA.1.to_owned() };
    app::person::membership_grant(&cast.world.app, invited, &number, MemberRole::Manager).await?;
    cast.stage.tell(&format!(
        "{} has the account {}; {} manages it.",
        new.name,
        company.account,
        names::JANA.1
    ));
    let jana = cast.sign_in(names::JANA.0).await?;
    cast.stage.tell("A mail brings the link, and the portal knows her.");
    for (offer, seats, target) in SHOPPING_LIST {
        let placed = buy(cast, (&mut company, &jana), (offer, seats, target)).await?;
        show_invoice(cast, &placed).await?;
    }
    show_namespace(cast).await?;
    show_license(cast, (&jana, &company.account)).await?;
    Ok((company, jana))
}

async fn buy(
    cast: &Cast<'_>,
    (company, jana): (&mut Company, &Visitor),
    (offer, quantity, target): (&str, i64, &str),
) -> Result<Placed> {
    let sold = cast.crowd.offers().iter().find(|one| one.code == offer);
    let name = sold.map_or(offer, |offer| &offer.name).to_owned();
    let wish = Wish {
        kind: ActionKind::Subscribe,
        offer: offer.to_owned(),
        quantity,
        subscription: None,
        target: target.to_owned(),
    };
    let begun = Instant::now();
    let purchase = jana.buy(&company.account, (offer, quantity, target)).await?;
    let (number, took_ms) = (purchase.order.clone(), begun.elapsed().as_millis());
    let placed = cast.crowd.placed(company, wish, purchase).await;
    let placed = placed.ok_or_else(|| Error::Setup(format!("the order {number} cannot be looked at")))?;
    cast.stage.tell(&format!(
        "On the buy page: {quantity} × {name} for {target}; order {number}, four pages in {took_ms} ms."
    ));
    Ok(placed)
}

async fn show_invoice(cast: &Cast<'_>, placed: &Placed) -> Result<()> {
    let invoice = cast
        .until("the order is invoiced", async || {
            let books = cast.world.zuora.lock().books();
            let mut invoices = books.accounts.into_iter().flat_map(|account| account.invoices);
            Ok(invoices
                .find(|invoice| invoice.order.as_ref().is_some_and(|order| placed.numbers.contains(order))))
        })
        .await?;
    cast.stage
        .tell(&format!("Zuora's invoice {} over {} {}:", invoice.number, invoice.currency, invoice.amount));
    for item in &invoice.items {
        cast.stage.more(&arithmetic(item));
    }
    let agrees = if sum(&invoice) == placed.total { "as" } else { "BUT NOT as" };
    cast.stage.more(&format!("sum {}, {agrees} the preview said: {}", sum(&invoice), placed.total));
    Ok(())
}

fn sum(invoice: &InvoiceBook) -> Decimal {
    invoice.items.iter().map(|item| item.amount).sum()
}

/// `15 Business seats × 348.00 = 5220.00 for 365 of 365 days, …`
fn arithmetic(item: &ItemBook) -> String {
    let unit = item.why.full.checked_div(item.quantity).unwrap_or(item.why.full);
    format!(
        "{} {} × {:.2} = {:.2}; {} of {} days ({} to {}) = {}",
        item.quantity,
        item.name,
        unit,
        item.why.full,
        item.why.days,
        item.why.full_days,
        item.start,
        item.end,
        item.amount
    )
}

async fn show_namespace(cast: &Cast<'_>) -> Result<()> {
    let (_, seats, target) = SHOPPING_LIST[0];
    let namespace = cast
        .until("the namespace has its seats", async || {
            let mut namespaces = cast.world.saas.namespaces();
            let namespace = namespaces.remove(target);
            Ok(namespace.filter(|has| has.capabilities.iter().any(|one| one.quantity == seats)))
        })
        .await?;
    let plan = namespace.plan.as_deref().unwrap_or("none");
    for has in &namespace.capabilities {
        let words = format!(
            "The SaaS product gives {target} the plan {plan}, {} {} from {} until {}.",
            has.quantity, has.unit, has.starts_on, has.ends_on
        );
        cast.stage.tell(&words);
    }
    Ok(())
}

async fn show_license(cast: &Cast<'_>, (jana, account): (&Visitor, &str)) -> Result<()> {
    let keys = [(DEMO_KEY_ID.to_owned(), demo_signing_key().verifying_key())];
    let (file, payload) = cast
        .until("the license can be downloaded and is confirmed", async || {
            let files = jana.licenses(account).await.into_iter();
            let mut read = files.filter_map(|file| Some((license::verify(&file, &keys).ok()?, file)));
            let confirmed = read.find(|(payload, _)| payload.provisional_until.is_none());
            Ok(confirmed.map(|(payload, file)| (file, payload)))
        })
        .await?;
    cast.stage.tell(&format!(
        "The license for {}, downloaded: {} bytes, verified offline with the public key {DEMO_KEY_ID:?}:",
        payload.server,
        file.len()
    ));
    for line in &payload.lines {
        cast.stage.more(&format!(
            "{} {} for {}, {} until {}",
            line.quantity, line.unit, payload.licensee, line.starts_on, line.ends_on
        ));
    }
    match license::verify(&one_byte_changed(&file), &keys) {
        Err(refusal) => cast.stage.more(&format!("with one byte changed: {refusal}")),
        Ok(_) => return Err(Error::Setup("a license with one byte changed was taken for good".to_owned())),
    }
    Ok(())
}

/// The same file with another letter in the middle, which is in the payload.
fn one_byte_changed(file: &str) -> String {
    let middle = file.len() / 2;
    let change = |(index, letter): (usize, char)| match (index == middle, letter) {
        (false, letter) => letter,
        (true, 'A') => 'B',
        (true, _) => 'A',
    };
    file.char_indices().map(change).collect()
}
