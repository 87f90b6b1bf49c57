//! Commands that change one thing in the database and end.
//! Refuses to start workers: a running `purser serve` does what is promised here.

use std::path::Path;

use anyhow::Context;
use app::App;
use app::person::Invited;
use domain::account::NewAccount;
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::Db;

use crate::cli::{AccountCommand, Common, MembershipCommand, OfferCommand, StaffCommand, TokenCommand};
use crate::config::{Config, Sources};
use crate::wire;
use secrecy::ExposeSecret;

fn config(common: &Common, file: Option<&Path>) -> anyhow::Result<Config> {
    let database = common.database.clone().map(|address| ("database".to_owned(), address));
    Config::load(&Sources::of_process(file, database.into_iter().collect()))
}

async fn open(common: &Common, file: Option<&Path>) -> anyhow::Result<App> {
    let config = config(common, file)?;
    let db = wire::database(&config).await?;
    wire::app(&config, db, None)
}

/// A sentence for a person, or an object for a script.
fn say(common: &Common, sentence: &str, object: &Value) {
    match common.json {
        true => println!("{object}"),
        false => println!("{sentence}"),
    }
}

pub async fn migrate(common: &Common, file: Option<&Path>) -> anyhow::Result<()> {
    let config = config(common, file)?;
    let db = Db::open(config.database.expose_secret()).await.context("the database cannot be opened")?;
    db.migrate().await?;
    let version = store::SCHEMA_VERSION;
    say(common, &format!("The schema has version {version}."), &json!({ "schema_version": version }));
    Ok(())
}

pub async fn offer(command: OfferCommand, file: Option<&Path>) -> anyhow::Result<()> {
    let OfferCommand::Apply { file: offers, common } = command;
    let text =
        std::fs::read_to_string(&offers).with_context(|| format!("{} cannot be read", offers.display()))?;
    let app = open(&common, file).await?;
    let count = app::offer::apply(&app, &text)
        .await
        .map_err(anyhow::Error::msg)
        .with_context(|| offers.display().to_string())?;
    say(&common, &format!("{count} offers are sold now."), &json!({ "offers": count }));
    Ok(())
}

pub async fn account(command: AccountCommand, file: Option<&Path>) -> anyhow::Result<()> {
    let AccountCommand::Create { name, currency, first_name, last_name, mail, country, common } = command;
    let app = open(&common, file).await?;
    let new = NewAccount { name, currency: currency.parse()?, first_name, last_name, mail, country };
    let account = app::account::open(&app, new, "").await?;
    say(&common, &format!("Account {} is open.", account.number), &json!({ "number": account.number }));
    Ok(())
}

pub async fn token(command: TokenCommand, file: Option<&Path>) -> anyhow::Result<()> {
    let TokenCommand::Create { name, scopes, product_line, days, common } = command;
    let app = open(&common, file).await?;
    let scopes = scopes.iter().map(|scope| scope.parse()).collect::<Result<Vec<_>, _>>()?;
    let life = SignedDuration::from_hours(24 * i64::from(days));
    let (token, secret) = app::token::create(&app, &name, scopes, product_line, life).await?;
    let object = json!({ "id": token.id, "secret": secret, "expires_at": token.expires_at });
    say(&common, &secret, &object);
    if !common.json {
        eprintln!("This secret is shown once. It works until {}.", token.expires_at);
    }
    Ok(())
}

pub async fn staff(command: StaffCommand, file: Option<&Path>) -> anyhow::Result<()> {
    let StaffCommand::Invite { mail, name, role, common } = command;
    let app = open(&common, file).await?;
    let person = app::person::staff_invite(&app, Invited { mail, name }, role.parse()?).await?;
    let sentence = format!("{} is staff now and gets a sign-in link by mail.", person.mail);
    say(&common, &sentence, &json!({ "person": person.id }));
    Ok(())
}

pub async fn membership(command: MembershipCommand, file: Option<&Path>) -> anyhow::Result<()> {
    let MembershipCommand::Grant { account, mail, name, role, common } = command;
    let app = open(&common, file).await?;
    let person =
        app::person::membership_grant(&app, Invited { mail, name }, &account.parse()?, role.parse()?).await?;
    let sentence = format!("{} may act for {account} now and gets a sign-in link by mail.", person.mail);
    say(&common, &sentence, &json!({ "person": person.id }));
    Ok(())
}
