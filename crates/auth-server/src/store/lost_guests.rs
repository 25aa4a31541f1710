//! Whether a refused refresh token was somebody's way to a basket.

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Nullable, Text},
};
use domain::{identity::ids::ClientId, timestamp::Timestamp};
use shared::db::{DbError, ReadTx, statement::Statement};

use crate::model::{lost_guest::LostCause, session::SessionState};

type Row = (String, Option<String>, i64, Option<i64>);
type RowType = (Text, Nullable<Text>, BigInt, Nullable<BigInt>);

/// Why the guest of this refresh token of `client` is lost: its session cannot be refreshed and owns an active cart or an
/// order. `None` for everybody else, and for tokens that are not known (any more).
///
/// # Errors
/// [`DbError`].
pub fn cause(
    tx: &mut ReadTx<'_>,
    client: &ClientId,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<LostCause>, DbError> {
    let rows: Vec<Row> = Statement::new(
        "SELECT s.state, s.state_reason, COALESCE(f.idle_expires_at, s.root_idle_expires_at, s.idle_expires_at), s.absolute_expires_at \
         FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id \
         LEFT JOIN session_families f ON f.id = t.family_id WHERE t.hash = ",
    )
    .text(token_hash)
    .sql(" AND COALESCE(f.client_id, s.client_id) = ")
    .text(client.as_str())
    .sql(
        " AND s.customer_id IS NULL AND EXISTS (SELECT 1 FROM documents d WHERE d.project_key = s.project_key \
         AND d.anonymous_id = s.anonymous_id AND (d.kind = 'order' OR (d.kind = 'cart' AND d.state = 'Active')))",
    )
    .rows::<RowType>()
    .load(tx.connection())?;
    let Some((state, reason, idle, absolute)) = rows.into_iter().next() else {
        return Ok(None);
    };
    let state = SessionState::parse(&state)
        .ok_or_else(|| DbError::Corrupt(format!("session state `{state}`")))?;
    let is_past = |deadline: i64| deadline <= now.millis();
    let is_past_deadline = is_past(idle) || absolute.is_some_and(is_past);
    Ok(LostCause::of(state, reason.as_deref(), is_past_deadline))
}
