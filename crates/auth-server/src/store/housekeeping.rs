//! Rows whose time is over.

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Nullable, Text},
};
use domain::{identity::ids::ProjectKey, timestamp::Timestamp};
use shared::{
    db::{DbError, Dialect, WriteTx, statement::Statement},
    random::{Randomness, uuid_v7},
    token::{
        audit::About,
        session_end::{Over, SessionEnd},
    },
};

/// Tables whose rows say themselves when their time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiring {
    /// Authorization codes.
    AuthorizationCodes,
    /// What opaque access tokens mean.
    OpaqueTokens,
    /// Access tokens that were revoked one by one.
    RevokedTokens,
    /// Answers that can be asked for again.
    IdempotencyKeys,
    /// Secrets that were replaced.
    ClientSecrets,
    /// Codes that hand a guest over.
    HandoffCodes,
    /// DPoP proofs that were used.
    Proofs,
}

impl Expiring {
    const fn table(self) -> &'static str {
        match self {
            Self::AuthorizationCodes => "authorization_codes",
            Self::OpaqueTokens => "opaque_access_tokens",
            Self::RevokedTokens => "revoked_tokens",
            Self::IdempotencyKeys => "idempotency_keys",
            Self::ClientSecrets => "client_secrets",
            Self::HandoffCodes => "handoff_codes",
            Self::Proofs => "dpop_proofs",
        }
    }
}

/// Deletes up to `limit` rows that expired before `end`; answers how many went.
///
/// # Errors
/// [`DbError`].
pub fn purge_expired(
    tx: &mut WriteTx<'_>,
    expiring: Expiring,
    end: Timestamp,
    limit: i64,
) -> Result<usize, DbError> {
    let table = expiring.table();
    // The physical row address: the tables have different keys.
    let address = match tx.dialect() {
        Dialect::Postgres => "ctid",
        Dialect::Sqlite => "rowid",
    };
    let deleted = Statement::new(format!(
        "DELETE FROM {table} WHERE {address} IN (SELECT {address} FROM {table} WHERE expires_at < "
    ))
    .big_int(end.millis())
    .sql(" LIMIT ")
    .big_int(limit)
    .sql(")")
    .run(tx.connection())?;
    Ok(deleted)
}

/// Deletes up to `limit` audit events from before `end`; answers how many went.
///
/// # Errors
/// [`DbError`].
pub fn purge_audit_events(
    tx: &mut WriteTx<'_>,
    end: Timestamp,
    limit: i64,
) -> Result<usize, DbError> {
    // Their ids start with the time, so the primary key finds the oldest.
    let deleted = Statement::new(
        "DELETE FROM audit_events WHERE id IN (SELECT id FROM audit_events WHERE id < ",
    )
    .text(uuid_v7(end, &Zeros))
    .sql(" ORDER BY id LIMIT ")
    .big_int(limit)
    .sql(")")
    .run(tx.connection())?;
    Ok(deleted)
}

/// Makes the smallest id of a millisecond.
struct Zeros;

impl Randomness for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// A run of sessions by id: behind `after`, up to and with `through`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    after: String,
    /// The last id of it.
    pub through: String,
    /// How many there were.
    pub sessions: i64,
}

/// The next `limit` sessions behind `position`, or `None` at the end.
///
/// # Errors
/// [`DbError`].
pub fn next_piece(
    tx: &mut WriteTx<'_>,
    position: Option<&str>,
    limit: i64,
) -> Result<Option<Piece>, DbError> {
    let after = position.unwrap_or_default();
    let rows: Vec<(Option<String>, i64)> =
        Statement::new("SELECT max(p.id), count(*) FROM (SELECT id FROM sessions WHERE id > ")
            .text(after)
            .sql(" ORDER BY id LIMIT ")
            .big_int(limit)
            .sql(") p")
            .rows::<(Nullable<Text>, BigInt)>()
            .load(tx.connection())?;
    let found = rows.into_iter().next();
    Ok(found.and_then(|(through, sessions)| {
        Some(Piece {
            after: after.to_owned(),
            through: through?,
            sessions,
        })
    }))
}

