//! The socket: a listener that closes while connections are refused, and lines that can be cut.
//! Refuses to tell a caller whether a call was done before its line was cut.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::{Clock, Handle, nap};

/// How soon, in real time, a switched refusal closes or opens the door.
const LOOKS_EVERY: Duration = Duration::from_millis(20);

/// Listens unless the emulator refuses connections; then the port is closed for real.
pub(super) struct Door {
    listener: Option<TcpListener>,
    address: SocketAddr,
    emulator: Handle,
    clock: Clock,
}

impl Door {
    pub(super) fn new(listener: TcpListener, emulator: Handle, clock: Clock) -> io::Result<Door> {
        let address = listener.local_addr()?;
        Ok(Door { listener: Some(listener), address, emulator, clock })
    }

    fn is_closed(&self) -> bool {
        self.emulator.lock().refuses_connections(self.clock.now())
    }

    /// The open listener; binds the old address again after a refusal.
    async fn open(&mut self) -> Option<&TcpListener> {
        if self.listener.is_none() {
            match TcpListener::bind(self.address).await {
                Ok(listener) => self.listener = Some(listener),
                Err(error) => tracing::warn!(%error, address = %self.address, "cannot listen again yet"),
            }
        }
        self.listener.as_ref()
    }
}

impl Listener for Door {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        loop {
            if self.is_closed() {
                self.listener = None;
                nap(LOOKS_EVERY).await;
                continue;
            }
            let Some(listener) = self.open().await else {
                nap(LOOKS_EVERY).await;
                continue;
            };
            tokio::select! {
                biased;
                accepted = listener.accept() => match accepted {
                    Ok((stream, from)) if !self.is_closed() => return (Line::new(stream), from),
                    Ok((stream, _)) => Line::new(stream).reset(),
                    Err(_) => nap(LOOKS_EVERY).await,
                },
                () = nap(LOOKS_EVERY) => {}
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// One connection.
pub(super) struct Line {
    stream: TcpStream,
    cut: Cut,
}

/// Cuts the line it belongs to.
#[derive(Debug, Clone, Default)]
pub(super) struct Cut(Arc<AtomicBool>);

impl Cut {
    pub(super) fn cut(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_cut(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Connected<IncomingStream<'_, Door>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Cut {
        stream.io().cut.clone()
    }
}

impl Line {
    fn new(stream: TcpStream) -> Line {
        // Small answers must not wait for each other.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
        Line { stream, cut: Cut::default() }
    }

    /// Makes the coming close a reset instead of a polite end.
    fn reset(&self) {
        if let Err(error) = self.stream.set_zero_linger() {
            tracing::debug!(%error, "the line ends without a reset");
        }
    }

    fn broken(&self) -> Option<io::Error> {
        self.cut.is_cut().then(|| {
            self.reset();
            io::Error::from(io::ErrorKind::ConnectionReset)
        })
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.broken() {
            Some(error) => Poll::Ready(Err(error)),
            None => Pin::new(&mut self.stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.broken() {
            Some(error) => Poll::Ready(Err(error)),
            None => Pin::new(&mut self.stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.broken() {
            Some(error) => Poll::Ready(Err(error)),
            None => Pin::new(&mut self.stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.broken() {
            Some(error) => Poll::Ready(Err(error)),
            None => Pin::new(&mut self.stream).poll_shutdown(cx),
        }
    }
}
