//! Who asks: whoever is connected, or whom a proxy that the operator trusts names in their place.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};
use ipnet::IpNet;

/// What proxies write: the address that each of them was asked from, the last one at the end.
pub const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// A trusted address, or a network of them, as settings have it: `10.0.0.0/8`, `192.0.2.7`, `2001:db8::/32`.
///
/// # Errors
/// A sentence for the operator, where it is neither.
pub fn network(text: &str) -> Result<IpNet, &'static str> {
    let address = text.parse().map(|address: IpAddr| address.into());
    text.parse()
        .or(address)
        .map_err(|_| "this is neither an address nor a network such as 10.0.0.0/8")
}

/// Whether what this peer says about others is believed.
pub fn is_trusted(peer: IpAddr, trusted: &[IpNet]) -> bool {
    let peer = peer.to_canonical();
    trusted.iter().any(|network| network.contains(&peer))
}

/// The address of the browser. Each trusted proxy vouches for the entry before its own, so the list is read from its end:
/// what stands before the first address that is not trusted, or before something that is no address, anybody can have
/// written.
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut client = peer.to_canonical();
    for line in headers.get_all(FORWARDED_FOR).iter().rev() {
        let Ok(line) = line.to_str() else {
            return client;
        };
        for entry in line.rsplit(',') {
            if !is_trusted(client, trusted) {
                return client;
            }
            let Some(address) = address(entry.trim()) else {
                return client;
            };
            client = address;
        }
    }
    client
}

/// An address as proxies write it, some of them with the port.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(entry);
    let with_port = || entry.parse().map(|socket: SocketAddr| socket.ip());
    let address = bare.parse().or_else(|_| with_port()).ok()?;
    Some(address.to_canonical())
}