impl Piece {
    fn append_to(&self, statement: Statement, column: &'static str) -> Statement {
        statement
            .sql(column)
            .sql(" > ")
            .text(&self.after)
            .sql(" AND ")
            .sql(column)
            .sql(" <= ")
            .text(&self.through)
    }

    /// Sessions that were not used in time are expired from now on; answers how many. Also notes since when sessions are
    /// over, where whoever ended them did not.
    ///
    /// # Errors
    /// [`DbError`].
    pub fn expire(&self, tx: &mut WriteTx<'_>, now: Timestamp) -> Result<usize, DbError> {
        let unused = self
            .append_to(Statement::default(), "id")
            .sql(" AND (idle_expires_at <= ")
            .big_int(now.millis())
            .sql(" OR absolute_expires_at <= ")
            .big_int(now.millis())
            .sql(")");
        let expired = SessionEnd::new(Over::Expired, "unused").run(tx, unused, now)?;
        let note = Statement::new("UPDATE sessions SET closed_at = ")
            .big_int(now.millis())
            .sql(" WHERE ");
        self.append_to(note, "id")
            .sql(" AND state <> 'active' AND closed_at IS NULL")
            .run(tx.connection())?;
        Ok(expired)
    }

    /// Deletes refresh tokens that were replaced before `end`; answers how many. The live one stays, and so does its
    /// predecessor: whoever lost an answer asks with that one, however late.
    ///
    /// # Errors
    /// [`DbError`].
    pub fn purge_replaced_tokens(
        &self,
        tx: &mut WriteTx<'_>,
        end: Timestamp,
    ) -> Result<usize, DbError> {
        let delete = Statement::new("DELETE FROM refresh_tokens WHERE ");
        let deleted = self
            .append_to(delete, "session_id")
            .sql(" AND state IN ('spent', 'retired') AND COALESCE(first_used_at, created_at) < ")
            .big_int(end.millis())
            .sql(
                " AND NOT EXISTS (SELECT 1 FROM refresh_tokens n \
                 WHERE n.hash = refresh_tokens.successor_hash AND n.state = 'live')",
            )
            .run(tx.connection())?;
        Ok(deleted)
    }

    /// Deletes devices that were closed before `end`, with their tokens; answers how many. One that handed the session on
    /// stays as long as what came of it: theft there would have to be followed up.
    ///
    /// # Errors
    /// [`DbError`].
    pub fn purge_closed_devices(
        &self,
        tx: &mut WriteTx<'_>,
        end: Timestamp,
    ) -> Result<usize, DbError> {
        let closed = |statement: Statement| {
            self.append_to(statement, "session_id")
                .sql(" AND closed_at < ")
                .big_int(end.millis())
                .sql(
                    " AND NOT EXISTS (SELECT 1 FROM session_families c \
                     WHERE c.parent_id = session_families.id)",
                )
        };
        let tokens = self
            .append_to(
                Statement::new("DELETE FROM refresh_tokens WHERE "),
                "session_id",
            )
            .sql(" AND family_id IN (SELECT id FROM session_families WHERE ");
        closed(tokens).sql(")").run(tx.connection())?;
        let deleted =
            closed(Statement::new("DELETE FROM session_families WHERE ")).run(tx.connection())?;
        Ok(deleted)
    }

    /// Deletes sessions that have been over since before `end`; answers how many. Their anonymous ids stay taken for ever,
    /// because orders keep them, and lead to what the audit trail knows.
    ///
    /// # Errors
    /// [`DbError`].
    pub fn purge_closed(&self, tx: &mut WriteTx<'_>, end: Timestamp) -> Result<usize, DbError> {
        let closed = |statement: Statement| {
            self.append_to(statement, "id")
                .sql(" AND state <> 'active' AND closed_at < ")
                .big_int(end.millis())
        };
        closed(Statement::new(
            "INSERT INTO anonymous_ids (project_key, anonymous_id, origin, session_id) \
             SELECT project_key, anonymous_id, 'session', id FROM sessions WHERE anonymous_id IS NOT NULL AND ",
        ))
        .sql(" ON CONFLICT (project_key, anonymous_id) DO UPDATE SET session_id = excluded.session_id")
        .run(tx.connection())?;
        closed(Statement::new(
            "DELETE FROM refresh_tokens WHERE session_id IN (SELECT id FROM sessions WHERE ",
        ))
        .sql(")")
        .run(tx.connection())?;
        closed(Statement::new(
            "DELETE FROM session_families WHERE session_id IN (SELECT id FROM sessions WHERE ",
        ))
        .sql(")")
        .run(tx.connection())?;
        let deleted = closed(Statement::new("DELETE FROM sessions WHERE ")).run(tx.connection())?;
        Ok(deleted)
    }
}

