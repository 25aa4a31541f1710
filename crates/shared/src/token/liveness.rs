//! Whether a token still lives: the database's word, in the same query or transaction as the work.

use diesel::{QueryResult, RunQueryDsl as _, sql_types::BigInt};

use super::claims::AccessTokenClaims;
use crate::db::{DbError, Dialect, ReadTx, WriteTx, statement::Statement};

/// SQL condition over a session aliased `s`: its access tokens are good until they expire.
///
/// Expired and evicted sessions cannot be refreshed, but tokens issued before keep their own time.
const LIVE_SESSION: &str = "s.state IN ('active', 'expired', 'evicted')";

/// Whether the token lives, without a lock.
///
/// # Errors
/// [`DbError`].
pub fn is_live(tx: &mut ReadTx<'_>, claims: &AccessTokenClaims) -> Result<bool, DbError> {
    let found = match &claims.sid {
        Some(session) => session_statement(session, claims),
        None => client_statement(claims),
    };
    Ok(one(found, tx)?.is_some())
}

/// Whether the token lives, holding its session so that no sign-in can end it before this transaction commits.
///
/// The session is always the first lock taken, so transactions cannot wait for each other in a circle.
///
/// # Errors
/// [`DbError`].
pub fn hold(tx: &mut WriteTx<'_>, claims: &AccessTokenClaims) -> Result<bool, DbError> {
    let Some(session) = &claims.sid else {
        return is_live(tx, claims);
    };
    let mut statement = session_statement(session, claims);
    if tx.dialect() == Dialect::Postgres {
        statement = statement.sql(" FOR SHARE OF s");
    }
    Ok(one(statement, tx)?.is_some())
}

fn session_statement(session: &str, claims: &AccessTokenClaims) -> Statement {
    Statement::new("SELECT CAST(1 AS BIGINT) FROM sessions s WHERE ")
        .append(live_session(session, claims))
}

/// SQL condition over a session aliased `s`: it is the one of the token, and the token lives.
#[must_use]
pub fn live_session(session: &str, claims: &AccessTokenClaims) -> Statement {
    let condition = Statement::new("s.id = ")
        .text(session)
        .sql(" AND ")
        .sql(LIVE_SESSION)
        .sql(" AND NOT EXISTS (SELECT 1 FROM revoked_tokens r WHERE r.jti = ")
        .text(&claims.jti)
        .sql(")");
    match &claims.fam {
        None => condition,
        Some(family) => condition
            .sql(" AND EXISTS (SELECT 1 FROM session_families f WHERE f.id = ")
            .text(family)
            .sql(" AND f.session_id = s.id AND f.closed_at IS NULL)"),
    }
}

fn client_statement(claims: &AccessTokenClaims) -> Statement {
    Statement::new("SELECT CAST(1 AS BIGINT) FROM api_clients c WHERE c.id = ")
        .text(&claims.client_id)
        .sql(" AND NOT EXISTS (SELECT 1 FROM revoked_tokens r WHERE r.jti = ")
        .text(&claims.jti)
        .sql(")")
}

fn one(statement: Statement, tx: &mut ReadTx<'_>) -> Result<Option<i64>, DbError> {
    let found: QueryResult<Vec<(i64,)>> = statement.rows::<(BigInt,)>().load(tx.connection());
    Ok(found?.first().map(|(one,)| *one))
}
