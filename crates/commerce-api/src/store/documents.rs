//! Resources as rows: one JSON document and the columns it is found by.

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Nullable, Text},
};
use domain::{
    error::DomainError,
    identity::ids::ProjectKey,
    kind::Kind,
    reference::ResourceIdentifier,
    resource::{Envelope, Index, Resource, Unique},
    timestamp::Timestamp,
    world::By,
};
use shared::{
    db::{DbError, Dialect, ReadTx, WriteTx, statement::Statement},
    token::{claims::AccessTokenClaims, liveness::LIVE_SESSION},
};

use super::visibility::{Visibility, kind_literal};
use crate::error::CommerceError;

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

/// [`find`] and the check of the token's session in one query: the hot read path.
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
        .append(live_session(claims, session));
    let rows: Vec<(Option<String>,)> = statement
        .rows::<(Nullable<Text>,)>()
        .load(tx.connection())?;
    Ok(match rows.into_iter().next() {
        None => Answer::TokenIsDead,
        Some((body,)) => Answer::Live(body),
    })
}

/// [`find`], the check of the token's session, and the catalog version in one query: the hot write path.
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
        .append(live_session(claims, session));
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

fn live_session(claims: &AccessTokenClaims, session: &str) -> Statement {
    Statement::new(" WHERE s.id = ")
        .text(session)
        .sql(" AND ")
        .sql(LIVE_SESSION)
        .sql(" AND NOT EXISTS (SELECT 1 FROM revoked_tokens r WHERE r.jti = ")
        .text(&claims.jti)
        .sql(")")
}

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

/// Whether any document of `kind` has `text` in it: a cheap first look for references to an id.
///
/// # Errors
/// [`DbError`].
pub fn any_contains(
    tx: &mut ReadTx<'_>,
    project: &ProjectKey,
    kind: Kind,
    text: &str,
) -> Result<bool, DbError> {
    let position = match tx.dialect() {
        Dialect::Postgres => "strpos(d.body, ",
        Dialect::Sqlite => "instr(d.body, ",
    };
    let statement = Statement::new("SELECT d.id FROM documents d WHERE d.project_key = ")
        .text(project.as_str())
        .sql(" AND d.kind = ")
        .sql(kind_literal(kind))
        .sql(" AND ")
        .sql(position)
        .text(text)
        .sql(") > 0 LIMIT 1");
    let rows: Vec<(String,)> = statement.rows::<(Text,)>().load(tx.connection())?;
    Ok(!rows.is_empty())
}

fn body<R: Resource>(resource: &R) -> Result<String, DbError> {
    serde_json::to_string(resource).map_err(|error| {
        DbError::Corrupt(format!("{} {}: {error}", R::KIND.type_id(), resource.id()))
    })
}

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

fn claim(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    kind: Kind,
    id: &str,
    unique: &Unique,
) -> Result<(), CommerceError> {
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

fn release(
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
