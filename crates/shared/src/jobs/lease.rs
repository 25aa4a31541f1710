//! Who works on a job. The lease is a row; a batch commits only while its holder still has it.

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Nullable, Text},
};
use domain::timestamp::Timestamp;

use crate::db::{DbError, ReadTx, WriteTx, statement::Statement};

/// An instance that has not finished a batch for so long has died. Longer than any statement may take.
const LEASE_SECONDS: i64 = 60;

/// What is known of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Name of the job.
    pub job: String,
    /// The instance that works on it.
    pub holder: Option<String>,
    /// The holder has lost it by then.
    pub expires_at: Timestamp,
    /// Nobody needs to start it before.
    pub due_at: Timestamp,
    /// When it was last done with everything.
    pub finished_at: Option<Timestamp>,
    /// Why the last attempt failed.
    pub failure: Option<String>,
}

type Row = (
    String,
    Option<String>,
    i64,
    i64,
    Option<i64>,
    Option<String>,
);
type RowType = (
    Text,
    Nullable<Text>,
    BigInt,
    BigInt,
    Nullable<BigInt>,
    Nullable<Text>,
);

/// Every job that ever ran, by name.
///
/// # Errors
/// [`DbError`].
pub fn leases(tx: &mut ReadTx<'_>) -> Result<Vec<Lease>, DbError> {
    let rows: Vec<Row> = Statement::new(
        "SELECT job, holder, expires_at, due_at, finished_at, failure FROM job_leases ORDER BY job",
    )
    .rows::<RowType>()
    .load(tx.connection())?;
    let lease = |(job, holder, expires_at, due_at, finished_at, failure): Row| Lease {
        job,
        holder,
        expires_at: Timestamp::from_millis(expires_at),
        due_at: Timestamp::from_millis(due_at),
        finished_at: finished_at.map(Timestamp::from_millis),
        failure,
    };
    Ok(rows.into_iter().map(lease).collect())
}

/// Whether the job is due and nobody works on it: a look without a lock, before [`take`].
pub(super) fn is_free(tx: &mut ReadTx<'_>, job: &str, now: Timestamp) -> Result<bool, DbError> {
    let known = leases(tx)?.into_iter().find(|lease| lease.job == job);
    Ok(known.is_none_or(|lease| {
        lease.due_at <= now && (lease.holder.is_none() || lease.expires_at <= now)
    }))
}

/// Takes the job for `holder` if it is due and free. Answers the position where the work stopped, or `None` if somebody
/// was faster.
pub(super) fn take(
    tx: &mut WriteTx<'_>,
    job: &str,
    holder: &str,
    now: Timestamp,
) -> Result<Option<Option<String>>, DbError> {
    let until = now.plus_seconds(LEASE_SECONDS);
    let taken = Statement::new("INSERT INTO job_leases (job, holder, expires_at, due_at) SELECT ")
        .text(job)
        .sql(", ")
        .text(holder)
        .sql(", ")
        .big_int(until.millis())
        .sql(", ")
        .big_int(now.millis())
        .sql(
            " WHERE 1 = 1 ON CONFLICT (job) DO UPDATE SET holder = excluded.holder, \
             expires_at = excluded.expires_at WHERE job_leases.due_at <= ",
        )
        .big_int(now.millis())
        .sql(" AND (job_leases.holder IS NULL OR job_leases.expires_at <= ")
        .big_int(now.millis())
        .sql(")")
        .run(tx.connection())?;
    if taken == 0 {
        return Ok(None);
    }
    let rows: Vec<(Option<String>,)> =
        Statement::new("SELECT position FROM job_leases WHERE job = ")
            .text(job)
            .rows::<(Nullable<Text>,)>()
            .load(tx.connection())?;
    Ok(Some(
        rows.into_iter().next().and_then(|(position,)| position),
    ))
}

/// Keeps the job for another while, in the transaction of a batch: nobody else can take it until that commits. Answers
/// `false` if it was lost meanwhile.
pub(super) fn keep(
    tx: &mut WriteTx<'_>,
    job: &str,
    holder: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let kept = Statement::new("UPDATE job_leases SET expires_at = ")
        .big_int(now.plus_seconds(LEASE_SECONDS).millis())
        .sql(" WHERE job = ")
        .text(job)
        .sql(" AND holder = ")
        .text(holder)
        .run(tx.connection())?;
    Ok(kept > 0)
}

/// Remembers where the next batch goes on, in the transaction of the batch before.
pub(super) fn mark(tx: &mut WriteTx<'_>, job: &str, position: &str) -> Result<(), DbError> {
    Statement::new("UPDATE job_leases SET position = ")
        .text(position)
        .sql(" WHERE job = ")
        .text(job)
        .run(tx.connection())?;
    Ok(())
}

/// How the work on a job came to an end.
pub(super) enum End {
    /// Everything is done; due again at this time.
    Finished(Timestamp),
    /// This instance stops; another may go on at once.
    Stopped,
    /// A batch failed; due again at this time.
    Failed(Timestamp, String),
}

/// Gives the job back.
pub(super) fn give_back(
    tx: &mut WriteTx<'_>,
    job: &str,
    holder: &str,
    now: Timestamp,
    end: End,
) -> Result<(), DbError> {
    let free = Statement::new("UPDATE job_leases SET holder = NULL");
    let how = match end {
        End::Finished(due_at) => free
            .sql(", position = NULL, failure = NULL, finished_at = ")
            .big_int(now.millis())
            .sql(", due_at = ")
            .big_int(due_at.millis()),
        End::Stopped => free,
        End::Failed(due_at, failure) => free
            .sql(", failure = ")
            .text(failure)
            .sql(", due_at = ")
            .big_int(due_at.millis()),
    };
    how.sql(" WHERE job = ")
        .text(job)
        .sql(" AND holder = ")
        .text(holder)
        .run(tx.connection())?;
    Ok(())
}
