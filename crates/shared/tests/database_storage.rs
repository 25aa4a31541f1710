//! A database that keeps nothing: its disk is full, or it only reads.
#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use diesel::{RunQueryDsl as _, sql_types::BigInt};
use shared::db::{Database, DbError, StorageTrouble, statement::Statement};
use testkit::TestDatabase;

fn run(database: &Database, sql: &'static str) -> Result<(), DbError> {
    database.write_blocking(|tx| Ok(Statement::new(sql).run(tx.connection()).map(drop)?))
}

fn insert(database: &Database, value: &str) -> Result<(), DbError> {
    database.write_blocking(|tx| {
        let statement = Statement::new("INSERT INTO revoked_tokens (jti, expires_at) VALUES (")
            .text(value)
            .sql(", 1)");
        Ok(statement.run(tx.connection()).map(drop)?)
    })
}

fn read(database: &Database) -> Result<i64, DbError> {
    database.read_blocking(|tx| {
        let rows: Vec<(i64,)> = Statement::new("SELECT count(*) FROM revoked_tokens")
            .rows::<(BigInt,)>()
            .load(tx.connection())?;
        Ok(rows[0].0)
    })
}

fn trouble(outcome: Result<(), DbError>) -> StorageTrouble {
    match outcome {
        Err(DbError::Storage(trouble, _)) => trouble,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_full_disk_is_told_by_its_error_and_by_readiness_until_there_is_room() {
    let test = TestDatabase::sqlite();
    let database = &test.database;
    database.takes_writes().expect("at first");
    // No larger than it is.
    run(database, "PRAGMA max_page_count = 1").expect("limited");
    // What was never tried is not known.
    database.takes_writes().expect("still");
    let large = "x".repeat(200_000);
    assert_eq!(trouble(insert(database, &large)), StorageTrouble::Full);
    assert_eq!(trouble(database.takes_writes()), StorageTrouble::Full);
    assert_eq!(trouble(database.takes_writes()), StorageTrouble::Full);
    assert_eq!(read(database).expect("reads go on"), 0);

    run(database, "PRAGMA max_page_count = 1000000").expect("room");
    database.takes_writes().expect("again");
    insert(database, &large).expect("written");
    assert_eq!(read(database).expect("read"), 1);
}

#[test]
fn a_trial_leaves_nothing_behind() {
    let test = TestDatabase::sqlite();
    let database = &test.database;
    run(database, "PRAGMA max_page_count = 1").expect("limited");
    assert!(insert(database, &"x".repeat(200_000)).is_err());
    run(database, "PRAGMA max_page_count = 1000000").expect("room");
    database.takes_writes().expect("again");
    let left = database.read_blocking(|tx| -> Result<i64, DbError> {
        let rows: Vec<(i64,)> = Statement::new("SELECT count(*) FROM write_trials")
            .rows::<(BigInt,)>()
            .load(tx.connection())?;
        Ok(rows[0].0)
    });
    assert_eq!(left.expect("counted"), 0);
}

#[test]
fn a_connection_to_a_file_that_turned_read_only_is_thrown_away() {
    let test = TestDatabase::sqlite();
    let database = &test.database;
    run(database, "PRAGMA query_only = ON").expect("set");
    let refused = insert(database, "refused");
    assert_eq!(trouble(refused), StorageTrouble::ReadOnly);
    insert(database, "kept").expect("written by another connection");
    assert_eq!(read(database).expect("read"), 1);
}

#[test]
fn a_server_that_only_reads_is_told_by_readiness_and_used_again_when_it_writes() {
    let Some(test) = TestDatabase::postgres() else {
        return;
    };
    let database = &test.database;
    database.takes_writes().expect("at first");
    insert(database, "before").expect("written");
    // As after a failover: the connections are cut, and whoever answers then is a standby.
    let operator = test.second_instance();
    run(
        &operator,
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', \
         current_database()); PERFORM pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid(); END $$",
    )
    .expect("read-only");
    assert!(insert(database, "lost").is_err());
    assert_eq!(
        trouble(insert(database, "refused")),
        StorageTrouble::ReadOnly
    );
    assert_eq!(trouble(database.takes_writes()), StorageTrouble::ReadOnly);
    assert_eq!(read(database).expect("reads go on"), 1);

    let reset = operator.write_blocking(|tx| -> Result<(), DbError> {
        for sql in [
            // The operator's connection may be a new one, too.
            "SET TRANSACTION READ WRITE",
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', \
             current_database()); END $$",
        ] {
            Statement::new(sql).run(tx.connection())?;
        }
        Ok(())
    });
    reset.expect("writing");
    // Nobody has to be restarted, and nobody gets a connection from before.
    database.takes_writes().expect("again");
    for value in ["a", "b", "c"] {
        insert(database, value).expect("written");
    }
    assert_eq!(read(database).expect("read"), 4);
}
