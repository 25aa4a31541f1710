//! The version of a project's reference data. Whoever caches reference data compares it first.

use diesel::{RunQueryDsl as _, sql_types::BigInt};
use domain::identity::ids::ProjectKey;
use shared::db::{DbError, Dialect, ReadTx, WriteTx, statement::Statement};

/// The version now; 0 before anything was written.
///
/// # Errors
/// [`DbError`].
pub fn current(tx: &mut ReadTx<'_>, project: &ProjectKey) -> Result<i64, DbError> {
    let rows: Vec<(i64,)> =
        Statement::new("SELECT version FROM catalog_versions WHERE project_key = ")
            .text(project.as_str())
            .rows::<(BigInt,)>()
            .load(tx.connection())?;
    Ok(rows.first().map_or(0, |(version,)| *version))
}

/// Holds off every other writer of the project's reference data until the transaction ends.
///
/// # Errors
/// [`DbError`].
pub fn hold(tx: &mut WriteTx<'_>, project: &ProjectKey) -> Result<(), DbError> {
    if tx.dialect() == Dialect::Sqlite {
        // One writer at a time: the transaction holds everything already.
        return Ok(());
    }
    Statement::new("INSERT INTO catalog_versions (project_key, version) VALUES (")
        .text(project.as_str())
        .sql(", 0) ON CONFLICT (project_key) DO UPDATE SET version = catalog_versions.version")
        .run(tx.connection())?;
    Ok(())
}

/// Moves the version; it becomes visible with the change itself.
///
/// # Errors
/// [`DbError`].
pub fn advance(tx: &mut WriteTx<'_>, project: &ProjectKey) -> Result<(), DbError> {
    Statement::new("INSERT INTO catalog_versions (project_key, version) VALUES (")
        .text(project.as_str())
        .sql(", 1) ON CONFLICT (project_key) DO UPDATE SET version = catalog_versions.version + 1")
        .run(tx.connection())?;
    Ok(())
}
