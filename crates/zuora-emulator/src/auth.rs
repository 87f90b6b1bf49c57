//! OAuth tokens that expire, and the two key headers that also open the door.
//! Refuses everybody else with Zuora's own words.

use std::collections::BTreeMap;

use http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::ids::mix;
use crate::path::pairs;

/// The client id that a fresh emulator knows.
pub const DEFAULT_CLIENT_ID: &str = "00000000-0000-4000-8000-000000000001";
/// The secret that belongs to it.
pub const DEFAULT_CLIENT_SECRET: &str = "emulator-secret-for-local-use";

/// A client id is a UUID in text, a secret at most this long.
const CLIENT_ID_LENGTH: usize = 36;
const CLIENT_SECRET_LENGTH_MOST: usize = 42;

/// What Zuora's token endpoint says a token lives.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_secs(3_599);

/// Who may ask for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// Anybody with a well-formed id.
    Any,
    /// One client.
    Only {
        /// Its id.
        client_id: String,
        /// Its secret.
        client_secret: String,
    },
}

impl Default for Credentials {
    fn default() -> Credentials {
        Credentials::Only {
            client_id: DEFAULT_CLIENT_ID.to_owned(),
            client_secret: DEFAULT_CLIENT_SECRET.to_owned(),
        }
    }
}

impl Credentials {
    fn allow(&self, id: &str, secret: &str) -> bool {
        match self {
            Credentials::Any => true,
            Credentials::Only { client_id, client_secret } => id == client_id && secret == client_secret,
        }
    }
}

/// The tokens that were handed out and have not expired.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    issued: u64,
    live: BTreeMap<String, Timestamp>,
}

impl Tokens {
    /// `POST /oauth/token`: status and body, in Spring's words when it fails.
    pub(crate) fn issue(
        &mut self,
        credentials: &Credentials,
        form: &str,
        (seed, now): (u64, Timestamp),
    ) -> (StatusCode, Value) {
        let form = pairs(form);
        let field =
            |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
        let (id, secret) = (field("client_id"), field("client_secret"));
        let failure = |status: StatusCode, message: &str| {
            let error = status.canonical_reason().unwrap_or_default();
            let body = json!({
                "timestamp": now.to_string(),
                "status": status.as_u16(),
                "error": error,
                "message": message,
                "path": "/oauth/token",
            });
            (status, body)
        };
        if field("grant_type") != "client_credentials" {
            return failure(StatusCode::BAD_REQUEST, "Unsupported grant type");
        }
        if id.len() != CLIENT_ID_LENGTH {
            return failure(StatusCode::BAD_REQUEST, "Invalid client id");
        }
        if secret.is_empty() || secret.len() > CLIENT_SECRET_LENGTH_MOST || !credentials.allow(id, secret) {
            return failure(StatusCode::UNAUTHORIZED, "Bad client credentials");
        }
        self.live.retain(|_, expires| *expires > now);
        self.issued += 1;
        let token = format!("{:016x}{:016x}", mix(seed, self.issued), mix(!seed, self.issued));
        self.live.insert(token.clone(), now.checked_add(TOKEN_LIFE).unwrap_or(now));
        let body = json!({
            "access_token": token,
            "token_type": "bearer",
            "expires_in": TOKEN_LIFE.as_secs(),
            "scope": format!("user.{:032x} entity.00000000-0000-4000-8000-0000000000e1 service.echo.read tenant.19", seed),
            "jti": format!("{:032x}", mix(seed, self.issued)),
        });
        (StatusCode::OK, body)
    }

    /// Whether a call may pass: a live token, or the two key headers.
    pub(crate) fn admit(&self, credentials: &Credentials, headers: &HeaderMap, now: Timestamp) -> bool {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if let (Some(id), Some(secret)) = (text("apiaccesskeyid"), text("apisecretaccesskey")) {
            return credentials.allow(id, secret);
        }
        let bearer = text("authorization")
            .and_then(|value| value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")));
        bearer.and_then(|token| self.live.get(token.trim())).is_some_and(|expires| *expires > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(id: &str, secret: &str) -> String {
        format!("client_id={id}&client_secret={secret}&grant_type=client_credentials")
    }

    #[test]
    fn a_token_admits_until_it_expires() {
        let (mut tokens, now) = (Tokens::default(), Timestamp::UNIX_EPOCH);
        let credentials = Credentials::default();
        let (status, body) =
            tokens.issue(&credentials, &form(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET), (1, now));
        assert_eq!((status, &body["expires_in"]), (StatusCode::OK, &json!(3599)));
        let mut headers = HeaderMap::new();
        let token = body["access_token"].as_str().unwrap();
        headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
        assert!(tokens.admit(&credentials, &headers, now + SignedDuration::from_secs(3_598)));
        assert!(!tokens.admit(&credentials, &headers, now + TOKEN_LIFE));
    }

    #[test]
    fn wrong_credentials_are_refused_in_springs_words() {
        let (mut tokens, now) = (Tokens::default(), Timestamp::UNIX_EPOCH);
        let mut issue = |form: String| tokens.issue(&Credentials::default(), &form, (1, now));
        let (status, body) = issue(form("short", "x"));
        assert_eq!((status.as_u16(), &body["message"]), (400, &json!("Invalid client id")));
        let (status, body) = issue(form(DEFAULT_CLIENT_ID, "wrong"));
        assert_eq!((status.as_u16(), &body["error"]), (401, &json!("Unauthorized")));
    }
}
