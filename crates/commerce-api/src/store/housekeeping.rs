//! Rows whose time is over.

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Nullable, Text},
};
use domain::{
    identity::ids::ProjectKey, kind::Kind, project::Project, resource::Resource as _,
    timestamp::Timestamp,
};
use serde_json::Value;
use shared::db::{DbError, Dialect, WriteTx, statement::Statement};

use super::{documents, visibility::kind_literal};

/// A document by its project and its id.
pub type Place = (String, String);

/// What a look at a stretch of documents found and did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The last document looked at; `None` if there was none.
    pub last: Option<Place>,
    /// How many were looked at.
    pub seen: usize,
    /// How many of them were deleted.
    pub deleted: usize,
}

/// Looks at the next `limit` documents of a kind behind a place, in the order of the primary key, and deletes those that
/// have expired.
///
/// There is no index to find them by: the time moves with every change of a cart, and indexing it would cost each of them
/// more than this walk costs in all.
///
/// # Errors
/// [`DbError`].
pub fn delete_expired(
    tx: &mut WriteTx<'_>,
    kind: Kind,
    behind: Option<&Place>,
    now: Timestamp,
    limit: i64,
) -> Result<Stretch, DbError> {
    type Row = (String, String, Option<i64>);
    let mut statement =
        Statement::new("SELECT d.project_key, d.id, d.expires_at FROM documents d WHERE d.kind = ")
            .sql(kind_literal(kind));
    if let Some((project, id)) = behind {
        statement = statement
            .sql(" AND (d.project_key, d.kind, d.id) > (")
            .text(project)
            .sql(", ")
            .sql(kind_literal(kind))
            .sql(", ")
            .text(id)
            .sql(")");
    }
    let rows: Vec<Row> = statement
        .sql(" ORDER BY d.project_key, d.kind, d.id LIMIT ")
        .big_int(limit)
        .rows::<(Text, Text, Nullable<BigInt>)>()
        .load(tx.connection())?;
    let mut stretch = Stretch {
        last: None,
        seen: rows.len(),
        deleted: 0,
    };
    for (project, id, expires_at) in rows {
        let is_over = expires_at.is_some_and(|at| at <= now.millis());
        if is_over && delete_one(tx, kind, &project, &id, now)? {
            stretch.deleted = stretch.deleted.saturating_add(1);
        }
        stretch.last = Some((project, id));
    }
    Ok(stretch)
}

/// Deletes a document unless somebody gave it more time since it was looked at.
fn delete_one(
    tx: &mut WriteTx<'_>,
    kind: Kind,
    project: &str,
    id: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let deleted = Statement::new("DELETE FROM documents WHERE project_key = ")
        .text(project)
        .sql(" AND kind = ")
        .sql(kind_literal(kind))
        .sql(" AND id = ")
        .text(id)
        .sql(" AND expires_at <= ")
        .big_int(now.millis())
        .run(tx.connection())?;
    if deleted == 0 {
        return Ok(false);
    }
    Statement::new("DELETE FROM unique_values WHERE project_key = ")
        .text(project)
        .sql(" AND document_id = ")
        .text(id)
        .sql(" AND kind = ")
        .sql(kind_literal(kind))
        .run(tx.connection())?;
    Ok(true)
}

/// Every project, by key.
///
/// # Errors
/// [`DbError`].
pub fn projects(tx: &mut WriteTx<'_>) -> Result<Vec<Project>, DbError> {
    let rows: Vec<(String,)> = Statement::new("SELECT d.body FROM documents d WHERE d.kind = ")
        .sql(kind_literal(Project::KIND))
        .sql(" ORDER BY d.project_key")
        .rows::<(Text,)>()
        .load(tx.connection())?;
    rows.iter().map(|(body,)| documents::parse(body)).collect()
}

/// Forgets up to `limit` messages that were written before `end`, the oldest first; answers how many.
///
/// The last number of a resource must outlive its message, or the next one would have a number that was given before: the
/// last message of a resource that is still there stays as an empty row, which no list shows and no later run looks at.
///
/// # Errors
/// [`DbError`].
pub fn forget_messages(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    end: Timestamp,
    limit: i64,
) -> Result<usize, DbError> {
    let old: Vec<(String, String)> =
        Statement::new("SELECT m.id, m.resource_id FROM messages m WHERE m.project_key = ")
            .text(project.as_str())
            .sql(" AND m.created_at < ")
            .big_int(end.millis())
            .sql(" ORDER BY m.created_at, m.id LIMIT ")
            .big_int(limit)
            .rows::<(Text, Text)>()
            .load(tx.connection())?;
    let count = old.len();
    if count == 0 {
        return Ok(0);
    }
    let (ids, resources): (Vec<String>, Vec<String>) = old.into_iter().unzip();
    let dialect = tx.dialect();
    let these = || among(dialect, project, "id", &ids);
    Statement::new("UPDATE messages SET body = '', created_at = ")
        .big_int(i64::MAX)
        .append(these())
        .sql(" AND NOT ")
        .sql(FOLLOWED)
        .sql(
            " AND EXISTS (SELECT 1 FROM documents d WHERE d.project_key = messages.project_key \
             AND d.kind = messages.resource_kind AND d.id = messages.resource_id)",
        )
        .run(tx.connection())?;
    Statement::new("DELETE FROM messages")
        .append(these())
        .sql(" AND body <> ''")
        .run(tx.connection())?;
    // A row that once kept the last number does so no more when there is a later one.
    Statement::new("DELETE FROM messages")
        .append(among(dialect, project, "resource_id", &resources))
        .sql(" AND body = '' AND ")
        .sql(FOLLOWED)
        .run(tx.connection())?;
    Ok(count)
}

/// The condition on messages that the same resource has a later one.
const FOLLOWED: &str = "EXISTS (SELECT 1 FROM messages n WHERE n.project_key = messages.project_key \
     AND n.resource_id = messages.resource_id AND n.sequence_number > messages.sequence_number)";

/// The condition that picks messages by a column: one text however many values there are.
fn among(
    dialect: Dialect,
    project: &ProjectKey,
    column: &'static str,
    values: &[String],
) -> Statement {
    let (from, to) = match dialect {
        Dialect::Postgres => ("json_array_elements_text(CAST(", " AS json)))"),
        Dialect::Sqlite => ("value FROM json_each(", "))"),
    };
    Statement::new(" WHERE project_key = ")
        .text(project.as_str())
        .sql(" AND ")
        .sql(column)
        .sql(" IN (SELECT ")
        .sql(from)
        .text(Value::from(values.to_vec()).to_string())
        .sql(to)
}

/// Deletes up to `limit` one-time tokens of customers that expired before `end`; answers how many.
///
/// # Errors
/// [`DbError`].
pub fn delete_one_time_tokens(
    tx: &mut WriteTx<'_>,
    end: Timestamp,
    limit: i64,
) -> Result<usize, DbError> {
    let deleted = Statement::new(
        "DELETE FROM customer_tokens WHERE hash IN (SELECT t.hash FROM customer_tokens t WHERE t.expires_at < ",
    )
    .big_int(end.millis())
    .sql(" LIMIT ")
    .big_int(limit)
    .sql(")")
    .run(tx.connection())?;
    Ok(deleted)
}
