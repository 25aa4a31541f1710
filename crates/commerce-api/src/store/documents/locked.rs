//! Reading documents and keeping others from changing them until the transaction ends.

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Text},
};
use domain::{identity::ids::ProjectKey, kind::Kind, world::By};
use shared::db::{DbError, Dialect, WriteTx, statement::Statement};

use super::{COLUMNS, Row, RowSql, RowTuple, containing, find, pick, row};
use crate::store::visibility::{Visibility, kind_literal};

/// A document that is locked until the transaction ends, and not read yet.
#[derive(Clone, Debug)]
pub struct Held {
    /// Its id.
    pub id: String,
    /// Its place among the changes of the project.
    pub modification_sequence: i64,
}

/// Locks the documents that a sign-in moves or merges until the transaction ends, latest change first. They are read one by
/// one: all that a guest has may be more than memory should hold.
///
/// # Errors
/// [`DbError`].
pub fn hold_all(
    tx: &mut WriteTx<'_>,
    seen: &Visibility,
    kind: Kind,
    state: Option<&str>,
) -> Result<Vec<Held>, DbError> {
    let mut statement =
        Statement::new("SELECT d.id, d.modification_sequence FROM documents d WHERE ")
            .append(seen.condition(kind));
    if let Some(state) = state {
        statement = statement.sql(" AND d.state = ").text(state);
    }
    statement = statement.sql(" ORDER BY d.modification_sequence DESC, d.id");
    if tx.dialect() == Dialect::Postgres {
        statement = statement.sql(" FOR UPDATE");
    }
    let rows: Vec<(String, i64)> = statement.rows::<(Text, BigInt)>().load(tx.connection())?;
    let held = |(id, modification_sequence)| Held {
        id,
        modification_sequence,
    };
    Ok(rows.into_iter().map(held).collect())
}

/// Reads a document that [`hold_all`] has locked.
///
/// # Errors
/// [`DbError`].
pub fn read_held(
    tx: &mut WriteTx<'_>,
    seen: &Visibility,
    kind: Kind,
    held: &Held,
) -> Result<Row, DbError> {
    find(tx, seen, kind, By::Id(&held.id))?.ok_or_else(|| {
        DbError::Corrupt(format!(
            "{} {} vanished while it was locked",
            kind.type_id(),
            held.id
        ))
    })
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
