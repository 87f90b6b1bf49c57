//! The client against a server in the same process that answers from a script.
//! Bodies have the shapes of Zuora's answers; all names, ids and amounts are invented.

mod emulator;
mod families;
mod http;
mod refusals;
mod token;
mod wire;
mod writes;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use ::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;

use crate::{
    Client, Credentials, IdempotencyKey, Options, Request, Response, Seams, Transport, TransportError,
};

const TOKEN: &str =
    r#"{"access_token":"tok-1","token_type":"bearer","expires_in":3599,"scope":"user.1","jti":"j"}"#;
const START: &str = "2026-11-01T00:00:00Z";

type Outcome = Result<Response, TransportError>;

/// A server that gives the next answer of its script, and remembers what it was asked.
#[derive(Clone, Default)]
struct Script {
    answers: Arc<Mutex<VecDeque<Outcome>>>,
    asked: Arc<Mutex<Vec<Request>>>,
    now: Arc<Mutex<Option<jiff::Timestamp>>>,
}

impl Script {
    /// Answers the token call first, then what is given.
    fn with(answers: impl IntoIterator<Item = Outcome>) -> Self {
        Self::bare([ok(TOKEN)].into_iter().chain(answers))
    }

    fn bare(answers: impl IntoIterator<Item = Outcome>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), ..Self::default() }
    }

    fn client(&self) -> Client {
        self.client_with(Options::default())
    }

    fn client_with(&self, options: Options) -> Client {
        let (answers, asked, now) = (self.answers.clone(), self.asked.clone(), self.now.clone());
        let transport = Transport::InProcess(Arc::new(move |request| {
            asked.lock().unwrap().push(request);
            let answer = answers.lock().unwrap().pop_front();
            Box::pin(async move { answer.expect("the script is long enough") })
        }));
        let credentials =
            Credentials { client_id: "client-1".into(), client_secret: "s3cret+/&=".to_owned().into() };
        let start: jiff::Timestamp = START.parse().unwrap();
        let seams = Seams { now: Arc::new(move || now.lock().unwrap().unwrap_or(start)) };
        Client::new(transport, credentials, seams, options)
    }

    fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|request| request.path_and_query).collect()
    }

    fn set_now(&self, text: &str) {
        *self.now.lock().unwrap() = Some(text.parse().unwrap());
    }
}

fn ok(body: &str) -> Outcome {
    answer(200, body)
}

fn answer(status: u16, body: &str) -> Outcome {
    Ok(Response {
        status: StatusCode::from_u16(status).unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    })
}

fn with_headers(outcome: Outcome, headers: &[(&'static str, &'static str)]) -> Outcome {
    outcome.map(|mut response| {
        for (name, value) in headers {
            response.headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        response
    })
}

fn key() -> IdempotencyKey {
    IdempotencyKey::new("job-1.1").unwrap()
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name).map(|value| value.to_str().unwrap())
}
