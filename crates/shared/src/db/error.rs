//! What can go wrong with a database.

use std::fmt;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};

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
    /// It took longer than it may, and was given up; a moment later it may succeed.
    #[error("the database took too long: {0}")]
    TimedOut(String),
    /// No connection could be had, or it was lost.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The database answers, but cannot keep anything until an operator has helped it.
    #[error("{0}: {1}")]
    Storage(StorageTrouble, String),
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

/// Why a database keeps nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageTrouble {
    /// It only reads: a standby, a file without permission to write, or somebody set it so.
    ReadOnly,
    /// Its disk is full.
    Full,
    /// Its disk fails, or its files are damaged.
    Faulty,
}

impl fmt::Display for StorageTrouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::ReadOnly => "the database is read-only",
            Self::Full => "the disk of the database is full",
            Self::Faulty => "the disk of the database fails",
        })
    }
}

impl DbError {
    /// Whether trying again, or a moment later, can help.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Busy(_) | Self::TimedOut(_) | Self::Unavailable(_) | Self::Storage(..)
        )
    }
}

/// What the caller can do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Busy,
    TimedOut,
    Unavailable,
    Storage(StorageTrouble),
    Other,
}

/// What the texts of errors begin with, or have in them, that diesel has no kind for.
///
/// Both databases have codes for them (the SQLSTATE given here, SQLite's result codes), but diesel 2.3 keeps the codes
/// to itself: `DatabaseErrorInformation` has texts only. SQLite's texts are constants of the library. PostgreSQL would
/// translate its own: `connect` asks every connection for English (`lc_messages`) and warns if it is not allowed to.
const TEXTS: &[(&str, Sort)] = &[
    // 40P01
    ("deadlock detected", Sort::Busy),
    // 57014: by the statement's time, or by pg_cancel_backend
    ("canceling statement due to", Sort::TimedOut),
    // 55P03, without waiting and after lock_timeout (which says "canceling statement", too)
    ("could not obtain lock", Sort::TimedOut),
    // 57P01, 57P02, 57P05, 25P03
    ("terminating connection", Sort::Unavailable),
    // 57P03
    ("the database system is", Sort::Unavailable),
    // 53300
    ("too many clients", Sort::Unavailable),
    ("too many connections", Sort::Unavailable),
    ("remaining connection slots", Sort::Unavailable),
    // 53200
    ("out of memory", Sort::Unavailable),
    ("out of shared memory", Sort::Unavailable),
    // libpq, without SQLSTATE
    ("server closed the connection", Sort::Unavailable),
    ("connection to server", Sort::Unavailable),
    ("no connection to the server", Sort::Unavailable),
    ("could not receive data from server", Sort::Unavailable),
    ("could not send data to server", Sort::Unavailable),
    ("lost synchronization with server", Sort::Unavailable),
    ("SSL connection has been closed", Sort::Unavailable),
    ("SSL SYSCALL error", Sort::Unavailable),
    // 53100
    (
        "No space left on device",
        Sort::Storage(StorageTrouble::Full),
    ),
    ("Disk quota exceeded", Sort::Storage(StorageTrouble::Full)),
    ("could not extend file", Sort::Storage(StorageTrouble::Full)),
    // 25006 has a kind, except where recovery refuses by itself
    ("during recovery", Sort::Storage(StorageTrouble::ReadOnly)),
    // 58030, XX001
    (
        "could not read block",
        Sort::Storage(StorageTrouble::Faulty),
    ),
    (
        "could not write to file",
        Sort::Storage(StorageTrouble::Faulty),
    ),
    (
        "could not fsync file",
        Sort::Storage(StorageTrouble::Faulty),
    ),
    (
        "invalid page in block",
        Sort::Storage(StorageTrouble::Faulty),
    ),
    // SQLITE_BUSY, after waiting for busy_timeout
    ("database is locked", Sort::TimedOut),
    // SQLITE_LOCKED
    ("table is locked", Sort::Busy),
    ("schema is locked", Sort::Busy),
    // SQLITE_PROTOCOL
    ("locking protocol", Sort::Busy),
    // SQLITE_INTERRUPT
    ("interrupted", Sort::TimedOut),
    // SQLITE_FULL
    (
        "database or disk is full",
        Sort::Storage(StorageTrouble::Full),
    ),
    // SQLITE_READONLY
    (
        "attempt to write a readonly database",
        Sort::Storage(StorageTrouble::ReadOnly),
    ),
    // SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_CORRUPT, SQLITE_NOTADB
    ("disk I/O error", Sort::Storage(StorageTrouble::Faulty)),
    (
        "unable to open database file",
        Sort::Storage(StorageTrouble::Faulty),
    ),
    (
        "database disk image is malformed",
        Sort::Storage(StorageTrouble::Faulty),
    ),
    (
        "file is not a database",
        Sort::Storage(StorageTrouble::Faulty),
    ),
];

