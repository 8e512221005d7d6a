//! Limits the number of open connections, for each address and in total. A connection above the
//! limit replaces the one that was idle longest, so a new browser is never refused.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::forwarded::is_trusted;
use crate::limit::neighbourhood;

/// Maximum number of open connections in total. A connection whose client reads
/// nothing takes about 80 KB.
pub const MAX_CONNECTIONS: usize = 4096;
/// Minimum time between two log lines about evicted connections.
const LOG_INTERVAL: Duration = Duration::from_secs(1);

/// Counts the connections of a listener and evicts idle ones.
#[derive(Debug, Clone)]
pub struct ConnectionLimiter(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Maximum number for one address; 0 means no limit.
    limit: usize,
    /// Proxies: the limit for one address does not apply to them.
    trusted: Vec<IpNet>,
    /// Logical clock: of two connections, the one with the smaller time was idle longer.
    clock: AtomicU64,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    next_id: u64,
    open: HashMap<u64, OpenConnection>,
    by_client: HashMap<IpAddr, usize>,
    logged: Option<Instant>,
}

#[derive(Debug)]
struct OpenConnection {
    /// `None` for a trusted proxy: only the total limit applies to it.
    client: Option<IpAddr>,
    last_read: Arc<AtomicU64>,
    evicted: CancellationToken,
}

impl ConnectionLimiter {
    /// Allows `limit` connections for one address; 0 means no limit. The limit does not apply to
    /// `trusted` addresses.
    pub fn new(limit: usize, trusted: Vec<IpNet>) -> Self {
        Self(Arc::new(Inner {
            limit,
            trusted,
            clock: AtomicU64::new(0),
            table: Mutex::default(),
        }))
    }

    /// Counts a new connection, and evicts the one that was idle longest if a limit is reached.
    pub(super) fn admit(&self, peer: IpAddr) -> ConnectionGuard {
        let inner = &self.0;
        let is_limited = inner.limit > 0 && !is_trusted(peer, &inner.trusted);
        let client = is_limited.then(|| neighbourhood(peer));
        let mut table = inner.table();
        let count = client.and_then(|client| table.by_client.get(&client).copied());
        if count.is_some_and(|count| count >= inner.limit) {
            table.evict_idle(|open| open.client == client);
            table.log_eviction(client);
        } else if table.open.len() >= MAX_CONNECTIONS {
            table.evict_idle(|_| true);
            table.log_eviction(None);
        }
        let guard = ConnectionGuard {
            limiter: Arc::clone(inner),
            id: table.next_id,
            last_read: Arc::new(AtomicU64::new(inner.tick())),
            evicted: CancellationToken::new(),
        };
        table.insert(&guard, client);
        guard
    }
}

impl Inner {
    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // A panic elsewhere leaves the table consistent.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn insert(&mut self, guard: &ConnectionGuard, client: Option<IpAddr>) {
        self.next_id += 1;
        let open = OpenConnection {
            client,
            last_read: Arc::clone(&guard.last_read),
            evicted: guard.evicted.clone(),
        };
        self.open.insert(guard.id, open);
        if let Some(client) = client {
            *self.by_client.entry(client).or_default() += 1;
        }
    }

    fn evict_idle(&mut self, is_candidate: impl Fn(&OpenConnection) -> bool) {
        let open = self.open.iter().filter(|(_, open)| is_candidate(open));
        let idle = open.min_by_key(|(_, open)| open.last_read.load(Ordering::Relaxed));
        if let Some(id) = idle.map(|(id, _)| *id)
            && let Some(open) = self.remove(id)
        {
            open.evicted.cancel();
        }
    }

    fn remove(&mut self, id: u64) -> Option<OpenConnection> {
        let open = self.open.remove(&id)?;
        if let Some(client) = open.client
            && let Some(count) = self.by_client.get_mut(&client)
        {
            *count -= 1;
            if *count == 0 {
                self.by_client.remove(&client);
            }
        }
        Some(open)
    }

    /// Logs an eviction, at most once a second. `client` is set if its own limit was reached.
    fn log_eviction(&mut self, client: Option<IpAddr>) {
        if self
            .logged
            .is_none_or(|logged| logged.elapsed() >= LOG_INTERVAL)
        {
            self.logged = Some(Instant::now());
            match client {
                Some(client) => tracing::warn!(
                    event = "limited",
                    limit = "LIMIT_CONNECTIONS",
                    %client,
                    "connection limit of an address exceeded: closing its longest idle connection"
                ),
                None => tracing::warn!(
                    event = "limited",
                    limit = MAX_CONNECTIONS,
                    "total connection limit exceeded: closing the longest idle connection"
                ),
            }
        }
    }
}

