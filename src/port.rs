//! The port: how connections are taken, how long each may be idle, and how they end when the program does.

use std::future::{self, Ready};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::connect_info::Connected;
use axum_server::accept::Accept;
use axum_server::tls_rustls::RustlsAcceptor;
use axum_server::{AddrListener, Address, Handle, Server};
use listenfd::ListenFd;
use tokio::io::AsyncRead;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_io_timeout::TimeoutStream;
use tokio_util::io::InspectReader;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::crowd::{Crowd, Held};
use crate::tls;

/// How long a head may be, in bytes. hyper holds twice as much at most for a connection that never ends its own.
pub const MAX_HEAD: usize = 16 * 1024;
/// How much of an answer the system keeps for a browser that reads later. Linux doubles it.
const SEND_BUFFER: u32 = 64 * 1024;
/// How many connections may wait to be taken, as [`TcpListener::bind`] has it.
const BACKLOG: u32 = 1024;
/// How long the head of a request may take, and how long a connection may be kept without one.
const HEAD_TIME: Duration = Duration::from_secs(20);
/// How long a browser may take nothing of an answer.
const TAKE_TIME: Duration = Duration::from_secs(30);
/// How often it is said that no connection can be taken.
const SAY_AGAIN: Duration = Duration::from_secs(1);
/// How long those that came in before the port was closed may take to begin their request. hyper ends a connection without
/// one as soon as it is asked to finish, whatever is on its way (`hyper/src/proto/h1/dispatch.rs`,
/// `disable_keep_alive`).
const FIRST_REQUEST: Duration = Duration::from_secs(1);
/// How long requests that are under way may take once the process is told to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(30);

/// The port that whoever starts Genkan has taken, so that a new start loses no connection: [systemd's
/// protocol](https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html).
///
/// # Errors
/// Where something else than a port was handed over.
pub fn handed_over() -> io::Result<Option<TcpListener>> {
    let Some(listener) = ListenFd::from_env().take_tcp_listener(0)? else {
        return Ok(None);
    };
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener).map(Some)
}

/// Takes a port.
///
/// # Errors
/// A sentence with the address and the settings that name it, where another program has it.
pub async fn listen(address: SocketAddr, settings: &str) -> Result<TcpListener, String> {
    bind(address).map_err(|error| format!("{settings}: cannot listen on {address}: {error}"))
}

/// Takes a port as [`TcpListener::bind`] does, with a bound to what the system keeps for each connection.
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

/// Serves on a listener, with TLS if there is a certificate, until `stop` is there. As many connections are open as there is
/// room for in the crowd.
///
/// # Errors
/// Where the listener fails, or the certificate cannot be read.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    certificate: Option<&tls::Files>,
    crowd: Crowd,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let handle = Handle::new();
    let (close, closed) = watch::channel(false);
    let silent = TaskTracker::new();
    let door = Door::new(listener, crowd, closed, &silent);
    let mut server = Server::<Peer>::from_listener(door)
        .acceptor(Listening(Impatient))
        .handle(handle.clone())
        .http1_only()
        .accept_error_handler(|_, error| no_connection(error));
    // Who sends a head letter by letter, or none, holds a connection no longer than this.
    let mut http = server.http_builder().http1();
    http.header_read_timeout(HEAD_TIME).max_buf_size(MAX_HEAD);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let stopped = async {
        stop.await;
        // Nobody may be listening any more: that is as good.
        let _ = close.send(true);
        silent.close();
        // Who says nothing in time has nothing to say.
        let _ = timeout(FIRST_REQUEST, silent.wait()).await;
        handle.graceful_shutdown(Some(LAST_REQUESTS));
        std::future::pending().await
    };
    match certificate {
        Some(files) => {
            let shown = tls::open(files)?;
            let tls = RustlsAcceptor::new(shown.clone()).acceptor(Impatient);
            let server = server.acceptor(Listening(tls));
            tokio::select! {
                served = server.serve(service) => served,
                never = tls::keep(files, &shown) => never,
                never = stopped => never,
            }
        }
        None => tokio::select! {
            served = server.serve(service) => served,
            never = stopped => never,
        },
    }
}

