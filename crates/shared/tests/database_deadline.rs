//! Nobody waits for ever: for a statement, for a host that vanished, for somebody else's look through everything.
#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Text},
};
use shared::{
    config::database::DatabaseSettings,
    db::{Database, DbError, Dialect, Reach, ReadTx, WriteTx, statement::Statement},
};
use testkit::{TestDatabase, databases};

/// With one connection of each kind, and a deadline that a test can wait for.
fn narrow(url: &str) -> Database {
    Database::open(&DatabaseSettings {
        url: url.parse().expect("a URL"),
        pool_size: 1,
        scan_pool_size: 1,
        deadline: Duration::from_secs(3),
    })
    .expect("open the database")
}

fn insert(tx: &mut WriteTx<'_>, value: &str) -> Result<(), DbError> {
    let statement = Statement::new("INSERT INTO revoked_tokens (jti, expires_at) VALUES (")
        .text(value)
        .sql(", 1)");
    Ok(statement.run(tx.connection()).map(drop)?)
}

fn count(tx: &mut ReadTx<'_>, sql: &'static str) -> Result<i64, DbError> {
    let rows: Vec<(i64,)> = Statement::new(sql)
        .rows::<(BigInt,)>()
        .load(tx.connection())?;
    Ok(rows[0].0)
}

fn setting(tx: &mut ReadTx<'_>, sql: &'static str) -> Result<String, DbError> {
    let rows: Vec<(String,)> = Statement::new(sql)
        .rows::<(Text,)>()
        .load(tx.connection())?;
    Ok(rows[0].0.clone())
}

async fn is_served(database: &Database) -> bool {
    database
        .read(|tx| count(tx, "SELECT count(*) FROM revoked_tokens"))
        .await
        .is_ok()
}

#[actix_web::test]
async fn a_statement_that_the_server_does_not_end_is_answered_and_stopped_and_its_connection_is_free()
 {
    let Some(test) = TestDatabase::postgres() else {
        return;
    };
    let database = narrow(&test.url);
    let endless: Result<(), DbError> = database
        .write(|tx| {
            // As if the server did not look at its own limits.
            Statement::new("SET LOCAL statement_timeout = 0").run(tx.connection())?;
            insert(tx, "endless")?;
            Statement::new("SELECT pg_sleep(3600)").run(tx.connection())?;
            Ok(())
        })
        .await;
    assert!(
        matches!(&endless, Err(error) if error.is_transient()),
        "{endless:?}"
    );
    assert!(is_served(&database).await);
    let asleep = "SELECT count(*) FROM pg_stat_activity, pg_sleep(0.1) WHERE state = 'active' \
                  AND datname = current_database() AND query LIKE 'SELECT pg_sleep(3600)%'";
    let is_stopped = (0..600).any(|_| {
        let running = test.database.read_blocking(|tx| count(tx, asleep));
        running.expect("counted") == 0
    });
    assert!(is_stopped);
    let kept = database.read_blocking(|tx| count(tx, "SELECT count(*) FROM revoked_tokens"));
    assert_eq!(kept.expect("counted"), 0);
}

#[actix_web::test]
async fn what_was_answered_with_a_failure_is_not_written_later() {
    for test in databases() {
        let database = narrow(&test.url);
        let (release, released) = mpsc::channel::<()>();
        let late: Result<(), DbError> = database
            .write(move |tx| {
                insert(tx, "late")?;
                released.recv().expect("released");
                Ok(())
            })
            .await;
        assert!(matches!(late, Err(DbError::TimedOut(_))), "{late:?}");
        release.send(()).expect("it still works");
        // There is one connection that writes: this comes after it.
        let kept: Result<i64, DbError> = database
            .write(|tx| count(tx, "SELECT count(*) FROM revoked_tokens"))
            .await;
        assert_eq!(kept.expect("counted"), 0);
    }
}

#[actix_web::test]
async fn when_a_host_vanishes_everybody_is_answered_and_served_again_when_it_is_back() {
    let Some(test) = TestDatabase::postgres() else {
        return;
    };
    let path = Path::to(&test.url);
    let database = narrow(&path.url(&test.url));
    assert!(is_served(&database).await);
    path.vanish();
    // One after another finds out: the first by waiting for an answer, the others for a connection.
    for _ in 0..3 {
        let asked = database
            .read(|tx| count(tx, "SELECT count(*) FROM revoked_tokens"))
            .await;
        assert!(
            matches!(&asked, Err(error) if error.is_transient()),
            "{asked:?}"
        );
    }
    path.come_back();
    let mut attempts = 0;
    while !is_served(&database).await {
        attempts += 1;
        assert!(attempts < 20);
    }
}

#[actix_web::test]
async fn looks_at_whole_collections_wait_for_each_other_and_nobody_waits_for_them() {
    for test in databases() {
        let database = narrow(&test.url);
        let (release, released) = mpsc::channel::<()>();
        let (begun, has_begun) = tokio::sync::oneshot::channel::<()>();
        let long = database.read_within(Reach::Wide, move |_| {
            begun.send(()).expect("somebody waits");
            released.recv().expect("released");
            Ok::<_, DbError>(())
        });
        let others = async {
            has_begun.await.expect("begun");
            assert!(is_served(&database).await);
            let written: Result<(), DbError> = database.write(|tx| insert(tx, "meanwhile")).await;
            written.expect("written");
            let refused = database
                .read_within(Reach::Wide, |_| Ok::<_, DbError>(()))
                .await;
            release.send(()).expect("it still looks");
            refused
        };
        let (long, refused) = tokio::join!(long, others);
        assert!(
            matches!(refused, Err(DbError::Unavailable(_))),
            "{refused:?}"
        );
        // It took as long as the patience of the refused one, which is less than its own deadline.
        long.expect("done");
        let again = database
            .read_within(Reach::Wide, |_| Ok::<_, DbError>(()))
            .await;
        again.expect("its turn");
    }
}

