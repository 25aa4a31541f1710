//! The one door through which sessions end, in both servers: the row says how, and the trail gets an event for each, in one
//! statement. Nothing that a session's tokens open is open any more when the transaction commits.

use domain::timestamp::Timestamp;
use serde_json::{Map, Value, json};

use super::audit::{self, About, Event};
use crate::{
    db::{DbError, Dialect, WriteTx, statement::Statement},
    random::{Randomness, uuid_v7},
};

/// In which state a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Its guest became a customer, or an operator ended it: every token of it is dead.
    Ended,
    /// It was taken back: every token of it is dead.
    Revoked,
    /// It was not used for too long: it cannot be refreshed, access tokens keep their own time.
    Expired,
    /// It was removed for more recent ones: as expired.
    Evicted,
}

impl Over {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Evicted => "evicted",
        }
    }

    /// Condition over the sessions that can still come into this state.
    const fn possible(self) -> &'static str {
        match self {
            // A session that cannot be refreshed may still have good access tokens.
            Self::Ended | Self::Revoked => "state IN ('active', 'expired', 'evicted')",
            Self::Expired | Self::Evicted => "state = 'active'",
        }
    }

    const fn event(self) -> Event {
        match self {
            Self::Ended => Event::SessionEnded,
            Self::Revoked => Event::SessionRevoked,
            Self::Expired => Event::SessionExpired,
            Self::Evicted => Event::SessionEvicted,
        }
    }

    /// SQL for the event of one session.
    const fn event_sql(self) -> &'static str {
        match self {
            Self::Ended => "'session_ended'",
            Self::Revoked => {
                "CASE WHEN customer_id IS NULL THEN 'anonymous_session_revoked' ELSE 'session_revoked' END"
            }
            Self::Expired => "'session_expired'",
            Self::Evicted => "'session_evicted'",
        }
    }
}

/// How and why sessions end.
#[derive(Clone, Debug)]
pub struct SessionEnd<'a> {
    /// How.
    pub over: Over,
    /// Why, a word for the row and the trail.
    pub reason: &'a str,
    /// Who the guest became, where that is how.
    pub customer: Option<&'a str>,
    /// Whose sessions, as far as it is known before: for the line in the log.
    pub about: About<'a>,
}

impl<'a> SessionEnd<'a> {
    /// An end without anything else to say.
    #[must_use]
    pub fn new(over: Over, reason: &'a str) -> Self {
        Self {
            over,
            reason,
            customer: None,
            about: About::default(),
        }
    }

    /// Ends the sessions for which the condition `which` holds, of those that are not over; answers how many.
    ///
    /// # Errors
    /// [`DbError`].
    pub fn run(
        &self,
        tx: &mut WriteTx<'_>,
        which: Statement,
        now: Timestamp,
    ) -> Result<usize, DbError> {
        let condition = Statement::new(self.over.possible())
            .sql(" AND (")
            .append(which)
            .sql(")");
        let update = Statement::new("UPDATE sessions SET state = ")
            .text(self.over.as_str())
            .sql(", state_reason = ")
            .text(self.state_reason())
            .sql(", closed_at = ")
            .big_int(now.millis())
            .sql(" WHERE ")
            .append(condition.clone());
        let count = match tx.dialect() {
            Dialect::Postgres => Statement::new("WITH over AS (")
                .append(update)
                .sql(
                    " RETURNING id, project_key, client_id, customer_id, created_at, last_used_at, generation) ",
                )
                .append(self.events(now))
                .sql("over")
                .run(tx.connection())?,
            // There is one writer: both statements see the same sessions.
            Dialect::Sqlite => {
                self.events(now)
                    .sql("sessions WHERE ")
                    .append(condition)
                    .run(tx.connection())?;
                update.run(tx.connection())?
            }
        };
        if count > 0 {
            self.announce(count, now);
        }
        Ok(count)
    }

    fn state_reason(&self) -> String {
        match self.customer {
            Some(customer) => format!("{}:{customer}", self.reason),
            None => self.reason.to_owned(),
        }
    }

    fn detail(&self) -> Map<String, Value> {
        let mut detail = Map::new();
        detail.insert("reason".to_owned(), json!(self.reason));
        if let Some(customer) = self.customer {
            detail.insert("customer".to_owned(), json!(customer));
        }
        detail
    }

    /// `INSERT … SELECT … FROM`, one event per row of whatever follows. What the session row says of its life goes into the
    /// detail, because the row is deleted before the trail is.
    fn events(&self, now: Timestamp) -> Statement {
        let detail = Value::Object(self.detail()).to_string();
        let open = detail.strip_suffix('}').unwrap_or(&detail).to_owned();
        Statement::new(
            "INSERT INTO audit_events (id, project_key, event, session_id, client_id, detail, created_at) SELECT ",
        )
        .text(self.id_prefix(now))
        .sql(" || id, project_key, ")
        .sql(self.over.event_sql())
        .sql(", id, client_id, ")
        .text(open)
        .sql(
            " || ',\"startedAt\":' || CAST(created_at AS TEXT) || ',\"lastUsedAt\":' || CAST(last_used_at AS TEXT) \
             || ',\"generation\":' || CAST(generation AS TEXT) || '}', ",
        )
        .big_int(now.millis())
        .sql(" FROM ")
    }

    /// Ids of events start with their time. A session comes into each state once, though it may be revoked in the very
    /// millisecond in which it expired: the state and the session make the rest of the id.
    fn id_prefix(&self, now: Timestamp) -> String {
        let id = uuid_v7(now, &Zeros);
        let time = id.get(..14).unwrap_or(&id);
        format!("{time}{}-", self.over.as_str())
    }

    fn announce(&self, count: usize, now: Timestamp) {
        let mut detail = self.detail();
        detail.insert("sessions".to_owned(), json!(count));
        let about = About {
            detail: Value::Object(detail),
            ..self.about.clone()
        };
        audit::announce(self.over.event(), &about, now);
    }
}

struct Zeros;

impl Randomness for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}
