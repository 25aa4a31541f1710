//! Random stories of guests, customers, API clients and thieves, on two instances of each server, against a simple model.
//!
//! A story that ends otherwise than the model says is shortened to what it takes, and told. In a longer run
//! (`cargo xtask test --long`) there are more of them.

mod checks;
mod model;
mod play;
mod shopping;
mod step;

use std::{cell::RefCell, collections::BTreeSet};

use proptest::{
    strategy::Strategy as _,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};
use testkit::rounds;

use crate::support::{Cluster, on_each_database_with_two_instances};
use model::Event;
use play::Play;
use step::{Step, story};

/// In an ordinary run, on each database.
const STORIES: u64 = 50;

#[test]
fn random_stories_of_sessions_end_as_the_model_says() {
    on_each_database_with_two_instances(|shop| {
        let mut events = BTreeSet::new();
        for number in rounds(STORIES) {
            events.extend(tell(shop, number));
        }
        let missing = Event::ALL.iter().filter(|event| !events.contains(event));
        assert_eq!(
            missing.collect::<Vec<_>>(),
            [&Event::Repeated; 0],
            "no story had these"
        );
    });
}

/// The same number is the same story. Answers what happened in it.
fn tell(shop: &Cluster, number: u64) -> BTreeSet<Event> {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    let config = Config {
        max_shrink_iters: 400,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let story = story().new_tree(&mut runner).expect("a story");
    let events = RefCell::default();
    match runner.run_one(story, |steps| act(shop, steps, &events)) {
        Ok(_) => events.take(),
        Err(TestError::Fail(surprise, _)) => panic!("story {number}:\n{surprise}"),
        Err(error) => panic!("story {number}: {error}"),
    }
}

fn act(
    shop: &Cluster,
    steps: Vec<(Step, bool)>,
    events: &RefCell<BTreeSet<Event>>,
) -> Result<(), TestCaseError> {
    let mut play = Play::begin(shop);
    let mut outcome = Ok(());
    for (step, at) in steps {
        play.at = usize::from(at);
        outcome = play.take(step).and_then(|touched| play.check(touched));
        if outcome.is_err() {
            break;
        }
    }
    events.borrow_mut().append(&mut play.model.events);
    outcome
        .and_then(|()| play.check_all())
        .map_err(|surprise| TestCaseError::fail(format!("{}\n{surprise}", play.story.join("\n"))))
}
