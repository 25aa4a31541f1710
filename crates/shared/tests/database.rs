//! The database door, on both databases.
#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use diesel::sql_types::{BigInt, Text};
use std::sync::{Arc, Barrier};

use shared::db::{DbError, Dialect, ReadTx, statement::Statement};
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
fn when_the_database_cuts_all_connections_one_request_fails_and_the_next_ones_get_new_ones() {
    for test in databases() {
        if test.database.dialect() == Dialect::Sqlite {
            continue;
        }
        let everybody = Arc::new(Barrier::new(4));
        let readers: Vec<_> = (0..4)
            .map(|_| {
                let (database, everybody) = (test.database.clone(), Arc::clone(&everybody));
                std::thread::spawn(move || {
                    let together =
                        |_: &mut ReadTx<'_>| Ok::<_, DbError>(everybody.wait().is_leader());
                    database.read_blocking(together).expect("a connection")
                })
            })
            .collect();
        for reader in readers {
            reader.join().expect("a reader");
        }
        let cut: Result<usize, DbError> = test.second_instance().write_blocking(|tx| {
            let statement = Statement::new(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            );
            Ok(statement.run(tx.connection())?)
        });
        assert!(cut.expect("cut") >= 4);
        let is_served = |_| {
            let asked: Result<(), DbError> = test.database.write_blocking(|tx| {
                Ok(Statement::new("SELECT 1").run(tx.connection()).map(drop)?)
            });
            asked.is_ok()
        };
        let served = (0..20).filter(|at| is_served(*at)).count();
        assert!(served >= 19, "{served} of 20");
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
