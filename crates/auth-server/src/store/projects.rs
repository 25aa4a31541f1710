//! Projects: the one document of the commerce API that this server's command line makes and shows.

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Text},
};
use domain::{identity::ids::ProjectKey, kind::Kind, project::Project};
use shared::db::{DbError, ReadTx, WriteTx, statement::Statement};

/// Whether there is such a project.
///
/// # Errors
/// [`DbError`].
pub fn exists(tx: &mut ReadTx<'_>, key: &ProjectKey) -> Result<bool, DbError> {
    let rows: Vec<(i64,)> = Statement::new("SELECT version FROM documents WHERE project_key = ")
        .text(key.as_str())
        .sql(" AND kind = ")
        .text(Kind::Project.type_id())
        .sql(" AND id = ")
        .text(key.as_str())
        .rows::<(BigInt,)>()
        .load(tx.connection())?;
    Ok(!rows.is_empty())
}

/// The project of this key.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut ReadTx<'_>, key: &ProjectKey) -> Result<Option<Project>, DbError> {
    let rows: Vec<(String,)> = Statement::new("SELECT body FROM documents WHERE project_key = ")
        .text(key.as_str())
        .sql(" AND kind = ")
        .text(Kind::Project.type_id())
        .sql(" AND id = ")
        .text(key.as_str())
        .rows::<(Text,)>()
        .load(tx.connection())?;
    rows.first().map(|(body,)| read(body)).transpose()
}

/// All projects, by their keys.
///
/// # Errors
/// [`DbError`].
pub fn all(tx: &mut ReadTx<'_>) -> Result<Vec<Project>, DbError> {
    let rows: Vec<(String,)> = Statement::new("SELECT body FROM documents WHERE kind = ")
        .text(Kind::Project.type_id())
        .sql(" ORDER BY project_key")
        .rows::<(Text,)>()
        .load(tx.connection())?;
    rows.iter().map(|(body,)| read(body)).collect()
}

fn read(body: &str) -> Result<Project, DbError> {
    serde_json::from_str(body).map_err(|error| DbError::Corrupt(format!("a project: {error}")))
}

/// Stores a new project. Answers `false`, and changes nothing, if there is one with its key.
///
/// # Errors
/// [`DbError`].
pub fn insert_if_missing(tx: &mut WriteTx<'_>, project: &Project) -> Result<bool, DbError> {
    let body = serde_json::to_string(project)
        .map_err(|error| DbError::Corrupt(format!("project `{}`: {error}", project.key)))?;
    let now = project.created_at.millis();
    let inserted = Statement::new(
        "INSERT INTO documents (project_key, kind, id, version, key, created_at, last_modified_at, \
         modification_sequence, body) SELECT ",
    )
    .text(&project.key)
    .sql(", ")
    .text(Kind::Project.type_id())
    .sql(", ")
    .text(&project.key)
    .sql(", ")
    .big_int(project.version)
    .sql(", ")
    .text(&project.key)
    .sql(", ")
    .big_int(now)
    .sql(", ")
    .big_int(now)
    .sql(", ")
    .big_int(now.saturating_mul(1_000))
    .sql(", ")
    .text(body)
    .sql(" WHERE 1 = 1 ON CONFLICT DO NOTHING")
    .run(tx.connection())?;
    Ok(inserted > 0)
}
