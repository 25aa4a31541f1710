//! Limits that instances share through the database.
#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::{sync::Arc, time::Duration};

use diesel::{RunQueryDsl as _, sql_types::BigInt};
use domain::timestamp::Timestamp;
use shared::{
    clock::{FrozenClock, SharedClock},
    db::{Database, DbError, statement::Statement},
    http::client_address::TrustedProxies,
    limits::{Bucket, Exchange, Limits, Quota, SignIns},
    metrics::Metrics,
    random::{SharedRandomness, SystemRandomness},
};
use testkit::TestDatabase;

/// One instance of a server, with one shared bucket: ten at once, then one every 30 seconds.
struct Instance {
    bucket: Arc<Bucket>,
    exchange: Exchange,
}

impl Instance {
    fn new(database: Database, clock: &Arc<FrozenClock>) -> Self {
        let mut limits = limits(clock);
        let bucket = limits.shared_bucket("b", Quota::every(Duration::from_secs(30), 10));
        Self::over(limits, bucket, database)
    }

    fn over(limits: Limits, bucket: Arc<Bucket>, database: Database) -> Self {
        let exchange = Exchange::new(Arc::new(limits), database, randomness());
        Self { bucket, exchange }
    }

    fn lets_through(&self) -> bool {
        self.bucket.take(&["somebody"]).is_ok()
    }

    /// How many in a row are let through.
    fn burst(&self) -> usize {
        (0..100).take_while(|_| self.lets_through()).count()
    }

    async fn round(&mut self) {
        self.exchange.round().await.expect("a round");
    }
}

fn randomness() -> SharedRandomness {
    Arc::new(SystemRandomness::new())
}

fn limits(clock: &Arc<FrozenClock>) -> Limits {
    let clock: SharedClock = clock.clone();
    let refused = Metrics::new("test")
        .counters("rate_limited_total", "Refused.", &["bucket"])
        .expect("a counter");
    Limits::new(TrustedProxies::default(), &clock, &randomness(), &refused)
}

fn clock() -> Arc<FrozenClock> {
    FrozenClock::at(Timestamp::from_millis(1_769_850_900_000))
}

/// Two instances over one database of each kind, which have heard of each other.
async fn with_two_instances(
    test: impl AsyncFn(Instance, Instance, Arc<FrozenClock>, &TestDatabase),
) {
    for database in testkit::databases() {
        let clock = clock();
        let mut one = Instance::new(database.database.clone(), &clock);
        let mut two = Instance::new(database.second_instance(), &clock);
        one.round().await;
        two.round().await;
        test(one, two, clock, &database).await;
    }
}

fn reports(database: &TestDatabase) -> i64 {
    let counted = database.database.read_blocking::<_, DbError>(|tx| {
        let rows: Vec<(i64,)> = Statement::new("SELECT count(*) FROM rate_limit_reports")
            .rows::<(BigInt,)>()
            .load(tx.connection())?;
        Ok(rows[0].0)
    });
    counted.expect("a count")
}

fn execute(database: &TestDatabase, sql: &'static str) {
    let done = database
        .database
        .write_blocking::<_, DbError>(|tx| Ok(Statement::new(sql).run(tx.connection())?));
    done.expect(sql);
}

#[tokio::test]
async fn who_asks_at_two_instances_in_turn_gets_no_more_than_at_one() {
    with_two_instances(async |mut one, mut two, clock, _| {
        let mut let_through = 0;
        for _ in 0..20 {
            let_through += u32::from(one.lets_through());
            one.round().await;
            two.round().await;
            let_through += u32::from(two.lets_through());
            two.round().await;
            one.round().await;
        }
        assert_eq!(let_through, 10);
        clock.advance_seconds(29);
        assert!(!one.lets_through() && !two.lets_through());
        clock.advance_seconds(1);
        assert!(two.lets_through());
        two.round().await;
        one.round().await;
        assert!(!one.lets_through());
    })
    .await;
}

#[tokio::test]
async fn what_two_instances_let_through_before_they_heard_of_each_other_is_waited_for() {
    with_two_instances(async |mut one, mut two, clock, _| {
        assert_eq!((one.burst(), two.burst()), (10, 10));
        for instance in [&mut one, &mut two] {
            instance.round().await;
        }
        one.round().await;
        // Twenty are owed, ten may be.
        clock.advance_seconds(10 * 30);
        assert_eq!((one.burst(), two.burst()), (0, 0));
        clock.advance_seconds(30);
        assert!(one.lets_through());
        one.round().await;
        two.round().await;
        assert_eq!(two.burst(), 0);
    })
    .await;
}

