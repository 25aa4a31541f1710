//! Answers that can be asked for again.

use diesel::{RunQueryDsl as _, sql_types::Text};
use domain::timestamp::Timestamp;
use shared::db::{DbError, ReadTx, WriteTx, statement::Statement};

/// Takes the key with this hash until `expires_at`, and keeps `response` under it. Answers `false` if it is taken. Of two
/// transactions at once the second waits for the first.
///
/// # Errors
/// [`DbError`].
pub fn take(
    tx: &mut WriteTx<'_>,
    hash: &str,
    response: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<bool, DbError> {
    let taken =
        Statement::new("INSERT INTO idempotency_keys (hash, response, expires_at) VALUES (")
            .text(hash)
            .sql(", ")
            .text(response)
            .sql(", ")
            .big_int(expires_at.millis())
            .sql(
                ") ON CONFLICT (hash) DO UPDATE SET response = excluded.response, \
                 expires_at = excluded.expires_at WHERE idempotency_keys.expires_at <= ",
            )
            .big_int(now.millis())
            .run(tx.connection())?;
    Ok(taken > 0)
}

/// What is kept under the key with this hash.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut ReadTx<'_>, hash: &str) -> Result<Option<String>, DbError> {
    let rows: Vec<(String,)> =
        Statement::new("SELECT response FROM idempotency_keys WHERE hash = ")
            .text(hash)
            .rows::<(Text,)>()
            .load(tx.connection())?;
    Ok(rows.into_iter().next().map(|(response,)| response))
}
