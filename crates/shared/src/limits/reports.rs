//! What instances tell each other: reports in one table, numbered in the order in which they are committed.

use std::collections::BTreeMap;

use diesel::{
    RunQueryDsl as _,
    connection::SimpleConnection as _,
    sql_types::{BigInt, Text},
};
use domain::timestamp::Timestamp;

use crate::db::{DbError, Dialect, ReadTx, WriteTx, statement::Statement};

/// Whoever tells waits for the one before, so that nobody who has read a number misses a lower one.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7311957205314119)";
/// Nobody reads a report after so long: what it tells of is paid for.
const KEPT_SECONDS: i64 = 600;

/// Counts by bucket and key, the key in hexadecimal digits.
pub(super) type Body = BTreeMap<String, BTreeMap<String, i64>>;

/// What one instance let through within about a second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Report {
    /// Later reports have higher numbers; the time of the report in epoch milliseconds, or more if two fell together.
    pub(super) number: i64,
    /// Which instance told.
    pub(super) reporter: String,
    /// A [`Body`] as JSON.
    pub(super) counts: String,
}

/// So that whoever has read a number misses no lower one, and nobody waits in a circle.
///
/// # Errors
/// [`DbError`].
pub(super) fn wait_for_the_one_before(tx: &mut WriteTx<'_>) -> Result<(), DbError> {
    if tx.dialect() == Dialect::Postgres {
        tx.connection().batch_execute(LOCK)?;
    }
    Ok(())
}

/// Tells the others, and forgets what is old. To be called when nobody else does.
///
/// # Errors
/// [`DbError`].
pub(super) fn tell(
    tx: &mut WriteTx<'_>,
    reporter: &str,
    counts: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let last: Vec<(i64,)> =
        Statement::new("SELECT coalesce(max(number), 0) FROM rate_limit_reports")
            .rows::<(BigInt,)>()
            .load(tx.connection())?;
    let last = last.first().map_or(0, |(number,)| *number);
    Statement::new("INSERT INTO rate_limit_reports (number, reporter, counts) SELECT ")
        .big_int(last.saturating_add(1).max(now.millis()))
        .sql(", ")
        .text(reporter)
        .sql(", ")
        .text(counts)
        .run(tx.connection())?;
    Statement::new("DELETE FROM rate_limit_reports WHERE number < ")
        .big_int(now.plus_seconds(-KEPT_SECONDS).millis())
        .run(tx.connection())?;
    Ok(())
}

/// The reports behind a number, in their order, at most so many.
///
/// # Errors
/// [`DbError`].
pub(super) fn after(tx: &mut ReadTx<'_>, number: i64, most: i64) -> Result<Vec<Report>, DbError> {
    let rows: Vec<(i64, String, String)> =
        Statement::new("SELECT number, reporter, counts FROM rate_limit_reports WHERE number > ")
            .big_int(number)
            .sql(" ORDER BY number LIMIT ")
            .big_int(most)
            .rows::<(BigInt, Text, Text)>()
            .load(tx.connection())?;
    let report = |(number, reporter, counts)| Report {
        number,
        reporter,
        counts,
    };
    Ok(rows.into_iter().map(report).collect())
}
