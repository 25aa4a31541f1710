//! Devices to which guests' sessions were handed over. The device that started a session has no row here.

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Nullable, Text},
};
use domain::{
    identity::{
        ids::{ClientId, FamilyId, SessionId},
        scope::ScopeSet,
    },
    timestamp::Timestamp,
};
use shared::db::{DbError, ReadTx, WriteTx, statement::Statement};

use crate::model::session::Session;

/// What a device has of its own.
pub struct Family {
    /// The only client that can refresh its tokens.
    pub client_id: ClientId,
    /// What its tokens may do, identity included.
    pub scope: ScopeSet,
    /// Its tokens cannot be refreshed from then on, unless they are before.
    pub idle_expires_at: Timestamp,
    /// Thumbprint of the key that its refresh tokens are bound to.
    pub key_thumbprint: Option<String>,
}

type FamilyRow = (String, String, i64, Option<String>);

/// The device `id` of a session, unless it was closed.
///
/// # Errors
/// [`DbError`].
pub fn find_open(
    tx: &mut ReadTx<'_>,
    session: &SessionId,
    id: &FamilyId,
) -> Result<Option<Family>, DbError> {
    let rows: Vec<FamilyRow> = Statement::new(
        "SELECT client_id, scope, idle_expires_at, key_thumbprint FROM session_families WHERE id = ",
    )
    .text(id.as_str())
    .sql(" AND session_id = ")
    .text(session.as_str())
    .sql(" AND closed_at IS NULL")
    .rows::<(Text, Text, BigInt, Nullable<Text>)>()
    .load(tx.connection())?;
    rows.into_iter()
        .next()
        .map(|(client, scope, idle_expires_at, key_thumbprint)| {
            Ok(Family {
                client_id: ClientId::new(client),
                scope: ScopeSet::parse(&scope)
                    .map_err(|error| DbError::Corrupt(format!("device `{id}`: {error}")))?,
                idle_expires_at: Timestamp::from_millis(idle_expires_at),
                key_thumbprint,
            })
        })
        .transpose()
}

/// Stores the device `session.family`, with its first refresh token where it has one. `parent` handed the session over,
/// unless the device did that started it.
///
/// # Errors
/// [`DbError`].
pub fn insert(
    tx: &mut WriteTx<'_>,
    session: &Session,
    parent: Option<&FamilyId>,
    refresh_token_hash: Option<&str>,
    now: Timestamp,
) -> Result<(), DbError> {
    let id = session.family.as_ref().map(FamilyId::as_str);
    Statement::new(
        "INSERT INTO session_families \
         (id, session_id, parent_id, client_id, scope, created_at, last_used_at, idle_expires_at, key_thumbprint) SELECT ",
    )
    .optional_text(id)
    .sql(", ")
    .text(session.id.as_str())
    .sql(", ")
    .optional_text(parent.map(FamilyId::as_str))
    .sql(", ")
    .text(session.client_id.as_str())
    .sql(", ")
    .text(session.scope.to_string())
    .sql(", ")
    .big_int(now.millis())
    .sql(", ")
    .big_int(now.millis())
    .sql(", ")
    .big_int(session.idle_expires_at.millis())
    .sql(", ")
    .optional_text(session.key_thumbprint.as_deref())
    .run(tx.connection())?;
    if let Some(hash) = refresh_token_hash {
        Statement::new(
            "INSERT INTO refresh_tokens (hash, session_id, family_id, generation, state, created_at) SELECT ",
        )
        .text(hash)
        .sql(", ")
        .text(session.id.as_str())
        .sql(", ")
        .optional_text(id)
        .sql(", 0, 'live', ")
        .big_int(now.millis())
        .run(tx.connection())?;
    }
    Ok(())
}

/// Moves the idle deadline of an open device. Answers `false` if it was closed.
///
/// # Errors
/// [`DbError`].
pub fn touch(
    tx: &mut WriteTx<'_>,
    id: &FamilyId,
    now: Timestamp,
    idle_expires_at: Timestamp,
) -> Result<bool, DbError> {
    let touched = Statement::new("UPDATE session_families SET last_used_at = ")
        .big_int(now.millis())
        .sql(", idle_expires_at = ")
        .big_int(idle_expires_at.millis())
        .sql(" WHERE closed_at IS NULL AND id = ")
        .text(id.as_str())
        .run(tx.connection())?;
    Ok(touched > 0)
}

/// Closes a device and every device that came of it: their tokens are dead. Answers whether any was open. The session is
/// locked.
///
/// # Errors
/// [`DbError`].
pub fn close_branch(tx: &mut WriteTx<'_>, id: &FamilyId, now: Timestamp) -> Result<bool, DbError> {
    let closed = close_branches(tx, Statement::new("f.id = ").text(id.as_str()), now)?;
    Ok(closed > 0)
}

/// Closes every device of a client, in sessions of whichever client, with what came of them. The sessions are locked.
///
/// # Errors
/// [`DbError`].
pub fn close_of_client(
    tx: &mut WriteTx<'_>,
    client: &ClientId,
    now: Timestamp,
) -> Result<(), DbError> {
    let roots = Statement::new("f.closed_at IS NULL AND f.client_id = ").text(client.as_str());
    close_branches(tx, roots, now)?;
    Ok(())
}

/// Closes the devices `roots` (of the table `f`), and what came of them; answers how many were open.
fn close_branches(
    tx: &mut WriteTx<'_>,
    roots: Statement,
    now: Timestamp,
) -> Result<usize, DbError> {
    let branch = "WITH RECURSIVE branch (id) AS (SELECT f.id FROM session_families f WHERE ";
    let closed = Statement::new(branch)
        .append(roots)
        .sql(
            " UNION SELECT f.id FROM session_families f JOIN branch b ON f.parent_id = b.id) \
             UPDATE session_families SET closed_at = ",
        )
        .big_int(now.millis())
        .sql(" WHERE closed_at IS NULL AND id IN (SELECT id FROM branch)")
        .run(tx.connection())?;
    Ok(closed)
}

/// Closes the open devices of a session but for `kept` of them: `parent`, and those that were refreshed last.
/// The session is locked. Answers how many it closed.
///
/// # Errors
/// [`DbError`].
pub fn close_unused(
    tx: &mut WriteTx<'_>,
    session: &SessionId,
    parent: Option<&FamilyId>,
    kept: i64,
    now: Timestamp,
) -> Result<usize, DbError> {
    let closed = Statement::new("UPDATE session_families SET closed_at = ")
        .big_int(now.millis())
        .sql(" WHERE closed_at IS NULL AND session_id = ")
        .text(session.as_str())
        .sql(" AND id NOT IN (SELECT f.id FROM session_families f WHERE f.closed_at IS NULL AND f.session_id = ")
        .text(session.as_str())
        .sql(" ORDER BY CASE WHEN f.id = ")
        .text(parent.map_or("", FamilyId::as_str))
        .sql(" THEN 0 ELSE 1 END, f.last_used_at DESC, f.id DESC LIMIT ")
        .big_int(kept)
        .sql(")")
        .run(tx.connection())?;
    Ok(closed)
}
