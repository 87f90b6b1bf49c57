//! Billing accounts over HTTP.
//! Refuses to show more of the people of an account than where its invoices go.

use app::{Answer, App, Keyed};
use axum::Json as Written;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::access::Operation;
use domain::account::{Account, NewAccount};
use domain::{AccountNumber, Currency, Instant, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Json;
use super::idempotency::{IdempotencyKey, request_hash, respond};
use super::openapi::{BodyProblems, Problems, account_status, moment, moment_or_null};
use super::problem::Problem;
use crate::auth::Service;
use crate::edge::Trace;

/// What is asked for a new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAccount)]
pub struct NewAccountBody {
    /// The company's name.
    #[schema(min_length = 1, max_length = 255, example = "Brightwater Labs GmbH")]
    name: String,
    /// ISO 4217; the account keeps it for life.
    #[schema(value_type = String, example = "EUR", pattern = "^[A-Z]{3}$")]
    currency: Currency,
    /// First name of the person who is billed.
    #[schema(min_length = 1, max_length = 255, example = "Jana")]
    first_name: String,
    /// Last name of the person who is billed.
    #[schema(min_length = 1, max_length = 255, example = "Okafor")]
    last_name: String,
    /// Where invoices go.
    #[schema(example = "ap@brightwater.example", max_length = 254)]
    mail: String,
    /// ISO 3166, two letters.
    #[schema(example = "DE", pattern = "^[A-Z]{2}$")]
    country: String,
}

/// A billing account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountBody<'a> {
    /// Its number, the same in Zuora.
    #[schema(value_type = String)]
    number: &'a AccountNumber,
    /// The company's name.
    name: &'a str,
    /// ISO 4217.
    #[schema(value_type = String, example = "EUR")]
    currency: Currency,
    /// Where it stands; orders are taken for a pending one too.
    #[schema(schema_with = account_status)]
    status: &'static str,
    /// Where invoices go.
    invoice_mail: &'a str,
    /// When it was opened here.
    #[schema(schema_with = moment)]
    created_at: Instant,
    /// When this was last equal to Zuora; null before the first time.
    #[schema(schema_with = moment_or_null)]
    as_of: Option<Instant>,
}

impl<'a> From<&'a Account> for AccountBody<'a> {
    fn from(account: &'a Account) -> AccountBody<'a> {
        AccountBody {
            number: &account.number,
            name: &account.name,
            currency: account.currency,
            status: account.status.as_str(),
            invoice_mail: &account.contact_mail,
            created_at: account.created_at,
            as_of: account.synced_at,
        }
    }
}

/// Open an account. Orders for it are taken at once; Zuora hears of it in the background.
#[utoipa::path(
    post, path = "/api/v1/accounts", tag = "accounts", operation_id = Operation::AccountCreate.as_str(),
    params(("Idempotency-Key" = String, Header, description = "Repeat a request with the same key and get the same answer", pattern = "^[!-~]{1,255}$")),
    request_body = NewAccountBody,
    responses((status = 201, description = "It is open", body = AccountBody, headers(("Location" = String, description = "Where it is"))), BodyProblems),
)]
pub async fn create(
    State(app): State<App>,
    service: Service,
    IdempotencyKey(key): IdempotencyKey,
    trace: Trace,
    Json(body): Json<NewAccountBody>,
) -> Result<Response, Problem> {
    let new = NewAccount {
        name: body.name,
        currency: body.currency,
        first_name: body.first_name,
        last_name: body.last_name,
        mail: body.mail,
        country: body.country,
    };
    let keyed = Keyed { key: &key, request_hash: request_hash(&new), trace_id: trace.0.clone() };
    let concluded = app::account::create(&app, service.caller(), keyed, new, answer).await?;
    Ok(respond(concluded, &[], &trace))
}

fn answer(opened: Result<&Account, &Refusal>) -> Answer {
    match opened {
        Ok(account) => Answer {
            status: 201,
            // Only texts: nothing in it can fail to serialize.
            body: serde_json::to_string(&AccountBody::from(account)).unwrap_or_default(),
            location: Some(format!("/api/v1/accounts/{}", account.number)),
        },
        Err(refusal) => refused(refusal),
    }
}

/// The stored answer to a request that a rule refused. The trace is not stored: it belongs to each request.
pub fn refused(refusal: &Refusal) -> Answer {
    let problem = Problem::from(refusal);
    Answer { status: problem.status.as_u16(), body: problem.body(None), location: None }
}

/// The account number in a path; what cannot be one belongs to nobody.
pub fn number(text: &str) -> Result<AccountNumber, Problem> {
    text.parse().map_err(|_| Problem::not_found("account"))
}

/// See an account.
#[utoipa::path(
    get, path = "/api/v1/accounts/{account}", tag = "accounts", operation_id = Operation::AccountView.as_str(),
    params(("account" = String, Path, description = "Its number", pattern = "^[A-Za-z0-9_-]{1,32}$")),
    responses((status = 200, description = "The account", body = AccountBody), Problems),
)]
pub async fn view(
    State(app): State<App>,
    service: Service,
    Path(account): Path<String>,
) -> Result<Response, Problem> {
    use axum::response::IntoResponse;
    let account = app::account::view(&app, service.caller(), &number(&account)?).await?;
    Ok(Written(AccountBody::from(&account)).into_response())
}
