//! Opening connections, and what every connection is set to.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use diesel::{
    Connection as _, PgConnection, RunQueryDsl as _, SqliteConnection,
    connection::SimpleConnection as _,
    sql_types::{BigInt, Text},
};

use super::{
    advice::with_advice,
    lifeline::{Backend, Lifeline},
    watchdog::Watch,
};
use crate::{
    config::database::{SqliteUrl, postgres_url},
    secret::Secret,
};

/// Opening a connection may take so long, whatever the URL says.
const LONGEST_OPENING: Duration = Duration::from_secs(12);

/// Statements are small and many. Compiling a large predicate takes longer than running it, and nothing can interrupt it.
const SETTINGS: &str = "SET jit = off; SET TIME ZONE 'UTC'";
/// What a role or a platform may refuse. Without the first a server may translate its errors; without the second it
/// works on for somebody who has hung up.
const WISHES: [&str; 2] = [
    "SET lc_messages = 'C'",
    "SET client_connection_check_interval = '2s'",
];

/// For statements of requests. The server ends what takes longer, before the deadline of the request cuts the connection.
pub(super) fn usual_limits(deadline: Duration) -> String {
    format!(
        "SET statement_timeout = '{}ms'; SET lock_timeout = '{}ms'",
        (deadline * 2 / 3).as_millis(),
        (deadline / 2).as_millis()
    )
}

/// For looks at whole collections: little time, and each no more than one process of the server.
pub(super) fn limits_of_scans(deadline: Duration) -> String {
    let millis = (deadline / 3).as_millis();
    format!(
        "SET statement_timeout = '{millis}ms'; SET lock_timeout = '{millis}ms'; \
         SET max_parallel_workers_per_gather = 0"
    )
}

/// Why a connection could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct ConnectError(String);

impl From<diesel::result::Error> for ConnectError {
    fn from(error: diesel::result::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<diesel::result::ConnectionError> for ConnectError {
    fn from(error: diesel::result::ConnectionError) -> Self {
        Self(with_advice(&error.to_string()))
    }
}

/// Opens connections to one PostgreSQL database, and has them watched.
pub(super) struct Opener {
    url: Secret<String>,
    watch: Watch,
}

impl Opener {
    pub(super) fn new(url: &Secret<String>) -> Self {
        Self {
            url: Secret::new(postgres_url::with_time_outs(url.reveal())),
            watch: Watch::default(),
        }
    }

    pub(super) const fn watch(&self) -> &Watch {
        &self.watch
    }

    /// A connection as the server gives it. Its lifeline still has the deadline for opening it.
    #[expect(clippy::disallowed_methods, reason = "the one place that connects")]
    pub(super) fn open(&self) -> Result<(PgConnection, Arc<Lifeline>), ConnectError> {
        // One after another, in the whole process: a socket is known by being the only new one.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let url = self.url.reveal();
        let lifeline = Arc::new(Lifeline::connecting(url, Instant::now() + LONGEST_OPENING));
        self.watch.add(&lifeline);
        let connection = PgConnection::establish(url)?;
        lifeline.is_open();
        drop(turn);
        Ok((connection, lifeline))
    }

    /// A connection that is set for work.
    pub(super) fn connect(
        &self,
        limits: &str,
    ) -> Result<(PgConnection, Arc<Lifeline>), ConnectError> {
        let (mut connection, lifeline) = self.open()?;
        connection.batch_execute(SETTINGS)?;
        connection.batch_execute(limits)?;
        for wish in WISHES {
            if let Err(error) = connection.batch_execute(wish) {
                log::debug!("`{wish}` was refused: {error}");
            }
        }
        let other_end: OtherEnd = diesel::sql_query(
            "SELECT CAST(pid AS BIGINT) AS pid, CAST(backend_start AS TEXT) AS started, \
             current_setting('lc_messages') AS language FROM pg_stat_activity WHERE pid = pg_backend_pid()",
        )
        .get_result(&mut connection)?;
        warn_of_language(&other_end.language);
        lifeline.leads_to(Backend {
            pid: other_end.pid,
            started: other_end.started,
        });
        if lifeline.end() {
            return Err(ConnectError("it took too long".to_owned()));
        }
        Ok((connection, lifeline))
    }
}

#[derive(diesel::QueryableByName)]
struct OtherEnd {
    #[diesel(sql_type = BigInt)]
    pid: i64,
    #[diesel(sql_type = Text)]
    started: String,
    #[diesel(sql_type = Text)]
    language: String,
}

/// Says once that errors of the server may not be understood.
fn warn_of_language(language: &str) {
    static WARNING: std::sync::Once = std::sync::Once::new();
    let is_english = ["", "C", "POSIX"].contains(&language)
        || language.starts_with("C.")
        || language.starts_with("en");
    if !is_english {
        WARNING.call_once(|| {
            log::warn!(
                "the database answers errors in the language of `{language}`, and the role may not change that: \
                 some are answered with 500 instead of 503. `ALTER ROLE … SET lc_messages = 'C'` as a superuser helps"
            );
        });
    }
}

/// A connection to a file.
#[expect(clippy::disallowed_methods, reason = "the one place that connects")]
pub(super) fn sqlite(url: &SqliteUrl) -> Result<SqliteConnection, ConnectError> {
    let fail = |error: String| {
        let advised = with_advice(&error);
        ConnectError(format!("SQLite file {}: {advised}", url.path.display()))
    };
    let path = url
        .path
        .to_str()
        .ok_or_else(|| fail("the path is not UTF-8".to_owned()))?;
    let mut connection =
        SqliteConnection::establish(path).map_err(|error| fail(error.to_string()))?;
    // The time-out first: switching to WAL itself may have to wait.
    connection
        .batch_execute(&format!(
            "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = {}; \
             PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY",
            url.synchronous.pragma()
        ))
        .map_err(|error| fail(error.to_string()))?;
    Ok(connection)
}
