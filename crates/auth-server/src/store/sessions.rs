//! Sessions and the anonymous ids they take.

use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, Queryable, RunQueryDsl as _,
    sql_types::Text,
};
use domain::{
    identity::{
        ids::{AnonymousId, ClientId, CustomerId, FamilyId, ProjectKey, SessionId, StoreKey},
        principal::Subject,
        scope::ScopeSet,
    },
    timestamp::Timestamp,
};
use shared::{
    db::{DbError, Dialect, ReadTx, WriteTx, schema::sessions, statement::Statement},
    token::{
        audit::About,
        session_end::{Over, SessionEnd},
    },
};

use super::families;
use crate::model::session::{EndReason, Session, SessionState};

#[derive(Queryable)]
struct SessionRow {
    id: String,
    project_key: String,
    anonymous_id: Option<String>,
    customer_id: Option<String>,
    client_id: String,
    store_key: Option<String>,
    scope: String,
    state: String,
    generation: i64,
    idle_expires_at: i64,
    absolute_expires_at: Option<i64>,
    key_thumbprint: Option<String>,
    root_idle_expires_at: Option<i64>,
}

impl SessionRow {
    fn into_session(self) -> Result<Session, DbError> {
        let corrupt = |what: &str| DbError::Corrupt(format!("session `{}`: {what}", self.id));
        let subject = match (self.anonymous_id, self.customer_id) {
            (_, Some(id)) => Subject::Customer(CustomerId::new(id)),
            (Some(id), None) => Subject::Anonymous(AnonymousId::new(id)),
            (None, None) => return Err(corrupt("neither a guest's nor a customer's")),
        };
        Ok(Session {
            subject,
            state: SessionState::parse(&self.state)
                .ok_or_else(|| corrupt(&format!("state `{}`", self.state)))?,
            scope: ScopeSet::parse(&self.scope).map_err(|error| corrupt(&error.to_string()))?,
            id: SessionId::new(self.id),
            project: ProjectKey::new(self.project_key),
            family: None,
            client_id: ClientId::new(self.client_id),
            store: self.store_key.map(StoreKey::new),
            key_thumbprint: self.key_thumbprint,
            generation: self.generation,
            idle_expires_at: Timestamp::from_millis(
                self.root_idle_expires_at.unwrap_or(self.idle_expires_at),
            ),
            absolute_expires_at: self.absolute_expires_at.map(Timestamp::from_millis),
        })
    }
}

/// The session `id`, as the device has it that started it.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut ReadTx<'_>, id: &SessionId) -> Result<Option<Session>, DbError> {
    let row: Option<SessionRow> = sessions::table
        .find(id.as_str())
        .select((
            sessions::id,
            sessions::project_key,
            sessions::anonymous_id,
            sessions::customer_id,
            sessions::client_id,
            sessions::store_key,
            sessions::scope,
            sessions::state,
            sessions::generation,
            sessions::idle_expires_at,
            sessions::absolute_expires_at,
            sessions::key_thumbprint,
            sessions::root_idle_expires_at,
        ))
        .first(tx.connection())
        .optional()?;
    row.map(SessionRow::into_session).transpose()
}

/// The session `id` as one of its devices has it; `None` is the one that started it. Nothing, if the device was closed.
///
/// # Errors
/// [`DbError`].
pub fn find_on(
    tx: &mut ReadTx<'_>,
    id: &SessionId,
    device: Option<&FamilyId>,
) -> Result<Option<Session>, DbError> {
    let Some(session) = find(tx, id)? else {
        return Ok(None);
    };
    let Some(device) = device else {
        return Ok(Some(session));
    };
    let family = families::find_open(tx, id, device)?;
    Ok(family.map(|family| Session {
        family: Some(device.clone()),
        client_id: family.client_id,
        scope: family.scope,
        idle_expires_at: family.idle_expires_at,
        key_thumbprint: family.key_thumbprint,
        ..session
    }))
}

/// The customer whom the guest of an ended session became, if that is why it ended.
///
/// # Errors
/// [`DbError`].
pub fn became(tx: &mut ReadTx<'_>, id: &SessionId) -> Result<Option<CustomerId>, DbError> {
    let reason: Option<Option<String>> = sessions::table
        .find(id.as_str())
        .filter(sessions::state.eq(SessionState::Ended.as_str()))
        .select(sessions::state_reason)
        .first(tx.connection())
        .optional()?;
    // `login:{customer}` or `signup:{customer}`.
    let customer = reason.flatten();
    let customer = customer
        .as_deref()
        .and_then(|reason| reason.split_once(':'));
    Ok(customer.map(|(_, customer)| CustomerId::new(customer)))
}

