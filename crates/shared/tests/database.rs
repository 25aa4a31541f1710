//! The database door, on both databases.
#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use diesel::sql_types::{BigInt, Text};
use shared::db::{DbError, statement::Statement};
use testkit::databases;

fn insert(value: &str) -> Statement {
    Statement::new("INSERT INTO revoked_tokens (jti, expires_at) VALUES (")
        .text(value)
        .sql(", 1)")
}

fn count(database: &shared::db::Database) -> i64 {
    use diesel::RunQueryDsl as _;
    let rows: Vec<(i64,)> = database
        .read_blocking(|tx| {
            Statement::new("SELECT count(*) FROM revoked_tokens")
                .rows::<(BigInt,)>()
                .load(tx.connection())
                .map_err(DbError::from)
        })
        .expect("count");
    rows[0].0
}

#[test]
fn migrating_twice_changes_nothing() {
    for test in databases() {
        assert!(test.database.is_migrated().expect("asked"));
        assert_eq!(
            test.database.migrate().expect("migrated"),
            Vec::<String>::new()
        );
    }
}

#[test]
fn a_failed_transaction_leaves_nothing_behind() {
    for test in databases() {
        let refused: Result<(), DbError> = test.database.write_blocking(|tx| {
            insert("a").run(tx.connection())?;
            insert("a").run(tx.connection())?;
            Ok(())
        });
        assert!(
            matches!(refused, Err(DbError::NotUnique { .. })),
            "{refused:?}"
        );
        assert_eq!(count(&test.database), 0);
    }
}

#[test]
fn values_are_bound_and_never_read_as_sql() {
    use diesel::RunQueryDsl as _;
    for test in databases() {
        let nasty = "x'); DROP TABLE revoked_tokens; --";
        let read: Result<Vec<(String, i64)>, DbError> = test.database.write_blocking(|tx| {
            insert(nasty).run(tx.connection())?;
            let rows = Statement::new("SELECT jti, expires_at FROM revoked_tokens WHERE jti = ")
                .text(nasty)
                .rows::<(Text, BigInt)>()
                .load(tx.connection())?;
            Ok(rows)
        });
        assert_eq!(read.expect("read"), vec![(nasty.to_owned(), 1)]);
    }
}

#[test]
fn a_panic_in_the_work_does_not_poison_the_pool() {
    for test in databases() {
        let database = test.database.clone();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _: Result<(), DbError> = database.write_blocking(|tx| {
                insert("half").run(tx.connection())?;
                panic!("in the middle");
            });
        }));
        assert!(panicked.is_err());
        let after: Result<usize, DbError> = test
            .database
            .write_blocking(|tx| Ok(insert("whole").run(tx.connection())?));
        assert_eq!(after.expect("written"), 1);
        assert_eq!(count(&test.database), 1);
    }
}

#[test]
fn parallel_read_and_write_transactions_all_succeed() {
    for test in databases() {
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let database = &test.database;
                scope.spawn(move || {
                    for round in 0..10 {
                        let done: Result<usize, DbError> = database.write_blocking(|tx| {
                            Ok(insert(&format!("{thread}-{round}")).run(tx.connection())?)
                        });
                        done.expect("written");
                    }
                });
            }
        });
        assert_eq!(count(&test.database), 80);
    }
}
