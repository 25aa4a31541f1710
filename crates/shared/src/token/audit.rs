//! The audit trail: events that an operator may have to explain later, as rows and as JSON lines in the log (target `audit`).
//! Never tokens, secrets, passwords or e-mail addresses.

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Nullable, Text},
};
use domain::{
    identity::ids::{ClientId, ProjectKey, SessionId},
    timestamp::Timestamp,
};
use serde_json::{Value, json};

use crate::{
    db::{DbError, ReadTx, WriteTx, statement::Statement},
    random::{Randomness, uuid_v7},
};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A refresh token was used. Sampled: one in sixteen is written down.
    SessionRefreshed,
    /// A spent refresh token was presented late: its successor, never used, was replaced by another.
    RefreshTokenReplaced,
    /// A spent refresh token was presented after its successor was used; the session is revoked.
    ReuseDetected,
    /// A guest's session was offered to another device.
    HandoffStarted,
    /// Another device joined a guest's session.
    SessionHandedOver,
    /// A device left a guest's session, by itself or because two parties held its tokens; what it handed on left with it.
    DeviceClosed,
    /// A customer's session was revoked.
    SessionRevoked,
    /// A guest's session was revoked.
    AnonymousSessionRevoked,
    /// A guest became a customer, or an operator ended the session.
    SessionEnded,
    /// A session was not used for too long.
    SessionExpired,
    /// A session went because the project had too many.
    SessionEvicted,
    /// A customer signed in with a password, or let a client in with an authorization code.
    LoginSucceeded,
    /// A password was wrong, or there is no such account.
    LoginFailed,
    /// An API client was made.
    ClientCreated,
    /// An API client was made with scopes that its maker does not have.
    ScopeEscalated,
    /// An API client was changed.
    ClientUpdated,
    /// An API client was deleted.
    ClientDeleted,
    /// An API client got another secret.
    ClientSecretRotated,
    /// A signing key went into another state.
    KeyChanged,
    /// A token for a device may do what no device should.
    ScopePolicyWarning,
}

impl Event {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SessionRefreshed => "session_refreshed",
            Self::RefreshTokenReplaced => "refresh_token_replaced",
            Self::ReuseDetected => "reuse_detected",
            Self::HandoffStarted => "handoff_started",
            Self::SessionHandedOver => "session_handed_over",
            Self::DeviceClosed => "device_closed",
            Self::SessionRevoked => "session_revoked",
            Self::AnonymousSessionRevoked => "anonymous_session_revoked",
            Self::SessionEnded => "session_ended",
            Self::SessionExpired => "session_expired",
            Self::SessionEvicted => "session_evicted",
            Self::LoginSucceeded => "login_succeeded",
            Self::LoginFailed => "login_failed",
            Self::ClientCreated => "client_created",
            Self::ScopeEscalated => "scope_escalated",
            Self::ClientUpdated => "client_updated",
            Self::ClientDeleted => "client_deleted",
            Self::ClientSecretRotated => "client_secret_rotated",
            Self::KeyChanged => "key_changed",
            Self::ScopePolicyWarning => "scope_policy_warning",
        }
    }
}

/// Whom an event is about.
#[derive(Clone, Debug, Default)]
pub struct About<'a> {
    /// The project, unless it is about all of them.
    pub project: Option<&'a ProjectKey>,
    /// The session, where it is about one.
    pub session: Option<&'a SessionId>,
    /// The client, where it is about one.
    pub client: Option<&'a ClientId>,
    /// What else is worth knowing: an object, or null.
    pub detail: Value,
}

/// Writes an event down. Ends of sessions are written by [`super::session_end`].
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
    let detail = match &about.detail {
        Value::Null => String::new(),
        detail => detail.to_string(),
    };
    let project = about.project.map_or("", ProjectKey::as_str);
    Statement::new(
        "INSERT INTO audit_events (id, project_key, event, session_id, client_id, detail, created_at) SELECT ",
    )
    .text(uuid_v7(now, randomness))
    .sql(", ")
    .text(project)
    .sql(", ")
    .text(event.as_str())
    .sql(", ")
    .optional_text(about.session.map(SessionId::as_str))
    .sql(", ")
    .optional_text(about.client.map(ClientId::as_str))
    .sql(", ")
    .text(detail)
    .sql(", ")
    .big_int(now.millis())
    .run(tx.connection())?;
    announce(event, about, now);
    Ok(())
}

/// The line in the log.
pub(super) fn announce(event: Event, about: &About<'_>, now: Timestamp) {
    if log::log_enabled!(target: "audit", log::Level::Info) {
        let line = json!({
            "event": event.as_str(),
            "project": about.project,
            "session": about.session,
            "client": about.client,
            "detail": about.detail,
            "at": now,
        });
        log::info!(target: "audit", "{line}");
    }
}

/// An event as written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// What happened.
    pub event: String,
    /// The client, where it is about one.
    pub client: Option<String>,
    /// What else is known: an object, or null.
    pub detail: Value,
    /// When.
    pub at: Timestamp,
}

/// The events of a session, in their order.
///
/// # Errors
/// [`DbError`].
pub fn of_session(tx: &mut ReadTx<'_>, session: &SessionId) -> Result<Vec<Recorded>, DbError> {
    let rows: Vec<(String, Option<String>, String, i64)> = Statement::new(
        "SELECT event, client_id, detail, created_at FROM audit_events WHERE session_id = ",
    )
    .text(session.as_str())
    // Within a millisecond the cause comes before the end.
    .sql(
        " ORDER BY created_at, CASE WHEN event IN ('session_ended', 'session_revoked', 'anonymous_session_revoked', \
         'session_expired', 'session_evicted') THEN 1 ELSE 0 END, id",
    )
    .rows::<(Text, Nullable<Text>, Text, BigInt)>()
    .load(tx.connection())?;
    let recorded = |(event, client, detail, at): (String, Option<String>, String, i64)| Recorded {
        event,
        client,
        detail: serde_json::from_str(&detail).unwrap_or(Value::Null),
        at: Timestamp::from_millis(at),
    };
    Ok(rows.into_iter().map(recorded).collect())
}
