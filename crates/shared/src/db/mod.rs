//! The only door to the database: one blocking hop, one connection, one transaction per request.

mod advice;
pub mod clock;
mod connect;
mod connection;
mod crew;
mod error;
mod held;
mod lifeline;
mod migrate;
mod pool;
pub mod scan_end;
pub mod schema;
pub mod server_secret;
mod socket;
pub mod statement;
mod transaction;
mod watchdog;
mod writability;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

pub use connection::{DbConnection, Dialect};
pub use error::{DbError, StorageTrouble};
pub use migrate::{Migration, MigrationState};
pub use pool::PoolUse;
pub use transaction::{ReadTx, WriteTx};

use prometheus::Histogram;

use crate::{config::database::DatabaseSettings, http::correlation::carry};
use pool::Pool;
use transaction::Limits;
use writability::Writability;

/// What commands and housekeeping may take, before their connection is cut.
const TIME_OF_JOBS: Duration = Duration::from_secs(90);
/// What a statement of theirs may take.
const STATEMENTS_OF_JOBS: &str = "SET LOCAL statement_timeout = '30s'";
/// For questions of supervisors.
const TIME_OF_CHECKS: Duration = Duration::from_secs(5);
/// Migrations take as long as they take.
const TIME_OF_MIGRATIONS: Duration = Duration::from_secs(7 * 24 * 3600);

/// A database, SQLite or PostgreSQL, with its pools. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    readers: Arc<Pool>,
    writers: Arc<Pool>,
    scanners: Arc<Pool>,
    writability: Arc<Writability>,
    dialect: Dialect,
    deadline: Duration,
}

/// How much of a collection a read looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// What an index leads to.
    Narrow,
    /// It may look at everything. Such reads have a few connections of their own, so that nothing else waits for them.
    Wide,
}

impl Database {
    /// Opens the pools; connections are made as they are needed.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if the database cannot be reached.
    pub fn open(settings: &DatabaseSettings) -> Result<Self, DbError> {
        let writability = Arc::default();
        let pools = pool::open(settings, &writability)?;
        Ok(Self {
            readers: pools.readers,
            writers: pools.writers,
            scanners: pools.scanners,
            writability,
            dialect: settings.url.dialect(),
            deadline: settings.deadline,
        })
    }

