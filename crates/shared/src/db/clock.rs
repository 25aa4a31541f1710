//! The time of the database server, the one clock that all instances share.

use diesel::{RunQueryDsl as _, sql_types::BigInt};
use domain::timestamp::Timestamp;

use super::{DbError, Dialect, ReadTx, statement::Statement};

/// Now, as the database server has it. `None` for SQLite, which asks the same clock as we do.
///
/// # Errors
/// [`DbError`].
pub fn now(tx: &mut ReadTx<'_>) -> Result<Option<Timestamp>, DbError> {
    if tx.dialect() == Dialect::Sqlite {
        return Ok(None);
    }
    let sql = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
    let rows: Vec<(i64,)> = Statement::new(sql)
        .rows::<(BigInt,)>()
        .load(tx.connection())?;
    Ok(rows
        .first()
        .map(|(millis,)| Timestamp::from_millis(*millis)))
}
