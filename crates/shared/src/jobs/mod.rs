//! Housekeeping beside the requests: in batches, by one instance at a time, safe to be done twice.

mod lease;
mod runner;

use std::time::Duration;

use domain::timestamp::Timestamp;

use crate::db::{DbError, WriteTx};

pub use lease::{Lease, leases};
pub use runner::{Outcome, Runner, Running};

/// One batch of a job.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'a> {
    /// Now.
    pub now: Timestamp,
    /// At most about so many rows are looked at or changed.
    pub limit: i64,
    /// Where the batch before this one stopped, for jobs that walk through a table.
    pub position: Option<&'a str>,
}

/// What a batch did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Rows that were changed or deleted.
    pub rows: usize,
    /// Whether there is more to do.
    pub next: Next,
}

/// How a job goes on after a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing is left until the job is due again.
    Finished,
    /// The same again.
    Again,
    /// Go on behind this position.
    From(String),
}

impl Batch {
    /// A batch of a job that takes what it finds until nothing is left.
    #[must_use]
    pub fn of(rows: usize, limit: i64) -> Self {
        let is_full = i64::try_from(rows).is_ok_and(|rows| rows >= limit);
        Self {
            rows,
            next: if is_full { Next::Again } else { Next::Finished },
        }
    }
}

/// Why a batch was rolled back.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Something else is wrong.
    #[error("{0}")]
    Failed(String),
}

/// Something that must be done again and again. Every batch is one transaction; doing a batch twice does no harm.
pub trait Job: Send + Sync {
    /// Its name in the database and the log: lowercase words with hyphens, unique among both servers.
    fn name(&self) -> &'static str;

    /// How long after it was finished it is due again.
    fn period(&self) -> Duration;

    /// Does one batch.
    ///
    /// # Errors
    /// [`JobError`]; the batch is rolled back and tried again later.
    fn run(&self, tx: &mut WriteTx<'_>, turn: &Turn<'_>) -> Result<Batch, JobError>;
}

#[cfg(test)]
mod tests {
    use super::{Batch, Next};

    #[test]
    fn a_full_batch_asks_for_another_one() {
        assert_eq!(Batch::of(10, 10).next, Next::Again);
        assert_eq!(Batch::of(9, 10).next, Next::Finished);
        assert_eq!(Batch::of(0, 10).next, Next::Finished);
    }
}