    /// Which SQL the database speaks.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Runs `work` on a connection that only reads; every statement sees its own moment.
    ///
    /// # Errors
    /// What `work` answers, or a [`DbError`] when no connection could be had.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut ReadTx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.read_within(Reach::Narrow, work).await
    }

    /// [`Self::read`] of work that may look at a whole collection, if `reach` says so.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_within<T, E, F>(&self, reach: Reach, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut ReadTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let readers = match reach {
            Reach::Narrow => &self.readers,
            Reach::Wide => &self.scanners,
        };
        let (pool, dialect, asked) = (Arc::clone(readers), self.dialect, Instant::now());
        let deadline = asked + self.deadline;
        let work = move || {
            let mut connection = pool.get_for(asked, deadline)?;
            let result = work(&mut ReadTx::new(connection.connection(), dialect));
            if result.is_err() {
                connection.inspect();
            }
            result
        };
        readers.crew.run(deadline, carry(work)).await
    }

    /// Runs `work` in one transaction: committed if it answers `Ok`, rolled back otherwise.
    ///
    /// # Errors
    /// What `work` answers, or a [`DbError`] when the transaction could not begin or commit.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let limits = Limits {
            deadline: Instant::now() + self.deadline,
            statements: None,
        };
        self.write_in(limits, work).await
    }

    /// [`Self::write`] of housekeeping, which nobody waits for.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn write_unhurried<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.write_in(unhurried(), work).await
    }

    async fn write_in<T, E, F>(&self, limits: Limits, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (pool, dialect, asked) = (Arc::clone(&self.writers), self.dialect, Instant::now());
        let work = move || {
            let mut connection = pool.get_for(asked, limits.deadline)?;
            let result = transaction::write(connection.connection(), dialect, limits, work);
            if result.is_err() {
                connection.inspect();
            }
            result
        };
        self.writers.crew.run(limits.deadline, carry(work)).await
    }

    /// [`Self::read`] on this thread: for commands, jobs and tests.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_blocking<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.readers.get(TIME_OF_JOBS)?;
        let result = work(&mut ReadTx::new(connection.connection(), self.dialect));
        if result.is_err() {
            connection.inspect();
        }
        result
    }

    /// [`Self::write_unhurried`] on this thread: for commands, jobs and tests.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_blocking<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.writers.get(TIME_OF_JOBS)?;
        let result = transaction::write(connection.connection(), self.dialect, unhurried(), work);
        if result.is_err() {
            connection.inspect();
        }
        result
    }

    /// Brings the schema up to date; answers the names of the migrations it ran.
    ///
    /// # Errors
    /// [`DbError::Migration`] if one fails; it is rolled back.
    pub fn migrate(&self) -> Result<Vec<String>, DbError> {
        let mut connection = self.writers.get(TIME_OF_MIGRATIONS)?;
        let ran = migrate::run_pending(connection.connection());
        if self.dialect == Dialect::Postgres {
            // It has lost the limits of its statements.
            connection.condemn();
        }
        ran
    }

    /// All migrations, and what became of them.
    ///
    /// # Errors
    /// [`DbError`] if the database cannot be asked.
    pub fn migrations(&self) -> Result<Vec<Migration>, DbError> {
        let mut connection = self.readers.get(TIME_OF_CHECKS)?;
        migrate::all(connection.connection())
    }

    /// How busy the pools are now.
    #[must_use]
    pub fn pool_use(&self) -> Vec<PoolUse> {
        if Arc::ptr_eq(&self.readers, &self.writers) {
            return vec![self.readers.usage("all"), self.scanners.usage("scans")];
        }
        vec![
            self.readers.usage("readers"),
            self.writers.usage("writers"),
            self.scanners.usage("scans"),
        ]
    }

    /// Tells `histogram` from now on, in seconds, how long each piece of work waited for a connection.
    pub fn observe_waits(&self, histogram: &Histogram) {
        self.readers.observe_waits(histogram.clone());
        self.scanners.observe_waits(histogram.clone());
        if !Arc::ptr_eq(&self.readers, &self.writers) {
            self.writers.observe_waits(histogram.clone());
        }
    }

    /// Whether the schema is up to date.
    ///
    /// # Errors
    /// [`DbError`] if the database cannot be asked.
    pub fn is_migrated(&self) -> Result<bool, DbError> {
        let mut connection = self.readers.get(TIME_OF_CHECKS)?;
        migrate::is_current(connection.connection())
    }

    /// Whether the database keeps what it is given. It is asked; if a write failed because of the database's disk, the
    /// question is only answered by writing something.
    ///
    /// # Errors
    /// [`DbError::Storage`] if it does not, or as [`Self::is_migrated`].
    pub fn takes_writes(&self) -> Result<(), DbError> {
        if self.writability.is_in_trouble() {
            self.writers.suspect_all();
        }
        let mut writes = self.asks_for_writes()?;
        if !writes {
            // It may be older than the end of the trouble, and so may others.
            self.writers.suspect_all();
            writes = self.asks_for_writes()?;
        }
        if !writes {
            let text = "transactions may only read".to_owned();
            return Err(DbError::Storage(StorageTrouble::ReadOnly, text));
        }
        self.writability.settle(|| {
            self.write_blocking(writability::write_trial)?;
            self.write_blocking(writability::forget_trials)
        })
    }

    fn asks_for_writes(&self) -> Result<bool, DbError> {
        let mut connection = self.writers.get(TIME_OF_CHECKS)?;
        let writes = held::writes(connection.connection());
        match writes {
            Ok(true) => {}
            Ok(false) => connection.is_read_only(),
            Err(_) => connection.inspect(),
        }
        writes
    }
}

fn unhurried() -> Limits {
    Limits {
        deadline: Instant::now() + TIME_OF_JOBS,
        statements: Some(STATEMENTS_OF_JOBS),
    }
}
