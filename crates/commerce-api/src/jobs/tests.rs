//! Jobs over databases of both kinds, with the clock in hand.

use std::sync::Arc;

use domain::{
    identity::ids::ProjectKey, kind::Kind, money::Currency, project::Project, timestamp::Timestamp,
};
use shared::{
    clock::FrozenClock,
    db::{Database, DbError, WriteTx, statement::Statement},
    http::memory::Memory,
    jobs::{Outcome, Runner},
    password::PasswordCost,
};
use testkit::{TestDatabase, databases};

use super::runner;
use crate::{
    app_state::AppState,
    cli::assemble,
    service::listing as service,
    service::workbench::ShoppingListMigration,
    store::{documents, listing, visibility::Visibility},
};

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

struct House {
    clock: Arc<FrozenClock>,
    state: AppState,
    _database: TestDatabase,
}

fn houses() -> impl Iterator<Item = House> {
    databases().into_iter().map(|database| {
        let clock = FrozenClock::at(START);
        let state = assemble(
            database.database.clone(),
            "http://localhost",
            PasswordCost::CHEAP,
            ShoppingListMigration::Manual,
        );
        let mut state = state.expect("a state");
        state.clock = clock.clone();
        House {
            clock,
            state,
            _database: database,
        }
    })
}

impl House {
    fn database(&self) -> &Database {
        &self.state.database
    }