/// The entry of one connection in the limiter. Dropping it frees the entry.
#[derive(Debug)]
pub(super) struct ConnectionGuard {
    limiter: Arc<Inner>,
    id: u64,
    last_read: Arc<AtomicU64>,
    evicted: CancellationToken,
}

impl ConnectionGuard {
    /// Records that the client sent something.
    fn record_read(&self) {
        self.last_read.store(self.limiter.tick(), Ordering::Relaxed);
    }
}

impl Drop for ConnectionGuard {
    fn drop(&mut self) {
        self.limiter.table().remove(self.id);
    }
}

/// A connection that fails as soon as the limiter evicts it.
pub(super) struct LimitedStream {
    stream: TcpStream,
    evicted: Pin<Box<WaitForCancellationFutureOwned>>,
    guard: ConnectionGuard,
}

impl fmt::Debug for LimitedStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LimitedStream").field(&self.stream).finish()
    }
}

impl LimitedStream {
    pub(super) fn new(stream: TcpStream, guard: ConnectionGuard) -> Self {
        Self {
            stream,
            evicted: Box::pin(guard.evicted.clone().cancelled_owned()),
            guard,
        }
    }

    /// Returns an error if the connection was evicted. Wakes the task when that happens later.
    fn check_evicted(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.evicted.as_mut().poll(cx).is_ready() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }
}

impl AsyncRead for LimitedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check_evicted(cx)?;
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.guard.record_read();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for LimitedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check_evicted(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check_evicted(cx)?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address of the test")
    }

    fn are_open(guards: &[ConnectionGuard]) -> Vec<bool> {
        let is_open = |guard: &ConnectionGuard| !guard.evicted.is_cancelled();
        guards.iter().map(is_open).collect()
    }

    #[test]
    fn a_new_connection_evicts_the_longest_idle_one_of_its_address() {
        let limiter = ConnectionLimiter::new(2, Vec::new());
        let other = limiter.admit(ip("192.0.2.9"));
        let mut guards: Vec<ConnectionGuard> =
            (0..2).map(|_| limiter.admit(ip("192.0.2.7"))).collect();
        guards[0].record_read();
        guards.push(limiter.admit(ip("192.0.2.7")));
        assert_eq!(are_open(&guards), [true, false, true]);
        assert!(!other.evicted.is_cancelled());
        guards.push(limiter.admit(ip("::ffff:192.0.2.7")));
        assert_eq!(are_open(&guards), [false, false, true, true]);
    }

    #[test]
    fn a_closed_connection_frees_its_entry() {
        let limiter = ConnectionLimiter::new(1, Vec::new());
        drop(limiter.admit(ip("192.0.2.7")));
        let first = limiter.admit(ip("192.0.2.7"));
        assert!(!first.evicted.is_cancelled());
        let second = limiter.admit(ip("192.0.2.7"));
        assert!(first.evicted.is_cancelled());
        // The first was evicted before, so its end frees nothing.
        drop(first);
        limiter.admit(ip("192.0.2.7"));
        assert!(second.evicted.is_cancelled());
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address_and_a_trusted_proxy_is_not_limited() {
        let limiter = ConnectionLimiter::new(1, vec![ip("10.0.0.1").into()]);
        let first = limiter.admit(ip("2001:db8::1"));
        let _second = limiter.admit(ip("2001:db8::ffff:1"));
        assert!(first.evicted.is_cancelled());
        let proxy = [(); 3].map(|()| limiter.admit(ip("10.0.0.1")));
        assert_eq!(are_open(&proxy), [true; 3]);
        let unlimited = ConnectionLimiter::new(0, Vec::new());
        let guards = [(); 3].map(|()| unlimited.admit(ip("192.0.2.7")));
        assert_eq!(are_open(&guards), [true; 3]);
    }

    #[test]
    fn the_total_number_of_connections_is_limited() {
        let limiter = ConnectionLimiter::new(0, Vec::new());
        let guards: Vec<ConnectionGuard> = (0..=MAX_CONNECTIONS)
            .map(|_| limiter.admit(ip("192.0.2.7")))
            .collect();
        assert!(guards[0].evicted.is_cancelled());
        assert_eq!(are_open(&guards[1..]), [true; MAX_CONNECTIONS]);
    }
}
