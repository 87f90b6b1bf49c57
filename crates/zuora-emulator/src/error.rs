//! How Zuora says no: one refusal, told in the dialect of the endpoint and the status rule of the version.
//! Refuses to leak anything but a category, a message that names the field, and the ids of the call.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::version::Version;

/// The last two digits of an error code: what kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Category {
    Authentication = 11,
    InvalidValue = 20,
    UnknownField = 21,
    MissingField = 22,
    MissingParameter = 23,
    InvalidQuery = 27,
    BusinessRule = 30,
    NotFound = 40,
    UnsupportedMethod = 45,
    LockContention = 50,
    LimitExceeded = 70,
    Malformed = 90,
    Gateway = 99,
}

impl Category {
    /// The HTTP status from version 2024-05-20 on.
    fn status(self) -> StatusCode {
        match self {
            Category::Authentication => StatusCode::UNAUTHORIZED,
            Category::InvalidValue
            | Category::UnknownField
            | Category::MissingField
            | Category::MissingParameter
            | Category::InvalidQuery
            | Category::BusinessRule
            | Category::Malformed => StatusCode::BAD_REQUEST,
            Category::NotFound => StatusCode::NOT_FOUND,
            Category::UnsupportedMethod => StatusCode::METHOD_NOT_ALLOWED,
            Category::LockContention => StatusCode::CONFLICT,
            Category::LimitExceeded => StatusCode::TOO_MANY_REQUESTS,
            Category::Gateway => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The word that CRUD and Actions use instead of a number.
    fn crud_code(self) -> &'static str {
        match self {
            Category::InvalidValue | Category::InvalidQuery | Category::BusinessRule => "INVALID_VALUE",
            Category::UnknownField => "INVALID_FIELD",
            Category::MissingField | Category::MissingParameter => "MISSING_REQUIRED_VALUE",
            Category::NotFound => "INVALID_ID",
            Category::LockContention => "LOCK_COMPETITION",
            Category::LimitExceeded => "REQUEST_EXCEEDED_LIMIT",
            Category::Malformed => "MALFORMED_QUERY",
            _ => "UNKNOWN_ERROR",
        }
    }
}

/// The forms in which Zuora's families of endpoints answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `/v1`: `success`, `processId`, `reasons`.
    Service,
    /// `/v1/object`: `Success`, `Errors`.
    Crud,
    /// `/object-query`: no `success` at all.
    Query,
    /// `/notifications`: bare objects, true statuses.
    Notification,
}

impl Dialect {
    /// The dialect spoken under a path.
    pub(crate) fn of(path: &str) -> Dialect {
        if path.starts_with("/v1/object/") {
            Dialect::Crud
        } else if path.starts_with("/object-query") {
            Dialect::Query
        } else if path.starts_with("/notifications") {
            Dialect::Notification
        } else {
            Dialect::Service
        }
    }
}

/// A business failure before it is put into words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) category: Category,
    pub(crate) message: String,
    /// Fields that stand beside the reasons, such as the id of a declined payment.
    pub(crate) beside: Vec<(&'static str, Value)>,
}

impl Refusal {
    pub(crate) fn new(category: Category, message: impl Into<String>) -> Refusal {
        Refusal { category, message: message.into(), beside: Vec::new() }
    }

    pub(crate) fn missing(field: &str) -> Refusal {
        Refusal::new(Category::MissingField, format!("Missing required field: '{field}'."))
    }

    pub(crate) fn unknown(field: &str) -> Refusal {
        Refusal::new(Category::UnknownField, format!("Unknown field: '{field}'."))
    }

    pub(crate) fn invalid(field: &str, why: &str) -> Refusal {
        Refusal::new(Category::InvalidValue, format!("Invalid value for field '{field}': {why}."))
    }

    pub(crate) fn rule(message: impl Into<String>) -> Refusal {
        Refusal::new(Category::BusinessRule, message)
    }

    pub(crate) fn not_found(key: &str) -> Refusal {
        Refusal::new(Category::NotFound, format!("Cannot find entity by key: '{key}'."))
    }

