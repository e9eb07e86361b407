//! Which address a request comes from, behind proxies too.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;

/// The proxies whose `X-Forwarded-For` is believed. Without any, the header is never looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Reads addresses and networks: `127.0.0.1`, `10.0.0.0/8`, `fd00::/8`.
    ///
    /// # Errors
    /// One line that says which entry is wrong.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<TrustedProxies, String> {
        let read = |entry: &str| {
            let entry = entry.trim();
            IpNet::from_str(entry).or_else(|_| IpAddr::from_str(entry).map(IpNet::from)).map_err(|_| {
                format!("The trusted proxy {entry:?} is neither an address nor a network such as 10.0.0.0/8.")
            })
        };
        entries.into_iter().map(read).collect::<Result<_, _>>().map(TrustedProxies)
    }

    fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// The address of the client.
///
/// `forwarded` are the values of all `X-Forwarded-For` headers in their order. Each proxy appends the address it was
/// called from, so only the right end is written by somebody we know: reading from there, the first address that is no
/// trusted proxy is the client, whatever it wrote to the left of it. An unreadable entry ends the reading, and the
/// proxy that passed it on counts as the client.
pub fn client_address(peer: SocketAddr, forwarded: &[&str], proxies: &TrustedProxies) -> IpAddr {
    let mut nearest = peer.ip().to_canonical();
    let hops = forwarded.iter().rev().flat_map(|value| value.rsplit(','));
    for hop in hops {
        if !proxies.contains(nearest) {
            return nearest;
        }
        match parse_hop(hop.trim()) {
            Some(address) => nearest = address,
            None => return nearest,
        }
    }
    nearest
}

/// An address as proxies write it: alone, with a port, or in brackets.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let in_brackets = || hop.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::from);
    let address = hop.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|hop| hop.ip()));
    address.or_else(in_brackets).map(|address| address.to_canonical())
}

/// What one client is counted as: an IPv4 address, or the /64 of an IPv6 address. A household or a server has at least a
/// whole /64, so counting its single addresses would be no limit.
pub fn network(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets()[..8].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str], proxies: &[&str]) -> String {
        let proxies = TrustedProxies::parse(proxies.iter().copied()).unwrap();
        client_address(SocketAddr::new(peer.parse().unwrap(), 1), forwarded, &proxies).to_string()
    }

    #[test]
    fn headers_count_only_behind_trusted_proxies() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"], &[]), "203.0.113.9");
        assert_eq!(client("203.0.113.9", &["198.51.100.1"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(client("10.1.2.3", &["198.51.100.1"], &["10.0.0.0/8"]), "198.51.100.1");
        assert_eq!(client("10.1.2.3", &[], &["10.0.0.0/8"]), "10.1.2.3");
    }

    #[test]
    fn what_the_client_wrote_itself_is_passed_over() {
        let proxies = ["10.0.0.0/8", "fd00::/8"];
        assert_eq!(client("10.0.0.1", &["1.1.1.1, 198.51.100.1"], &proxies), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["1.1.1.1", "198.51.100.1,fd00::7 , 10.0.0.2"], &proxies), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["10.0.0.9"], &proxies), "10.0.0.9");
        for unreadable in ["", "unknown", "198.51.100.1, ", "198.51.100.1 evil", "999.1.1.1", "[::1"] {
            assert_eq!(client("10.0.0.1", &[unreadable], &proxies), "10.0.0.1", "{unreadable:?}");
        }
    }

    #[test]
    fn addresses_are_read_in_every_usual_form() {
        for hop in ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:443"] {
            assert_eq!(client("127.0.0.1", &[hop], &["127.0.0.1"]), "2001:db8::1", "{hop}");
        }
        assert_eq!(client("127.0.0.1", &["198.51.100.1:5000"], &["127.0.0.1"]), "198.51.100.1");
        assert_eq!(client("::ffff:127.0.0.1", &["::ffff:198.51.100.1"], &["127.0.0.1"]), "198.51.100.1");
    }

    #[test]
    fn a_wrong_proxy_is_told_in_one_line() {
        for wrong in ["10.0.0.0/33", "proxy.example", "", "10.0.0/8"] {
            assert!(TrustedProxies::parse([wrong]).unwrap_err().contains("neither"), "{wrong}");
        }
    }

    #[test]
    fn ipv6_is_counted_by_its_64_bits() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:198.51.100.1"), network("198.51.100.1"));
        assert_ne!(network("198.51.100.1"), network("198.51.100.2"));
    }
}