    fn write<T>(&self, work: impl FnOnce(&mut WriteTx<'_>) -> Result<T, DbError>) -> T {
        self.database().write_blocking(work).expect("a write")
    }

    /// Runs what is due, as another instance would.
    fn run(&self) -> Vec<(&'static str, Outcome)> {
        let runner: Runner = runner(&self.state);
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(runner.run_due())
    }

    fn document(&self, kind: &str, id: &str, expires_at: Option<Timestamp>) {
        self.write(|tx| {
            Statement::new(
                "INSERT INTO documents (project_key, kind, id, version, created_at, last_modified_at, \
                 modification_sequence, expires_at, body) VALUES ('demo', ",
            )
            .text(kind)
            .sql(", ")
            .text(id)
            .sql(", 1, 0, 0, 0, ")
            .optional_big_int(expires_at.map(Timestamp::millis))
            .sql(", '{}')")
            .run(tx.connection())?;
            Statement::new("INSERT INTO unique_values (project_key, namespace, value, kind, document_id) VALUES ('demo', 'x', ")
                .text(format!("{kind}/{id}"))
                .sql(", ")
                .text(kind)
                .sql(", ")
                .text(id)
                .sql(")")
                .run(tx.connection())?;
            Ok(())
        });
    }

    fn project(&self, key: &str, days: i64) {
        let currencies = vec![Currency::parse("EUR").expect("a currency")];
        let mut project = Project::new(
            key,
            key,
            currencies,
            Vec::new(),
            vec!["en".to_owned()],
            START,
        );
        project.messages.delete_days_after_creation = days;
        self.write(|tx| {
            documents::insert(tx, &ProjectKey::new(key), &project, 0).expect("a project");
            Ok(())
        });
    }

    fn message(&self, project: &str, resource: &str, number: i64, at: Timestamp) {
        self.write(|tx| {
            Statement::new(
                "INSERT INTO messages (project_key, id, resource_kind, resource_id, sequence_number, created_at, body) \
                 VALUES (",
            )
            .text(project)
            .sql(", ")
            .text(format!("{resource}-{number}"))
            .sql(", 'order', ")
            .text(resource)
            .sql(", ")
            .big_int(number)
            .sql(", ")
            .big_int(at.millis())
            .sql(", ")
            .text(format!(r#"{{"id":"{resource}-{number}"}}"#))
            .sql(")")
            .run(tx.connection())?;
            Ok(())
        });
    }

    fn messages(&self, project: &str) -> Vec<String> {
        let seen = Visibility::project(ProjectKey::new(project), self.state.clock.now());
        let wanted = service::compile(
            &service::Query {
                limit: 500,
                sorts: vec!["id".to_owned()],
                ..Default::default()
            },
            Kind::Message,
            &ProjectKey::new(project),
            self.database().dialect(),
        )
        .expect("a query");
        let memory = Memory::unlimited();
        let page = self
            .database()
            .read_blocking(|tx| listing::page(tx, &seen, Kind::Message, &wanted, &memory));
        page.expect("a page").bodies
    }

    fn count(&self, sql: &'static str) -> i64 {
        use diesel::{RunQueryDsl as _, sql_types::BigInt};
        self.write(|tx| {
            let rows: Vec<(i64,)> = Statement::new(sql)
                .rows::<(BigInt,)>()
                .load(tx.connection())?;
            Ok(rows.first().map_or(0, |(count,)| *count))
        })
    }
}

fn deleted(outcomes: &[(&str, Outcome)], job: &str) -> usize {
    let found = outcomes.iter().find(|(name, _)| *name == job);
    match found {
        Some((_, Outcome::Finished { rows })) => *rows,
        other => panic!("{job}: {other:?}"),
    }
}

#[test]
fn expired_carts_and_lists_go_and_all_others_stay() {
    for house in houses() {
        let past = Some(START.plus_seconds(-1));
        // More than one batch, most of them with time left.
        for at in 0..1_100 {
            let expires = if at % 10 == 0 {
                past
            } else {
                Some(START.plus_days(1))
            };
            house.document("cart", &format!("{at:06}"), expires);
        }
        house.document("cart", "forever", None);
        house.document("cart", "just-now", Some(START));
        house.document("shopping-list", "old", past);
        house.document("order", "old", past);
        let outcomes = house.run();
        assert_eq!(deleted(&outcomes, "delete-expired-carts"), 111);
        assert_eq!(deleted(&outcomes, "delete-expired-shopping-lists"), 1);
        assert_eq!(
            house.count("SELECT count(*) FROM documents WHERE kind = 'cart'"),
            991
        );
        assert_eq!(
            house.count("SELECT count(*) FROM documents WHERE kind = 'order'"),
            1
        );
        assert_eq!(house.count("SELECT count(*) FROM unique_values"), 992);
        // It is not due again at once, and then there is nothing left to do.
        assert!(
            house
                .run()
                .iter()
                .all(|(_, outcome)| *outcome == Outcome::NotNow)
        );
        house.clock.advance_seconds(3_600);
        assert_eq!(deleted(&house.run(), "delete-expired-carts"), 0);
    }
}

#[test]
fn messages_go_after_the_days_of_their_project_and_numbers_are_never_given_twice() {
    for house in houses() {
        house.project("demo", 15);
        house.project("other", 90);
        house.document("order", "live", None);
        for number in 1..=3 {
            house.message("demo", "live", number, START.plus_days(-20));
            house.message("demo", "gone", number, START.plus_days(-20));
            house.message("other", "kept", number, START.plus_days(-20));
        }
        house.message("demo", "live-too", 1, START.plus_days(-14));
        assert_eq!(deleted(&house.run(), "forget-messages"), 6);
        assert_eq!(house.messages("demo"), [r#"{"id":"live-too-1"}"#]);
        assert_eq!(house.messages("other").len(), 3);
        // All that is left of the order that lives is its last number; of one that is gone, nothing.
        assert_eq!(
            house.count("SELECT count(*) FROM messages WHERE project_key = 'demo'"),
            2
        );
        assert_eq!(
            house.count("SELECT MAX(sequence_number) FROM messages WHERE resource_id = 'live'"),
            3
        );
        house.clock.advance_seconds(3_600);
        assert_eq!(deleted(&house.run(), "forget-messages"), 0);
        // Another message of the order, and its time: one empty row is enough.
        house.message("demo", "live", 4, START);
        house.clock.advance_seconds(16 * 24 * 3_600);
        assert_eq!(deleted(&house.run(), "forget-messages"), 2);
        assert_eq!(
            house.count("SELECT count(*) FROM messages WHERE project_key = 'demo'"),
            1
        );
        assert_eq!(
            house.count("SELECT MAX(sequence_number) FROM messages WHERE resource_id = 'live'"),
            4
        );
    }
}

#[test]
fn one_time_tokens_go_a_while_after_they_expired() {
    for house in houses() {
        for (hash, days) in [("a", -31), ("b", -29), ("c", 1)] {
            house.write(|tx| {
                Statement::new(
                    "INSERT INTO customer_tokens (hash, project_key, id, customer_id, purpose, created_at, expires_at) \
                     VALUES (",
                )
                .text(hash)
                .sql(", 'demo', 'i', 'c', 'email', 0, ")
                .big_int(START.plus_days(days).millis())
                .sql(")")
                .run(tx.connection())?;
                Ok(())
            });
        }
        assert_eq!(deleted(&house.run(), "delete-one-time-tokens"), 1);
        assert_eq!(house.count("SELECT count(*) FROM customer_tokens"), 2);
    }
}
