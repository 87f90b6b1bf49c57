//! Clients in a closed loop over connections that stay open: each sends the next request when it has the last answer.
//! Cheap on purpose: it shares the machine with what it measures, and is the same for both sides of a ratio.
//! Refuses to go on after an answer with another status than the expected one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::{Error, Result};

/// How long the clients run before their answers count: connections, caches and plans are warm then.
const WARM_UP: Duration = Duration::from_secs(1);

/// Answers are measured from a microsecond to a minute, to three digits.
const LATENCY_MICROS_MAX: u64 = 60_000_000;

/// The longest answer that is read; ours have a few kilobytes.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// How many clients for how long.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Connections, each with one request under way.
    pub clients: usize,
    /// How long, after the warm-up.
    pub measure: Duration,
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// Answers a second.
    pub per_s: f64,
    /// Half of the requests took at most so long.
    pub p50: Duration,
    /// 99 of 100 requests took at most so long.
    pub p99: Duration,
}

/// What is sent where, and what must come back.
pub struct Target {
    /// The server.
    pub address: SocketAddr,
    /// The status of every answer.
    pub status: &'static str,
    /// Writes the n-th request of a client.
    pub write: Write,
}

/// Writes the request of a client (first number) with its turn (second) into an empty buffer.
pub type Write = Box<dyn Fn(usize, u64, &mut Vec<u8>) + Send + Sync>;

/// Runs the load on threads of its own, apart from any server in this process: as many as there are cores, because a
/// load that fills one core would be the limit of both sides.
pub async fn run(load: Load, target: Target) -> Result<Measured> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(load.clients);
    let (target, begins) = (Arc::new(target), Instant::now() + WARM_UP);
    let client = |number| Client { number, target: target.clone(), begins, ends: begins + load.measure };
    let mut shares: Vec<Vec<Client>> = (0..threads).map(|_| Vec::new()).collect();
    (0..load.clients).for_each(|number| shares[number % threads].push(client(number)));
    let (done, mut measured) = tokio::sync::mpsc::unbounded_channel();
    for share in shares {
        let done = done.clone();
        // Nobody waits any more if the receiver is gone.
        std::thread::spawn(move || drop(done.send(on_this_thread(share))));
    }
    drop(done);
    let mut all = histogram()?;
    while let Some(share) = measured.recv().await {
        all.add(share?).map_err(|error| Error::Setup(format!("latencies cannot be added: {error}")))?;
    }
    Ok(Measured {
        per_s: all.len() as f64 / load.measure.as_secs_f64(),
        p50: Duration::from_micros(all.value_at_quantile(0.5)),
        p99: Duration::from_micros(all.value_at_quantile(0.99)),
    })
}

fn on_this_thread(clients: Vec<Client>) -> Result<Histogram<u64>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(Error::io("start the load"))?;
    runtime.block_on(async {
        let mut running: JoinSet<_> = clients.into_iter().map(Client::run).collect();
        let mut all = histogram()?;
        while let Some(client) = running.join_next().await {
            let one =
                client.map_err(|error| Error::Setup(format!("a client of the load ended: {error}")))??;
            all.add(one).map_err(|error| Error::Setup(format!("latencies cannot be added: {error}")))?;
        }
        Ok(all)
    })
}

fn histogram() -> Result<Histogram<u64>> {
    Histogram::new_with_max(LATENCY_MICROS_MAX, 3)
        .map_err(|error| Error::Setup(format!("no histogram: {error}")))
}

struct Client {
    number: usize,
    target: Arc<Target>,
    begins: Instant,
    ends: Instant,
}

impl Client {
    async fn run(self) -> Result<Histogram<u64>> {
        let failed = || Error::io(format!("talk to {}", self.target.address));
        let mut stream = TcpStream::connect(self.target.address).await.map_err(failed())?;
        stream.set_nodelay(true).map_err(failed())?;
        let mut latencies = histogram()?;
        let (mut request, mut answer) = (Vec::new(), Vec::new());
        for n in 0.. {
            request.clear();
            (self.target.write)(self.number, n, &mut request);
            let sent = Instant::now();
            stream.write_all(&request).await.map_err(failed())?;
            read(&mut stream, &mut answer).await.map_err(failed())?;
            let now = Instant::now();
            self.check(&answer)?;
            if now >= self.ends {
                break;
            }
            if now >= self.begins {
                let micros = u64::try_from((now - sent).as_micros()).unwrap_or(LATENCY_MICROS_MAX);
                latencies.saturating_record(micros);
            }
        }
        Ok(latencies)
    }

    fn check(&self, answer: &[u8]) -> Result<()> {
        // `HTTP/1.1 ` and then the status.
        let status = answer.get(9..12).unwrap_or_default();
        if status == self.target.status.as_bytes() {
            return Ok(());
        }
        Err(Error::Refused {
            what: "a request of the load".to_owned(),
            status: String::from_utf8_lossy(status).parse().unwrap_or_default(),
            body: String::from_utf8_lossy(answer).into_owned(),
        })
    }
}

/// Reads one whole answer; ours always say how long they are.
async fn read(stream: &mut TcpStream, answer: &mut Vec<u8>) -> std::io::Result<()> {
    answer.clear();
    loop {
        if stream.read_buf(answer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match whole_length(answer) {
            Some(length) if answer.len() >= length => return Ok(()),
            _ if answer.len() > ANSWER_BYTES_MAX => return Err(std::io::ErrorKind::FileTooLarge.into()),
            _ => {}
        }
    }
}

/// The length of head and body together, once the head is there.
fn whole_length(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let lines = answer[..head].split(|byte| *byte == b'\n');
    let mut length = lines.rev().filter_map(|line| {
        let (name, value) = line.split_at_checked(15)?;
        name.eq_ignore_ascii_case(b"content-length:")
            .then(|| std::str::from_utf8(value).ok()?.trim().parse().ok())?
    });
    let body: usize = length.next().unwrap_or(0);
    Some(head + body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_body_is_there() {
        let head = b"HTTP/1.1 201 Created\r\ncontent-type: a/b\r\nContent-Length: 5\r\n\r\n";
        assert_eq!(whole_length(&head[..20]), None);
        assert_eq!(whole_length(head), Some(head.len() + 5));
        assert_eq!(whole_length(b"HTTP/1.1 204 No Content\r\n\r\n"), Some(27));
    }

    #[tokio::test]
    async fn answers_are_counted_and_a_wrong_one_ends_the_run() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = axum::Router::new().route("/a", axum::routing::get(|| async { "hello" }));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let load = Load { clients: 2, measure: Duration::from_millis(50) };
        let target = |path: &'static str| Target {
            address,
            status: "200",
            write: Box::new(move |_, _, request| {
                request.extend_from_slice(format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n").as_bytes());
            }),
        };
        let measured = run(load, target("/a")).await.unwrap();
        assert!(measured.per_s > 0.0 && measured.p99 >= measured.p50);
        assert!(matches!(run(load, target("/b")).await, Err(Error::Refused { status: 404, .. })));
    }
}
