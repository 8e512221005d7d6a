//! Shutdown in three steps: close the listener, wait for the first requests of new connections,
//! then finish the requests in progress.

use std::future;
use std::time::Duration;

use axum_server::Handle;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::listener::Peer;

/// How long connections accepted before shutdown may take to send their first byte. hyper closes a
/// connection without a request as soon as it is asked to finish, even if a request is on its way
/// (`hyper/src/proto/h1/dispatch.rs`, `disable_keep_alive`).
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(1);
/// How long requests in progress may take after that.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);

/// Completes on Ctrl-C (SIGINT) or SIGTERM, which container engines send.
pub async fn shutdown_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        // SIGINT alone is enough to stop the program.
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}

/// Drives the shutdown of one server.
pub(super) struct Shutdown {
    handle: Handle<Peer>,
    close: watch::Sender<bool>,
    idle: TaskTracker,
}

/// The listener's side of a [`Shutdown`].
#[derive(Debug)]
pub(super) struct Closing {
    pub(super) is_closed: watch::Receiver<bool>,
    /// Held by the listener and by each connection that has not sent a byte.
    pub(super) idle: TaskTrackerToken,
}

impl Shutdown {
    pub(super) fn new(handle: Handle<Peer>) -> (Self, Closing) {
        let (close, is_closed) = watch::channel(false);
        let idle = TaskTracker::new();
        let closing = Closing {
            is_closed,
            idle: idle.token(),
        };
        let shutdown = Self {
            handle,
            close,
            idle,
        };
        (shutdown, closing)
    }

    /// Waits for `stop` and then shuts the server down. Never completes: the server does.
    pub(super) async fn run_after<T>(self, stop: impl Future<Output = ()>) -> T {
        stop.await;
        // An error means that the listener is gone already.
        let _ = self.close.send(true);
        self.idle.close();
        let _ = timeout(FIRST_BYTE_TIMEOUT, self.idle.wait()).await;
        self.handle.graceful_shutdown(Some(DRAIN_TIMEOUT));
        future::pending().await
    }
}

impl Closing {
    /// Returns the state of a listener that is never closed.
    pub(super) fn never() -> Self {
        let (_, is_closed) = watch::channel(false);
        Self {
            is_closed,
            idle: TaskTracker::new().token(),
        }
    }
}
