use std::net::IpAddr;

use domain::timestamp::Timestamp;
use proptest::prelude::*;
use shared::{clock::FrozenClock, metrics::Metrics, random::SystemRandomness};

use super::*;

struct Setup {
    limits: RateLimits,
    clock: Arc<FrozenClock>,
    refused: IntCounterVec,
}

fn setup_with(settings: &LimitSettings) -> Setup {
    let clock = FrozenClock::at(Timestamp::from_millis(1_769_850_900_000));
    let shared: SharedClock = clock.clone();
    let randomness: SharedRandomness = Arc::new(SystemRandomness::new());
    let refused = Metrics::new("auth")
        .counters("rate_limited_total", "Refused.", &["bucket"])
        .expect("a counter");
    Setup {
        limits: RateLimits::new(settings, &shared, &randomness, &refused),
        clock,
        refused,
    }
}

fn on() -> LimitSettings {
    LimitSettings {
        are_on: true,
        exempt: Networks::default(),
        guests_per_client: NonZeroU32::new(200),
    }
}

fn setup() -> Setup {
    setup_with(&on())
}

fn caller(address: &str) -> Caller {
    Caller {
        address: address.parse::<IpAddr>().expect("an address"),
        is_private: true,
    }
}

impl Setup {
    fn guest(&self, address: &str, client: &str) -> Result<(), u64> {
        self.guest_of("a browser", address, client)
    }

    fn guest_of(&self, browser: &str, address: &str, client: &str) -> Result<(), u64> {
        let client = ClientId::new(client);
        self.limits
            .guest(&caller(address), browser, &client)
            .map_err(seconds)
    }

    /// How many in a row are let through, and after how many seconds the next will be.
    fn burst(&self, mut ask: impl FnMut() -> Result<(), u64>) -> (u32, u64) {
        let mut let_through = 0;
        loop {
            match ask() {
                Ok(()) => let_through += 1,
                Err(seconds) => return (let_through, seconds),
            }
            assert!(let_through < 10_000, "there is no limit");
        }
    }
}

fn seconds(error: OAuthError) -> u64 {
    match error {
        OAuthError::TooManyRequests {
            retry_after_seconds,
        } => retry_after_seconds,
        other => panic!("not a limit: {other}"),
    }
}

#[test]
fn all_addresses_of_an_ipv6_network_share_their_limit() {
    let setup = setup();
    let mut host = 0;
    let burst = setup.burst(|| {
        host += 1;
        setup.guest(&format!("2001:db8:1:2::{host:x}"), "app")
    });
    assert_eq!(burst, (60, 2));
    assert_eq!(setup.guest("2001:db8:1:3::1", "app"), Ok(()));
}

#[test]
fn guests_are_limited_by_address_and_client_and_by_client() {
    let setup = setup();
    assert_eq!(setup.burst(|| setup.guest("198.51.100.1", "app")), (60, 2));
    assert_eq!(setup.guest("198.51.100.1", "web"), Ok(()));
    let mut host = 0_u32;
    let burst = setup.burst(|| {
        host += 1;
        setup.guest(&format!("10.{}.{}.1", host / 250, host % 250), "app")
    });
    assert_eq!(burst, (140, 1));
    setup.clock.advance_seconds(1);
    assert_eq!(setup.guest("198.51.100.1", "app"), Err(1));
    assert_eq!(setup.guest("198.51.100.2", "app"), Ok(()));
}

#[test]
fn one_browser_at_an_address_leaves_something_to_the_others() {
    let setup = setup();
    let of = |browser: &str| {
        setup
            .burst(|| setup.guest_of(browser, "198.51.100.1", "app"))
            .0
    };
    assert_eq!(of("flood"), 60);
    assert_eq!(setup.guest_of("another", "198.51.100.1", "app"), Ok(()));
    // Whoever pretends to be many gets no more than an address does.
    let mut browser = 0;
    let pretended = setup.burst(|| {
        browser += 1;
        setup.guest_of(&format!("invented {browser}"), "198.51.100.1", "app")
    });
    // Of 200 a second an address may take 110 at one moment.
    assert_eq!(pretended, (49, 1));
}

