//! Rows whose time is over.

use domain::timestamp::Timestamp;
use shared::db::{DbError, Dialect, WriteTx, statement::Statement};

/// Deletes up to `limit` expired opaque tokens and up to `limit` revocations of tokens that have expired since; answers
/// how many rows went.
///
/// # Errors
/// [`DbError`].
pub fn purge_tokens(tx: &mut WriteTx<'_>, now: Timestamp, limit: i64) -> Result<usize, DbError> {
    let opaque = purge(tx, "opaque_access_tokens", now, limit)?;
    let revoked = purge(tx, "revoked_tokens", now, limit)?;
    Ok(opaque.saturating_add(revoked))
}

fn purge(
    tx: &mut WriteTx<'_>,
    table: &'static str,
    now: Timestamp,
    limit: i64,
) -> Result<usize, DbError> {
    // The physical row address: both tables have different keys.
    let address = match tx.dialect() {
        Dialect::Postgres => "ctid",
        Dialect::Sqlite => "rowid",
    };
    let deleted = Statement::new(format!(
        "DELETE FROM {table} WHERE {address} IN (SELECT {address} FROM {table} WHERE expires_at < "
    ))
    // Clocks of verifiers may be behind ours by the leeway.
    .big_int(now.plus_seconds(-60).millis())
    .sql(" LIMIT ")
    .big_int(limit)
    .sql(")")
    .run(tx.connection())?;
    Ok(deleted)
}
