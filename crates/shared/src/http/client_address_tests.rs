use actix_web::http::header::HeaderValue;
use proptest::prelude::*;

use super::*;

fn headers(lines: &[(HeaderName, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(name.clone(), HeaderValue::from_str(value).expect("a value"));
    }
    headers
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn client(trusted: &str, peer: &str, lines: &[(HeaderName, &str)]) -> Client {
    let trusted: TrustedProxies = trusted.parse().expect("ranges");
    trusted.client(Some(SocketAddr::new(ip(peer), 1)), &headers(lines))
}

fn address(trusted: &str, peer: &str, forwarded_for: &[&str]) -> String {
    let lines: Vec<_> = forwarded_for
        .iter()
        .map(|line| (FORWARDED_FOR, *line))
        .collect();
    client(trusted, peer, &lines).address.to_string()
}

#[test]
fn without_trusted_proxies_the_headers_are_not_believed() {
    let lines = [(FORWARDED_FOR, "198.51.100.1"), (FORWARDED_PROTO, "https")];
    let found = client("", "203.0.113.9", &lines);
    assert_eq!(found.address, ip("203.0.113.9"));
    assert!(!found.is_private);
}

#[test]
fn a_stranger_who_claims_to_be_a_proxy_is_not_believed() {
    assert_eq!(
        address("10.0.0.0/8", "203.0.113.9", &["198.51.100.1"]),
        "203.0.113.9"
    );
}

#[test]
fn the_right_most_untrusted_hop_is_the_client() {
    let trusted = "10.0.0.0/8, 2001:db8:1::/48";
    for (forwarded_for, expected) in [
        (vec!["198.51.100.1"], "198.51.100.1"),
        (vec!["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
        (vec!["1.1.1.1, 198.51.100.1, 10.9.9.9"], "198.51.100.1"),
        (vec!["1.1.1.1", "198.51.100.1,10.9.9.9"], "198.51.100.1"),
        (
            vec!["198.51.100.1", "10.9.9.9, 2001:db8:1::5"],
            "198.51.100.1",
        ),
        (vec!["198.51.100.1:5555, 10.9.9.9:80"], "198.51.100.1"),
        (vec!["[2001:db8:2::7]:5555, 10.9.9.9"], "2001:db8:2::7"),
        (vec!["[2001:db8:2::7]"], "2001:db8:2::7"),
        (vec!["::ffff:198.51.100.1"], "198.51.100.1"),
        // All are proxies of ours: the farthest one called.
        (vec!["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
        // What cannot be read ends the walk at the last hop that is known.
        (vec!["198.51.100.1, unknown, 10.2.2.2"], "10.2.2.2"),
        (vec!["unknown"], "10.0.0.1"),
        (vec![""], "10.0.0.1"),
        (vec![], "10.0.0.1"),
    ] {
        assert_eq!(
            address(trusted, "10.0.0.1", &forwarded_for),
            expected,
            "{forwarded_for:?}"
        );
    }
}

#[test]
fn a_dual_stack_socket_reports_ipv4_peers_that_ipv4_ranges_know() {
    assert_eq!(
        address("10.0.0.0/8", "::ffff:10.0.0.1", &["198.51.100.1"]),
        "198.51.100.1"
    );
    assert_eq!(
        client("", "::ffff:127.0.0.1", &[]),
        Client {
            address: ip("127.0.0.1"),
            is_private: true
        }
    );
}

#[test]
fn a_request_is_private_from_this_machine_or_over_https_up_to_a_trusted_proxy() {
    let proto = |value| [(FORWARDED_FOR, "198.51.100.1"), (FORWARDED_PROTO, value)];
    for (trusted, peer, protocol, expected) in [
        ("", "127.0.0.1", "http", true),
        ("", "::1", "http", true),
        ("", "203.0.113.9", "https", false),
        ("10.0.0.0/8", "10.0.0.1", "https", true),
        ("10.0.0.0/8", "10.0.0.1", "HTTPS", true),
        ("10.0.0.0/8", "10.0.0.1", "http", false),
        ("10.0.0.0/8", "10.0.0.1", "https, http", false),
        ("10.0.0.0/8", "10.0.0.1", "http, https", true),
        // A gateway on this machine speaks for others.
        ("127.0.0.1", "127.0.0.1", "http", false),
        ("127.0.0.1", "127.0.0.1", "https", true),
    ] {
        assert_eq!(
            client(trusted, peer, &proto(protocol)).is_private,
            expected,
            "{trusted} {peer} {protocol}"
        );
    }
    assert!(client("127.0.0.1", "127.0.0.1", &[]).is_private);
    assert!(!client("10.0.0.0/8", "10.0.0.1", &[]).is_private);
}

#[test]
fn limits_count_an_ipv4_address_and_an_ipv6_network_of_64_bits() {
    let network = |peer| client("", peer, &[]).network();
    assert_eq!(network("198.51.100.1"), ip("198.51.100.1"));
    assert_eq!(network("2001:db8:1:2:3:4:5:6"), ip("2001:db8:1:2::"));
    assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::1"));
    assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
}

#[test]
fn what_is_no_range_is_refused_with_the_text_that_was_found() {
    for text in [
        "10.0.0.0/33",
        "fd00::/129",
        "10.0.0/8",
        "gateway",
        "10.0.0.0/x",
        "/8",
    ] {
        let problem = format!("192.0.2.1, {text}")
            .parse::<TrustedProxies>()
            .expect_err(text);
        assert!(problem.contains(&format!("`{text}`")), "{problem}");
    }
    let problem = "10.1.2.3/8".parse::<Network>().expect_err("host bits");
    assert!(problem.contains("behind its prefix"), "{problem}");
    assert_eq!(" , ".parse(), Ok(TrustedProxies::default()));
}

fn addresses() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<u32>().prop_map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits))),
        any::<u128>().prop_map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits)).to_canonical()),
    ]
}

proptest! {
    #[test]
    fn a_range_contains_exactly_the_addresses_that_begin_like_it(
        base in any::<u32>(), bits in 0_u32..=32, other in any::<u32>()
    ) {
        let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
        let network: Network = format!("{}/{bits}", Ipv4Addr::from_bits(base & mask)).parse().expect("a range");
        let other_ip = IpAddr::V4(Ipv4Addr::from_bits(other));
        prop_assert_eq!(network.contains(other_ip), other & mask == base & mask);
        prop_assert!(network.contains(IpAddr::V4(Ipv4Addr::from_bits(base))));
    }

    #[test]
    fn nothing_a_client_sends_changes_who_it_is(
        client_ip in addresses(), invented in prop::collection::vec("[ -~]{0,20}", 0..4)
    ) {
        let trusted: TrustedProxies = "192.0.2.0/24".parse().expect("ranges");
        prop_assume!(!trusted.contains(client_ip));
        let mut lines = invented.clone();
        // The gateway appends whom it was called by.
        lines.push(client_ip.to_string());
        let peer = SocketAddr::new(ip("192.0.2.1"), 1);
        let one_line = headers(&[(FORWARDED_FOR, &lines.join(", "))]);
        prop_assert_eq!(trusted.client(Some(peer), &one_line).address, client_ip);
        let many: Vec<_> = lines.iter().map(|line| (FORWARDED_FOR, line.as_str())).collect();
        prop_assert_eq!(trusted.client(Some(peer), &headers(&many)).address, client_ip);
        // And without a trusted proxy it is the socket that counts, whatever it sends.
        let socket = SocketAddr::new(client_ip, 1);
        prop_assert_eq!(trusted.client(Some(socket), &one_line).address, client_ip);
    }
}
