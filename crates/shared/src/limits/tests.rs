use std::{sync::Arc, time::Duration};

use domain::timestamp::Timestamp;

use super::*;
use crate::{clock::FrozenClock, metrics::Metrics, random::SystemRandomness};

fn limits() -> Limits {
    let clock: SharedClock = FrozenClock::at(Timestamp::from_millis(1_769_850_900_000));
    let randomness: SharedRandomness = Arc::new(SystemRandomness::new());
    let refused = Metrics::new("test")
        .counters("rate_limited_total", "Refused.", &["bucket"])
        .expect("a counter");
    Limits::new(Networks::default(), &clock, &randomness, &refused)
}

fn three_a_minute() -> Quota {
    Quota::every(Duration::from_secs(60), 3)
}

#[test]
fn a_bucket_is_bounded_and_keeps_who_asks_often() {
    let bucket = limits()
        .own_bucket("b", three_a_minute())
        .with_room_for(1_000);
    for stranger in 0..100_000 {
        bucket.take(&[&stranger.to_string()]).expect("once each");
        // The busy one comes back again and again.
        let _refused_or_not = bucket.take(&["busy"]);
    }
    assert!(bucket.known() <= 1_000, "{}", bucket.known());
    assert!(bucket.take(&["busy"]).is_err());
}

#[test]
fn the_others_hear_of_those_who_asked_most_and_once_only() {
    let bucket = limits().shared_bucket("b", Quota::per_second(10));
    for stranger in 0..1_000 {
        bucket.take(&[&stranger.to_string()]).expect("once each");
    }
    let busy = bucket.take(&["busy"]).expect("one");
    bucket.take(&["busy"]).expect("two");
    let told = bucket.untold();
    assert_eq!(told.len(), 200);
    assert_eq!(told.get(&busy), Some(&2));
    assert!(bucket.untold().is_empty());
}

#[test]
fn nobody_hears_of_what_was_forgiven_before_it_was_told() {
    let bucket = limits().shared_bucket("b", three_a_minute());
    let key = bucket.take(&["x"]).expect("one");
    bucket.give_back(key);
    assert!(bucket.untold().is_empty());
    let key = bucket.take(&["x"]).expect("one");
    assert_eq!(bucket.untold().get(&key), Some(&1));
    bucket.give_back(key);
    assert_eq!(bucket.untold().get(&key), Some(&-1));
}

#[test]
fn parallel_requests_get_no_more_than_one_after_the_other() {
    let bucket = limits().own_bucket("b", Quota::per_minute(60));
    let let_through = std::thread::scope(|scope| {
        let ask = || (0..50).filter(|_| bucket.take(&["x"]).is_ok()).count();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        threads
            .into_iter()
            .map(|one| one.join().expect("no panic"))
            .sum::<usize>()
    });
    assert_eq!(let_through, 60);
}
