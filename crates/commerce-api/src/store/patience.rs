//! How long a statement may take that looks at every row of a kind.

use diesel::{RunQueryDsl as _, sql_types::Text};
use shared::db::{DbError, Dialect, WriteTx, statement::Statement};

/// PostgreSQL ends a look that takes longer; the request is answered with 503 and may be made again.
const LONGEST_LOOK: &str = "5s";

/// Runs a look at every row of a kind, with less time than other statements have.
///
/// SQLite has no such limit: its file is as large as one machine reads through in about that time, and the server that
/// embeds it has no neighbours to protect.
///
/// # Errors
/// What `look` answers; [`DbError::TimedOut`] if it takes too long.
pub fn looking<T, E: From<DbError>>(
    tx: &mut WriteTx<'_>,
    look: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    if tx.dialect() == Dialect::Sqlite {
        return look(tx);
    }
    let usual = setting(
        tx,
        Statement::new("SELECT current_setting('statement_timeout')"),
    )?;
    limit(tx, LONGEST_LOOK)?;
    // After an error there is nothing to restore: the transaction is over, and the setting with it.
    let seen = look(tx)?;
    limit(tx, &usual)?;
    Ok(seen)
}

fn limit(tx: &mut WriteTx<'_>, time: &str) -> Result<(), DbError> {
    let statement = Statement::new("SELECT set_config('statement_timeout', ")
        .text(time)
        .sql(", true)");
    setting(tx, statement).map(|_| ())
}

fn setting(tx: &mut WriteTx<'_>, statement: Statement) -> Result<String, DbError> {
    let rows: Vec<(String,)> = statement.rows::<(Text,)>().load(tx.connection())?;
    Ok(rows
        .into_iter()
        .next()
        .map_or_else(String::new, |(value,)| value))
}
