//! The HTTP transport against real sockets: what certainly did not leave, and what nobody knows.

use std::time::Duration;

use ::http::{HeaderMap, Method};
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::{HttpTransport, Request, Response, Timeouts, Transport, TransportError};

/// Longer than any of these exchanges takes on a busy machine.
const PATIENT: Timeouts = Timeouts { connect: Duration::from_secs(20), total: Duration::from_secs(20) };

fn request() -> Request {
    Request {
        method: Method::POST,
        path_and_query: "/v1/orders?x=%5B%5D".into(),
        headers: HeaderMap::new(),
        body: Bytes::from_static(b"{}"),
    }
}

/// Accepts one connection, reads one request, writes the answer given, and closes.
async fn exchange(answer: &[u8], base_path: &str) -> (Result<Response, TransportError>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}{base_path}", listener.local_addr().unwrap());
    let transport = Transport::Http(HttpTransport::new(&base, PATIENT).unwrap());
    let serve = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        while !heard.ends_with(b"{}") {
            assert_ne!(socket.read_buf(&mut heard).await.unwrap(), 0);
        }
        socket.write_all(answer).await.unwrap();
        String::from_utf8(heard).unwrap()
    };
    tokio::join!(transport.carry(request()), serve)
}

#[tokio::test]
async fn an_answer_arrives_whole_and_the_path_is_kept_as_it_was() {
    let (outcome, heard) =
        exchange(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\nx-a: b\r\n\r\nhi", "/rest").await;
    let response = outcome.unwrap();
    assert_eq!((response.status.as_u16(), &response.body[..]), (201, &b"hi"[..]));
    assert_eq!(response.headers["x-a"], "b");
    assert!(heard.starts_with("POST /rest/v1/orders?x=%5B%5D HTTP/1.1\r\n"), "{heard}");
    assert!(heard.to_lowercase().contains("accept-encoding: gzip"), "{heard}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let moved = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(exchange(moved, "").await.0.unwrap().status.as_u16(), 302);
}

#[tokio::test]
async fn a_refused_connection_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let transport = Transport::Http(HttpTransport::new(&base, PATIENT).unwrap());
    let error = transport.carry(request()).await.unwrap_err();
    assert!(matches!(error, TransportError::NotSent(_)), "{error}");
}

#[tokio::test]
async fn a_reset_a_cut_and_a_silence_leave_the_outcome_unknown() {
    for answer in
        [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"success\":tr", b"garbage\r\n\r\n"]
    {
        let error = exchange(answer, "").await.0.unwrap_err();
        assert!(matches!(error, TransportError::Unknown(_)), "{error}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let hasty = Timeouts { total: Duration::from_millis(300), ..PATIENT };
    let transport = Transport::Http(HttpTransport::new(&base, hasty).unwrap());
    let error = transport.carry(request()).await.unwrap_err();
    assert!(matches!(&error, TransportError::Unknown(text) if text.contains("timed out")), "{error}");
}

#[test]
fn a_base_url_that_cannot_be_used_is_refused_and_nothing_panics() {
    for base in ["", "not a url", "ftp://x", "https://rest.zuora.com"] {
        assert!(HttpTransport::new(base, PATIENT).is_err(), "{base}");
    }
}
