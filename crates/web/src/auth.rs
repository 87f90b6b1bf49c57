//! Who is asking: one type for each kind of caller, made only from a proof that was checked. Every handler names one.
//! Refuses to say which half of a proof was wrong, and to let one kind of caller in where another belongs.

use app::App;
use app::person::SignedIn;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Redirect, Response};
use data_encoding::BASE64;
use domain::access::{Caller, Operation};
use domain::account::Account;
use domain::person::{MemberRole, Person};
use domain::token::hash;
use http::header::{AUTHORIZATION, COOKIE};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use crate::api::problem::Problem;

/// The cookie that holds a session's secret.
pub const SESSION_COOKIE: &str = "purser_session";

/// Where people sign in.
pub const SIGN_IN: &str = "/portal/sign-in";

/// A product service with its token.
#[derive(Debug, Clone)]
pub struct Service(Caller);

impl Service {
    /// The caller, for operations.
    pub fn caller(&self) -> &Caller {
        &self.0
    }
}

impl FromRequestParts<App> for Service {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Service, Problem> {
        let refused = |detail| {
            let hint = "Send the header Authorization: Bearer TOKEN; `purser token create` makes a token.";
            Problem::unauthorized("Bearer realm=\"purser\"", detail, hint)
        };
        let secret =
            credentials(&parts.headers, "bearer").ok_or_else(|| refused("The request carries no token."))?;
        let caller = app::token::caller(app, secret).await?;
        caller.map(Service).ok_or_else(|| refused("The token is not known here, or no longer."))
    }
}

/// A signed-in customer. Staff who are also members of an account act here as members only.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Who.
    pub person: Person,
    /// The accounts that they may act for.
    pub accounts: Vec<(Account, MemberRole)>,
    caller: Caller,
}

impl Customer {
    /// The caller, for operations.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The account with that number, if it is one of theirs; another's looks like none.
    pub fn account(&self, number: &str) -> Result<&(Account, MemberRole), Problem> {
        let mine = self.accounts.iter().find(|(account, _)| account.number.as_str() == number);
        mine.ok_or_else(|| Problem::not_found("account"))
    }

    /// Whether they may do this for the account.
    pub fn may(&self, operation: Operation, account: &Account) -> bool {
        self.caller.may(operation, Some(account.id))
    }
}

impl FromRequestParts<App> for Customer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Customer, Response> {
        let SignedIn { person, accounts, .. } = signed_in(&parts.headers, app).await?;
        let memberships = accounts.iter().map(|(account, role)| (account.id, *role)).collect();
        let caller = Caller::Customer { person: person.id, memberships };
        Ok(Customer { person, accounts, caller })
    }
}

/// A signed-in staff member, where the console is open.
#[derive(Debug, Clone)]
pub struct Staff {
    /// Who.
    pub person: Person,
    caller: Caller,
}

impl Staff {
    /// The caller, for operations.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }
}

impl FromRequestParts<App> for Staff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Staff, Response> {
        if app.settings.console_login == app::ConsoleLogin::Off {
            return Err(Problem::of_status(StatusCode::NOT_FOUND).into_response());
        }
        let SignedIn { person, caller, .. } = signed_in(&parts.headers, app).await?;
        match caller {
            Caller::Staff { .. } => Ok(Staff { person, caller }),
            _ => Err(Problem::from(app::Error::Forbidden).into_response()),
        }
    }
}

/// Zuora, delivering a callout.
#[derive(Debug, Clone, Copy)]
pub struct ZuoraCallout(());

impl FromRequestParts<App> for ZuoraCallout {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<ZuoraCallout, Problem> {
        let Some(login) = &app.settings.callouts else {
            return Err(Problem::of_status(StatusCode::NOT_FOUND));
        };
        // Zuora asks twice: first without credentials, and with them after the challenge.
        let refused = || {
            let hint = "Configure the callout in Zuora with the user name and password that are set here.";
            Problem::unauthorized(
                "Basic realm=\"purser callouts\"",
                "The callout does not prove that it is Zuora's.",
                hint,
            )
        };
        let sent = credentials(&parts.headers, "basic").ok_or_else(refused)?;
        let sent = BASE64.decode(sent.as_bytes()).map_err(|_| refused())?;
        let sent = String::from_utf8(sent).map_err(|_| refused())?;
        let right = format!("{}:{}", login.user, login.password.expose_secret());
        // Hashes have one length, so that the comparison takes the same time whatever was sent.
        let equal: bool = hash(&sent).as_bytes().ct_eq(hash(&right).as_bytes()).into();
        equal.then_some(ZuoraCallout(())).ok_or_else(refused)
    }
}

/// The secret of the session that the request carries.
pub fn session_secret(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == SESSION_COOKIE).map(|(_, secret)| secret)
}

async fn signed_in(headers: &HeaderMap, app: &App) -> Result<SignedIn, Response> {
    let first = || Redirect::to(SIGN_IN).into_response();
    let secret = session_secret(headers).ok_or_else(first)?;
    let found =
        app::person::caller(app, secret).await.map_err(|error| Problem::from(error).into_response())?;
    found.ok_or_else(first)
}

/// What stands after the scheme in the Authorization header.
fn credentials<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let (sent, rest) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    sent.eq_ignore_ascii_case(scheme).then(|| rest.trim()).filter(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let headers =
            |lines: &[&str]| HeaderMap::from_iter(lines.iter().map(|line| (COOKIE, line.parse().unwrap())));
        assert_eq!(session_secret(&headers(&["a=1; purser_session=s3; b=2"])), Some("s3"));
        assert_eq!(session_secret(&headers(&["a=1", "purser_session=s3"])), Some("s3"));
        assert_eq!(session_secret(&headers(&["xpurser_session=s3"])), None);
    }

    #[test]
    fn the_scheme_of_credentials_is_not_case_sensitive() {
        let headers = |value: &str| HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
        assert_eq!(credentials(&headers("bearer t"), "bearer"), Some("t"));
        assert_eq!(credentials(&headers("BASIC dTpw"), "basic"), Some("dTpw"));
        assert_eq!(credentials(&headers("Basic dTpw"), "bearer"), None);
        assert_eq!(credentials(&headers("Bearer"), "bearer"), None);
    }
}
