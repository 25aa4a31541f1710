//! Secrets that all instances of both servers must agree on and nobody need configure: rows of the database.

use diesel::{RunQueryDsl as _, sql_types::Text};

use super::{Database, DbError, ReadTx, WriteTx, statement::Statement};
use crate::random::{SharedRandomness, secret};

/// The secret of this name, 256 bits in base64url. The first who asks makes it.
///
/// # Errors
/// [`DbError`].
pub async fn server_secret(
    database: &Database,
    randomness: &SharedRandomness,
    name: &'static str,
) -> Result<String, DbError> {
    if let Some(known) = database.read(move |tx| find_secret(tx, name)).await? {
        return Ok(known);
    }
    let made = secret(randomness.as_ref());
    let kept = database
        .write(move |tx| {
            keep_first(tx, name, &made)?;
            find_secret(tx, name)
        })
        .await?;
    kept.ok_or_else(|| DbError::Corrupt(format!("server secret `{name}`: missing")))
}

/// The secret of this name, if somebody made it.
///
/// # Errors
/// [`DbError`].
pub fn find_secret(tx: &mut ReadTx<'_>, name: &str) -> Result<Option<String>, DbError> {
    let rows: Vec<(String,)> = Statement::new("SELECT secret FROM server_secrets WHERE name = ")
        .text(name)
        .rows::<(Text,)>()
        .load(tx.connection())?;
    Ok(rows.into_iter().next().map(|(text,)| text))
}

/// Stores a secret unless there is one: another instance may have been faster, and its secret stays.
///
/// # Errors
/// [`DbError`].
pub fn keep_first(tx: &mut WriteTx<'_>, name: &str, made: &str) -> Result<(), DbError> {
    Statement::new("INSERT INTO server_secrets (name, secret) SELECT ")
        .text(name)
        .sql(", ")
        .text(made)
        // SQLite takes `ON CONFLICT` after a SELECT for a join condition unless there is a WHERE.
        .sql(" WHERE 1 = 1 ON CONFLICT DO NOTHING")
        .run(tx.connection())?;
    Ok(())
}

/// Stores a secret in the place of whatever there is.
///
/// # Errors
/// [`DbError`].
pub fn replace_secret(tx: &mut WriteTx<'_>, name: &str, made: &str) -> Result<(), DbError> {
    Statement::new("DELETE FROM server_secrets WHERE name = ")
        .text(name)
        .run(tx.connection())?;
    keep_first(tx, name, made)
}
