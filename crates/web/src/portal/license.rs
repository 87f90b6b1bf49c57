//! The licenses of an account's servers, and the files themselves: always the bytes that were signed.
//! Refuses to sign or change anything on a read.

use app::App;
use askama::Template;
use axum::extract::{Path, State as Shared};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use domain::access::Operation;
use domain::account::Account;
use domain::license::{License, Payload};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::{Place, base, frame, html};
use crate::api::problem::Problem;
use crate::auth::Customer;
use crate::view::money;
use crate::view::page::Page;
use crate::view::reader::Reader;
use crate::view::state::State;

#[derive(Template)]
#[template(path = "portal/licenses.html")]
struct LicensesPage {
    page: Page,
    account: Account,
    base: String,
    may_order: bool,
    licenses: Vec<Card>,
}

/// One license.
struct Card {
    server: String,
    hash: String,
    state: State,
    plan: Option<String>,
    lines: Vec<CardLine>,
    machine: String,
    issued: String,
    provisional_until: Option<String>,
}

struct CardLine {
    what: String,
    term: String,
}

pub async fn get(
    Shared(app): Shared<App>,
    customer: Customer,
    Path(number): Path<String>,
) -> Result<Response, Problem> {
    let (account, _) = customer.account(&number)?;
    let licenses = app::license::list(&app, customer.caller(), &account.number).await?;
    let page = frame(&app, &customer, account, (Place::Licenses, "Licenses"));
    Ok(html(&LicensesPage {
        account: account.clone(),
        base: base(account),
        may_order: customer.may(Operation::OrderPlace, account),
        licenses: licenses.iter().map(|license| Card::of(license, &page.reader)).collect(),
        page,
    }))
}

/// Hexadecimal digits of a license's hash.
const HASH_LENGTH: usize = 64;

pub async fn file(
    Shared(app): Shared<App>,
    customer: Customer,
    Path((number, hash)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (account, _) = customer.account(&number)?;
    if hash.len() != HASH_LENGTH || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Problem::not_found("license"));
    }
    let license = app::license::file(&app, customer.caller(), &account.number, &hash).await?;
    // A target's name may hold a slash; a file's may not.
    let name = license.target.name.replace('/', "-");
    let attachment = format!("attachment; filename=\"{name}.purser-license\"");
    let headers = [(CONTENT_TYPE, "application/octet-stream".to_owned()), (CONTENT_DISPOSITION, attachment)];
    Ok((headers, license.file).into_response())
}

impl Card {
    fn of(license: &License, reader: &Reader) -> Card {
        let payload = payload(&license.file);
        let lines = payload.iter().flat_map(|payload| &payload.lines).map(|line| CardLine {
            what: format!("{} {}", money::count(line.quantity), line.unit),
            term: reader.term(line.starts_on, line.ends_on),
        });
        let ended = payload.as_ref().is_some_and(|payload| payload.ends_on <= reader.now.day(&reader.zone));
        let provisional = payload.as_ref().and_then(|payload| payload.provisional_until);
        let (kind, icon, words) = match (ended, provisional) {
            (true, _) => ("idle", "ring", "Ended"),
            (false, Some(_)) => ("wait", "trust", "Ready, not billed yet"),
            (false, None) => ("good", "key", "Ready"),
        };
        Card {
            server: license.target.name.clone(),
            hash: license.hash.clone(),
            state: State { kind, icon, words },
            plan: payload.as_ref().and_then(|payload| payload.plan.clone()),
            lines: lines.collect(),
            machine: reader.machine(license.issued_at),
            issued: reader.moment(license.issued_at),
            provisional_until: provisional.map(|until| reader.moment(until)),
        }
    }
}

/// What a stored license says. It is our own file from our own database; whoever uses it checks the signature.
fn payload(file: &str) -> Option<Payload> {
    let payload = file.trim_end().split('.').nth(2)?;
    serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use domain::license::LicenseLine;

    use super::*;
    use crate::story;

    fn signed(provisional: bool) -> License {
        let payload = Payload {
            issuer: "Ternlight".into(),
            account: "A-00000412".parse().unwrap(),
            licensee: "Brightwater Labs GmbH".into(),
            server: "git-1".into(),
            plan: Some("business".into()),
            lines: vec![LicenseLine {
                capability: "business-seats".into(),
                unit: "seats".into(),
                quantity: 25,
                starts_on: story::day("2026-04-18"),
                ends_on: story::day("2027-04-18"),
                subscription: "A-S00001544".parse().unwrap(),
            }],
            ends_on: story::day("2027-04-18"),
            provisional_until: provisional.then(|| story::at("2026-11-19T10:03:02Z")),
        };
        let body = BASE64URL_NOPAD.encode(&serde_json::to_vec(&payload).unwrap());
        License { file: format!("purser-license-1.demo.{body}.AAAA\n"), ..story::license() }
    }

    fn shown(name: &str, licenses: &[License]) -> String {
        let (page, account) = (story::page("Licenses"), story::account());
        let licenses = licenses.iter().map(|license| Card::of(license, &page.reader)).collect();
        story::shown(name, &LicensesPage { base: base(&account), may_order: true, licenses, account, page })
    }

    #[test]
    fn a_license_says_what_it_allows_and_until_when() {
        let page = shown("licenses", &[signed(false)]);
        assert!(page.contains("25 seats") && page.contains("18 Apr 2026 – 17 Apr 2027"));
        assert!(page.contains("/portal/A-00000412/licenses/9f86d081884c7d65"));
    }

    #[test]
    fn a_provisional_license_says_when_it_ends() {
        let page = shown("licenses-provisional", &[signed(true)]);
        assert!(page.contains("This license ends 19 Nov 2026, 11:03 CET"));
    }

    #[test]
    fn without_a_license_the_page_says_what_makes_one() {
        assert!(shown("licenses-empty", &[]).contains("No licenses yet"));
    }
}
