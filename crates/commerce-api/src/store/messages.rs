//! The message log: what happened to a resource, numbered without gaps.

use diesel::{RunQueryDsl as _, sql_types::BigInt};
use domain::{
    context::Author,
    document,
    error::{DomainError, SizeLimit},
    identity::ids::ProjectKey,
    kind::Kind,
    message::Message,
    timestamp::Timestamp,
};
use serde_json::{Map, Value, json};
use shared::db::{DbError, WriteTx, statement::Statement};

use crate::error::CommerceError;

/// The resource that messages are about, as it is after the change.
pub struct About<'a> {
    /// Its kind.
    pub kind: Kind,
    /// Its id.
    pub id: &'a str,
    /// Its version.
    pub version: i64,
    /// Identifiers the user gave it, such as `{ "key": … }`.
    pub user_provided: Map<String, Value>,
}

/// Most bytes of messages that one request leaves: some repeat large parts of the resource, and a request may do 500 things.
const MAX_BYTES: usize = 2 * document::MAX_BYTES;

/// Appends messages in order. The caller holds the resource's row, so the numbers cannot collide.
///
/// # Errors
/// [`DomainError::ResourceSizeLimitExceeded`] if they are too large, all together; [`DbError`].
pub fn append(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    about: &About<'_>,
    messages: Vec<(String, Message)>,
    author: &Author,
    now: Timestamp,
) -> Result<(), CommerceError> {
    if messages.is_empty() {
        return Ok(());
    }
    let mut number = last_number(tx, project, about.id)?;
    let mut left = MAX_BYTES;
    for (id, message) in messages {
        number = number.saturating_add(1);
        let body = render(&id, number, about, message, author, now).to_string();
        left = left
            .checked_sub(body.len())
            .ok_or(DomainError::ResourceSizeLimitExceeded {
                kind: Kind::Message,
                place: None,
                limit: SizeLimit::Bytes(MAX_BYTES),
            })?;
        Statement::new(
            "INSERT INTO messages (project_key, id, resource_kind, resource_id, sequence_number, created_at, body) \
             VALUES (",
        )
        .text(project.as_str())
        .sql(", ")
        .text(id)
        .sql(", ")
        .text(about.kind.type_id())
        .sql(", ")
        .text(about.id)
        .sql(", ")
        .big_int(number)
        .sql(", ")
        .big_int(now.millis())
        .sql(", ")
        .text(body)
        .sql(")")
        .run(tx.connection())
        .map_err(DbError::from)?;
    }
    Ok(())
}

fn last_number(tx: &mut WriteTx<'_>, project: &ProjectKey, resource: &str) -> Result<i64, DbError> {
    let rows: Vec<(i64,)> = Statement::new(
        "SELECT COALESCE(MAX(sequence_number), 0) FROM messages WHERE project_key = ",
    )
    .text(project.as_str())
    .sql(" AND resource_id = ")
    .text(resource)
    .rows::<(BigInt,)>()
    .load(tx.connection())?;
    Ok(rows.first().map_or(0, |(last,)| *last))
}

fn render(
    id: &str,
    number: i64,
    about: &About<'_>,
    message: Message,
    author: &Author,
    now: Timestamp,
) -> Value {
    let mut body = json!({
        "id": id,
        "version": 1,
        "createdAt": now,
        "lastModifiedAt": now,
        "createdBy": author,
        "lastModifiedBy": author,
        "sequenceNumber": number,
        "resource": { "typeId": about.kind.type_id(), "id": about.id },
        "resourceVersion": about.version,
        "type": message.message_type,
    });
    if let Value::Object(members) = &mut body {
        if !about.user_provided.is_empty() {
            members.insert(
                "resourceUserProvidedIdentifiers".to_owned(),
                Value::Object(about.user_provided.clone()),
            );
        }
        members.extend(message.payload);
    }
    body
}

/// Removes every message about a resource: part of erasing personal data.
///
/// # Errors
/// [`DbError`].
pub fn erase(tx: &mut WriteTx<'_>, project: &ProjectKey, resource: &str) -> Result<(), DbError> {
    Statement::new("DELETE FROM messages WHERE project_key = ")
        .text(project.as_str())
        .sql(" AND resource_id = ")
        .text(resource)
        .run(tx.connection())?;
    Ok(())
}