/// Sorts an error, by diesel's kind where there is one.
pub(super) fn sort(error: &Error) -> Sort {
    match error {
        Error::DatabaseError(kind, details) => sort_by_kind(*kind, details.as_ref()),
        Error::RollbackErrorOnCommit { commit_error, .. } => sort(commit_error),
        // diesel gave the connection up.
        Error::BrokenTransactionManager => Sort::Unavailable,
        _ => Sort::Other,
    }
}

fn sort_by_kind(kind: DatabaseErrorKind, details: &dyn DatabaseErrorInformation) -> Sort {
    match kind {
        DatabaseErrorKind::SerializationFailure => Sort::Busy,
        DatabaseErrorKind::ClosedConnection => Sort::Unavailable,
        DatabaseErrorKind::ReadOnlyTransaction => Sort::Storage(StorageTrouble::ReadOnly),
        // A violated constraint is what its kind says, whatever value its text quotes.
        DatabaseErrorKind::UniqueViolation
        | DatabaseErrorKind::ForeignKeyViolation
        | DatabaseErrorKind::NotNullViolation
        | DatabaseErrorKind::CheckViolation
        | DatabaseErrorKind::RestrictViolation
        | DatabaseErrorKind::ExclusionViolation => Sort::Other,
        _ => TEXTS
            .iter()
            .find(|(text, _)| details.message().contains(text))
            .map_or(Sort::Other, |(_, sort)| *sort),
    }
}

impl From<Error> for DbError {
    fn from(error: Error) -> Self {
        let message = || match &error {
            Error::DatabaseError(_, details) => details.message().to_owned(),
            _ => error.to_string(),
        };
        match sort(&error) {
            Sort::Busy => Self::Busy(message()),
            Sort::TimedOut => Self::TimedOut(message()),
            Sort::Unavailable => Self::Unavailable(message()),
            Sort::Storage(trouble) => Self::Storage(trouble, message()),
            Sort::Other => match error {
                Error::DatabaseError(DatabaseErrorKind::UniqueViolation, details) => {
                    Self::NotUnique {
                        constraint: details
                            .constraint_name()
                            .unwrap_or_else(|| details.message())
                            .to_owned(),
                    }
                }
                Error::DeserializationError(inner) => Self::Corrupt(inner.to_string()),
                other => Self::Other(other),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use diesel::result::{DatabaseErrorKind, Error};

    use super::{DbError, StorageTrouble};

    fn sorted(kind: DatabaseErrorKind, text: &str) -> DbError {
        Error::DatabaseError(kind, Box::new(text.to_owned())).into()
    }

    #[test]
    fn a_kind_counts_more_than_a_text() {
        // A value in the text of a violated constraint belongs to a client.
        let kind = DatabaseErrorKind::CheckViolation;
        assert!(matches!(
            sorted(kind, "database or disk is full"),
            DbError::Other(_)
        ));
        let kind = DatabaseErrorKind::ReadOnlyTransaction;
        assert!(matches!(
            sorted(kind, "cannot execute INSERT in a read-only transaction"),
            DbError::Storage(StorageTrouble::ReadOnly, _)
        ));
        let kind = DatabaseErrorKind::SerializationFailure;
        assert!(matches!(sorted(kind, "whatever"), DbError::Busy(_)));
    }

    #[test]
    fn what_has_no_kind_is_known_by_its_text() {
        let unknown = |text| sorted(DatabaseErrorKind::Unknown, text);
        assert!(matches!(unknown("deadlock detected"), DbError::Busy(_)));
        assert!(matches!(
            unknown("canceling statement due to statement timeout"),
            DbError::TimedOut(_)
        ));
        assert!(matches!(
            unknown("could not extend file \"base/5/16384\": No space left on device"),
            DbError::Storage(StorageTrouble::Full, _)
        ));
        assert!(matches!(
            unknown("database or disk is full"),
            DbError::Storage(StorageTrouble::Full, _)
        ));
        assert!(matches!(
            unknown("disk I/O error"),
            DbError::Storage(StorageTrouble::Faulty, _)
        ));
        assert!(matches!(
            unknown("the database system is shutting down"),
            DbError::Unavailable(_)
        ));
        assert!(matches!(
            unknown("relation \"carts\" does not exist"),
            DbError::Other(_)
        ));
    }

    #[test]
    fn a_storage_that_keeps_nothing_is_worth_another_try_later() {
        for trouble in [
            StorageTrouble::ReadOnly,
            StorageTrouble::Full,
            StorageTrouble::Faulty,
        ] {
            assert!(DbError::Storage(trouble, String::new()).is_transient());
        }
    }
}
