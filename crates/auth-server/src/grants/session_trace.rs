//! What happened to a guest, in order: for whoever is asked where the basket went.

use domain::{
    identity::ids::{AnonymousId, ClientId, ProjectKey, SessionId},
    timestamp::Timestamp,
};
use serde::Serialize;
use serde_json::Value;
use shared::{
    db::{DbError, ReadTx},
    token::audit::{self, Recorded},
};

use crate::store::{
    clients,
    guest_documents::{self, GuestDocument},
    session_records::{self, SessionRecord, Tombstone},
};

/// Most messages that are shown of one resource.
const MOST_MESSAGES: i64 = 200;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// Which table says so.
    pub source: &'static str,
    /// What, as one word.
    pub event: String,
    /// The id of what it happened to: a session, a cart, an order.
    pub id: String,
    /// What, for people.
    pub text: String,
}

/// What is known of a guest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// The guest.
    pub anonymous_id: String,
    /// The session, unless its row is deleted or there never was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionRecord>,
    /// What is not known, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
    /// What happened, oldest first.
    pub lines: Vec<Line>,
}

const PURGED: &str = "The session is over and its row is deleted (SESSION_RETENTION); what is left is in the audit trail.";
const UNLINKED: &str = "The anonymous id was taken by a session whose row is deleted.";
const OF_A_BACKEND: &str =
    "There never was a session: a backend wrote the anonymous id on a resource.";
const ONLY_RESOURCES: &str = "There is no session of this anonymous id; only resources carry it.";

/// The trace of a guest, or `None` if nobody has ever seen it.
///
/// # Errors
/// [`DbError`].
pub fn of_guest(
    tx: &mut ReadTx<'_>,
    project: &ProjectKey,
    guest: &AnonymousId,
) -> Result<Option<Trace>, DbError> {
    let session = session_records::of_guest(tx, project, guest)?;
    let tombstone = match session {
        Some(_) => None,
        None => session_records::tombstone(tx, project, guest)?,
    };
    let mut lines = Vec::new();
    let session_id = match (&session, &tombstone) {
        (Some(session), _) => Some(SessionId::new(&session.id)),
        (None, Some(tombstone)) => tombstone.session.clone(),
        (None, None) => None,
    };
    if let Some(id) = &session_id {
        let recorded = audit::of_session(tx, id)?;
        lines.extend(of_life(tx, id, session.as_ref(), &recorded)?);
        lines.extend(recorded.iter().map(|event| of_event(id, event)));
    }
    for document in guest_documents::documents(tx, project, guest)? {
        lines.extend(of_document(tx, project, &document)?);
    }
    if session.is_none() && tombstone.is_none() && lines.is_empty() {
        return Ok(None);
    }
    lines.sort_by_key(|line| line.at);
    Ok(Some(Trace {
        anonymous_id: guest.to_string(),
        note: note(session.as_ref(), tombstone.as_ref()),
        session,
        lines,
    }))
}

fn note(session: Option<&SessionRecord>, tombstone: Option<&Tombstone>) -> Option<&'static str> {
    match (session, tombstone) {
        (Some(_), _) => None,
        (None, Some(Tombstone { session, origin })) => Some(match session {
            Some(_) => PURGED,
            None if origin == "session" => UNLINKED,
            None => OF_A_BACKEND,
        }),
        (None, None) => Some(ONLY_RESOURCES),
    }
}

/// How a session began, how long it was used, and how it ended where no event says so.
struct Life {
    client: Option<String>,
    started_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    generation: i64,
    source: &'static str,
}

impl Life {
    fn of(session: Option<&SessionRecord>, recorded: &[Recorded]) -> Self {
        if let Some(session) = session {
            return Self {
                client: Some(session.client_id.clone()),
                started_at: Some(session.created_at),
                last_used_at: Some(session.last_used_at),
                generation: session.generation,
                source: "sessions",
            };
        }
        // The event of the end keeps what the row said.
        let end = recorded
            .iter()
            .find(|one| number(one, "startedAt").is_some());
        let millis = |name: &str| {
            end.and_then(|end| number(end, name))
                .map(Timestamp::from_millis)
        };
        Self {
            client: end.and_then(|end| end.client.clone()),
            started_at: millis("startedAt"),
            last_used_at: millis("lastUsedAt"),
            generation: end.and_then(|end| number(end, "generation")).unwrap_or(0),
            source: "audit_events",
        }
    }
}

fn number(event: &Recorded, name: &str) -> Option<i64> {
    event.detail.get(name).and_then(Value::as_i64)
}

