//! How many connections are open at once, for one address and in all. Where there are too many, the connection that has been
//! silent longest is closed for the new one: a new browser is never kept out.

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

/// How many connections are open at once, wherever they come from. One that is read takes 24 KB at most.
pub const MAX_CONNECTIONS: usize = 4096;
/// How often the log tells of connections that were closed.
const SAY_AGAIN: Duration = Duration::from_secs(1);

/// All connections of a port.
#[derive(Debug, Clone)]
pub struct Crowd(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// How many one address may have. 0 is no limit.
    limit: usize,
    /// Proxies, which bring many browsers from one address.
    trusted: Vec<IpNet>,
    /// Counts what was heard: of two connections the one with the smaller number has been silent longer.
    clock: AtomicU64,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    next: u64,
    open: HashMap<u64, Open>,
    of: HashMap<IpAddr, usize>,
    told: Option<Instant>,
}

#[derive(Debug)]
struct Open {
    /// `None` for a proxy, which no limit but the common one holds for.
    from: Option<IpAddr>,
    heard: Arc<AtomicU64>,
    gone: CancellationToken,
}

impl Crowd {
    /// Makes room for `limit` connections of one address, or for any number where that is 0. The limit does not hold for
    /// `trusted` addresses.
    pub fn new(limit: usize, trusted: Vec<IpNet>) -> Self {
        Self(Arc::new(Inner {
            limit,
            trusted,
            clock: AtomicU64::new(0),
            table: Mutex::default(),
        }))
    }

    /// Counts a connection, and closes another where it is one too many.
    pub(crate) fn enter(&self, peer: IpAddr) -> Place {
        let inner = &self.0;
        let is_limited = inner.limit > 0 && !is_trusted(peer, &inner.trusted);
        let from = is_limited.then(|| neighbourhood(peer));
        let mut table = inner.table();
        let count = from.and_then(|from| table.of.get(&from).copied());
        if count.is_some_and(|count| count >= inner.limit) {
            table.close_silent(|open| open.from == from);
            table.tell(from);
        } else if table.open.len() >= MAX_CONNECTIONS {
            table.close_silent(|_| true);
            table.tell(None);
        }
        let id = table.next;
        table.next += 1;
        let place = Place {
            crowd: Arc::clone(inner),
            id,
            heard: Arc::new(AtomicU64::new(inner.tick())),
            gone: CancellationToken::new(),
        };
        table.open.insert(
            id,
            Open {
                from,
                heard: Arc::clone(&place.heard),
                gone: place.gone.clone(),
            },
        );
        if let Some(from) = from {
            *table.of.entry(from).or_default() += 1;
        }
        place
    }
}

impl Inner {
    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // A panic elsewhere leaves the table whole.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn close_silent(&mut self, is_candidate: impl Fn(&Open) -> bool) {
        let open = self.open.iter().filter(|(_, open)| is_candidate(open));
        let silent = open.min_by_key(|(_, open)| open.heard.load(Ordering::Relaxed));
        if let Some(id) = silent.map(|(id, _)| *id)
            && let Some(open) = self.remove(id)
        {
            open.gone.cancel();
        }
    }

    fn remove(&mut self, id: u64) -> Option<Open> {
        let open = self.open.remove(&id)?;
        if let Some(from) = open.from
            && let Some(count) = self.of.get_mut(&from)
        {
            *count -= 1;
            if *count == 0 {
                self.of.remove(&from);
            }
        }
        Some(open)
    }

    /// Says so, but not for each of thousands.
    fn tell(&mut self, from: Option<IpAddr>) {
        if self.told.is_none_or(|told| told.elapsed() >= SAY_AGAIN) {
            self.told = Some(Instant::now());
            match from {
                Some(client) => tracing::warn!(
                    event = "limited",
                    limit = "LIMIT_CONNECTIONS",
                    %client,
                    "an address has too many connections: the most silent ones are closed"
                ),
                None => tracing::warn!(
                    event = "limited",
                    limit = MAX_CONNECTIONS,
                    "there are too many connections: the most silent ones are closed"
                ),
            }
        }
    }
}

