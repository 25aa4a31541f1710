//! Sessions as operators see them: with their times, and also when they are over.

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Nullable, Text},
};
use domain::{
    identity::ids::{AnonymousId, ClientId, CustomerId, ProjectKey, SessionId},
    timestamp::Timestamp,
};
use serde::Serialize;
use shared::db::{DbError, ReadTx, statement::Statement};

use crate::model::session::SessionState;

/// A session with its history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionRecord {
    /// Its id.
    pub id: String,
    /// Its project.
    pub project: String,
    /// The guest it was started for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymous_id: Option<String>,
    /// The customer it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// The client that started it.
    pub client_id: String,
    /// As stored.
    pub state: String,
    /// Why it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How often its refresh token was replaced.
    pub generation: i64,
    /// When it started.
    pub created_at: Timestamp,
    /// When it was last refreshed, or started.
    pub last_used_at: Timestamp,
    /// It cannot be refreshed from then on.
    pub idle_expires_at: Timestamp,
    /// Since when it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
}

type Row = (
    String,
    String,
    Option<String>,
    Option<String>,
    String,
    String,
    Option<String>,
    i64,
    i64,
    i64,
    i64,
    Option<i64>,
);
type RowType = (
    Text,
    Text,
    Nullable<Text>,
    Nullable<Text>,
    Text,
    Text,
    Nullable<Text>,
    BigInt,
    BigInt,
    BigInt,
    BigInt,
    Nullable<BigInt>,
);

impl SessionRecord {
    fn of(row: Row) -> Self {
        let (id, project, anonymous_id, customer_id, client_id, state, reason, generation, ..) =
            row;
        let (.., created_at, last_used_at, idle_expires_at, closed_at) = row;
        Self {
            id,
            project,
            anonymous_id,
            customer_id,
            client_id,
            state,
            reason,
            generation,
            created_at: Timestamp::from_millis(created_at),
            last_used_at: Timestamp::from_millis(last_used_at),
            idle_expires_at: Timestamp::from_millis(idle_expires_at),
            closed_at: closed_at.map(Timestamp::from_millis),
        }
    }

    /// How it came to an end, in words; `None` while it can be refreshed.
    #[must_use]
    pub fn end(&self) -> Option<String> {
        if self.state == SessionState::Active.as_str() {
            return None;
        }
        let reason = self.reason.as_deref().unwrap_or("no reason known");
        Some(format!("{} ({reason})", self.state))
    }
}

/// Which sessions are listed. Those that are not asked for are not compared.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this guest.
    pub anonymous_id: Option<AnonymousId>,
    /// Of this customer.
    pub customer_id: Option<CustomerId>,
    /// Started by this client.
    pub client_id: Option<ClientId>,
    /// In this state.
    pub state: Option<SessionState>,
}

/// Up to `limit` sessions of a project, the youngest first.
///
/// # Errors
/// [`DbError`].
pub fn list(
    tx: &mut ReadTx<'_>,
    project: &ProjectKey,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<SessionRecord>, DbError> {
    let conditions = [
        (
            " AND anonymous_id = ",
            filter.anonymous_id.as_ref().map(AnonymousId::as_str),
        ),
        (
            " AND customer_id = ",
            filter.customer_id.as_ref().map(CustomerId::as_str),
        ),
        (
            " AND client_id = ",
            filter.client_id.as_ref().map(ClientId::as_str),
        ),
        (" AND state = ", filter.state.map(SessionState::as_str)),
    ];
    let mut which = Statement::new("project_key = ").text(project.as_str());
    for (condition, value) in conditions {
        if let Some(value) = value {
            which = which.sql(condition).text(value);
        }
    }
    // Ids start with the time.
    select(tx, which.sql(" ORDER BY id DESC LIMIT ").big_int(limit))
}

/// The session `id`.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut ReadTx<'_>, id: &SessionId) -> Result<Option<SessionRecord>, DbError> {
    let found = select(tx, Statement::new("id = ").text(id.as_str()))?;
    Ok(found.into_iter().next())
}

/// The session of a guest.
///
/// # Errors
/// [`DbError`].
pub fn of_guest(
    tx: &mut ReadTx<'_>,
    project: &ProjectKey,
    guest: &AnonymousId,
) -> Result<Option<SessionRecord>, DbError> {
    let filter = Filter {
        anonymous_id: Some(guest.clone()),
        ..Filter::default()
    };
    Ok(list(tx, project, &filter, 1)?.into_iter().next())
}

fn select(tx: &mut ReadTx<'_>, which: Statement) -> Result<Vec<SessionRecord>, DbError> {
    let rows: Vec<Row> = Statement::new(
        "SELECT id, project_key, anonymous_id, customer_id, client_id, state, state_reason, generation, created_at, \
         last_used_at, idle_expires_at, closed_at FROM sessions WHERE ",
    )
    .append(which)
    .rows::<RowType>()
    .load(tx.connection())?;
    Ok(rows.into_iter().map(SessionRecord::of).collect())
}

/// What is left of an anonymous id without a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// `session`, or `resource` where a backend wrote it on one.
    pub origin: String,
    /// The session it belonged to, which is deleted.
    pub session: Option<SessionId>,
}

/// What is left of an anonymous id, if it was ever taken by name or its session is deleted.
///
/// # Errors
/// [`DbError`].
pub fn tombstone(
    tx: &mut ReadTx<'_>,
    project: &ProjectKey,
    guest: &AnonymousId,
) -> Result<Option<Tombstone>, DbError> {
    let rows: Vec<(String, Option<String>)> =
        Statement::new("SELECT origin, session_id FROM anonymous_ids WHERE project_key = ")
            .text(project.as_str())
            .sql(" AND anonymous_id = ")
            .text(guest.as_str())
            .rows::<(Text, Nullable<Text>)>()
            .load(tx.connection())?;
    Ok(rows.into_iter().next().map(|(origin, session)| Tombstone {
        origin,
        session: session.map(SessionId::new),
    }))
}