/// A project with more refreshable sessions than it may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crowded {
    /// The project.
    pub project: ProjectKey,
    /// By how many.
    pub excess: i64,
}

const HAS_LIVE_TOKEN: &str =
    "EXISTS (SELECT 1 FROM refresh_tokens t WHERE t.session_id = s.id AND t.state = 'live')";

/// The projects with more than `cap` live refresh tokens.
///
/// # Errors
/// [`DbError`].
pub fn crowded_projects(tx: &mut WriteTx<'_>, cap: i64) -> Result<Vec<Crowded>, DbError> {
    let all: Vec<(i64,)> = Statement::new("SELECT count(*) FROM sessions")
        .rows::<(BigInt,)>()
        .load(tx.connection())?;
    // Most shops are far from the cap: the exact count, which looks at every token, is not needed then.
    if all.first().is_none_or(|(sessions,)| *sessions <= cap) {
        return Ok(Vec::new());
    }
    let rows: Vec<(String, i64)> = Statement::new(
        "SELECT s.project_key, count(*) FROM sessions s WHERE s.state = 'active' AND ",
    )
    .sql(HAS_LIVE_TOKEN)
    .sql(" GROUP BY s.project_key HAVING count(*) > ")
    .big_int(cap)
    .sql(" ORDER BY s.project_key")
    .rows::<(Text, BigInt)>()
    .load(tx.connection())?;
    let crowded = |(project, sessions): (String, i64)| Crowded {
        project: ProjectKey::new(project),
        excess: sessions.saturating_sub(cap),
    };
    Ok(rows.into_iter().map(crowded).collect())
}

/// Which sessions are evicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evictable {
    /// Guests who have neither a cart nor an order nor a shopping list.
    EmptyGuests,
    /// Everyone.
    Anyone,
}

/// Evicts up to `limit` refreshable sessions of a project that were not used since `unused_since`, the longest unused
/// first; answers how many.
///
/// # Errors
/// [`DbError`].
pub fn evict(
    tx: &mut WriteTx<'_>,
    project: &ProjectKey,
    evictable: Evictable,
    unused_since: Timestamp,
    now: Timestamp,
    limit: i64,
) -> Result<usize, DbError> {
    // Asked again outside of the inner query: a session may be used while the update waits for it.
    let candidates = Statement::new("last_used_at < ")
        .big_int(unused_since.millis())
        .sql(" AND id IN (SELECT s.id FROM sessions s WHERE s.project_key = ")
        .text(project.as_str())
        .sql(" AND s.state = 'active' AND s.last_used_at < ")
        .big_int(unused_since.millis())
        .sql(" AND ")
        .sql(HAS_LIVE_TOKEN);
    let candidates = match evictable {
        Evictable::Anyone => candidates,
        Evictable::EmptyGuests => candidates.sql(
            " AND s.anonymous_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM documents d \
             WHERE d.project_key = s.project_key AND d.kind IN ('cart', 'order', 'shopping-list') \
             AND d.anonymous_id = s.anonymous_id)",
        ),
    };
    let which = candidates
        .sql(" ORDER BY s.last_used_at LIMIT ")
        .big_int(limit)
        .sql(")");
    let end = SessionEnd {
        about: About {
            project: Some(project),
            ..About::default()
        },
        ..SessionEnd::new(Over::Evicted, "project-cap")
    };
    end.run(tx, which, now)
}