fn of_life(
    tx: &mut ReadTx<'_>,
    id: &SessionId,
    session: Option<&SessionRecord>,
    recorded: &[Recorded],
) -> Result<Vec<Line>, DbError> {
    let life = Life::of(session, recorded);
    let line = |at, event: &str, text| Line {
        at,
        source: life.source,
        event: event.to_owned(),
        id: id.to_string(),
        text,
    };
    let mut lines = Vec::new();
    if let Some(at) = life.started_at {
        let client = match &life.client {
            Some(client) => name_of(tx, client)?,
            None => "an unknown client".to_owned(),
        };
        let text = format!("session started by {client}");
        lines.push(line(at, "session_started", text));
    }
    if let Some(at) = life.last_used_at
        && life.last_used_at != life.started_at
    {
        let text = match life.generation {
            // Reusable refresh tokens are never replaced.
            0 => "last refreshed".to_owned(),
            1 => "refreshed once".to_owned(),
            times => format!("refreshed {times} times, the last time then"),
        };
        lines.push(line(at, "session_last_used", text));
    }
    let is_told = recorded
        .iter()
        .any(|one| number(one, "startedAt").is_some());
    if let Some(session) = session
        && let Some(end) = session.end()
        && !is_told
    {
        let at = session.closed_at.unwrap_or(session.last_used_at);
        lines.push(line(at, "session_over", format!("session over: {end}")));
    }
    Ok(lines)
}

fn name_of(tx: &mut ReadTx<'_>, client: &str) -> Result<String, DbError> {
    let found = clients::find(tx, &ClientId::new(client))?;
    Ok(match found {
        Some(found) => format!("client {client} ({})", found.name),
        None => format!("client {client}, which is deleted"),
    })
}

fn of_event(session: &SessionId, event: &Recorded) -> Line {
    let word = |name: &str| event.detail.get(name).and_then(Value::as_str);
    let reason = word("reason").unwrap_or("no reason known");
    let text = match event.event.as_str() {
        "session_refreshed" => "refreshed (one refresh in sixteen is written down)".to_owned(),
        "refresh_token_replaced" => {
            "refreshed with a used token; its successor, never used, was replaced".to_owned()
        }
        "reuse_detected" => {
            "a used refresh token was presented again: two parties held it".to_owned()
        }
        "session_ended" => match word("customer") {
            Some(customer) => format!("session ended: became customer {customer} by {reason}"),
            None => format!("session ended by {reason}"),
        },
        "session_revoked" | "anonymous_session_revoked" => {
            format!("session revoked: {reason}")
        }
        "handoff_started" => "a code was made that hands the session over".to_owned(),
        "session_handed_over" => {
            let client = event.client.as_deref().unwrap_or("unknown");
            let device = word("device").unwrap_or("unknown");
            format!("session handed over to device {device}, client {client}")
        }
        "device_closed" => {
            let device = word("device").unwrap_or("unknown");
            format!("device {device} lost the session: {reason}")
        }
        "session_expired" => "session expired: not used for too long".to_owned(),
        "session_evicted" => "session evicted: the project had too many".to_owned(),
        other if event.detail.is_null() => other.to_owned(),
        other => format!("{other} {}", event.detail),
    };
    Line {
        at: event.at,
        source: "audit_events",
        event: event.event.clone(),
        id: session.to_string(),
        text,
    }
}

fn of_document(
    tx: &mut ReadTx<'_>,
    project: &ProjectKey,
    document: &GuestDocument,
) -> Result<Vec<Line>, DbError> {
    let name = match &document.order_number {
        Some(number) => format!("{} {number} ({})", document.kind, document.id),
        None => format!("{} {}", document.kind, document.id),
    };
    let line = |at, source, event: &str, text| Line {
        at,
        source,
        event: event.to_owned(),
        id: document.id.clone(),
        text,
    };
    let created = format!("{name} created");
    let mut lines = vec![line(document.created_at, "documents", "created", created)];
    for message in guest_documents::messages(tx, project, &document.id, MOST_MESSAGES)? {
        let text = match message.state {
            Some(state) => format!("{name}: {} {state}", message.message_type),
            None => format!("{name}: {}", message.message_type),
        };
        lines.push(line(message.at, "messages", &message.message_type, text));
    }
    let mut now = format!("{name} last changed, version {}", document.version);
    if let Some(state) = &document.state {
        now = format!("{now}, {state}");
    }
    if let Some(customer) = &document.customer {
        now = format!("{now}, belongs to customer {customer}");
    }
    lines.push(line(document.last_modified_at, "documents", "changed", now));
    Ok(lines)
}