/// Whether the tokens of a session are still good. Holds it, so that nobody can end it before this transaction commits.
///
/// # Errors
/// [`DbError`].
pub fn hold(tx: &mut WriteTx<'_>, id: &SessionId) -> Result<bool, DbError> {
    let lock = match tx.dialect() {
        Dialect::Postgres => " FOR SHARE",
        Dialect::Sqlite => "",
    };
    let rows: Vec<(String,)> = Statement::new("SELECT state FROM sessions WHERE id = ")
        .text(id.as_str())
        .sql(lock)
        .rows::<(Text,)>()
        .load(tx.connection())?;
    let state = rows.first().and_then(|(state,)| SessionState::parse(state));
    Ok(state.is_some_and(SessionState::honours_access_tokens))
}

/// Takes an anonymous id that a client chose, for ever. Answers `false` if it is taken: by a session in any state, or by
/// a resource of a backend.
///
/// # Errors
/// [`DbError`].
pub fn take_anonymous_id(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    id: &AnonymousId,
) -> Result<bool, DbError> {
    let taken =
        Statement::new("INSERT INTO anonymous_ids (project_key, anonymous_id, origin) SELECT ")
            .text(project.as_str())
            .sql(", ")
            .text(id.as_str())
            .sql(", 'session' WHERE NOT EXISTS (SELECT 1 FROM sessions WHERE project_key = ")
            .text(project.as_str())
            .sql(" AND anonymous_id = ")
            .text(id.as_str())
            .sql(") ON CONFLICT DO NOTHING")
            .run(tx.connection())?;
    Ok(taken > 0)
}

/// A new session with its first refresh token.
pub struct NewSession<'a> {
    /// The session.
    pub session: &'a Session,
    /// Hash of its first refresh token, where it has one.
    pub refresh_token_hash: Option<&'a str>,
    /// The session that let it in by an authorization code, if that is how it started.
    pub authorized_by: Option<&'a SessionId>,
    /// Now.
    pub now: Timestamp,
}

/// Stores a session of an existing client. Answers `false` if the client is gone, and stores nothing then: the copy of
/// the client that the request was checked against may be a second old.
///
/// The client is held until the session is committed: who deletes it either finds the session and revokes it, or is
/// found here.
///
/// # Errors
/// [`DbError`], [`DbError::NotUnique`] if the anonymous id is taken.
pub fn insert(tx: &mut WriteTx<'_>, new: &NewSession<'_>) -> Result<bool, DbError> {
    let session = insert_session(new, tx.dialect());
    let Some(hash) = new.refresh_token_hash else {
        return Ok(session.run(tx.connection())? > 0);
    };
    let columns = "INSERT INTO refresh_tokens (hash, session_id, generation, state, created_at) ";
    let token = Statement::new("SELECT ").text(hash).sql(", ");
    match tx.dialect() {
        // One round trip for both rows.
        Dialect::Postgres => {
            let inserted = Statement::new("WITH started AS (")
                .append(session)
                .sql(" RETURNING id) ")
                .sql(columns)
                .append(token)
                .sql("id, 0, 'live', ")
                .big_int(new.now.millis())
                .sql(" FROM started")
                .run(tx.connection())?;
            Ok(inserted > 0)
        }
        Dialect::Sqlite => {
            if session.run(tx.connection())? == 0 {
                return Ok(false);
            }
            Statement::new(columns)
                .append(token)
                .text(new.session.id.as_str())
                .sql(", 0, 'live', ")
                .big_int(new.now.millis())
                .run(tx.connection())?;
            Ok(true)
        }
    }
}

