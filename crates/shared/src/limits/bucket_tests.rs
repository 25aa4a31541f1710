use domain::timestamp::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::{clock::FrozenClock, limits::Limits, metrics::Metrics, random::SystemRandomness};

/// A limit per party within one that all parties share.
struct Nested {
    clock: Arc<FrozenClock>,
    own: Arc<Bucket>,
    shared: Arc<Bucket>,
}

fn nested(own: Quota, shared: Quota) -> Nested {
    let clock = FrozenClock::at(Timestamp::from_millis(1_769_850_900_000));
    let shared_clock: SharedClock = clock.clone();
    let randomness: crate::random::SharedRandomness = Arc::new(SystemRandomness::new());
    let refused = Metrics::new("test")
        .counters("rate_limited_total", "Refused.", &["bucket"])
        .expect("a counter");
    let limits = Limits::new(Default::default(), &shared_clock, &randomness, &refused);
    Nested {
        clock,
        own: Arc::new(limits.own_bucket("own", own)),
        shared: Arc::new(limits.own_bucket("shared", shared)),
    }
}

impl Nested {
    fn ask(&self, party: &str) -> Result<(), u64> {
        let nested = [self.own.of(&[party]), self.shared.of(&["all"])];
        take_nested(&nested).map_err(|refused| refused.retry_after_seconds)
    }

    fn burst(&self, party: &str) -> usize {
        (0..1_000).take_while(|_| self.ask(party).is_ok()).count()
    }
}

/// Five at once and one more every two minutes, of ten and one every thirty seconds.
fn five_of_ten() -> Nested {
    nested(
        Quota::every(Duration::from_secs(120), 5),
        Quota::every(Duration::from_secs(30), 10),
    )
}

#[test]
fn the_first_party_gets_half_and_each_later_one_leaves_something_too() {
    let limits = five_of_ten();
    let bursts = ["a", "b", "c", "d", "e", "f"].map(|party| limits.burst(party));
    assert_eq!(bursts, [5, 3, 2, 0, 0, 0]);
}

#[test]
fn a_refusal_counts_nowhere() {
    let limits = five_of_ten();
    assert_eq!(limits.burst("a"), 5);
    for _ in 0..100 {
        assert_eq!(limits.ask("a"), Err(120));
    }
    assert_eq!(limits.burst("b"), 3);
    limits.clock.advance_seconds(120);
    assert_eq!(limits.ask("a"), Ok(()));
}

proptest! {
    #[test]
    fn whatever_one_party_does_another_one_gets_in_at_any_time(
        pauses in prop::collection::vec(0_i64..90, 1..100)
    ) {
        let limits = five_of_ten();
        for (at, pause) in pauses.into_iter().enumerate() {
            limits.clock.advance_seconds(pause);
            limits.burst("flood");
            // Right passwords, which are given back.
            let nested = [limits.own.of(&[&at.to_string()]), limits.shared.of(&["all"])];
            for _ in 0..3 {
                prop_assert!(take_nested(&nested).is_ok(), "{}", at);
                nested.iter().for_each(Share::give_back);
            }
        }
    }

    #[test]
    fn a_flood_from_a_hundred_parties_leaves_room_for_a_new_one(
        parties in 2_usize..=100,
        each in 1_usize..8,
        seconds in 1_usize..6,
    ) {
        let limits = nested(
            Quota::every(Duration::from_secs(2), 60),
            Quota::per_second(200),
        );
        for second in 0..seconds {
            for _ in 0..each {
                for party in 0..parties {
                    let _refused_or_not = limits.ask(&format!("flood-{party}"));
                }
            }
            let newcomer = limits.ask(&format!("new-{second}"));
            prop_assert_eq!(newcomer, Ok(()), "{} in second {}", parties, second);
            limits.clock.advance_seconds(1);
        }
    }

    #[test]
    fn all_parties_together_get_no_more_than_what_is_shared(
        steps in prop::collection::vec((0_u8..20, 0_i64..40), 1..300)
    ) {
        let limits = five_of_ten();
        let (mut passed, mut let_through) = (0, 0);
        for (party, pause) in steps {
            limits.clock.advance_seconds(pause);
            passed += pause;
            let_through += i64::from(limits.ask(&party.to_string()).is_ok());
            prop_assert!(let_through <= 10 + passed / 30);
        }
    }
}