#[tokio::test]
async fn what_one_instance_forgives_is_forgiven_by_all() {
    with_two_instances(async |mut one, mut two, _, _| {
        for _ in 0..50 {
            let taken = one.bucket.take(&["somebody"]).expect("let through");
            one.round().await;
            two.round().await;
            one.bucket.give_back(taken);
            one.round().await;
            two.round().await;
        }
        assert_eq!(two.burst(), 10);
    })
    .await;
}

#[tokio::test]
async fn an_instance_that_starts_hears_what_was_told_before_and_what_is_left_of_it() {
    with_two_instances(async |mut one, _two, clock, database| {
        assert_eq!(one.burst(), 10);
        one.round().await;
        drop(one);
        clock.advance_seconds(60);
        let mut restarted = Instance::new(database.second_instance(), &clock);
        restarted.round().await;
        assert_eq!(restarted.burst(), 2);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_written_when_nothing_happened_and_old_reports_go() {
    with_two_instances(async |mut one, mut two, clock, database| {
        let taken = one.bucket.take(&["somebody"]).expect("let through");
        one.bucket.give_back(taken);
        one.round().await;
        two.round().await;
        assert_eq!(reports(database), 0);
        for _ in 0..3 {
            assert!(one.lets_through() && two.lets_through());
            one.round().await;
            two.round().await;
        }
        assert_eq!(reports(database), 6);
        clock.advance_seconds(601);
        assert!(one.lets_through());
        one.round().await;
        assert_eq!(reports(database), 1);
    })
    .await;
}

#[tokio::test]
async fn while_the_database_fails_each_instance_keeps_its_own_limit() {
    with_two_instances(async |mut one, mut two, clock, database| {
        execute(database, "ALTER TABLE rate_limit_reports RENAME TO away");
        assert_eq!(one.burst(), 10);
        assert!(one.exchange.round().await.is_err());
        assert!(two.exchange.round().await.is_err());
        assert_eq!((one.burst(), two.burst()), (0, 10));
        execute(database, "ALTER TABLE away RENAME TO rate_limit_reports");
        one.round().await;
        two.round().await;
        clock.advance_seconds(30);
        assert!(one.lets_through());
        one.round().await;
        two.round().await;
        assert_eq!(two.burst(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_report_that_cannot_be_read_is_passed_over() {
    with_two_instances(async |mut one, mut two, _, database| {
        execute(
            database,
            "INSERT INTO rate_limit_reports (number, reporter, counts) VALUES (1769850899999, 'x', 'no JSON')",
        );
        assert_eq!(one.burst(), 10);
        one.round().await;
        two.round().await;
        assert_eq!(two.burst(), 0);
    })
    .await;
}

#[tokio::test]
async fn nobody_misses_a_report_however_many_tell_at_once() {
    const INSTANCES: usize = 4;
    const ROUNDS: usize = 25;
    for database in testkit::databases() {
        let clock = clock();
        let tasks: Vec<_> = (0..INSTANCES)
            .map(|_| {
                let mut limits = limits(&clock);
                let bucket = limits.shared_bucket("b", Quota::every(Duration::from_secs(1), 1_000));
                let mut instance = Instance::over(limits, bucket, database.second_instance());
                tokio::spawn(async move {
                    instance.round().await;
                    for _ in 0..ROUNDS {
                        assert!(instance.lets_through());
                        instance.round().await;
                    }
                    instance
                })
            })
            .collect();
        let mut instances = Vec::new();
        for task in tasks {
            instances.push(task.await.expect("no panic"));
        }
        for instance in &mut instances {
            instance.round().await;
            let left = 1_000 - INSTANCES * ROUNDS;
            let let_through = (0..2_000).take_while(|_| instance.lets_through()).count();
            assert_eq!(let_through, left);
        }
    }
}

#[tokio::test]
async fn neither_addresses_nor_e_mail_addresses_are_in_the_database() {
    for database in testkit::databases() {
        let mut limits = limits(&clock());
        let sign_ins = SignIns::new(&mut limits);
        let mut exchange = Exchange::new(Arc::new(limits), database.database.clone(), randomness());
        exchange.round().await.expect("a round");
        let address = "198.51.100.7".parse().expect("an address");
        let project = domain::identity::ids::ProjectKey::new("shop");
        let _attempt = sign_ins
            .attempt(Some(address), &project, "anna@example.com")
            .expect("let through");
        exchange.round().await.expect("a round");
        let told = database.database.read_blocking::<_, DbError>(|tx| {
            let rows: Vec<(String,)> = Statement::new("SELECT counts FROM rate_limit_reports")
                .rows::<(diesel::sql_types::Text,)>()
                .load(tx.connection())?;
            Ok(rows[0].0.clone())
        });
        let told = told.expect("a report");
        for bucket in ["login_failures", "login_address", "login_address_email"] {
            assert!(told.contains(&format!("\"{bucket}\":{{\"")), "{told}");
        }
        assert!(!told.contains("198.51") && !told.contains("anna"), "{told}");
    }
}
