//! Connection pools. The URL's scheme decides the database: diesel's own guess could create a stray SQLite file.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::{
    Connection as _, PgConnection, SqliteConnection,
    connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager as _},
    r2d2::R2D2Connection as _,
};

use prometheus::Histogram;

use super::{DbConnection, DbError, advice::with_advice, crew::Crew};
use crate::config::database::{DatabaseSettings, DatabaseUrl, SqliteUrl};

/// How long a request waits for a connection before it answers 503.
const CONNECTION_WAIT: Duration = Duration::from_secs(5);
/// SQLite has one writer; a few readers beside it never wait for it.
const SQLITE_READERS: u32 = 4;

/// Connections, and as many threads to work with them.
pub(super) struct Pool {
    connections: r2d2::Pool<Manager>,
    /// Where requests work; a thread never waits for a connection, unless somebody took one by [`Pool::get`].
    pub(super) crew: Crew,
    /// Where waiting times go, once somebody wants to know.
    waits: OnceLock<Histogram>,
    /// How often a connection was found dead: what was opened before is looked at before it is used again.
    losses: AtomicU64,
}

/// A connection.
pub(super) type Pooled = r2d2::PooledConnection<Manager>;

/// How many losses there had been when a connection was last looked at.
struct LookedAtAfter(u64);

/// How busy a pool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolUse {
    /// `all`, or `readers` and `writers` where they are apart.
    pub pool: &'static str,
    /// Connections that somebody works with now.
    pub in_use: u32,
    /// Connections there may be.
    pub size: u32,
}

impl Pool {
    pub(super) fn get(&self) -> Result<Pooled, DbError> {
        self.get_for(Instant::now())
    }

    /// A connection for somebody who has waited since `asked` already.
    pub(super) fn get_for(&self, asked: Instant) -> Result<Pooled, DbError> {
        let connection = self.living();
        if let Some(waits) = self.waits.get() {
            waits.observe(asked.elapsed().as_secs_f64());
        }
        connection
    }

    /// A connection that was not cut, as far as is known. Looking costs a round trip, so it is done only after a loss.
    fn living(&self) -> Result<Pooled, DbError> {
        let losses = self.losses.load(Ordering::Acquire);
        loop {
            let mut connection = self
                .connections
                .get()
                .map_err(|error| DbError::Unavailable(error.to_string()))?;
            let looked_at = Pooled::extensions(&connection)
                .get::<LookedAtAfter>()
                .map_or(0, |after| after.0);
            if looked_at == losses {
                return Ok(connection);
            }
            if connection.ping().is_ok() {
                Pooled::extensions_mut(&mut connection).insert(LookedAtAfter(losses));
                return Ok(connection);
            }
            // Dropped here, so the pool opens another one.
            condemn(&mut connection);
        }
    }

    /// After work that failed: a connection that was cut must not go to anybody else.
    pub(super) fn inspect(&self, connection: &mut Pooled) {
        if matches!(**connection, DbConnection::Postgres(_))
            && !connection.is_broken()
            && connection.ping().is_err()
        {
            log::warn!("a connection to the database was lost");
            condemn(connection);
        }
        if connection.is_broken() {
            self.losses.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Tells every waiting time to `histogram` from now on; only the first caller is heard.
    pub(super) fn observe_waits(&self, histogram: Histogram) {
        if self.waits.set(histogram).is_err() {
            log::debug!("the waiting times of a pool are observed already");
        }
    }

    pub(super) fn usage(&self, pool: &'static str) -> PoolUse {
        let state = self.connections.state();
        PoolUse {
            pool,
            in_use: state.connections.saturating_sub(state.idle_connections),
            size: self.connections.max_size(),
        }
    }
}

pub(super) fn open(settings: &DatabaseSettings) -> Result<(Arc<Pool>, Arc<Pool>), DbError> {
    match &settings.url {
        DatabaseUrl::Postgres(_) => {
            let pool = Arc::new(build(settings, settings.pool_size)?);
            Ok((Arc::clone(&pool), pool))
        }
        DatabaseUrl::Sqlite(_) => {
            // The writer first: it creates the file and switches it to WAL before a reader opens it.
            let writers = build(settings, 1)?;
            let readers = build(settings, SQLITE_READERS)?;
            Ok((Arc::new(readers), Arc::new(writers)))
        }
    }
}

fn build(settings: &DatabaseSettings, size: u32) -> Result<Pool, DbError> {
    let manager = Manager {
        url: settings.url.clone(),
    };
    // Fail at once with the database's own words instead of r2d2's time-out.
    let first = r2d2::ManageConnection::connect(&manager)
        .map_err(|error| DbError::Unavailable(error.to_string()))?;
    drop(first);
    let connections = r2d2::Pool::builder()
        .max_size(size)
        .min_idle(Some(1))
        .test_on_check_out(false)
        .connection_timeout(CONNECTION_WAIT)
        .error_handler(Box::new(LogErrors))
        .build(manager)
        .map_err(|error| DbError::Unavailable(error.to_string()))?;
    let threads = usize::try_from(size).unwrap_or(usize::MAX);
    Ok(Pool {
        connections,
        crew: Crew::new(threads, CONNECTION_WAIT),
        waits: OnceLock::new(),
        losses: AtomicU64::new(0),
    })
}

/// Lets the pool throw the connection away when it comes back.
fn condemn(connection: &mut DbConnection) {
    match connection {
        DbConnection::Postgres(postgres) => {
            AnsiTransactionManager::transaction_manager_status_mut(postgres).set_in_error();
        }
        DbConnection::Sqlite(sqlite) => {
            AnsiTransactionManager::transaction_manager_status_mut(sqlite).set_in_error();
        }
    }
}

#[derive(Debug)]
struct LogErrors;

impl r2d2::HandleError<ConnectError> for LogErrors {
    fn handle_error(&self, error: ConnectError) {
        log::warn!("database connection failed: {error}");
    }
}

pub(super) struct Manager {
    url: DatabaseUrl,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct ConnectError(String);

impl r2d2::ManageConnection for Manager {
    type Connection = DbConnection;
    type Error = ConnectError;

    fn connect(&self) -> Result<DbConnection, ConnectError> {
        match &self.url {
            DatabaseUrl::Postgres(url) => connect_postgres(url.reveal()),
            DatabaseUrl::Sqlite(url) => connect_sqlite(url),
        }
    }

    fn is_valid(&self, connection: &mut DbConnection) -> Result<(), ConnectError> {
        connection
            .ping()
            .map_err(|error| ConnectError(error.to_string()))
    }

    fn has_broken(&self, connection: &mut DbConnection) -> bool {
        std::thread::panicking() || connection.is_broken()
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that connects")]
fn connect_postgres(url: &str) -> Result<DbConnection, ConnectError> {
    let mut connection = PgConnection::establish(url)
        .map_err(|error| ConnectError(with_advice(&error.to_string())))?;
    connection
        .batch_execute(
            "SET TIME ZONE 'UTC'; SET statement_timeout = '30s'; SET lock_timeout = '10s'",
        )
        .map_err(|error| ConnectError(error.to_string()))?;
    Ok(DbConnection::Postgres(connection))
}

#[expect(clippy::disallowed_methods, reason = "the one place that connects")]
fn connect_sqlite(url: &SqliteUrl) -> Result<DbConnection, ConnectError> {
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
    Ok(DbConnection::Sqlite(connection))
}