#[test]
fn a_flood_from_many_addresses_leaves_room_for_new_ones() {
    let setup = setup();
    for second in 0..20 {
        // Of forty networks with two addresses each, as often as they like.
        for request in 0..800 {
            let address = format!("10.{}.{}.{}", request % 40, second % 3, request / 40 % 2);
            let _refused_or_not = setup.guest(&address, "app");
        }
        for shopper in 0..2 {
            let address = format!("192.{second}.{shopper}.1");
            assert_eq!(setup.guest(&address, "app"), Ok(()), "{second} {shopper}");
        }
        setup.clock.advance_seconds(1);
    }
}

#[test]
fn one_network_leaves_room_for_others() {
    let setup = setup();
    let mut host = 0_u32;
    let burst = setup.burst(|| {
        host += 1;
        setup.guest(&format!("2001:db8:1:{host:x}::1"), "app")
    });
    // 1 200 are what a network may by itself; of 200 a second it leaves these.
    assert_eq!(burst, (185, 1));
    assert_eq!(setup.guest("2001:db8:2::1", "app"), Ok(()));
}

#[test]
fn servers_of_the_operator_are_exempt_from_limits_per_address_only() {
    let settings = LimitSettings {
        exempt: "10.1.0.0/16".parse().expect("ranges"),
        guests_per_client: None,
        ..on()
    };
    let setup = setup_with(&settings);
    for _ in 0..1_000 {
        assert_eq!(setup.guest("10.1.2.3", "app"), Ok(()));
        setup
            .limits
            .bad_client(&caller("10.1.2.3"))
            .expect("exempt");
    }
    assert_eq!(setup.burst(|| setup.guest("10.2.2.3", "app")).0, 60);
}

#[test]
fn sessions_and_clients_have_limits_of_their_own() {
    let setup = setup();
    let refresh = |session: &str| {
        let session = SessionId::new(session);
        setup.limits.refresh(&session).map_err(seconds)
    };
    assert_eq!(setup.burst(|| refresh("s1")), (30, 5));
    assert_eq!(refresh("s2"), Ok(()));
    setup.clock.advance_seconds(60);
    assert_eq!(setup.burst(|| refresh("s1")).0, 12);
    let question = || {
        setup
            .limits
            .question(&ClientId::new("app"))
            .map_err(seconds)
    };
    assert_eq!(setup.burst(question), (2_000, 1));
    let bad = || {
        setup
            .limits
            .bad_client(&caller("198.51.100.1"))
            .map_err(seconds)
    };
    assert_eq!(setup.burst(bad), (20, 3));
    let count = |bucket: &str| setup.refused.with_label_values(&[bucket]).get();
    assert_eq!(
        (
            count("refresh_session"),
            count("question_client"),
            count("bad_client")
        ),
        (2, 1, 1)
    );
}

#[test]
fn without_limits_nothing_is_refused() {
    let setup = setup_with(&LimitSettings::off());
    for _ in 0..5_000 {
        assert_eq!(setup.guest("198.51.100.1", "app"), Ok(()));
    }
}

#[test]
fn parallel_requests_get_no_more_than_one_after_the_other() {
    let setup = setup();
    let let_through = std::thread::scope(|scope| {
        let ask = || {
            (0..50)
                .filter(|_| setup.guest("198.51.100.1", "app").is_ok())
                .count()
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        threads
            .into_iter()
            .map(|one| one.join().expect("no panic"))
            .sum::<usize>()
    });
    assert_eq!(let_through, 60);
}

proptest! {
    #[test]
    fn over_any_time_no_more_than_the_burst_and_the_rate_are_let_through(
        pauses in prop::collection::vec(0_i64..20, 1..200)
    ) {
        let setup = setup();
        let session = SessionId::new("s");
        let (mut passed, mut let_through) = (0, 0);
        for pause in pauses {
            setup.clock.advance_seconds(pause);
            passed += pause;
            match setup.limits.refresh(&session) {
                Ok(()) => let_through += 1,
                Err(error) => {
                    // Who waits as long as told is let through.
                    let wait = i64::try_from(seconds(error)).expect("small");
                    prop_assert!(wait <= 5);
                    setup.clock.advance_seconds(wait);
                    passed += wait;
                    prop_assert!(setup.limits.refresh(&session).is_ok());
                    let_through += 1;
                }
            }
            prop_assert!(let_through <= 30 + passed / 5);
        }
    }
}
