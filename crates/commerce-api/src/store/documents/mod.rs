//! Resources as rows: one JSON document and the columns it is found by.

mod live;
mod locked;
mod unique_values;
mod write;

use std::collections::BTreeSet;

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Nullable, Text},
};
use domain::{
    identity::ids::{ProjectKey, StoreKey},
    kind::Kind,
    resource::Resource,
    world::By,
};
use serde_json::Value;
use shared::db::{DbError, Dialect, ReadTx, statement::Statement};

use super::visibility::{Visibility, kind_literal};

pub use live::{Answer, Loaded, find_live, load_live};
pub use locked::{Held, find_locked, hold_all, lock, lock_containing, read_held};
pub use write::{delete, insert, save};

/// A stored resource.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: i64,
    /// The JSON document, as it goes out.
    pub body: String,
    /// Its place among the changes of the project.
    pub modification_sequence: i64,
}

impl Row {
    /// The document as its type.
    ///
    /// # Errors
    /// [`DbError::Corrupt`] if it is not one.
    pub fn parse<R: Resource>(&self) -> Result<R, DbError> {
        serde_json::from_str(&self.body).map_err(|error| {
            DbError::Corrupt(format!("{} {}: {error}", R::KIND.type_id(), self.id))
        })
    }
}

/// A stored document as its type.
///
/// # Errors
/// [`DbError::Corrupt`] if it is not one.
pub fn parse<R: Resource>(body: &str) -> Result<R, DbError> {
    serde_json::from_str(body)
        .map_err(|error| DbError::Corrupt(format!("{}: {error}", R::KIND.type_id())))
}

type RowTuple = (String, i64, String, i64);
type RowSql = (Text, BigInt, Text, BigInt);
const COLUMNS: &str = "d.id, d.version, d.body, d.modification_sequence";

fn row((id, version, body, modification_sequence): RowTuple) -> Row {
    Row {
        id,
        version,
        body,
        modification_sequence,
    }
}

/// The condition that picks one document aliased `d`.
fn pick(project: &ProjectKey, kind: Kind, by: By<'_>) -> Statement {
    match by {
        By::Id(id) => Statement::new("d.id = ").text(id),
        By::Key(key) => Statement::new("d.key = ").text(key),
        By::Unique(namespace, value) => Statement::new(
            "d.id = (SELECT u.document_id FROM unique_values u WHERE u.project_key = ",
        )
        .text(project.as_str())
        .sql(" AND u.kind = ")
        .sql(kind_literal(kind))
        .sql(" AND u.namespace = ")
        .text(namespace)
        .sql(" AND u.value = ")
        .text(value)
        .sql(")"),
    }
}

/// One resource that the request can see, or `None`.
///
/// # Errors
/// [`DbError`].
pub fn find(
    tx: &mut ReadTx<'_>,
    seen: &Visibility,
    kind: Kind,
    by: By<'_>,
) -> Result<Option<Row>, DbError> {
    let statement = Statement::new("SELECT ")
        .sql(COLUMNS)
        .sql(" FROM documents d WHERE ")
        .append(seen.condition(kind))
        .sql(" AND ")
        .append(pick(&seen.project, kind, by));
    let rows: Vec<RowTuple> = statement.rows::<RowSql>().load(tx.connection())?;
    Ok(rows.into_iter().next().map(row))
}

/// The resources with these ids that the request can see, in any order.
///
/// The ids travel as one JSON array, so that any number of them is the same statement.
///
/// # Errors
/// [`DbError`].
pub fn find_many(
    tx: &mut ReadTx<'_>,
    seen: &Visibility,
    kind: Kind,
    ids: &BTreeSet<&str>,
) -> Result<Vec<Row>, DbError> {
    let (wanted, end) = match tx.dialect() {
        Dialect::Postgres => ("SELECT json_array_elements_text(CAST(", " AS json))"),
        Dialect::Sqlite => ("SELECT value FROM json_each(", ")"),
    };
    let ids: Vec<&str> = ids.iter().copied().collect();
    let statement = Statement::new("SELECT ")
        .sql(COLUMNS)
        .sql(" FROM documents d WHERE ")
        .append(seen.condition(kind))
        .sql(" AND d.id IN (")
        .sql(wanted)
        .text(Value::from(ids).to_string())
        .sql(end)
        .sql(")");
    let rows: Vec<RowTuple> = statement.rows::<RowSql>().load(tx.connection())?;
    Ok(rows.into_iter().map(row).collect())
}

