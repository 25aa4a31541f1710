//! Reading documents and keeping others from changing them until the transaction ends.

use diesel::{RunQueryDsl as _, sql_types::Text};
use domain::{identity::ids::ProjectKey, kind::Kind, world::By};
use shared::db::{DbError, Dialect, WriteTx, statement::Statement};

use super::{COLUMNS, Row, RowSql, RowTuple, containing, pick, row};
use crate::store::visibility::{Visibility, kind_literal};

/// Documents that a sign-in moves or merges, locked until the transaction ends, latest change first.
///
/// # Errors
/// [`DbError`].
pub fn lock_all(
    tx: &mut WriteTx<'_>,
    seen: &Visibility,
    kind: Kind,
    state: Option<&str>,
) -> Result<Vec<Row>, DbError> {
    let mut statement = Statement::new("SELECT ")
        .sql(COLUMNS)
        .sql(" FROM documents d WHERE ")
        .append(seen.condition(kind));
    if let Some(state) = state {
        statement = statement.sql(" AND d.state = ").text(state);
    }
    statement = statement.sql(" ORDER BY d.modification_sequence DESC, d.id");
    if tx.dialect() == Dialect::Postgres {
        statement = statement.sql(" FOR UPDATE");
    }
    let rows: Vec<RowTuple> = statement.rows::<RowSql>().load(tx.connection())?;
    Ok(rows.into_iter().map(row).collect())
}

/// One document, locked until the transaction ends.
///
/// # Errors
/// [`DbError`].
pub fn find_locked(
    tx: &mut WriteTx<'_>,
    seen: &Visibility,
    kind: Kind,
    by: By<'_>,
) -> Result<Option<Row>, DbError> {
    let mut statement = Statement::new("SELECT ")
        .sql(COLUMNS)
        .sql(" FROM documents d WHERE ")
        .append(seen.condition(kind))
        .sql(" AND ")
        .append(pick(&seen.project, kind, by));
    if tx.dialect() == Dialect::Postgres {
        statement = statement.sql(" FOR UPDATE");
    }
    let rows: Vec<RowTuple> = statement.rows::<RowSql>().load(tx.connection())?;
    Ok(rows.into_iter().next().map(row))
}

/// The documents of a kind that have `text` in them, locked until the transaction ends.
///
/// Every document of the kind is looked at: call it through [`looking`](crate::store::patience::looking).
///
/// # Errors
/// [`DbError`].
pub fn lock_containing(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    kind: Kind,
    text: &str,
) -> Result<Vec<Row>, DbError> {
    let mut statement = Statement::new("SELECT ")
        .sql(COLUMNS)
        .sql(" FROM documents d WHERE ")
        .append(containing(tx.dialect(), project, kind, text))
        .sql(" ORDER BY d.id");
    if tx.dialect() == Dialect::Postgres {
        statement = statement.sql(" FOR UPDATE");
    }
    let rows: Vec<RowTuple> = statement.rows::<RowSql>().load(tx.connection())?;
    Ok(rows.into_iter().map(row).collect())
}

/// Holds a document's row, so that what is numbered per document stays in order.
///
/// # Errors
/// [`DbError`].
pub fn lock(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    kind: Kind,
    id: &str,
) -> Result<(), DbError> {
    if tx.dialect() == Dialect::Sqlite {
        // One writer at a time: the transaction holds everything already.
        return Ok(());
    }
    let statement = Statement::new("SELECT d.id FROM documents d WHERE d.project_key = ")
        .text(project.as_str())
        .sql(" AND d.kind = ")
        .sql(kind_literal(kind))
        .sql(" AND d.id = ")
        .text(id)
        .sql(" FOR UPDATE");
    let _held: Vec<(String,)> = statement.rows::<(Text,)>().load(tx.connection())?;
    Ok(())
}
