//! Holding sessions alone, so that nobody changes them or their devices before the transaction ends.

use diesel::{RunQueryDsl as _, sql_types::BigInt};
use domain::identity::ids::{ClientId, SessionId};
use shared::db::{DbError, Dialect, WriteTx, statement::Statement};

/// Holds a session against every other change: of its devices, too, because whoever lets one join or closes one takes hold of
/// the session first.
///
/// # Errors
/// [`DbError`].
pub fn hold_alone(tx: &mut WriteTx<'_>, id: &SessionId) -> Result<(), DbError> {
    hold_all(tx, Statement::new("id = ").text(id.as_str()))
}

/// Holds every session that a client started or has an open device of, as [`hold_alone`].
///
/// # Errors
/// [`DbError`].
pub fn hold_of_client(tx: &mut WriteTx<'_>, client: &ClientId) -> Result<(), DbError> {
    let which = Statement::new("id IN (SELECT id FROM sessions WHERE client_id = ")
        .text(client.as_str())
        .sql(" UNION SELECT session_id FROM session_families WHERE closed_at IS NULL AND client_id = ")
        .text(client.as_str())
        // One order for all: two deletions never wait for each other.
        .sql(") ORDER BY id");
    hold_all(tx, which)
}

fn hold_all(tx: &mut WriteTx<'_>, which: Statement) -> Result<(), DbError> {
    match tx.dialect() {
        Dialect::Postgres => {
            // Counted, because a client may have millions.
            Statement::new("SELECT count(*) FROM (SELECT id FROM sessions WHERE ")
                .append(which)
                .sql(" FOR UPDATE) held")
                .rows::<(BigInt,)>()
                .load::<(i64,)>(tx.connection())?;
        }
        // There is one writer at a time.
        Dialect::Sqlite => {}
    }
    Ok(())
}