#[actix_web::test]
async fn on_sqlite_a_statement_that_asks_for_its_deadline_ends_at_it() {
    let test = TestDatabase::sqlite();
    let database = narrow(&test.url);
    let endless = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) \
                   SELECT count(*) FROM numbers WHERE within_deadline()";
    let asked = database
        .read_within(Reach::Wide, move |tx| count(tx, endless))
        .await;
    assert!(matches!(asked, Err(DbError::TimedOut(_))), "{asked:?}");
    // There is one connection for such statements, and it is free.
    let next = database
        .read_within(Reach::Wide, |_| Ok::<_, DbError>(()))
        .await;
    next.expect("its turn");
}

#[actix_web::test]
async fn postgresql_compiles_no_statement_and_ends_long_ones_itself_before_they_are_cut() {
    let Some(test) = TestDatabase::postgres() else {
        return;
    };
    let database = narrow(&test.url);
    let sql = "SELECT current_setting('jit') || ' ' || current_setting('statement_timeout')";
    let usual: Result<String, DbError> = database.write(move |tx| setting(tx, sql)).await;
    assert_eq!(usual.expect("asked"), "off 2s");
    let scan = database.read_within(Reach::Wide, move |tx| setting(tx, sql));
    assert_eq!(scan.await.expect("asked"), "off 1s");
    // One process of the server for each.
    let sql = "SELECT current_setting('max_parallel_workers_per_gather')";
    let scan = database.read_within(Reach::Wide, move |tx| setting(tx, sql));
    assert_eq!(scan.await.expect("asked"), "0");
}

#[test]
fn what_took_too_long_and_what_was_in_the_way_are_told_apart() {
    let Some(test) = TestDatabase::postgres() else {
        return;
    };
    assert_eq!(test.database.dialect(), Dialect::Postgres);
    let slow: Result<(), DbError> = test.database.write_blocking(|tx| {
        Statement::new("SET LOCAL statement_timeout = '10ms'").run(tx.connection())?;
        Ok(Statement::new("SELECT pg_sleep(3600)")
            .run(tx.connection())
            .map(drop)?)
    });
    assert!(matches!(slow, Err(DbError::TimedOut(_))), "{slow:?}");
    let in_the_way: Result<(), DbError> = test.database.write_blocking(|tx| {
        insert(tx, "held")?;
        let second: Result<(), DbError> = test.database.write_blocking(|tx| {
            Statement::new("SET LOCAL lock_timeout = '10ms'").run(tx.connection())?;
            insert(tx, "held")
        });
        assert!(matches!(second, Err(DbError::TimedOut(_))), "{second:?}");
        Ok(())
    });
    in_the_way.expect("the first has it");
}

#[test]
fn of_two_transactions_that_wait_for_each_other_one_is_told_to_come_again() {
    let Some(test) = TestDatabase::postgres() else {
        return;
    };
    let both = std::sync::Barrier::new(2);
    let take = |first: &str, second: &str| -> Result<(), DbError> {
        test.database.write_blocking(|tx| {
            Statement::new("SET LOCAL deadlock_timeout = '10ms'").run(tx.connection())?;
            insert(tx, first)?;
            both.wait();
            insert(tx, second)
        })
    };
    let (one, other) = thread::scope(|scope| {
        let one = scope.spawn(|| take("a", "b"));
        let other = take("b", "a");
        (one.join().expect("a transaction"), other)
    });
    let failed: Vec<DbError> = [one, other].into_iter().filter_map(Result::err).collect();
    // The one that stays then finds both values free.
    assert!(matches!(failed[..], [DbError::Busy(_)]), "{failed:?}");
}

/// A way to the database that can be closed without anybody being told, as when a host loses its power.
struct Path {
    address: SocketAddr,
    state: Arc<Mutex<PathState>>,
}

#[derive(Default)]
struct PathState {
    /// How often it vanished; connections from before never work again.
    times: usize,
    is_gone: bool,
    /// Both ends of what was cut, open for ever.
    silent: Vec<TcpStream>,
}

impl Path {
    fn to(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let target = authority(url).to_owned();
        let state = Arc::new(Mutex::new(PathState::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let far = TcpStream::connect(&target).expect("the database");
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let copy = |stream: &TcpStream| stream.try_clone().expect("a copy");
                    let (from, to, state) = (copy(from), copy(to), Arc::clone(&shared));
                    thread::spawn(move || forward(from, to, &state));
                }
            }
        });
        Self { address, state }
    }

    fn url(&self, url: &str) -> String {
        url.replace(authority(url), &self.address.to_string())
    }

    fn vanish(&self) {
        let mut state = self.state.lock().expect("a state");
        state.times += 1;
        state.is_gone = true;
    }

    fn come_back(&self) {
        self.state.lock().expect("a state").is_gone = false;
    }
}

/// The host and port of a URL with both.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    authority.rsplit('@').next().unwrap_or(authority)
}

fn forward(mut from: TcpStream, mut to: TcpStream, state: &Mutex<PathState>) {
    let born = state.lock().expect("a state").times;
    let mut bytes = [0; 16 * 1024];
    loop {
        let read = from.read(&mut bytes).unwrap_or(0);
        let mut state = state.lock().expect("a state");
        if state.is_gone || state.times != born {
            state.silent.extend([from, to]);
            return;
        }
        drop(state);
        if read == 0 || to.write_all(&bytes[..read]).is_err() {
            // Nobody minds if it is closed already.
            let _closed = to.shutdown(std::net::Shutdown::Both);
            return;
        }
    }
}
