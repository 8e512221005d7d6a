//! TCP and TLS below the router: accepts connections, limits and times them, and drains them at
//! shutdown.

mod acceptor;
pub mod connections;
pub mod listener;
pub mod shutdown;
pub mod tls;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum_server::tls_rustls::RustlsAcceptor;
use axum_server::{Handle, Server};
use tokio::net::TcpListener;

use self::acceptor::{FirstByteAcceptor, WriteTimeout};
use self::connections::ConnectionLimiter;
use self::listener::{ClosableListener, Peer, log_accept_error};
use self::shutdown::Shutdown;
use self::tls::CertificateFiles;

/// Maximum size of a request head in bytes. hyper buffers at most twice as much for a head that
/// never ends.
pub const MAX_HEAD: usize = 16 * 1024;
/// Time limit for receiving a request head, and for an idle keep-alive connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(20);

/// Serves the router on a listener until `stop` completes, then finishes the requests in progress.
/// Uses TLS if there is a certificate. The limiter decides how many connections are open at once.
///
/// # Errors
/// Returns an error if the listener fails or the certificate cannot be read.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    certificate: Option<&CertificateFiles>,
    limiter: ConnectionLimiter,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let handle = Handle::new();
    let (shutdown, closing) = Shutdown::new(handle.clone());
    let listener = ClosableListener::new(listener, limiter, closing);
    let mut server = Server::<Peer>::from_listener(listener)
        .acceptor(FirstByteAcceptor(WriteTimeout))
        .handle(handle)
        .http1_only()
        .accept_error_handler(|_, error| log_accept_error(error));
    let mut http = server.http_builder().http1();
    http.header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let stopped = shutdown.run_after(stop);
    match certificate {
        Some(files) => {
            let config = tls::load(files)?;
            let tls = RustlsAcceptor::new(config.clone()).acceptor(WriteTimeout);
            let server = server.acceptor(FirstByteAcceptor(tls));
            tokio::select! {
                served = server.serve(service) => served,
                never = tls::watch(files, &config) => never,
                never = stopped => never,
            }
        }
        None => tokio::select! {
            served = server.serve(service) => served,
            never = stopped => never,
        },
    }
}
