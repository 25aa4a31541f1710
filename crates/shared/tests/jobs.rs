//! Jobs and their leases, on both databases.
#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::timestamp::Timestamp;
use shared::{
    clock::FrozenClock,
    db::{Database, DbError, WriteTx, statement::Statement},
    jobs::{Batch, Job, JobError, Lease, Next, Outcome, Runner, Turn, leases},
    random::SystemRandomness,
};
use testkit::databases;

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// Walks from 1 to 3 and notes what it was given.
#[derive(Default)]
struct Walk {
    seen: Mutex<Vec<Option<String>>>,
    fails: AtomicBool,
    at_work: AtomicUsize,
    most_at_work: AtomicUsize,
}

impl Job for Walk {
    fn name(&self) -> &'static str {
        "walk"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(600)
    }

    fn run(&self, _tx: &mut WriteTx<'_>, turn: &Turn<'_>) -> Result<Batch, JobError> {
        let at_work = self.at_work.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_work.fetch_max(at_work, Ordering::SeqCst);
        self.seen
            .lock()
            .expect("the list")
            .push(turn.position.map(str::to_owned));
        let next = match turn.position {
            None => Next::From("1".to_owned()),
            Some("1") => Next::From("2".to_owned()),
            Some(_) => Next::Finished,
        };
        self.at_work.fetch_sub(1, Ordering::SeqCst);
        if self.fails.load(Ordering::SeqCst) && next == Next::Finished {
            return Err(JobError::Failed("no luck".to_owned()));
        }
        Ok(Batch { rows: 2, next })
    }
}

impl Walk {
    fn seen(&self) -> Vec<Option<String>> {
        std::mem::take(&mut *self.seen.lock().expect("the list"))
    }
}

fn runner(database: &Database, clock: &Arc<FrozenClock>, job: &Arc<Walk>) -> Runner {
    let jobs: Vec<Arc<dyn Job>> = vec![job.clone()];
    Runner::new(
        database.clone(),
        clock.clone(),
        &SystemRandomness::new(),
        jobs,
    )
}

fn lease(database: &Database) -> Lease {
    let found: Result<Vec<Lease>, DbError> = database.read_blocking(leases);
    found.expect("read").into_iter().next().expect("a lease")
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(work)
}

fn position(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn a_job_walks_to_its_end_and_is_due_again_after_its_period_on_any_instance() {
    for test in databases() {
        let clock = FrozenClock::at(START);
        let job = Arc::new(Walk::default());
        let (one, two) = (
            runner(&test.database, &clock, &job),
            runner(&test.second_instance(), &clock, &job),
        );
        let finished = vec![("walk", Outcome::Finished { rows: 6 })];
        assert_eq!(block_on(one.run_due()), finished);
        assert_eq!(job.seen(), [None, position("1"), position("2")]);
        clock.advance_seconds(599);
        assert_eq!(block_on(one.run_due()), [("walk", Outcome::NotNow)]);
        assert_eq!(block_on(two.run_due()), [("walk", Outcome::NotNow)]);
        assert_eq!(job.seen(), []);
        clock.advance_seconds(1);
        assert_eq!(block_on(two.run_due()), finished);
        assert_eq!(job.seen(), [None, position("1"), position("2")]);
    }
}

#[test]
fn of_two_instances_one_works_at_a_time() {
    for test in databases() {
        let clock = FrozenClock::at(START);
        let job = Arc::new(Walk::default());
        let (one, two) = (
            runner(&test.database, &clock, &job),
            runner(&test.second_instance(), &clock, &job),
        );
        let (first, second) = block_on(async {
            tokio::join!(
                tokio::spawn(async move { one.run_due().await }),
                tokio::spawn(async move { two.run_due().await })
            )
        });
        let mut outcomes = vec![
            first.expect("the first").remove(0).1,
            second.expect("the second").remove(0).1,
        ];
        outcomes.sort_by_key(|outcome| *outcome == Outcome::NotNow);
        assert_eq!(outcomes, [Outcome::Finished { rows: 6 }, Outcome::NotNow]);
        assert_eq!(job.most_at_work.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn an_instance_that_died_is_followed_by_another_where_it_stopped() {
    for test in databases() {
        let clock = FrozenClock::at(START);
        let job = Arc::new(Walk::default());
        let dead: Result<usize, DbError> = test.database.write_blocking(|tx| {
            Ok(Statement::new(
                "INSERT INTO job_leases (job, holder, expires_at, due_at, position) SELECT 'walk', 'dead', ",
            )
            .big_int(START.plus_seconds(60).millis())
            .sql(", ")
            .big_int(START.millis())
            .sql(", '2'")
            .run(tx.connection())?)
        });
        assert_eq!(dead.expect("written"), 1);
        let runner = runner(&test.database, &clock, &job);
        clock.advance_seconds(59);
        assert_eq!(block_on(runner.run_due()), [("walk", Outcome::NotNow)]);
        clock.advance_seconds(1);
        assert_eq!(
            block_on(runner.run_due()),
            [("walk", Outcome::Finished { rows: 2 })]
        );
        assert_eq!(job.seen(), [position("2")]);
    }
}

#[test]
fn a_failure_is_noted_and_the_job_goes_on_a_minute_later_where_it_failed() {
    for test in databases() {
        let clock = FrozenClock::at(START);
        let job = Arc::new(Walk::default());
        job.fails.store(true, Ordering::SeqCst);
        let runner = runner(&test.database, &clock, &job);
        assert_eq!(block_on(runner.run_due()), [("walk", Outcome::Failed)]);
        assert_eq!(
            lease(&test.database),
            Lease {
                job: "walk".to_owned(),
                holder: None,
                expires_at: START.plus_seconds(60),
                due_at: START.plus_seconds(60),
                finished_at: None,
                failure: Some("no luck".to_owned()),
            }
        );
        job.fails.store(false, Ordering::SeqCst);
        job.seen();
        clock.advance_seconds(60);
        assert_eq!(
            block_on(runner.run_due()),
            [("walk", Outcome::Finished { rows: 2 })]
        );
        assert_eq!(job.seen(), [position("2")]);
        let after = lease(&test.database);
        assert_eq!(
            (after.finished_at, after.failure),
            (Some(START.plus_seconds(60)), None)
        );
    }
}

#[test]
fn a_runner_that_is_stopped_comes_to_an_end() {
    let test = testkit::TestDatabase::sqlite();
    let clock = FrozenClock::at(START);
    let job = Arc::new(Walk::default());
    block_on(async {
        let running = runner(&test.database, &clock, &job).start();
        running.stop().await;
    });
    assert_eq!(job.most_at_work.load(Ordering::SeqCst), 0);
}