    pub(crate) fn malformed(message: &str) -> Refusal {
        Refusal::new(Category::Malformed, message)
    }

    pub(crate) fn lock() -> Refusal {
        Refusal::new(
            Category::LockContention,
            "Operation failed due to a lock competition, please retry later.",
        )
    }

    /// The whole error code: six digits of resource, two of category.
    fn code(&self, resource: u32) -> u32 {
        let resource = if self.category == Category::Authentication { 900_000 } else { resource };
        resource * 100 + self.category as u32
    }

    /// The HTTP status for a dialect and a version.
    pub(crate) fn status(&self, dialect: Dialect, version: Version) -> StatusCode {
        let always_true = matches!(self.category, Category::Authentication | Category::LimitExceeded);
        match dialect {
            Dialect::Service if version < Version::TRUE_STATUS && !always_true => StatusCode::OK,
            _ => self.category.status(),
        }
    }

    /// The body for a dialect and a version. `resource` is the first six digits of the code.
    pub(crate) fn body(&self, dialect: Dialect, version: Version, call: &CallIds, resource: u32) -> Value {
        let reasons = json!([{"code": self.code(resource), "message": self.message}]);
        let mut body = match dialect {
            Dialect::Service => json!({
                "success": false,
                "processId": call.process,
                "requestId": call.request,
                "reasons": reasons,
            }),
            Dialect::Crud => json!({
                "Success": false,
                "Errors": [{"Code": self.category.crud_code(), "Message": self.message}],
            }),
            Dialect::Query if version < Version::ONE_QUERY_ERROR => {
                json!({"code": self.code(resource).to_string(), "message": self.message})
            }
            Dialect::Query | Dialect::Notification => json!({"reasons": reasons, "requestId": call.request}),
        };
        if let Value::Object(map) = &mut body {
            map.extend(self.beside.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        }
        body
    }
}

impl From<rating::Error> for Refusal {
    fn from(error: rating::Error) -> Refusal {
        Refusal::new(Category::InvalidValue, format!("The amount cannot be worked out: {error}."))
    }
}

/// The two ids under which Zuora's support would look a call up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CallIds {
    /// 16 upper-case hex digits.
    pub(crate) process: String,
    /// 36 characters, a UUID.
    pub(crate) request: String,
}

/// Adds what every successful answer of a dialect carries.
pub(crate) fn accepted(dialect: Dialect, body: Value) -> Value {
    match (dialect, body) {
        (Dialect::Service, Value::Object(map)) => {
            let mut all = Map::new();
            all.insert("success".to_owned(), Value::Bool(true));
            all.extend(map);
            Value::Object(all)
        }
        (_, body) => body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_business_failure_is_200_before_2024_and_its_true_status_since() {
        let cases = [
            (Refusal::missing("name"), 200, 400),
            (Refusal::not_found("x"), 200, 404),
            (Refusal::lock(), 200, 409),
            (Refusal::new(Category::Gateway, "declined"), 200, 500),
            (Refusal::new(Category::Authentication, "sign in"), 401, 401),
            (Refusal::new(Category::LimitExceeded, "slow down"), 429, 429),
        ];
        for (refusal, old, new) in cases {
            let status = |version| refusal.status(Dialect::Service, version).as_u16();
            assert_eq!((status(Version::OLDEST), status(Version::TRUE_STATUS)), (old, new), "{refusal:?}");
        }
    }

    #[test]
    fn every_dialect_has_its_own_words() {
        let call = CallIds { process: "P".into(), request: "R".into() };
        let refusal = Refusal::not_found("k");
        let body = |dialect| refusal.body(dialect, Version::OLDEST, &call, 500_000);
        assert_eq!(body(Dialect::Service)["reasons"][0]["code"], 50_000_040);
        assert_eq!(body(Dialect::Crud)["Errors"][0]["Code"], "INVALID_ID");
        assert_eq!(body(Dialect::Query)["code"], "50000040");
        assert!(body(Dialect::Query).get("success").is_none());
    }
}
