//! An end for looks through a whole SQLite file.
//!
//! Nothing ends a statement from outside there: diesel shows neither `sqlite3_interrupt` nor SQLite's progress handler. So
//! the statement asks itself, at every row, whether anybody still waits for it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use diesel::{
    QueryResult, SqliteConnection,
    serialize::{IsNull, Output, Result, ToSql},
    sql_types::Bool,
    sqlite::Sqlite,
};

/// A condition for statements on SQLite that may look at everything: true, or the end of the statement.
pub const ENDS_IN_TIME: &str = "within_deadline()";

/// `sort` in `error` knows it by its beginning.
const TEXT: &str = "canceling statement due to its deadline";

#[diesel::declare_sql_function]
extern "SQL" {
    /// [`ENDS_IN_TIME`].
    fn within_deadline() -> Bool;
}

/// Until when the work of a connection may last.
#[derive(Clone, Default)]
pub(super) struct Deadline(Arc<Mutex<Option<Instant>>>);

impl Deadline {
    /// Work begins that may last until then; `None`: it is over.
    pub(super) fn set(&self, deadline: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = deadline;
    }

    fn is_over(&self) -> bool {
        let deadline = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

#[derive(Debug)]
enum Answer {
    GoOn,
    End,
}

impl ToSql<Bool, Sqlite> for Answer {
    fn to_sql(&self, out: &mut Output<'_, '_, Sqlite>) -> Result {
        match self {
            Self::GoOn => {
                out.set_value(1_i32);
                Ok(IsNull::No)
            }
            Self::End => Err(TEXT.into()),
        }
    }
}

/// Lets statements of the connection ask.
pub(super) fn register(connection: &mut SqliteConnection, deadline: Deadline) -> QueryResult<()> {
    // Not deterministic: SQLite would ask once for the whole statement.
    within_deadline_utils::register_nondeterministic_impl(connection, move || {
        if deadline.is_over() {
            Answer::End
        } else {
            Answer::GoOn
        }
    })
}
