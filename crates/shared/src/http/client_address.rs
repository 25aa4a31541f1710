//! Whose request it is behind proxies: the client's address and protocol, believed only from proxies we were told of.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use actix_web::http::header::{HeaderMap, HeaderName};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// A range of addresses in CIDR notation, such as `10.0.0.0/8`, `fd00::/8` or `192.0.2.7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// The lowest address, as a number.
    base: u128,
    /// Bits that are the same in the whole range, counted over 128 bits.
    prefix: u32,
}

/// IPv4 addresses are compared as `::ffff:a.b.c.d`, in which form a dual-stack socket reports them.
const IPV4_BITS: u32 = 96;

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn masked(number: u128, prefix: u32) -> u128 {
    let host_bits = 128_u32.saturating_sub(prefix);
    number
        .checked_shr(host_bits)
        .and_then(|network| network.checked_shl(host_bits))
        .unwrap_or(0)
}

impl Network {
    /// Whether the address lies in the range.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        masked(number(address), self.prefix) == self.base
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let problem = || {
            format!(
                "must be addresses or CIDR ranges such as 10.0.0.0/8 or fd00::/8, separated by commas, found `{text}`"
            )
        };
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_not_one| problem())?;
        let (width, offset) = match address {
            IpAddr::V4(_) => (32, IPV4_BITS),
            IpAddr::V6(_) => (128, 0),
        };
        let bits = match bits {
            None => width,
            Some(bits) => bits
                .parse()
                .ok()
                .filter(|bits| *bits <= width)
                .ok_or_else(problem)?,
        };
        let prefix = offset + bits;
        let base = number(address);
        if masked(base, prefix) != base {
            return Err(format!(
                "`{text}` has bits set behind its prefix; did you mean another length?"
            ));
        }
        Ok(Self { base, prefix })
    }
}

/// The proxies whose word about clients is believed. Without any, the socket's address is the client's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::trim)
            .filter(|one| !one.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// Where a request came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// The client's address; IPv4 in its own form, also behind a dual-stack socket.
    pub address: IpAddr,
    /// Whether the request travelled safely: encrypted up to a trusted proxy, or without leaving this machine.
    pub is_private: bool,
}

impl Client {
    /// What a limit per address counts: an IPv4 address, or the /64 network of an IPv6 address, because one customer of a
    /// provider has all of it.
    #[must_use]
    pub fn network(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(_) => self.address,
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(masked(address.to_bits(), 64))),
        }
    }
}

impl TrustedProxies {
    /// Whether the address is one of the proxies.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The client of a request that reached us from `peer`.
    ///
    /// `X-Forwarded-For` is read from its right end, where each proxy appends whom it was called by, up to the first address
    /// that is not a trusted proxy. What stands left of that is the client's invention.
    #[must_use]
    pub fn client(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Client {
        // A socket that is gone already has no address; nobody will read the answer.
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| {
            peer.ip().to_canonical()
        });
        if !self.contains(peer) {
            return Client {
                address: peer,
                is_private: peer.is_loopback(),
            };
        }
        let Some(address) = self.forwarded_for(headers) else {
            // Called by the proxy itself, such as a probe.
            return Client {
                address: peer,
                is_private: peer.is_loopback() || is_https(headers),
            };
        };
        Client {
            address,
            is_private: is_https(headers),
        }
    }

    fn forwarded_for(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let mut nearest = None;
        let lines: Vec<_> = headers.get_all(&FORWARDED_FOR).collect();
        for line in lines.into_iter().rev() {
            for hop in line.as_bytes().rsplit(|byte| *byte == b',') {
                let Some(address) = std::str::from_utf8(hop).ok().and_then(hop_address) else {
                    // Unreadable: whoever was called by it is the last that is known.
                    return nearest;
                };
                nearest = Some(address);
                if !self.contains(address) {
                    return nearest;
                }
            }
        }
        nearest
    }
}

/// The protocol as the nearest proxy tells it: the last word of the last header.
fn is_https(headers: &HeaderMap) -> bool {
    headers
        .get_all(&FORWARDED_PROTO)
        .last()
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.rsplit(',').next())
        .is_some_and(|protocol| protocol.trim().eq_ignore_ascii_case("https"))
}

/// `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:443`.
fn hop_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = text
        .parse::<IpAddr>()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(|| {
            let inner = text.strip_prefix('[')?.strip_suffix(']')?;
            inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
        })?;
    Some(address.to_canonical())
}

impl fmt::Display for TrustedProxies {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ranges", self.0.len())
    }
}

#[cfg(test)]
#[path = "client_address_tests.rs"]
mod tests;