/// The documents in a state that were changed last, latest first.
///
/// # Errors
/// [`DbError`].
pub fn latest(
    tx: &mut ReadTx<'_>,
    seen: &Visibility,
    kind: Kind,
    state: &str,
    limit: i64,
) -> Result<Vec<Row>, DbError> {
    let statement = Statement::new("SELECT ")
        .sql(COLUMNS)
        .sql(" FROM documents d WHERE ")
        .append(seen.condition(kind))
        .sql(" AND d.state = ")
        .text(state)
        .sql(" ORDER BY d.modification_sequence DESC, d.id LIMIT ")
        .big_int(limit);
    let rows: Vec<RowTuple> = statement.rows::<RowSql>().load(tx.connection())?;
    Ok(rows.into_iter().map(row).collect())
}

/// The id and key of a resource, or `None`.
///
/// # Errors
/// [`DbError`].
pub fn identify(
    tx: &mut ReadTx<'_>,
    seen: &Visibility,
    kind: Kind,
    by: By<'_>,
) -> Result<Option<(String, Option<String>)>, DbError> {
    let statement = Statement::new("SELECT d.id, d.key FROM documents d WHERE ")
        .append(seen.condition(kind))
        .sql(" AND ")
        .append(pick(&seen.project, kind, by));
    let rows: Vec<(String, Option<String>)> = statement
        .rows::<(Text, Nullable<Text>)>()
        .load(tx.connection())?;
    Ok(rows.into_iter().next())
}

/// All documents of a kind, oldest first.
///
/// # Errors
/// [`DbError`].
pub fn all(tx: &mut ReadTx<'_>, seen: &Visibility, kind: Kind) -> Result<Vec<Row>, DbError> {
    let statement = Statement::new("SELECT ")
        .sql(COLUMNS)
        .sql(" FROM documents d WHERE ")
        .append(seen.condition(kind))
        .sql(" ORDER BY d.created_at, d.id");
    let rows: Vec<RowTuple> = statement.rows::<RowSql>().load(tx.connection())?;
    Ok(rows.into_iter().map(row).collect())
}

/// Whether something that `seen` shows does not belong to `store`.
///
/// # Errors
/// [`DbError`].
pub fn any_outside(
    tx: &mut ReadTx<'_>,
    seen: &Visibility,
    kind: Kind,
    store: &StoreKey,
) -> Result<bool, DbError> {
    let statement = Statement::new("SELECT d.id FROM documents d WHERE ")
        .append(seen.condition(kind))
        .sql(" AND (d.store_key IS NULL OR d.store_key <> ")
        .text(store.as_str())
        .sql(") LIMIT 1");
    let rows: Vec<(String,)> = statement.rows::<(Text,)>().load(tx.connection())?;
    Ok(!rows.is_empty())
}

/// Whether any document of `kind` has `text` in it: with an id for text, whether any refers to it.
///
/// Every document of the kind may be looked at: call it through [`looking`](super::patience::looking).
///
/// # Errors
/// [`DbError`].
pub fn any_contains(
    tx: &mut ReadTx<'_>,
    project: &ProjectKey,
    kind: Kind,
    text: &str,
) -> Result<bool, DbError> {
    let statement = Statement::new("SELECT d.id FROM documents d WHERE ")
        .append(containing(tx.dialect(), project, kind, text))
        .sql(" LIMIT 1");
    let rows: Vec<(String,)> = statement.rows::<(Text,)>().load(tx.connection())?;
    Ok(!rows.is_empty())
}

/// The condition on documents aliased `d` that have `text` in them.
fn containing(dialect: Dialect, project: &ProjectKey, kind: Kind, text: &str) -> Statement {
    let position = match dialect {
        Dialect::Postgres => "strpos(d.body, ",
        Dialect::Sqlite => "instr(d.body, ",
    };
    Statement::new("d.project_key = ")
        .text(project.as_str())
        .sql(" AND d.kind = ")
        .sql(kind_literal(kind))
        .sql(" AND ")
        .sql(position)
        .text(text)
        .sql(") > 0")
}
