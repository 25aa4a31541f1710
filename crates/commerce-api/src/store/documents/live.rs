//! Reading a document and asking whether the token lives, in one query.

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Nullable, Text},
};
use domain::{kind::Kind, world::By};
use shared::{
    db::{DbError, Dialect, ReadTx, WriteTx, statement::Statement},
    token::{claims::AccessTokenClaims, liveness::live_session},
};

use super::{COLUMNS, Row, pick};
use crate::store::visibility::Visibility;

/// The answer to a query that also asks whether the token lives.
#[derive(Clone, Debug)]
pub enum Answer<T> {
    /// The token is dead: the rest of the answer does not matter.
    TokenIsDead,
    /// What was found.
    Live(T),
}

/// A document that is read to be changed, with what a change must know besides.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The document, if the request sees one.
    pub row: Option<Row>,
    /// The version of the project's reference data at the same moment.
    pub catalog_version: i64,
}

/// [`find`](super::find) and the check of the token's session in one query: the hot read path.
///
/// # Errors
/// [`DbError`].
pub fn find_live(
    tx: &mut ReadTx<'_>,
    claims: &AccessTokenClaims,
    session: &str,
    seen: &Visibility,
    kind: Kind,
    by: By<'_>,
) -> Result<Answer<Option<String>>, DbError> {
    let statement = Statement::new("SELECT d.body FROM sessions s LEFT JOIN documents d ON ")
        .append(seen.condition(kind))
        .sql(" AND ")
        .append(pick(&seen.project, kind, by))
        .sql(" WHERE ")
        .append(live_session(session, claims));
    let rows: Vec<(Option<String>,)> = statement
        .rows::<(Nullable<Text>,)>()
        .load(tx.connection())?;
    Ok(match rows.into_iter().next() {
        None => Answer::TokenIsDead,
        Some((body,)) => Answer::Live(body),
    })
}

/// [`find`](super::find), the check of the token's session, and the catalog version in one query: the hot write path.
///
/// The session is held against a sign-in that would end it before this transaction commits.
///
/// # Errors
/// [`DbError`].
pub fn load_live(
    tx: &mut WriteTx<'_>,
    claims: &AccessTokenClaims,
    session: &str,
    seen: &Visibility,
    kind: Kind,
    by: By<'_>,
) -> Result<Answer<Loaded>, DbError> {
    type Tuple = (
        Option<String>,
        Option<i64>,
        Option<String>,
        Option<i64>,
        Option<i64>,
    );
    type Sql = (
        Nullable<Text>,
        Nullable<BigInt>,
        Nullable<Text>,
        Nullable<BigInt>,
        Nullable<BigInt>,
    );
    let mut statement = Statement::new("SELECT ")
        .sql(COLUMNS)
        .sql(", (SELECT c.version FROM catalog_versions c WHERE c.project_key = ")
        .text(seen.project.as_str())
        .sql(") FROM sessions s LEFT JOIN documents d ON ")
        .append(seen.condition(kind))
        .sql(" AND ")
        .append(pick(&seen.project, kind, by))
        .sql(" WHERE ")
        .append(live_session(session, claims));
    if tx.dialect() == Dialect::Postgres {
        statement = statement.sql(" FOR SHARE OF s");
    }
    let rows: Vec<Tuple> = statement.rows::<Sql>().load(tx.connection())?;
    let Some((id, version, body, modification_sequence, catalog)) = rows.into_iter().next() else {
        return Ok(Answer::TokenIsDead);
    };
    let row = match (id, version, body, modification_sequence) {
        (Some(id), Some(version), Some(body), Some(modification_sequence)) => Some(Row {
            id,
            version,
            body,
            modification_sequence,
        }),
        _ => None,
    };
    Ok(Answer::Live(Loaded {
        row,
        catalog_version: catalog.unwrap_or(0),
    }))
}