fn insert_session(new: &NewSession<'_>, dialect: Dialect) -> Statement {
    let session = new.session;
    let statement = Statement::new(
        "INSERT INTO sessions (id, project_key, anonymous_id, customer_id, client_id, store_key, scope, state, \
         generation, created_at, last_used_at, idle_expires_at, absolute_expires_at, key_thumbprint, authorized_by) SELECT ",
    )
    .text(session.id.as_str())
    .sql(", ")
    .text(session.project.as_str())
    .sql(", ")
    .optional_text(session.anonymous_id().map(AnonymousId::as_str))
    .sql(", ")
    .optional_text(session.customer_id().map(CustomerId::as_str))
    .sql(", c.id, ")
    .optional_text(session.store.as_ref().map(StoreKey::as_str))
    .sql(", ")
    .text(session.scope.to_string())
    .sql(", ")
    .text(session.state.as_str())
    .sql(", ")
    .big_int(session.generation)
    .sql(", ")
    .big_int(new.now.millis())
    .sql(", ")
    .big_int(new.now.millis())
    .sql(", ")
    .big_int(session.idle_expires_at.millis())
    .sql(", ")
    .optional_big_int(session.absolute_expires_at.map(Timestamp::millis))
    .sql(", ")
    .optional_text(session.key_thumbprint.as_deref())
    .sql(", ")
    .optional_text(new.authorized_by.map(SessionId::as_str))
    .sql(" FROM api_clients c WHERE c.id = ")
    .text(session.client_id.as_str())
    .sql(" AND (c.delete_at IS NULL OR c.delete_at > ")
    .big_int(new.now.millis())
    .sql(")");
    match dialect {
        // The weakest lock that a deletion waits for; sessions do not wait for each other, nor for a note of use.
        Dialect::Postgres => statement.sql(" FOR KEY SHARE OF c"),
        // There is one writer at a time.
        Dialect::Sqlite => statement,
    }
}

/// Sets the idle deadline of the device, and with it that of the session, unless another device keeps that for longer. The
/// deadline of a device that was handed the session is in its own row; it leaves the one of the first device as it is.
#[must_use]
pub fn later_deadline(device: Option<&FamilyId>, idle_expires_at: Timestamp) -> Statement {
    let first = Statement::new("root_idle_expires_at = ");
    let first = match device {
        None => first.big_int(idle_expires_at.millis()),
        Some(_) => first.sql("COALESCE(root_idle_expires_at, idle_expires_at)"),
    };
    first
        .sql(", idle_expires_at = CASE WHEN idle_expires_at > ")
        .big_int(idle_expires_at.millis())
        .sql(" THEN idle_expires_at ELSE ")
        .big_int(idle_expires_at.millis())
        .sql(" END")
}

/// Moves the idle deadline of an active session, which `device` uses. Answers `false` if it is not active any more.
///
/// # Errors
/// [`DbError`].
pub fn touch(
    tx: &mut WriteTx<'_>,
    id: &SessionId,
    device: Option<&FamilyId>,
    now: Timestamp,
    idle_expires_at: Timestamp,
) -> Result<bool, DbError> {
    let touched = Statement::new("UPDATE sessions SET last_used_at = ")
        .big_int(now.millis())
        .sql(", ")
        .append(later_deadline(device, idle_expires_at))
        .sql(" WHERE id = ")
        .text(id.as_str())
        .sql(" AND state = 'active'")
        .run(tx.connection())?;
    Ok(touched > 0)
}

/// Revokes a session with all its tokens. Answers `false` if it had ended or was revoked before.
///
/// # Errors
/// [`DbError`].
pub fn revoke(
    tx: &mut WriteTx<'_>,
    id: &SessionId,
    reason: EndReason,
    now: Timestamp,
) -> Result<bool, DbError> {
    close(tx, Over::Revoked, id, reason, now)
}

/// Ends a session, as a sign-in does or an operator; otherwise as [`revoke`].
///
/// # Errors
/// [`DbError`].
pub fn end(
    tx: &mut WriteTx<'_>,
    id: &SessionId,
    reason: EndReason,
    now: Timestamp,
) -> Result<bool, DbError> {
    close(tx, Over::Ended, id, reason, now)
}

fn close(
    tx: &mut WriteTx<'_>,
    over: Over,
    id: &SessionId,
    reason: EndReason,
    now: Timestamp,
) -> Result<bool, DbError> {
    let end = SessionEnd {
        about: About {
            session: Some(id),
            ..About::default()
        },
        ..SessionEnd::new(over, reason.as_str())
    };
    let which = Statement::new("id = ").text(id.as_str());
    Ok(end.run(tx, which, now)? > 0)
}

/// Revokes every session of a client; answers how many.
///
/// # Errors
/// [`DbError`].
pub fn revoke_of_client(
    tx: &mut WriteTx<'_>,
    client: &ClientId,
    now: Timestamp,
) -> Result<usize, DbError> {
    let end = SessionEnd {
        about: About {
            client: Some(client),
            ..About::default()
        },
        ..SessionEnd::new(Over::Revoked, EndReason::ClientDeleted.as_str())
    };
    let which = Statement::new("client_id = ").text(client.as_str());
    end.run(tx, which, now)
}
