//! Values that only one resource of a project may have.

use domain::{
    error::{DomainError, SizeLimit},
    identity::ids::ProjectKey,
    kind::Kind,
    resource::Unique,
};
use shared::db::{DbError, WriteTx, statement::Statement};

use crate::{error::CommerceError, store::visibility::kind_literal};

/// Longest value: an entry of PostgreSQL's index takes 2704 bytes, with the project and the namespace.
const MAX_VALUE_BYTES: usize = 1024;

/// Takes a value for a resource.
///
/// # Errors
/// [`DomainError::DuplicateField`] if another resource has it, [`DomainError::ResourceSizeLimitExceeded`] if it is longer
/// than an index takes.
pub(super) fn claim(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    kind: Kind,
    id: &str,
    unique: &Unique,
) -> Result<(), CommerceError> {
    if unique.value.len() > MAX_VALUE_BYTES {
        return Err(DomainError::ResourceSizeLimitExceeded {
            kind,
            place: Some(unique.field.to_owned()),
            limit: SizeLimit::Bytes(MAX_VALUE_BYTES),
        }
        .into());
    }
    let claimed = Statement::new(
        "INSERT INTO unique_values (project_key, namespace, value, kind, document_id) VALUES (",
    )
    .text(project.as_str())
    .sql(", ")
    .text(&unique.namespace)
    .sql(", ")
    .text(&unique.value)
    .sql(", ")
    .sql(kind_literal(kind))
    .sql(", ")
    .text(id)
    .sql(") ON CONFLICT DO NOTHING")
    .run(tx.connection())
    .map_err(DbError::from)?;
    if claimed == 1 {
        return Ok(());
    }
    Err(if unique.field == "email" {
        DomainError::DuplicateEmail {
            email: unique.shown.clone(),
        }
        .into()
    } else {
        DomainError::DuplicateField {
            field: unique.field.to_owned(),
            value: unique.shown.clone().into(),
        }
        .into()
    })
}

/// Gives a value up.
pub(super) fn release(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    id: &str,
    unique: &Unique,
) -> Result<(), CommerceError> {
    Statement::new("DELETE FROM unique_values WHERE project_key = ")
        .text(project.as_str())
        .sql(" AND namespace = ")
        .text(&unique.namespace)
        .sql(" AND value = ")
        .text(&unique.value)
        .sql(" AND document_id = ")
        .text(id)
        .run(tx.connection())
        .map_err(DbError::from)?;
    Ok(())
}
