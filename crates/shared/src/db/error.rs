//! What can go wrong with a database.

use diesel::result::{DatabaseErrorKind, Error};

/// A failure of the database, sorted by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A unique value is taken. `constraint` names the constraint (PostgreSQL) or the columns (SQLite).
    #[error("not unique: {constraint}")]
    NotUnique {
        /// The constraint's name or its columns.
        constraint: String,
    },
    /// Another transaction was in the way; the same request may succeed at once.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// No connection could be had.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The work was interrupted by a panic.
    #[error("the database work was interrupted: {0}")]
    Interrupted(String),
    /// A migration failed.
    #[error("migration failed: {0}")]
    Migration(String),
    /// A stored value cannot be read.
    #[error("a stored value cannot be read: {0}")]
    Corrupt(String),
    /// Anything else.
    #[error("database error: {0}")]
    Other(#[source] Error),
}

impl DbError {
    /// Whether trying again, or a moment later, can help.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Unavailable(_))
    }
}

impl From<Error> for DbError {
    fn from(error: Error) -> Self {
        match &error {
            Error::DatabaseError(kind, details) => {
                let message = details.message().to_owned();
                match kind {
                    DatabaseErrorKind::UniqueViolation => Self::NotUnique {
                        constraint: details.constraint_name().unwrap_or(&message).to_owned(),
                    },
                    DatabaseErrorKind::SerializationFailure => Self::Busy(message),
                    DatabaseErrorKind::ClosedConnection => Self::Unavailable(message),
                    _ if message.contains("database is locked")
                        || message.contains("deadlock detected")
                        || message.contains("canceling statement due to") =>
                    {
                        Self::Busy(message)
                    }
                    _ if message.contains("terminating connection")
                        || message.contains("server closed the connection")
                        || message.contains("connection to server")
                        || message.contains("no connection to the server") =>
                    {
                        Self::Unavailable(message)
                    }
                    _ => Self::Other(error),
                }
            }
            Error::DeserializationError(inner) => Self::Corrupt(inner.to_string()),
            Error::BrokenTransactionManager => Self::Unavailable(error.to_string()),
            _ => Self::Other(error),
        }
    }
}
