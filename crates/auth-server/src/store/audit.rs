//! The audit trail: rare events that an operator may have to explain later. Never tokens, secrets or e-mail addresses.

use diesel::{ExpressionMethods as _, RunQueryDsl as _};
use domain::{
    identity::ids::{ClientId, ProjectKey, SessionId},
    timestamp::Timestamp,
};
use shared::{
    db::{DbError, WriteTx},
    random::{Randomness, uuid_v7},
};

use super::schema::audit_events;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A spent refresh token was presented after its successor was used; the session is revoked.
    ReuseDetected,
    /// A session was revoked.
    SessionRevoked,
    /// An API client was made.
    ClientCreated,
    /// An API client was deleted.
    ClientDeleted,
}

impl Event {
    const fn as_str(self) -> &'static str {
        match self {
            Self::ReuseDetected => "reuse_detected",
            Self::SessionRevoked => "session_revoked",
            Self::ClientCreated => "client_created",
            Self::ClientDeleted => "client_deleted",
        }
    }
}

/// Whom an event is about.
pub struct About<'a> {
    /// The project.
    pub project: &'a ProjectKey,
    /// The session, where it is about one.
    pub session: Option<&'a SessionId>,
    /// The client, where it is about one.
    pub client: Option<&'a ClientId>,
}

/// Writes an event down.
///
/// # Errors
/// [`DbError`].
pub fn record(
    tx: &mut WriteTx<'_>,
    event: Event,
    about: &About<'_>,
    now: Timestamp,
    randomness: &dyn Randomness,
) -> Result<(), DbError> {
    diesel::insert_into(audit_events::table)
        .values((
            audit_events::id.eq(uuid_v7(now, randomness)),
            audit_events::project_key.eq(about.project.as_str()),
            audit_events::event.eq(event.as_str()),
            audit_events::session_id.eq(about.session.map(SessionId::as_str)),
            audit_events::client_id.eq(about.client.map(ClientId::as_str)),
            audit_events::detail.eq(""),
            audit_events::created_at.eq(now.millis()),
        ))
        .execute(tx.connection())?;
    Ok(())
}
