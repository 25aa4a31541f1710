//! Storing, replacing and deleting resources, guarded by their versions.

use diesel::{RunQueryDsl as _, sql_types::BigInt};
use domain::{
    document::{self, WriteError},
    error::DomainError,
    identity::ids::ProjectKey,
    reference::ResourceIdentifier,
    resource::{Envelope, Index, Resource},
    timestamp::Timestamp,
};
use shared::db::{DbError, WriteTx, statement::Statement};

use super::unique_values::{claim, release};
use crate::{error::CommerceError, store::visibility::kind_literal};

/// Inserts a new resource and its unique values.
///
/// # Errors
/// [`DomainError::DuplicateField`] if its key or another unique value is taken.
pub fn insert<R: Resource>(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    resource: &R,
    modification_sequence: i64,
) -> Result<(), CommerceError> {
    let index = resource.index();
    let statement = Statement::new(
        "INSERT INTO documents (project_key, kind, id, version, key, customer_id, anonymous_id, state, store_key, \
         created_at, last_modified_at, modification_sequence, expires_at, body) VALUES (",
    )
    .text(project.as_str())
    .sql(", ")
    .sql(kind_literal(R::KIND))
    .sql(", ")
    .text(resource.id())
    .sql(", ")
    .big_int(resource.version())
    .sql(", ")
    .optional_text(resource.key())
    .sql(", ")
    .optional_text(index.customer_id.as_deref())
    .sql(", ")
    .optional_text(index.anonymous_id.as_deref())
    .sql(", ")
    .optional_text(index.state.as_deref())
    .sql(", ")
    .optional_text(index.store_key.as_deref())
    .sql(", ")
    .big_int(resource.created_at().millis())
    .sql(", ")
    .big_int(resource.last_modified_at().millis())
    .sql(", ")
    .big_int(modification_sequence)
    .sql(", ")
    .optional_big_int(index.expires_at.map(Timestamp::millis))
    .sql(", ")
    .text(body(resource)?)
    .sql(") ON CONFLICT DO NOTHING");
    if statement.run(tx.connection()).map_err(DbError::from)? == 0 {
        return Err(duplicate_key(resource));
    }
    for unique in &index.unique {
        claim(tx, project, R::KIND, resource.id(), unique)?;
    }
    Ok(())
}

/// Replaces a resource, guarded by the version that was read.
///
/// # Errors
/// [`DomainError::ConcurrentModification`] if somebody else was faster, [`DomainError::DuplicateField`] if a unique
/// value is taken.
pub fn save<R: Resource>(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    before: &R,
    after: &R,
    modification_sequence: i64,
) -> Result<(), CommerceError> {
    let (was, index) = (before.index(), after.index());
    let mut statement = Statement::new("UPDATE documents SET version = ")
        .big_int(after.version())
        .sql(", last_modified_at = ")
        .big_int(after.last_modified_at().millis())
        .sql(", modification_sequence = ")
        .big_int(modification_sequence)
        .sql(", body = ")
        .text(body(after)?);
    statement = changed_columns(statement, before, after, &was, &index);
    let updated = statement
        .sql(" WHERE project_key = ")
        .text(project.as_str())
        .sql(" AND kind = ")
        .sql(kind_literal(R::KIND))
        .sql(" AND id = ")
        .text(before.id())
        .sql(" AND version = ")
        .big_int(before.version())
        .run(tx.connection())
        .map_err(DbError::from);
    match updated {
        Ok(0) => return Err(lost_race::<R>(tx, project, before.id(), before.version())?),
        Ok(_) => {}
        Err(DbError::NotUnique { .. }) => return Err(duplicate_key(after)),
        Err(error) => return Err(error.into()),
    }
    for gone in was
        .unique
        .iter()
        .filter(|unique| !index.unique.contains(unique))
    {
        release(tx, project, before.id(), gone)?;
    }
    for new in index
        .unique
        .iter()
        .filter(|unique| !was.unique.contains(unique))
    {
        claim(tx, project, R::KIND, after.id(), new)?;
    }
    Ok(())
}

/// Only columns that changed are set: an update that touches no indexed column stays on its page (PostgreSQL's HOT).
fn changed_columns<R: Envelope>(
    mut statement: Statement,
    before: &R,
    after: &R,
    was: &Index,
    index: &Index,
) -> Statement {
    let texts = [
        (", key = ", before.key(), after.key()),
        (
            ", customer_id = ",
            was.customer_id.as_deref(),
            index.customer_id.as_deref(),
        ),
        (
            ", anonymous_id = ",
            was.anonymous_id.as_deref(),
            index.anonymous_id.as_deref(),
        ),
        (", state = ", was.state.as_deref(), index.state.as_deref()),
        (
            ", store_key = ",
            was.store_key.as_deref(),
            index.store_key.as_deref(),
        ),
    ];
    for (column, old, new) in texts {
        if old != new {
            statement = statement.sql(column).optional_text(new);
        }
    }
    if was.expires_at != index.expires_at {
        statement = statement
            .sql(", expires_at = ")
            .optional_big_int(index.expires_at.map(Timestamp::millis));
    }
    statement
}

/// Deletes a resource and its unique values, guarded by the version that was read.
///
/// # Errors
/// [`DomainError::ConcurrentModification`] if somebody else was faster.
pub fn delete<R: Resource>(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    resource: &R,
) -> Result<(), CommerceError> {
    let deleted = Statement::new("DELETE FROM documents WHERE project_key = ")
        .text(project.as_str())
        .sql(" AND kind = ")
        .sql(kind_literal(R::KIND))
        .sql(" AND id = ")
        .text(resource.id())
        .sql(" AND version = ")
        .big_int(resource.version())
        .run(tx.connection())
        .map_err(DbError::from)?;
    if deleted == 0 {
        return Err(lost_race::<R>(
            tx,
            project,
            resource.id(),
            resource.version(),
        )?);
    }
    for unique in resource.index().unique {
        release(tx, project, resource.id(), &unique)?;
    }
    Ok(())
}

/// The text that is stored; what is too large is refused here, whatever made it so.
fn body<R: Resource>(resource: &R) -> Result<String, CommerceError> {
    document::write(R::KIND, resource).map_err(|error| match error {
        WriteError::TooLarge(refusal) => refusal.into(),
        WriteError::Json(error) => {
            DbError::Corrupt(format!("{} {}: {error}", R::KIND.type_id(), resource.id())).into()
        }
    })
}

fn duplicate_key(resource: &impl Envelope) -> CommerceError {
    DomainError::DuplicateField {
        field: "key".to_owned(),
        value: resource.key().unwrap_or_default().into(),
    }
    .into()
}

/// What to answer when the version guard matched nothing: the version that is there now, or that it is gone.
fn lost_race<R: Resource>(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    id: &str,
    expected: i64,
) -> Result<CommerceError, DbError> {
    let statement = Statement::new("SELECT d.version FROM documents d WHERE d.project_key = ")
        .text(project.as_str())
        .sql(" AND d.kind = ")
        .sql(kind_literal(R::KIND))
        .sql(" AND d.id = ")
        .text(id);
    let rows: Vec<(i64,)> = statement.rows::<(BigInt,)>().load(tx.connection())?;
    Ok(match rows.first() {
        Some((actual,)) => DomainError::ConcurrentModification {
            id: id.to_owned(),
            expected,
            actual: *actual,
        }
        .into(),
        None => DomainError::ResourceNotFound {
            identifier: ResourceIdentifier::by_id(id),
        }
        .into(),
    })
}
