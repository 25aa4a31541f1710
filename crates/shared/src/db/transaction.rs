//! Reading and writing, told apart by type.

use std::{
    ops::{Deref, DerefMut},
    time::Instant,
};

use diesel::connection::{
    AnsiTransactionManager, Connection, SimpleConnection as _, TransactionManager,
};

use super::{DbConnection, DbError, Dialect};

/// A connection that reads. Functions that only read take this.
pub struct ReadTx<'a> {
    connection: &'a mut DbConnection,
    dialect: Dialect,
}

impl<'a> ReadTx<'a> {
    pub(super) const fn new(connection: &'a mut DbConnection, dialect: Dialect) -> Self {
        Self {
            connection,
            dialect,
        }
    }

    /// The connection, for diesel.
    pub const fn connection(&mut self) -> &mut DbConnection {
        self.connection
    }

    /// Which SQL it speaks.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }
}

/// An open transaction. Functions that write take this; it also reads, because it dereferences to [`ReadTx`].
pub struct WriteTx<'a>(ReadTx<'a>);

impl<'a> Deref for WriteTx<'a> {
    type Target = ReadTx<'a>;

    fn deref(&self) -> &ReadTx<'a> {
        &self.0
    }
}

impl<'a> DerefMut for WriteTx<'a> {
    fn deref_mut(&mut self) -> &mut ReadTx<'a> {
        &mut self.0
    }
}

type Manager = <DbConnection as Connection>::TransactionManager;

/// How long a transaction may take.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// It does not commit later: by then its caller was told that it failed.
    pub(super) deadline: Instant,
    /// What sets the limits of its statements, if not the usual ones.
    pub(super) statements: Option<&'static str>,
}

pub(super) fn write<T, E: From<DbError>>(
    connection: &mut DbConnection,
    dialect: Dialect,
    limits: Limits,
    work: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    begin(connection).map_err(DbError::from)?;
    let result = set_limits(connection, dialect, limits)
        .map_err(E::from)
        .and_then(|()| work(&mut WriteTx(ReadTx::new(connection, dialect))))
        .and_then(|value| in_time(limits).map(|()| value).map_err(E::from));
    match result {
        Ok(value) => {
            commit(connection)?;
            Ok(value)
        }
        Err(error) => {
            // The first error is the one to report; a failed rollback breaks the connection, and the pool drops it.
            if let Err(rollback) =
                <Manager as TransactionManager<DbConnection>>::rollback_transaction(connection)
            {
                log::warn!("rollback failed: {rollback}");
            }
            Err(error)
        }
    }
}

fn set_limits(
    connection: &mut DbConnection,
    dialect: Dialect,
    limits: Limits,
) -> Result<(), DbError> {
    match (dialect, limits.statements) {
        (Dialect::Postgres, Some(set)) => Ok(connection.batch_execute(set)?),
        _ => Ok(()),
    }
}

fn in_time(limits: Limits) -> Result<(), DbError> {
    if Instant::now() < limits.deadline {
        return Ok(());
    }
    Err(DbError::TimedOut(
        "a transaction was not done before its deadline".to_owned(),
    ))
}

fn begin(connection: &mut DbConnection) -> diesel::QueryResult<()> {
    match connection {
        // A deferred transaction that reads first is refused the later upgrade to writing, whatever the time-out.
        DbConnection::Sqlite(sqlite) => {
            AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE")
        }
        DbConnection::Postgres(postgres) => AnsiTransactionManager::begin_transaction(postgres),
    }
}

fn commit(connection: &mut DbConnection) -> Result<(), DbError> {
    let committed = <Manager as TransactionManager<DbConnection>>::commit_transaction(connection);
    committed.map_err(|error| {
        if let Err(rollback) =
            <Manager as TransactionManager<DbConnection>>::rollback_transaction(connection)
        {
            log::debug!("nothing to roll back after a failed commit: {rollback}");
        }
        DbError::from(error)
    })
}
