//! The listening socket: bound by Genkan or passed by systemd, and closed before its connections
//! are.

use std::future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::connect_info::Connected;
use axum_server::{AddrListener, Address};
use listenfd::ListenFd;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::acceptor::IdleConnection;
use super::connections::{ConnectionLimiter, LimitedStream};
use super::shutdown::Closing;

/// Send buffer of each connection in bytes. Linux doubles the value.
const SEND_BUFFER: u32 = 64 * 1024;
/// Length of the queue of connections that wait to be accepted, as in [`TcpListener::bind`].
const BACKLOG: u32 = 1024;
/// Minimum time between two log lines about failing accepts.
const LOG_INTERVAL: Duration = Duration::from_secs(1);

/// Returns the socket that systemd passed to this process, if any. It stays open during a restart,
/// so no connection is lost. Source: [systemd's
/// protocol](https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html).
///
/// # Errors
/// Returns an error if the passed file descriptor is not a TCP listener.
pub fn from_systemd() -> io::Result<Option<TcpListener>> {
    let Some(listener) = ListenFd::from_env().take_tcp_listener(0)? else {
        return Ok(None);
    };
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener).map(Some)
}

/// Binds a listener. `settings` names the settings that the address comes from.
///
/// # Errors
/// Returns a message for the operator, with the address and its settings, if the address cannot be
/// bound.
pub async fn listen(address: SocketAddr, settings: &str) -> Result<TcpListener, String> {
    bind(address).map_err(|error| format!("{settings}: cannot listen on {address}: {error}"))
}

/// Binds like [`TcpListener::bind`], but with a small send buffer for each connection.
fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// A listener that can be closed while its connections stay open.
#[derive(Debug)]
pub(super) struct ClosableListener {
    open: Mutex<Option<OpenListener>>,
    limiter: ConnectionLimiter,
    is_closed: watch::Receiver<bool>,
}

/// The socket, with the token that delays shutdown: a connection may be in the queue.
type OpenListener = (Arc<TcpListener>, TaskTrackerToken);

impl ClosableListener {
    pub(super) fn new(listener: TcpListener, limiter: ConnectionLimiter, closing: Closing) -> Self {
        Self {
            open: Mutex::new(Some((Arc::new(listener), closing.idle))),
            limiter,
            is_closed: closing.is_closed,
        }
    }

    fn open(&self) -> MutexGuard<'_, Option<OpenListener>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address that a connection comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(SocketAddr);

impl Address for Peer {
    type Stream = IdleConnection;
    type Listener = ClosableListener;
}

impl Connected<Peer> for SocketAddr {
    fn connect_info(peer: Peer) -> Self {
        peer.0
    }
}

impl AddrListener<IdleConnection, Peer> for ClosableListener {
    async fn bind_to(address: Peer) -> io::Result<Self> {
        let limiter = ConnectionLimiter::new(0, Vec::new());
        Ok(Self::new(bind(address.0)?, limiter, Closing::never()))
    }

    async fn accept_stream(&self) -> io::Result<(IdleConnection, Peer)> {
        let open = self.open().clone();
        let mut is_closed = self.is_closed.clone();
        if let Some((listener, idle)) = open {
            tokio::select! {
                // An error means that no shutdown can come any more.
                Ok(_) = is_closed.wait_for(|is_closed| *is_closed) => {}
                accepted = listener.accept() => {
                    let (stream, address) = accepted?;
                    let guard = self.limiter.admit(address.ip());
                    let stream = LimitedStream::new(stream, guard);
                    return Ok((IdleConnection { stream, idle }, Peer(address)));
                }
            }
        }
        *self.open() = None;
        future::pending().await
    }

    fn get_local_addr(&self) -> io::Result<Peer> {
        match &*self.open() {
            Some((listener, _)) => listener.local_addr().map(Peer),
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

/// Logs why a connection could not be accepted, at most once a second for errors of the server.
pub(super) fn log_accept_error(error: &io::Error) {
    static LOGGED: Mutex<Option<Instant>> = Mutex::new(None);
    // The client speaks no TLS, left during the handshake, or was evicted by the limiter.
    if matches!(
        error.kind(),
        io::ErrorKind::InvalidData
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
    ) {
        tracing::debug!(%error, "client closed the connection before its first request");
        return;
    }
    let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
    if logged.is_none_or(|logged| logged.elapsed() >= LOG_INTERVAL) {
        *logged = Some(Instant::now());
        tracing::error!(%error, "cannot accept connections");
    }
}
