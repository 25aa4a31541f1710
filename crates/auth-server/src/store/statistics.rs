//! How many there are of what, for operators.

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Text},
};
use shared::db::{DbError, ReadTx, statement::Statement};

/// Sessions of one kind in one state.
pub struct SessionCount {
    /// `anonymous` or `customer`.
    pub kind: String,
    /// As stored.
    pub state: String,
    /// How many.
    pub count: i64,
}

/// Counts all sessions. Reads the whole table: not for every request.
///
/// # Errors
/// [`DbError`].
pub fn sessions(tx: &mut ReadTx<'_>) -> Result<Vec<SessionCount>, DbError> {
    let rows: Vec<(String, String, i64)> = Statement::new(
        "SELECT CASE WHEN customer_id IS NULL THEN 'anonymous' ELSE 'customer' END AS kind, state, COUNT(*) \
         FROM sessions GROUP BY 1, 2",
    )
    .rows::<(Text, Text, BigInt)>()
    .load(tx.connection())?;
    let counts = rows
        .into_iter()
        .map(|(kind, state, count)| SessionCount { kind, state, count });
    Ok(counts.collect())
}

/// A signing key that is not removed.
pub struct KeyAge {
    /// Its id.
    pub kid: String,
    /// As stored.
    pub state: String,
    /// Since when it signs, or exists, in milliseconds.
    pub since: i64,
}

/// The signing keys that are published.
///
/// # Errors
/// [`DbError`].
pub fn keys(tx: &mut ReadTx<'_>) -> Result<Vec<KeyAge>, DbError> {
    let rows: Vec<(String, String, i64)> = Statement::new(
        "SELECT kid, state, COALESCE(activated_at, created_at) FROM signing_keys WHERE state <> 'removed'",
    )
    .rows::<(Text, Text, BigInt)>()
    .load(tx.connection())?;
    let ages = rows
        .into_iter()
        .map(|(kid, state, since)| KeyAge { kid, state, since });
    Ok(ages.collect())
}
