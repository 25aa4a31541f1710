//! The only door to the database: one blocking hop, one connection, one transaction per request.

mod advice;
pub mod clock;
mod connection;
mod crew;
mod error;
mod migrate;
mod pool;
pub mod schema;
pub mod server_secret;
pub mod statement;
mod transaction;

use std::{sync::Arc, time::Instant};

pub use connection::{DbConnection, Dialect};
pub use error::DbError;
pub use migrate::{Migration, MigrationState};
pub use pool::PoolUse;
pub use transaction::{ReadTx, WriteTx};

use prometheus::Histogram;

use crate::config::database::DatabaseSettings;
use pool::Pool;

/// A database, SQLite or PostgreSQL, with its pools. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    readers: Arc<Pool>,
    writers: Arc<Pool>,
    dialect: Dialect,
}

impl Database {
    /// Opens the pools; connections are made as they are needed.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if the database cannot be reached.
    pub fn open(settings: &DatabaseSettings) -> Result<Self, DbError> {
        let (readers, writers) = pool::open(settings)?;
        Ok(Self {
            readers,
            writers,
            dialect: settings.url.dialect(),
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
        let (pool, dialect, asked) = (Arc::clone(&self.readers), self.dialect, Instant::now());
        let work = move || {
            let mut connection = pool.get_for(asked)?;
            let result = work(&mut ReadTx::new(&mut connection, dialect));
            if result.is_err() {
                pool.inspect(&mut connection);
            }
            result
        };
        self.readers.crew.run(work).await
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
        let (pool, dialect, asked) = (Arc::clone(&self.writers), self.dialect, Instant::now());
        let work = move || {
            let mut connection = pool.get_for(asked)?;
            let result = transaction::write(&mut connection, dialect, work);
            if result.is_err() {
                pool.inspect(&mut connection);
            }
            result
        };
        self.writers.crew.run(work).await
    }

    /// [`Self::read`] on this thread: for commands, jobs and tests.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_blocking<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.readers.get()?;
        let result = work(&mut ReadTx::new(&mut connection, self.dialect));
        if result.is_err() {
            self.readers.inspect(&mut connection);
        }
        result
    }

    /// [`Self::write`] on this thread: for commands, jobs and tests.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_blocking<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.writers.get()?;
        let result = transaction::write(&mut connection, self.dialect, work);
        if result.is_err() {
            self.writers.inspect(&mut connection);
        }
        result
    }

    /// Brings the schema up to date; answers the names of the migrations it ran.
    ///
    /// # Errors
    /// [`DbError::Migration`] if one fails; it is rolled back.
    pub fn migrate(&self) -> Result<Vec<String>, DbError> {
        let mut connection = self.writers.get()?;
        migrate::run_pending(&mut connection)
    }

    /// All migrations, and what became of them.
    ///
    /// # Errors
    /// [`DbError`] if the database cannot be asked.
    pub fn migrations(&self) -> Result<Vec<Migration>, DbError> {
        let mut connection = self.readers.get()?;
        migrate::all(&mut connection)
    }

    /// How busy the pools are now.
    #[must_use]
    pub fn pool_use(&self) -> Vec<PoolUse> {
        if Arc::ptr_eq(&self.readers, &self.writers) {
            return vec![self.readers.usage("all")];
        }
        vec![self.readers.usage("readers"), self.writers.usage("writers")]
    }

    /// Tells `histogram` from now on, in seconds, how long each piece of work waited for a connection.
    pub fn observe_waits(&self, histogram: &Histogram) {
        self.readers.observe_waits(histogram.clone());
        if !Arc::ptr_eq(&self.readers, &self.writers) {
            self.writers.observe_waits(histogram.clone());
        }
    }

    /// Whether the schema is up to date.
    ///
    /// # Errors
    /// [`DbError`] if the database cannot be asked.
    pub fn is_migrated(&self) -> Result<bool, DbError> {
        let mut connection = self.readers.get()?;
        migrate::is_current(&mut connection)
    }
}
