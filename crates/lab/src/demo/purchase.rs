//! The first scene: one customer buys for the cloud and for its own server, and sees what it is charged and gets.
//! Refuses to show a figure that is not from the invoice in Zuora or from the license file itself.

use std::time::Instant;

use domain::AccountNumber;
use domain::license::{self, License};
use domain::order::ActionKind;
use domain::target::Target;
use rust_decimal::Decimal;
use zuora_emulator::{InvoiceBook, ItemBook};

use super::names;
use super::story::{Cast, JANAS_ROLE};
use crate::customers::{Company, Wish};
use crate::ledger::Placed;
use crate::world::{DEMO_KEY_ID, demo_signing_key};
use crate::{Error, Result};

/// What Jana buys: offer, seats, target.
const SHOPPING_LIST: [(&str, i64, &str); 2] = [
    ("cloud-business", 15, "namespace:brightwater"),
    ("server-business", 25, "server:git.brightwater.example"),
];

/// Tells the scene; returns the company that bought.
pub(super) async fn tell(cast: &Cast<'_>) -> Result<Company> {
    cast.stage.scene("2. A customer buys");
    let new = names::brightwater();
    let company = cast.crowd.open(&new).await;
    let mut company = company.ok_or_else(|| Error::Setup(format!("{} got no account", new.name)))?;
    let number = AccountNumber::from(company.account.clone());
    let invited = app::person::Invited { mail: names::JANA.0.to_owned(), name: names::JANA.1.to_owned() };
    app::person::membership_grant(&cast.world.app, invited, &number, JANAS_ROLE).await?;
    cast.stage.tell(&format!(
        "{} has the account {}; {} manages it.",
        new.name,
        company.account,
        names::JANA.1
    ));
    for (offer, seats, target) in SHOPPING_LIST {
        let placed = buy(cast, &mut company, (offer, seats, target)).await?;
        show_invoice(cast, &placed).await?;
    }
    show_namespace(cast).await?;
    show_license(cast, &number).await?;
    Ok(company)
}

async fn buy(
    cast: &Cast<'_>,
    company: &mut Company,
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
    let placed = cast.crowd.order(company, wish).await;
    let placed = placed.ok_or_else(|| Error::Setup(format!("the order for {name} was not taken")))?;
    let number = placed.numbers.first().cloned().unwrap_or_default();
    let took_ms = begun.elapsed().as_millis();
    cast.stage.tell(&format!("Order {number}: {quantity} × {name} for {target}, taken in {took_ms} ms."));
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
    cast.stage.more(&format!(
        "sum {} = the {} {} that the order said",
        sum(&invoice),
        invoice.currency,
        placed.total
    ));
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

async fn show_license(cast: &Cast<'_>, account: &AccountNumber) -> Result<()> {
    let (_, _, target) = SHOPPING_LIST[1];
    let target: Target = target.parse().map_err(|_| Error::Setup(format!("{target} is no target")))?;
    let keys = [(DEMO_KEY_ID.to_owned(), demo_signing_key().verifying_key())];
    let (file, payload) = cast
        .until("the license is confirmed", async || {
            let licenses = app::license::list(&cast.world.app, &cast.operator, account).await?;
            let file = licenses.into_iter().find(|license: &License| license.target == target);
            let read =
                file.and_then(|license| Some((license::verify(&license.file, &keys).ok()?, license.file)));
            Ok(read
                .filter(|(payload, _)| payload.provisional_until.is_none())
                .map(|(payload, file)| (file, payload)))
        })
        .await?;
    cast.stage.tell(&format!(
        "License for {}: {} bytes, verified offline with the public key {DEMO_KEY_ID:?}:",
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