/// A port that is closed before its connections are.
#[derive(Debug)]
struct Door {
    /// The port, which counts for a connection that has not begun its request: one may be on its way in.
    open: Mutex<Option<(Arc<TcpListener>, TaskTrackerToken)>>,
    crowd: Crowd,
    closed: watch::Receiver<bool>,
}

impl Door {
    fn new(
        listener: TcpListener,
        crowd: Crowd,
        closed: watch::Receiver<bool>,
        silent: &TaskTracker,
    ) -> Self {
        Self {
            crowd,
            open: Mutex::new(Some((Arc::new(listener), silent.token()))),
            closed,
        }
    }

    fn open(&self) -> MutexGuard<'_, Option<(Arc<TcpListener>, TaskTrackerToken)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that has not begun its request.
#[derive(Debug)]
struct Silent {
    stream: Held,
    silent: TaskTrackerToken,
}

/// Where a connection comes from.
#[derive(Debug, Clone, Copy)]
struct Peer(SocketAddr);

impl Address for Peer {
    type Stream = Silent;
    type Listener = Door;
}

impl Connected<Peer> for SocketAddr {
    fn connect_info(peer: Peer) -> Self {
        peer.0
    }
}

impl AddrListener<Silent, Peer> for Door {
    async fn bind_to(address: Peer) -> io::Result<Self> {
        let (_, never) = watch::channel(false);
        let (listener, crowd) = (bind(address.0)?, Crowd::new(0, Vec::new()));
        Ok(Self::new(listener, crowd, never, &TaskTracker::new()))
    }

    async fn accept_stream(&self) -> io::Result<(Silent, Peer)> {
        let open = self.open().clone();
        let mut closed = self.closed.clone();
        if let Some((listener, silent)) = open {
            tokio::select! {
                // An error means that nobody is there to close it.
                Ok(_) = closed.wait_for(|is_closed| *is_closed) => {}
                accepted = listener.accept() => {
                    let (stream, address) = accepted?;
                    let stream = Held::new(stream, self.crowd.enter(address.ip()));
                    return Ok((Silent { stream, silent }, Peer(address)));
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

/// Hears when a connection begins its request, after what another does with it first.
#[derive(Clone)]
struct Listening<A>(A);

type Heard = Box<dyn FnMut(&[u8]) + Send>;

impl<A, S> Accept<Silent, S> for Listening<A>
where
    A: Accept<Held, S>,
    A::Stream: AsyncRead,
    A::Future: Send + 'static,
{
    type Stream = InspectReader<A::Stream, Heard>;
    type Service = A::Service;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, A::Service)>> + Send>>;

    fn accept(&self, arrived: Silent, service: S) -> Self::Future {
        let accepted = self.0.accept(arrived.stream, service);
        let mut silent = Some(arrived.silent);
        Box::pin(async move {
            let (stream, service) = accepted.await?;
            let heard: Heard = Box::new(move |_| drop(silent.take()));
            Ok((InspectReader::new(stream, heard), service))
        })
    }
}

/// Lets go of whoever does not take what was asked for.
#[derive(Debug, Clone, Copy)]
struct Impatient;

impl<S> Accept<Held, S> for Impatient {
    type Stream = Pin<Box<TimeoutStream<Held>>>;
    type Service = S;
    type Future = Ready<io::Result<(Self::Stream, S)>>;

    fn accept(&self, stream: Held, service: S) -> Self::Future {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(TAKE_TIME));
        future::ready(Ok((Box::pin(stream), service)))
    }
}

/// Says so, but not for each of the thousands that come while nothing can be opened.
fn no_connection(error: &io::Error) {
    static TOLD: Mutex<Option<Instant>> = Mutex::new(None);
    // A client that does not speak TLS where it is spoken, that goes before it is agreed on, or that gave its place away.
    if matches!(
        error.kind(),
        io::ErrorKind::InvalidData
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
    ) {
        tracing::debug!(%error, "no connection was made");
        return;
    }
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    if told.is_none_or(|told| told.elapsed() >= SAY_AGAIN) {
        *told = Some(Instant::now());
        tracing::error!(%error, "no connection can be taken");
    }
}

/// Ctrl-C, or what a container's engine sends.
pub async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        // Without the one, the other is enough.
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}
