//! The shell: the emulator on a socket, with real delays, real resets and real callouts.
//! The only part with a clock, tasks and I/O; refuses to know what Zuora is.

mod clock;
mod courier;
mod door;

use std::future::Future;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::http::{HeaderValue, Method, StatusCode, header};
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use bytes::Bytes;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub use clock::{Clock, Speed, SpeedError};
use door::{Cut, Door};

use crate::{Emulator, Outcome, Response, admin, path, reply};

/// The largest body that is read, compressed or not; Zuora's largest documented one is 4 MB.
const BODY_MOST: usize = 8 * 1024 * 1024;
/// Zuora compresses answers that are larger than this.
const COMPRESS_ABOVE: usize = 1_000;

/// An emulator that several tasks share.
#[derive(Debug, Clone)]
pub struct Handle(Arc<Mutex<Emulator>>);

impl Handle {
    /// Makes an emulator shareable.
    pub fn new(emulator: Emulator) -> Handle {
        Handle(Arc::new(Mutex::new(emulator)))
    }

    /// The emulator, for as long as the guard lives; never hold it across an await.
    pub fn lock(&self) -> MutexGuard<'_, Emulator> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::disallowed_methods, reason = "the outermost shell is where real time passes")]
async fn nap(duration: Duration) {
    tokio::time::sleep(duration).await;
}

#[derive(Clone)]
struct Shell {
    emulator: Handle,
    clock: Clock,
}

/// Serves Zuora's API and delivers callouts until `shutdown` completes.
///
/// The emulator's own operations are below `/emulator` too, but a refused connection refuses them as well:
/// whoever plays faults uses [`serve_admin`].
pub async fn serve(
    listener: TcpListener,
    emulator: Handle,
    clock: Clock,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let mut courier = JoinSet::new();
    courier.spawn(courier::deliver(emulator.clone(), clock.clone()));
    let door = Door::new(listener, emulator.clone(), clock.clone())?;
    let router = Router::new().fallback(answer).with_state(Shell { emulator, clock });
    axum::serve(door, router.into_make_service_with_connect_info::<Cut>())
        .with_graceful_shutdown(shutdown)
        .await
}

/// Serves the emulator's own operations at the root of a port that no fault touches:
/// `POST|DELETE|GET|PUT /faults`, `POST /trace?speed=X`, `GET /books`, `GET|POST /clock`.
pub async fn serve_admin(
    listener: TcpListener,
    emulator: Handle,
    clock: Clock,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = Router::new().fallback(administer).with_state(Shell { emulator, clock });
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}

async fn answer(
    State(shell): State<Shell>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: axum::extract::Request,
) -> axum::response::Response {
    let compressed = accepts_gzip(request.headers());
    let request = match whole(request).await {
        Ok(request) => request,
        Err(refused) => return refused.map(Body::from),
    };
    let path = path::normalized(request.uri().path());
    if let Some(rest) = path.strip_prefix("/emulator") {
        return own(&shell, (request.method(), rest, request.uri().query()), request.body()).map(Body::from);
    }
    let reply = shell.emulator.lock().handle(request, shell.clock.now());
    nap(shell.clock.real_time(reply.after)).await;
    let response = match reply.outcome {
        Outcome::Answer(response) if compressed => gzipped(response),
        Outcome::Answer(response) => response,
        Outcome::Refuse | Outcome::Reset => {
            // The answer below is never written: the line breaks first.
            cut.cut();
            Response::default()
        }
    };
    response.map(Body::from)
}

async fn administer(State(shell): State<Shell>, request: axum::extract::Request) -> axum::response::Response {
    let answer = match whole(request).await {
        Ok(request) => {
            let uri = request.uri();
            own(&shell, (request.method(), uri.path(), uri.query()), request.body())
        }
        Err(refused) => refused,
    };
    answer.map(Body::from)
}

/// The emulator's own operations; those that concern the clock belong to the shell.
fn own(shell: &Shell, (method, path, query): (&Method, &str, Option<&str>), body: &Bytes) -> Response {
    let clock = &shell.clock;
    if (method.as_str(), path) == ("POST", "/clock") {
        return advance(clock, body);
    }
    if (method.as_str(), path) == ("POST", "/trace") {
        let pairs = path::pairs(query.unwrap_or_default());
        if let Some((_, speed)) = pairs.iter().find(|(name, _)| name == "speed") {
            match speed.parse::<Speed>() {
                Ok(speed) => clock.set_speed(speed),
                Err(error) => return bad(&error.to_string()),
            }
        }
    }
    admin::answer(&mut shell.emulator.lock(), (method, path), body, clock.now())
}

/// `POST /clock {"advance_s": 3600}`
fn advance(clock: &Clock, body: &[u8]) -> Response {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match body["advance_s"].as_i64().filter(|seconds| *seconds >= 0) {
        Some(seconds) => {
            clock.advance(SignedDuration::from_secs(seconds));
            reply::json(StatusCode::OK, &json!({ "now": clock.now().to_string() }))
        }
        None => bad("advance_s, a whole number of seconds, is expected"),
    }
}

fn bad(why: &str) -> Response {
    reply::json(StatusCode::BAD_REQUEST, &json!({ "message": why }))
}

/// The request with its whole body, uncompressed.
async fn whole(request: axum::extract::Request) -> Result<crate::Request, Response> {
    let (parts, body) = request.into_parts();
    let too_large =
        |_| reply::json(StatusCode::PAYLOAD_TOO_LARGE, &json!({"message": "the body is too large"}));
    let body = axum::body::to_bytes(body, BODY_MOST).await.map_err(too_large)?;
    let gzip = parts.headers.get(header::CONTENT_ENCODING).is_some_and(|value| value == "gzip");
    let body = if gzip { gunzipped(&body).map_err(|_| bad("the body is not gzip"))? } else { body };
    Ok(crate::Request::from_parts(parts, body))
}

fn gunzipped(body: &[u8]) -> io::Result<Bytes> {
    let mut plain = Vec::new();
    // One byte more than allowed tells too large from just right.
    let mut reader = flate2::read::GzDecoder::new(body).take(BODY_MOST as u64 + 1);
    reader.read_to_end(&mut plain)?;
    if plain.len() > BODY_MOST { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(plain.into()) }
}

fn accepts_gzip(headers: &::http::HeaderMap) -> bool {
    headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|one| one.trim().split(';').next() == Some("gzip")))
}

fn gzipped(mut response: Response) -> Response {
    if response.body().len() <= COMPRESS_ABOVE {
        return response;
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    // Writing into memory does not fail; if it did, the plain answer is as good.
    let Ok(packed) = encoder.write_all(response.body()).and_then(|()| encoder.finish()) else {
        return response;
    };
    *response.body_mut() = packed.into();
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response
}