/// The place of one connection among all. It is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    crowd: Arc<Inner>,
    id: u64,
    heard: Arc<AtomicU64>,
    gone: CancellationToken,
}

impl Place {
    /// Notes that the browser has sent something.
    fn hear(&self) {
        self.heard.store(self.crowd.tick(), Ordering::Relaxed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.crowd.table().remove(self.id);
    }
}

/// A connection that ends when its place is given to another.
pub(crate) struct Held {
    stream: TcpStream,
    gone: Pin<Box<WaitForCancellationFutureOwned>>,
    place: Place,
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Held").field(&self.stream).finish()
    }
}

impl Held {
    pub(crate) fn new(stream: TcpStream, place: Place) -> Self {
        Self {
            stream,
            gone: Box::pin(place.gone.clone().cancelled_owned()),
            place,
        }
    }

    /// Whether the place was given away. The task is woken when it is.
    fn is_gone(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.gone.as_mut().poll(cx).is_ready() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }
}

impl AsyncRead for Held {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.is_gone(cx)?;
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.place.hear();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Held {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.is_gone(cx)?;
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
        self.is_gone(cx)?;
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

    fn are_open(places: &[Place]) -> Vec<bool> {
        let is_open = |place: &Place| !place.gone.is_cancelled();
        places.iter().map(is_open).collect()
    }

    #[test]
    fn the_longest_silent_connection_of_an_address_gives_place_to_a_new_one() {
        let crowd = Crowd::new(2, Vec::new());
        let other = crowd.enter(ip("192.0.2.9"));
        let mut places: Vec<Place> = (0..2).map(|_| crowd.enter(ip("192.0.2.7"))).collect();
        places[0].hear();
        places.push(crowd.enter(ip("192.0.2.7")));
        assert_eq!(are_open(&places), [true, false, true]);
        assert!(!other.gone.is_cancelled());
        places.push(crowd.enter(ip("::ffff:192.0.2.7")));
        assert_eq!(are_open(&places), [false, false, true, true]);
    }

    #[test]
    fn a_connection_that_ends_makes_room() {
        let crowd = Crowd::new(1, Vec::new());
        drop(crowd.enter(ip("192.0.2.7")));
        let first = crowd.enter(ip("192.0.2.7"));
        assert!(!first.gone.is_cancelled());
        let second = crowd.enter(ip("192.0.2.7"));
        assert!(first.gone.is_cancelled());
        // The first gave its place away, so nothing is free when it ends.
        drop(first);
        crowd.enter(ip("192.0.2.7"));
        assert!(second.gone.is_cancelled());
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_address_and_a_proxy_as_none() {
        let crowd = Crowd::new(1, vec![ip("10.0.0.1").into()]);
        let first = crowd.enter(ip("2001:db8::1"));
        let _second = crowd.enter(ip("2001:db8::ffff:1"));
        assert!(first.gone.is_cancelled());
        let proxy = [(); 3].map(|()| crowd.enter(ip("10.0.0.1")));
        assert_eq!(are_open(&proxy), [true; 3]);
        let unlimited = Crowd::new(0, Vec::new());
        let places = [(); 3].map(|()| unlimited.enter(ip("192.0.2.7")));
        assert_eq!(are_open(&places), [true; 3]);
    }

    #[test]
    fn there_are_never_more_than_a_machine_can_hold() {
        let crowd = Crowd::new(0, Vec::new());
        let places: Vec<Place> = (0..=MAX_CONNECTIONS)
            .map(|_| crowd.enter(ip("192.0.2.7")))
            .collect();
        assert!(places[0].gone.is_cancelled());
        assert_eq!(are_open(&places[1..]), [true; MAX_CONNECTIONS]);
    }
}
