use proptest::prelude::*;

use super::*;

const SECOND: u64 = 1_000_000_000;
/// Any moment but the first, which stands for never.
const START: u64 = 1_000 * SECOND;

fn quota() -> Quota {
    Quota::every(Duration::from_secs(5), 4)
}

#[test]
fn a_burst_goes_through_at_once_and_then_one_after_every_pause() {
    let mut owed = 0;
    for _ in 0..4 {
        owed = quota().admit(owed, START).expect("within the burst");
    }
    assert_eq!(quota().admit(owed, START), Err(Duration::from_secs(5)));
    let later = START + 4 * SECOND;
    assert_eq!(quota().admit(owed, later), Err(Duration::from_secs(1)));
    assert!(quota().admit(owed, later + SECOND).is_ok());
}

#[test]
fn what_others_let_through_makes_nobody_wait_for_ever() {
    let owed = quota().charge(0, u64::MAX, START, START);
    assert_eq!(quota().admit(owed, START), Err(Duration::from_secs(25)));
}

#[test]
fn old_news_weigh_what_is_left_of_them() {
    let owed = quota().charge(0, 4, START, START + 15 * SECOND);
    assert_eq!(owed, START + 20 * SECOND);
}

/// What one of two instances does, one step after the other.
#[derive(Clone, Copy, Debug)]
enum Step {
    Ask(usize),
    AskAndBeForgiven(usize),
    Wait(u64),
    Exchange,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..2_usize).prop_map(Step::Ask),
        1 => (0..2_usize).prop_map(Step::AskAndBeForgiven),
        2 => (0..8 * SECOND).prop_map(Step::Wait),
        2 => Just(Step::Exchange),
    ]
}

#[derive(Clone, Copy, Default)]
struct Instance {
    owed: u64,
    /// Let through and not yet told to the other.
    untold: u64,
}

fn exchange(instances: &mut [Instance; 2], now: u64) {
    let [one, two] = instances;
    let (from_one, from_two) = (one.untold, two.untold);
    one.owed = quota().charge(one.owed, from_two, now, now);
    two.owed = quota().charge(two.owed, from_one, now, now);
    (one.untold, two.untold) = (0, 0);
}

#[test]
fn nobody_takes_more_of_a_share_than_they_leave() {
    let (own, shared) = (quota(), Quota::every(Duration::from_secs(5), 8));
    let wait = |own_owed: u64, shared_owed: u64| {
        own.level(START + own_owed * SECOND, START)
            .wait_for_share_of(shared.level(START + shared_owed * SECOND, START))
    };
    // All of the own one used: half of the shared one must be left.
    assert_eq!(wait(20, 20), Duration::ZERO);
    assert_eq!(wait(20, 24), Duration::from_secs(2));
    // Half used: a quarter must be left.
    assert_eq!(wait(10, 30), Duration::ZERO);
    assert_eq!(wait(10, 33), Duration::from_millis(1_500));
    // Nothing used: nothing need be left.
    assert_eq!(wait(0, 40), Duration::ZERO);
}

proptest! {
    #[test]
    fn instances_that_hear_of_each_other_at_once_decide_as_one(steps in prop::collection::vec(step(), 1..200)) {
        let mut instances = [Instance::default(); 2];
        let (mut alone, mut now) = (0, START);
        for step in steps {
            match step {
                Step::Ask(at) | Step::AskAndBeForgiven(at) => {
                    let decided = quota().admit(instances[at].owed, now);
                    prop_assert_eq!(decided.is_ok(), quota().admit(alone, now).is_ok());
                    if let Ok(owed) = decided {
                        alone = quota().admit(alone, now).expect("the same");
                        instances[at] = Instance { owed, untold: 1 };
                        exchange(&mut instances, now);
                    }
                    if matches!(step, Step::AskAndBeForgiven(_)) && decided.is_ok() {
                        alone = quota().forgive(alone, 1);
                        for instance in &mut instances {
                            instance.owed = quota().forgive(instance.owed, 1);
                        }
                    }
                }
                Step::Wait(nanos) => now += nanos,
                Step::Exchange => {}
            }
            prop_assert_eq!(instances[0].owed, alone);
            prop_assert_eq!(instances[1].owed, alone);
        }
    }

    #[test]
    fn together_they_let_no_more_through_than_the_limit_and_what_came_between_two_exchanges(
        steps in prop::collection::vec(step(), 1..200)
    ) {
        let mut instances = [Instance::default(); 2];
        let (mut now, mut let_through, mut unheard) = (START, 0_u64, 0_u64);
        let mut heard_at = now;
        for step in steps {
            match step {
                Step::Ask(at) | Step::AskAndBeForgiven(at) => {
                    if let Ok(owed) = quota().admit(instances[at].owed, now) {
                        instances[at].owed = owed;
                        instances[at].untold += 1;
                        let_through += 1;
                    }
                }
                Step::Wait(nanos) => {
                    // Who is silent for longer owes more than is remembered (`MOST_BURSTS_OWED`).
                    if now + nanos - heard_at >= 5 * SECOND {
                        exchange(&mut instances, now);
                        heard_at = now + nanos;
                    }
                    now += nanos;
                }
                Step::Exchange => {
                    exchange(&mut instances, now);
                    heard_at = now;
                }
            }
            unheard = unheard.max(instances[0].untold.min(instances[1].untold));
            let by_the_limit = 4 + (now - START) / (5 * SECOND);
            prop_assert!(
                let_through <= by_the_limit + unheard,
                "{} let through, {} by the limit, {} unheard", let_through, by_the_limit, unheard
            );
        }
    }

    #[test]
    fn news_out_of_order_never_make_less_of_the_debt(
        mut times in prop::collection::vec(START..START + 60 * SECOND, 1..6),
        order in any::<prop::sample::Index>(),
    ) {
        let now = START + 60 * SECOND;
        let heard = |times: &[u64]| times.iter().fold(0, |owed, at| quota().charge(owed, 1, *at, now));
        let as_heard = heard(&{
            let mut turned = times.clone();
            turned.rotate_left(order.index(times.len()));
            turned
        });
        times.sort_unstable();
        prop_assert!(as_heard >= heard(&times));
    }

    #[test]
    fn who_waits_as_long_as_told_gets_the_share_and_not_a_moment_sooner(
        own_owed in 0..200 * SECOND,
        shared_owed in 0..200 * SECOND,
    ) {
        let (own, shared) = (quota(), Quota::every(Duration::from_secs(7), 8));
        let wait_at = |now: u64| {
            let own = own.level(START + own_owed, now);
            let shared = shared.level(START + shared_owed, now);
            shared.wait().max(own.wait()).max(own.wait_for_share_of(shared))
        };
        let wait = nanos(wait_at(START));
        prop_assert_eq!(wait_at(START + wait), Duration::ZERO);
        if wait > 0 {
            prop_assert!(wait_at(START + wait - 1) > Duration::ZERO);
        }
    }
}
