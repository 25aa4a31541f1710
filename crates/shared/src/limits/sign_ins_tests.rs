use domain::timestamp::Timestamp;

use super::*;
use crate::{
    clock::FrozenClock,
    metrics::Metrics,
    random::{SharedRandomness, SystemRandomness},
};

struct Setup {
    sign_ins: SignIns,
    clock: Arc<FrozenClock>,
}

fn setup() -> Setup {
    let clock = FrozenClock::at(Timestamp::from_millis(1_769_850_900_000));
    let shared: SharedClock = clock.clone();
    let randomness: SharedRandomness = Arc::new(SystemRandomness::new());
    let refused = Metrics::new("test")
        .counters("rate_limited_total", "Refused.", &["bucket"])
        .expect("a counter");
    let mut limits = Limits::new(Default::default(), &shared, &randomness, &refused);
    Setup {
        sign_ins: SignIns::new(&mut limits),
        clock,
    }
}

impl Setup {
    fn attempt_of(&self, place: Place<'_>, email: &str) -> Result<Attempt, u64> {
        let project = ProjectKey::new("shop");
        let sign_in = SignIn {
            place,
            project: &project,
            email,
        };
        self.sign_ins
            .as_a_stranger(&sign_in)
            .map_err(|refusal| refusal.count().retry_after_seconds)
    }

    fn attempt(&self, address: &str, email: &str) -> Result<Attempt, u64> {
        let address = address.parse().expect("an address");
        self.attempt_of(Place::Address(address), email)
    }

    fn wrong(&self, address: &str, email: &str) -> Result<(), u64> {
        let attempt = self.attempt(address, email)?;
        self.sign_ins.settle(attempt, Outcome::Wrong);
        Ok(())
    }

    fn right(&self, address: &str, email: &str) -> Result<(), u64> {
        let attempt = self.attempt(address, email)?;
        self.sign_ins.settle(attempt, Outcome::Right);
        Ok(())
    }
}

/// How many in a row are let through, and after how many seconds the next will be.
fn burst(mut ask: impl FnMut() -> Result<(), u64>) -> (u32, u64) {
    for let_through in 0..10_000 {
        if let Err(seconds) = ask() {
            return (let_through, seconds);
        }
    }
    panic!("there is no limit");
}

const ANNA: &str = "anna@example.com";

#[test]
fn an_account_takes_ten_wrong_passwords_and_then_one_every_thirty_seconds_wherever_they_come_from()
{
    let setup = setup();
    let mut host = 0;
    let mut anywhere = || {
        host += 1;
        let email = if host % 2 == 0 {
            ANNA
        } else {
            "Anna@Example.COM"
        };
        setup.wrong(&format!("198.51.{host}.1"), email)
    };
    assert_eq!(burst(&mut anywhere), (10, 30));
    setup.clock.advance_seconds(29);
    assert_eq!(anywhere(), Err(1));
    setup.clock.advance_seconds(1);
    assert_eq!(burst(&mut anywhere), (1, 30));
    assert_eq!(setup.wrong("198.51.1.1", "otto@example.com"), Ok(()));
}

#[test]
fn strangers_guess_no_more_than_130_times_in_the_first_hour_however_many_they_are() {
    let setup = setup();
    let mut guesses = 0;
    for second in 0..3_600 {
        for host in 0..4 {
            let address = format!("10.{}.{}.{host}", second / 250, second % 250);
            guesses += u32::from(setup.wrong(&address, ANNA).is_ok());
        }
        setup.clock.advance_seconds(1);
    }
    assert_eq!(guesses, 129);
}

#[test]
fn one_address_that_guesses_locks_nobody_out() {
    let setup = setup();
    for round in 0..300 {
        let _refused_or_not = setup.wrong("198.51.100.1", ANNA);
        assert_eq!(setup.right("203.0.113.1", ANNA), Ok(()), "{round}");
        assert_eq!(
            setup.right(&format!("10.1.{round}.1", round = round % 250), ANNA),
            Ok(())
        );
        setup.clock.advance_seconds(4);
    }
}

#[test]
fn one_network_that_guesses_locks_nobody_out() {
    let setup = setup();
    for round in 0..300 {
        for host in 0..20 {
            let _refused_or_not = setup.wrong(&format!("198.51.100.{host}"), ANNA);
            let _refused_or_not =
                setup.wrong(&format!("2001:db8:1:{host:x}::1"), "bob@example.com");
        }
        assert_eq!(setup.right("203.0.113.1", ANNA), Ok(()), "{round}");
        assert_eq!(
            setup.right("2001:db8:2::1", "bob@example.com"),
            Ok(()),
            "{round}"
        );
        setup.clock.advance_seconds(4);
    }
}

#[test]
fn one_address_fails_thirty_times_a_minute_and_at_one_account_five_times() {
    let setup = setup();
    let one_account = burst(|| setup.wrong("198.51.100.1", ANNA));
    assert_eq!(one_account, (5, 120));
    let mut account = 0;
    let many_accounts = burst(|| {
        account += 1;
        setup.wrong("198.51.100.1", &format!("{account}@example.com"))
    });
    assert_eq!(many_accounts, (25, 2));
    assert_eq!(setup.wrong("198.51.100.2", ANNA), Ok(()));
}

#[test]
fn a_right_password_uses_nothing_up_of_what_wrong_ones_may() {
    let setup = setup();
    for host in 0..100 {
        assert_eq!(setup.right(&format!("198.51.{host}.1"), ANNA), Ok(()));
    }
    let of_one_address = burst(|| setup.right("203.0.113.1", ANNA));
    assert_eq!(of_one_address, (30, 2));
    assert_eq!(burst(|| setup.wrong("203.0.113.2", ANNA)), (5, 120));
    assert_eq!(
        burst(|| setup.wrong("203.0.113.1", "otto@example.com")).0,
        5
    );
}

#[test]
fn what_nobody_found_out_counts_nowhere() {
    let setup = setup();
    for _ in 0..200 {
        let attempt = setup.attempt("198.51.100.1", ANNA).expect("let through");
        setup.sign_ins.settle(attempt, Outcome::Unknown);
    }
    assert_eq!(burst(|| setup.wrong("198.51.100.1", ANNA)), (5, 120));
}

#[test]
fn an_attempt_of_which_nobody_tells_is_a_wrong_one() {
    let setup = setup();
    let attempts = burst(|| setup.attempt("198.51.100.1", ANNA).map(drop));
    assert_eq!(attempts, (5, 120));
}

#[test]
fn servers_that_speak_for_many_are_limited_by_account_alone() {
    let setup = setup();
    let failures = burst(|| setup.attempt_of(Place::Server("backend"), ANNA).map(drop));
    assert_eq!(failures, (10, 30));
    for account in 0..1_000 {
        let email = format!("{account}@example.com");
        let attempt = setup.attempt_of(Place::Server("backend"), &email);
        setup
            .sign_ins
            .settle(attempt.expect("let through"), Outcome::Wrong);
    }
}
