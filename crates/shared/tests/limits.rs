//! Limits that instances share through the database.
#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::{sync::Arc, time::Duration};

use diesel::{RunQueryDsl as _, sql_types::BigInt};
use domain::timestamp::Timestamp;
use shared::{
    clock::{FrozenClock, SharedClock},
    db::{Database, DbError, statement::Statement},
    http::client_address::TrustedProxies,
    limits::{Bucket, Exchange, Limits, Outcome, Place, Quota, SignIn, SignIns},
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
    rows(database, "SELECT count(*) FROM rate_limit_reports")
}

fn rows(database: &TestDatabase, count: &'static str) -> i64 {
    let counted = database.database.read_blocking::<_, DbError>(|tx| {
        let rows: Vec<(i64,)> = Statement::new(count)
            .rows::<(BigInt,)>()
            .load(tx.connection())?;
        Ok(rows[0].0)
    });
    counted.expect("a count")
}

/// The one text that a query finds.
fn texts(database: &TestDatabase, query: &'static str) -> String {
    let found = database.database.read_blocking::<_, DbError>(|tx| {
        let rows: Vec<(String,)> = Statement::new(query)
            .rows::<(diesel::sql_types::Text,)>()
            .load(tx.connection())?;
        Ok(rows[0].0.clone())
    });
    found.expect("a text")
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

/// One instance of a server that people sign in at.
struct Door {
    sign_ins: SignIns,
    exchange: Exchange,
    database: Database,
}

impl Door {
    async fn new(database: Database, clock: &Arc<FrozenClock>) -> Self {
        let mut limits = limits(clock);
        let sign_ins = SignIns::new(&mut limits);
        let exchange = Exchange::new(Arc::new(limits), database.clone(), randomness());
        let mut door = Self {
            sign_ins,
            exchange,
            database,
        };
        door.round().await;
        door
    }

    async fn round(&mut self) {
        self.exchange.round().await.expect("a round");
    }

    async fn sign_in_at(&self, place: Place<'_>, email: &str, outcome: Outcome) -> bool {
        let project = domain::identity::ids::ProjectKey::new("shop");
        let sign_in = SignIn {
            place,
            project: &project,
            email,
        };
        match self.sign_ins.attempt(&self.database, &sign_in).await {
            Ok(attempt) => {
                self.sign_ins.settle(attempt, outcome);
                true
            }
            Err(_) => false,
        }
    }

    async fn sign_in(&self, address: &str, email: &str, outcome: Outcome) -> bool {
        let address = address.parse().expect("an address");
        self.sign_in_at(Place::Address(address), email, outcome)
            .await
    }

    /// Strangers from everywhere use up what the account bears.
    async fn is_attacked(&self, email: &str) {
        for network in 0..20 {
            let stranger = format!("10.{network}.1.1");
            let _refused_or_not = self.sign_in(&stranger, email, Outcome::Wrong).await;
        }
        assert!(!self.sign_in("10.99.1.1", email, Outcome::Right).await);
    }
}

const ANNA: &str = "anna@example.com";
const HOME: &str = "203.0.113.7";

async fn with_two_doors(test: impl AsyncFn(Door, Door, Arc<FrozenClock>, &TestDatabase)) {
    for database in testkit::databases() {
        let clock = clock();
        let one = Door::new(database.database.clone(), &clock).await;
        let two = Door::new(database.second_instance(), &clock).await;
        test(one, two, clock, &database).await;
    }
}

#[tokio::test]
async fn whoever_signed_in_from_there_before_gets_in_while_strangers_attack() {
    with_two_doors(async |mut one, two, clock, _| {
        assert!(one.sign_in(HOME, ANNA, Outcome::Right).await);
        assert!(
            one.sign_in_at(Place::Server("shop"), ANNA, Outcome::Right)
                .await
        );
        one.round().await;
        clock.advance_seconds(30 * 24 * 60 * 60);
        for door in [&one, &two] {
            door.is_attacked(ANNA).await;
            door.is_attacked("otto@example.com").await;
            for _ in 0..50 {
                assert!(door.sign_in(HOME, "Anna@Example.com", Outcome::Right).await);
                assert!(
                    door.sign_in_at(Place::Server("shop"), ANNA, Outcome::Right)
                        .await
                );
            }
            // From there, and to that account.
            assert!(!door.sign_in("203.0.113.8", ANNA, Outcome::Right).await);
            assert!(!door.sign_in(HOME, "otto@example.com", Outcome::Right).await);
            assert!(
                !door
                    .sign_in_at(Place::Server("other"), ANNA, Outcome::Right)
                    .await
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_known_place_is_no_place_to_guess_from() {
    with_two_doors(async |mut one, _, clock, _| {
        assert!(one.sign_in(HOME, ANNA, Outcome::Right).await);
        one.round().await;
        one.is_attacked(ANNA).await;
        let mut guesses = 0;
        for _ in 0..3_600 {
            for network in 0..3 {
                let stranger = format!("10.{network}.1.1");
                let _refused_or_not = one.sign_in(&stranger, ANNA, Outcome::Wrong).await;
            }
            guesses += u32::from(one.sign_in(HOME, ANNA, Outcome::Wrong).await);
            clock.advance_seconds(1);
        }
        // Its own five and one a minute, and now and then one that strangers left: one in thirty seconds at most.
        assert!((64..=64 + 120).contains(&guesses), "{guesses}");
    })
    .await;
}

#[tokio::test]
async fn an_address_that_floods_shuts_out_nobody_who_signed_in_from_there_before() {
    with_two_doors(async |mut one, _, _, _| {
        assert!(one.sign_in(HOME, ANNA, Outcome::Right).await);
        one.round().await;
        for number in 0..100 {
            let email = format!("nobody-{number}@example.com");
            let _refused_or_not = one.sign_in(HOME, &email, Outcome::Wrong).await;
        }
        assert!(!one.sign_in(HOME, "otto@example.com", Outcome::Right).await);
        assert!(one.sign_in(HOME, ANNA, Outcome::Right).await);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_password_makes_no_place_known() {
    with_two_doors(async |mut one, _, _, _| {
        assert!(one.sign_in(HOME, ANNA, Outcome::Wrong).await);
        assert!(one.sign_in(HOME, ANNA, Outcome::Unknown).await);
        one.round().await;
        one.is_attacked(ANNA).await;
        assert!(!one.sign_in(HOME, ANNA, Outcome::Right).await);
    })
    .await;
}

#[tokio::test]
async fn places_are_forgotten_after_sixty_days_and_of_one_account_the_last_ten_stay() {
    with_two_doors(async |mut one, _, clock, database| {
        for host in 0..12 {
            let address = format!("198.51.{host}.1");
            assert!(one.sign_in(&address, ANNA, Outcome::Right).await);
            one.round().await;
            clock.advance_seconds(60);
        }
        one.is_attacked(ANNA).await;
        assert!(!one.sign_in("198.51.1.1", ANNA, Outcome::Right).await);
        assert!(one.sign_in("198.51.2.1", ANNA, Outcome::Right).await);
        clock.advance_seconds(60 * 24 * 60 * 60 + 1);
        one.is_attacked(ANNA).await;
        assert!(!one.sign_in("198.51.11.1", ANNA, Outcome::Right).await);
        // Whoever writes the next one clears up.
        assert!(one.sign_in(HOME, "otto@example.com", Outcome::Right).await);
        one.round().await;
        assert_eq!(
            rows(database, "SELECT count(*) FROM known_sign_in_places"),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn neither_addresses_nor_e_mail_addresses_are_in_the_database() {
    with_two_doors(async |mut one, _, _, database| {
        assert!(one.sign_in(HOME, ANNA, Outcome::Right).await);
        assert!(one.sign_in(HOME, ANNA, Outcome::Wrong).await);
        one.round().await;
        let told = texts(database, "SELECT counts FROM rate_limit_reports");
        for bucket in [
            "login_failures",
            "login_address",
            "login_address_email",
            "login_network_email",
            "login_right",
        ] {
            assert!(told.contains(&format!("\"{bucket}\":{{\"")), "{told}");
        }
        let known = texts(
            database,
            "SELECT account || place FROM known_sign_in_places",
        );
        assert_eq!(known.len(), 64);
        for text in [told, known] {
            assert!(!text.contains("203.0") && !text.contains("anna"), "{text}");
        }
    })
    .await;
}
