//! The head of the OpenAPI 3.1 document, and what is said the same way of every operation: its problems, its words.
//! Refuses a second list of an enum's words: they come from `domain`.

use std::collections::BTreeMap;

use domain::account::AccountStatus;
use domain::obligation::ObligationStatus;
use domain::order::{ActionKind, OrderStatus, Settlement};
use domain::subscription::SubscriptionStatus;
use domain::target::TargetKind;
use serde::Serialize;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Object, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, OpenApi as _, ToSchema};

use super::problem::{Body, PROBLEM_JSON};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Purser",
        description = "Order to cash: place orders, see what became of them, ask what a target is entitled to. \
            Nothing here waits for the billing provider; whatever comes from it says how old it is (`as_of`).",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(Body)),
    security(("token" = [])),
    tags(
        (name = "accounts", description = "Who buys"),
        (name = "offers", description = "What can be bought"),
        (name = "orders", description = "What was bought"),
        (name = "entitlements", description = "What may be used"),
    )
)]
struct Head;

/// Everything but the operations.
pub fn head() -> OpenApi {
    let mut head = Head::openapi();
    let token = Http::builder()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token made by `purser token create`, with the scope that the operation needs"));
    let components = head.components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(token.build()));
    head
}

/// An amount of money.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Money)]
pub struct Money {
    /// A decimal with the currency's digits; negative for a credit.
    #[schema(example = "5220.00", pattern = r"^-?[0-9]+(\.[0-9]+)?$")]
    pub amount: String,
    /// ISO 4217.
    #[schema(example = "EUR", min_length = 3, max_length = 3)]
    pub currency: &'static str,
}

impl From<rating::Money> for Money {
    fn from(money: rating::Money) -> Money {
        Money { amount: money.to_string(), currency: money.currency.code() }
    }
}

impl Money {
    /// An amount in minor units.
    pub fn minor(minor: i64, currency: domain::Currency) -> Money {
        rating::Money { minor, currency: currency.0 }.into()
    }
}

/// What any operation may answer besides what it is asked for.
pub struct Problems;

/// What an operation with a body may answer besides.
pub struct BodyProblems;

const EVERYWHERE: [(u16, &str); 7] = [
    (400, "The request cannot be read"),
    (401, "The request carries no token, or one that is not known"),
    (403, "The token may not do this"),
    (404, "There is none, or none that the token may see"),
    (422, "A value is not readable, or a rule says no; nothing was changed"),
    (500, "Something of ours broke"),
    (503, "The database is not there, or the request took too long"),
];

const WITH_BODY: [(u16, &str); 2] =
    [(413, "The body is too large"), (415, "The body is not JSON by its type")];

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        EVERYWHERE.iter().map(problem).collect()
    }
}

impl IntoResponses for BodyProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        WITH_BODY.iter().chain(&EVERYWHERE).map(problem).collect()
    }
}

fn problem((status, description): &(u16, &str)) -> (String, RefOr<Response>) {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let response = ResponseBuilder::new().description(*description).content(PROBLEM_JSON, content);
    (status.to_string(), response.build().into())
}

/// A text that is one of some words.
fn words(words: &[&str]) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.to_vec())).build()
}

macro_rules! word_schemas {
    ($($(#[$doc:meta])* $name:ident = $words:ident;)+) => {$(
        $(#[$doc])*
        pub fn $name() -> Object {
            words(&$words::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>())
        }
    )+};
}

word_schemas! {
    /// The words for the status of an account.
    account_status = AccountStatus;
    /// The words for what an action does.
    action_kind = ActionKind;
    /// The words for the status of an obligation.
    obligation_status = ObligationStatus;
    /// The words for the status of an order.
    order_status = OrderStatus;
    /// The words for how an order is paid.
    settlement = Settlement;
    /// The words for what a target is.
    target_kind = TargetKind;
}

/// The words for the status of a subscription: Zuora's, and one for what Zuora does not know yet.
pub fn subscription_status() -> Object {
    let zuoras = SubscriptionStatus::ALL.iter().map(|word| word.as_str());
    words(&zuoras.chain([super::subscription::PENDING]).collect::<Vec<_>>())
}

/// A plain date.
pub fn day() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
        .examples(["2026-11-12"])
        .build()
}

/// A moment, or nothing.
pub fn moment_or_null() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .examples(["2026-11-12T10:03:02.000000Z"])
        .build()
}

/// A moment.
pub fn moment() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .examples(["2026-11-12T10:03:02.000000Z"])
        .build()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::access::Operation;

    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

    /// Set to rewrite the committed document.
    const UPDATE: &str = "UPDATE";

    #[test]
    fn the_committed_document_is_what_the_program_serves() {
        let now = crate::openapi().to_pretty_json().unwrap() + "\n";
        if std::env::var_os(UPDATE).is_some() {
            std::fs::write(FILE, &now).unwrap();
        }
        let committed = std::fs::read_to_string(FILE).unwrap_or_default();
        assert!(committed == now, "openapi.json is out of date; run the test with {UPDATE}=1");
    }

    #[test]
    fn operations_are_called_as_in_the_table_of_rights() {
        let document = serde_json::to_value(crate::openapi()).unwrap();
        let paths = document["paths"].as_object().unwrap().values();
        let operations = paths.flat_map(|path| path.as_object().unwrap().values());
        let ids: BTreeSet<&str> =
            operations.filter_map(|operation| operation["operationId"].as_str()).collect();
        let pages_only = [Operation::LicenseView, Operation::ConsoleView];
        let all = Operation::ALL.iter().filter(|operation| !pages_only.contains(operation));
        assert_eq!(ids, all.map(|operation| operation.as_str()).collect());
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    }
}
