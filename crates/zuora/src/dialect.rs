//! Zuora's ways of saying no: six dialects over twenty years of APIs, told apart by the shape of the body.
//! Refuses to guess from the HTTP status: that is weighed in `verdict.rs`, with what is found here.

use serde_json::{Map, Value};

/// Who speaks in the body of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `{"success":false,"processId":..,"reasons":[{"code","message"}]}`: the service API; Object Query without `success`,
    /// and below version 2025-08-12 only `{"code","message"}` with a code of eight digits.
    Service,
    /// `{"Success":false,"Errors":[{"Code","Message"}]}`: CRUD calls, and actions in an array.
    Crud,
    /// `{"FaultCode","FaultMessage"}`, `{"faultcode","faultstring"}`: ZOQL.
    Zoql,
    /// `{"errorCode","message"}`, with HTTP 200: batch queries.
    Batch,
    /// `{"code","message"}` or only `{"message"}`: the gateway in front.
    Gateway,
    /// `{"timestamp","status","error","message","path"}`: the token service.
    Spring,
    /// Not JSON, or JSON that is no answer: a proxy's page, nothing at all, half of something.
    Foreign,
}

impl Dialect {
    /// Whether this is Zuora's application deciding, and not something on the way to it.
    #[must_use]
    pub fn is_zuoras_own(self) -> bool {
        matches!(self, Self::Service | Self::Crud | Self::Zoql | Self::Batch)
    }
}

/// One reason of a refusal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    /// The code, where it is a number.
    pub code: Option<i64>,
    /// The code, where it is a word (`INVALID_ID`), without its namespace.
    pub label: Option<String>,
    /// The sentence.
    pub message: String,
}

/// What a body says, the status left aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// JSON that refuses nothing.
    Nothing,
    /// A refusal, or (foreign) no answer.
    No(Dialect, Vec<Reason>),
}

/// A message is for people; nobody reads more of it than this.
const MESSAGE_CHARS_MAX: usize = 500;
/// Nor more reasons than this.
const REASONS_MAX: usize = 20;
/// Six digits of resource and two of category; a gateway's codes are HTTP statuses.
const CODE_MIN: i64 = 10_000_000;
/// All that the gateway and the token service ever put beside a `message`; anything else is an answer's own field.
const FRONT_KEYS: [&str; 9] = [
    "code",
    "message",
    "status",
    "error",
    "error_description",
    "timestamp",
    "path",
    "requestId",
    "request_id",
];

/// Reads any bytes; never fails, because bytes that say nothing are foreign.
pub(crate) fn read(body: &[u8]) -> Said {
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(object)) => read_object(&object),
        Ok(Value::Array(items)) => read_actions(&items),
        Ok(_) | Err(_) => Said::No(Dialect::Foreign, Vec::new()),
    }
}

fn read_object(object: &Map<String, Value>) -> Said {
    let success = object.get("success").and_then(Value::as_bool);
    let has = |key: &str| object.get(key).is_some_and(|value| !value.is_null());
    if success == Some(false) || (success.is_none() && has("reasons")) {
        return Said::No(Dialect::Service, reasons(object.get("reasons"), "code", "message"));
    }
    if object.get("Success").and_then(Value::as_bool) == Some(false) {
        return Said::No(Dialect::Crud, reasons(object.get("Errors"), "Code", "Message"));
    }
    for (code, message) in [("FaultCode", "FaultMessage"), ("faultcode", "faultstring")] {
        if has(code) {
            return Said::No(Dialect::Zoql, vec![reason(object, code, message)]);
        }
    }
    if success.is_none() && has("errorCode") && has("message") {
        return Said::No(Dialect::Batch, vec![reason(object, "errorCode", "message")]);
    }
    let from_the_front = (has("message") || has("error"))
        && success.is_none()
        && object.keys().all(|key| FRONT_KEYS.contains(&key.as_str()));
    if !from_the_front {
        return Said::Nothing;
    }
    let reason = reason(object, "code", if has("message") { "message" } else { "error" });
    let dialect = match reason.code {
        Some(code) if code >= CODE_MIN => Dialect::Service,
        _ if has("error") => Dialect::Spring,
        _ => Dialect::Gateway,
    };
    Said::No(dialect, vec![reason])
}

/// Actions answer with one object for each thing they were asked; one refusal makes the whole answer one.
fn read_actions(items: &[Value]) -> Said {
    let refused: Vec<Reason> = items
        .iter()
        .filter(|item| item.get("Success").and_then(Value::as_bool) == Some(false))
        .flat_map(|item| reasons(item.get("Errors"), "Code", "Message"))
        .take(REASONS_MAX)
        .collect();
    let any = items.iter().any(|item| item.get("Success").and_then(Value::as_bool) == Some(false));
    if any { Said::No(Dialect::Crud, refused) } else { Said::Nothing }
}

fn reasons(list: Option<&Value>, code: &str, message: &str) -> Vec<Reason> {
    let items = match list {
        Some(Value::Array(items)) => items.as_slice(),
        Some(single @ Value::Object(_)) => std::slice::from_ref(single),
        _ => &[],
    };
    items
        .iter()
        .take(REASONS_MAX)
        .filter_map(Value::as_object)
        .map(|item| reason(item, code, message))
        .collect()
}

/// Codes are numbers on the wire and text in Zuora's own SDK; a text of digits counts as a number.
fn reason(object: &Map<String, Value>, code: &str, message: &str) -> Reason {
    let (code, label) = match object.get(code) {
        Some(Value::Number(number)) => (number.as_i64(), None),
        Some(Value::String(text)) => match text.parse() {
            Ok(number) => (Some(number), None),
            Err(_) => (None, Some(cut(text.strip_prefix("fns:").unwrap_or(text)))),
        },
        _ => (None, None),
    };
    let message = object.get(message).and_then(Value::as_str).map(cut).unwrap_or_default();
    Reason { code, label, message }
}

/// Text from outside, made fit for one line of a message.
pub(crate) fn cut(text: &str) -> String {
    let printable = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut line = String::new();
    for word in printable.take(MESSAGE_CHARS_MAX).collect::<String>().split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}
