//! What happens to a connection between the listener and HTTP.

use std::future::{self, Ready};
use std::io;
use std::pin::Pin;
use std::time::Duration;

use axum_server::accept::Accept;
use tokio::io::AsyncRead;
use tokio_io_timeout::TimeoutStream;
use tokio_util::io::InspectReader;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::connections::LimitedStream;

/// How long a client may read nothing of a response.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// A connection that has not sent a byte. Shutdown waits for its token.
#[derive(Debug)]
pub(super) struct IdleConnection {
    pub(super) stream: LimitedStream,
    pub(super) idle: TaskTrackerToken,
}

/// Releases the token of an [`IdleConnection`] at its first byte, after the inner acceptor.
#[derive(Clone)]
pub(super) struct FirstByteAcceptor<A>(pub(super) A);

type OnBytes = Box<dyn FnMut(&[u8]) + Send>;

impl<A, S> Accept<IdleConnection, S> for FirstByteAcceptor<A>
where
    A: Accept<LimitedStream, S>,
    A::Stream: AsyncRead,
    A::Future: Send + 'static,
{
    type Stream = InspectReader<A::Stream, OnBytes>;
    type Service = A::Service;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, A::Service)>> + Send>>;

    fn accept(&self, connection: IdleConnection, service: S) -> Self::Future {
        let accepted = self.0.accept(connection.stream, service);
        let mut idle = Some(connection.idle);
        Box::pin(async move {
            let (stream, service) = accepted.await?;
            let on_bytes: OnBytes = Box::new(move |_| drop(idle.take()));
            Ok((InspectReader::new(stream, on_bytes), service))
        })
    }
}

/// Drops clients that stop reading.
#[derive(Debug, Clone, Copy)]
pub(super) struct WriteTimeout;

impl<S> Accept<LimitedStream, S> for WriteTimeout {
    type Stream = Pin<Box<TimeoutStream<LimitedStream>>>;
    type Service = S;
    type Future = Ready<io::Result<(Self::Stream, S)>>;

    fn accept(&self, stream: LimitedStream, service: S) -> Self::Future {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIMEOUT));
        future::ready(Ok((Box::pin(stream), service)))
    }
}
