//! Refresh tokens, found by their hash.

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Nullable, Text},
};
use domain::{
    identity::ids::{FamilyId, SessionId},
    timestamp::Timestamp,
};
use shared::db::{DbError, Dialect, ReadTx, WriteTx, statement::Statement};

use super::sessions::later_deadline;
use crate::model::refresh_token::{RefreshToken, RefreshTokenState, Successor};

/// A refresh token with what decides about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRefreshToken {
    /// The token.
    pub token: RefreshToken,
    /// Its session.
    pub session_id: SessionId,
    /// Its device, unless that is the one that started the session.
    pub family: Option<FamilyId>,
    /// The state of its successor, where it has one.
    pub successor_state: Option<RefreshTokenState>,
}

impl StoredRefreshToken {
    /// Whether presenting the token would be answered with tokens, as far as its family is concerned.
    #[must_use]
    pub fn is_good(&self) -> bool {
        match self.token.state {
            RefreshTokenState::Live => true,
            RefreshTokenState::Spent => self.successor_state == Some(RefreshTokenState::Live),
            RefreshTokenState::Retired => false,
        }
    }
}

type TokenRow = (
    String,
    Option<String>,
    i64,
    String,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<String>,
);
type TokenRowType = (
    Text,
    Nullable<Text>,
    BigInt,
    Text,
    Nullable<BigInt>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
);

/// The refresh token with this hash.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut ReadTx<'_>, hash: &str) -> Result<Option<StoredRefreshToken>, DbError> {
    let rows: Vec<TokenRow> = Statement::new(
        "SELECT t.session_id, t.family_id, t.generation, t.state, t.first_used_at, t.successor_hash, t.successor_sealed, n.state \
         FROM refresh_tokens t LEFT JOIN refresh_tokens n ON n.hash = t.successor_hash WHERE t.hash = ",
    )
    .text(hash)
    .rows::<TokenRowType>()
    .load(tx.connection())?;
    rows.into_iter()
        .next()
        .map(|row| stored(hash, row))
        .transpose()
}

fn stored(hash: &str, row: TokenRow) -> Result<StoredRefreshToken, DbError> {
    let (session_id, family, generation, state, spent_at, successor_hash, sealed, successor_state) =
        row;
    let state_of = |text: &str| {
        RefreshTokenState::parse(text)
            .ok_or_else(|| DbError::Corrupt(format!("refresh token state `{text}`")))
    };
    Ok(StoredRefreshToken {
        session_id: SessionId::new(session_id),
        family: family.map(FamilyId::new),
        successor_state: successor_state.as_deref().map(state_of).transpose()?,
        token: RefreshToken {
            hash: hash.to_owned(),
            generation,
            state: state_of(&state)?,
            spent_at: spent_at.map(Timestamp::from_millis),
            successor: successor_hash
                .zip(sealed)
                .map(|(hash, sealed)| Successor { hash, sealed }),
        },
    })
}

/// The next token of a session.
pub struct Rotation<'a> {
    /// The session.
    pub session_id: &'a SessionId,
    /// The device, unless it is the one that started the session.
    pub family: Option<&'a FamilyId>,
    /// Hash of the presented token.
    pub presented_hash: &'a str,
    /// The token that takes its place.
    pub successor: &'a Successor,
    /// Its place in the family.
    pub generation: i64,
    /// Now.
    pub now: Timestamp,
    /// New idle deadline of the session.
    pub idle_expires_at: Timestamp,
}

/// Spends the presented live token and stores its successor. Answers `false` if another request was faster or the session
/// is not active any more; the transaction must be rolled back then.
///
/// # Errors
/// [`DbError`].
pub fn spend(tx: &mut WriteTx<'_>, rotation: &Rotation<'_>) -> Result<bool, DbError> {
    let spend = hand_over(rotation)
        .sql(" WHERE hash = ")
        .text(rotation.presented_hash)
        .sql(" AND state = 'live'");
    write(tx, rotation, spend)
}

/// Gives the presented spent token a new successor in place of the unused one, which is retired. Answers `false` if
/// anything has moved since it was read; the transaction must be rolled back then.
///
/// # Errors
/// [`DbError`].
pub fn replace(
    tx: &mut WriteTx<'_>,
    rotation: &Rotation<'_>,
    unused_hash: &str,
) -> Result<bool, DbError> {
    let hand_over = hand_over(rotation)
        .sql(" WHERE hash = ")
        .text(rotation.presented_hash)
        .sql(" AND state = 'spent' AND successor_hash = ")
        .text(unused_hash);
    if !write(tx, rotation, hand_over)? {
        return Ok(false);
    }
    // The time tells housekeeping how long it may still turn up.
    let retired = Statement::new("UPDATE refresh_tokens SET state = 'retired', first_used_at = ")
        .big_int(rotation.now.millis())
        .sql(" WHERE state = 'live' AND hash = ")
        .text(unused_hash)
        .run(tx.connection())?;
    Ok(retired > 0)
}

fn hand_over(rotation: &Rotation<'_>) -> Statement {
    Statement::new("UPDATE refresh_tokens SET state = 'spent', first_used_at = ")
        .big_int(rotation.now.millis())
        .sql(", successor_hash = ")
        .text(&rotation.successor.hash)
        .sql(", successor_sealed = ")
        .text(&rotation.successor.sealed)
}

/// The three writes of a rotation: the presented token, the session, the successor. In this order, which is the order of
/// all transactions that touch both tables.
fn write(
    tx: &mut WriteTx<'_>,
    rotation: &Rotation<'_>,
    presented: Statement,
) -> Result<bool, DbError> {
    let touch = Statement::new("UPDATE sessions SET generation = ")
        .big_int(rotation.generation)
        .sql(", last_used_at = ")
        .big_int(rotation.now.millis())
        .sql(", ")
        .append(later_deadline(rotation.family, rotation.idle_expires_at))
        .sql(" WHERE state = 'active' AND id = ");
    let insert = Statement::new(
        "INSERT INTO refresh_tokens (hash, family_id, session_id, generation, state, created_at) SELECT ",
    )
    .text(&rotation.successor.hash)
    .sql(", ")
    .optional_text(rotation.family.map(FamilyId::as_str))
    .sql(", ");
    let rest = Statement::new(", ")
        .big_int(rotation.generation)
        .sql(", 'live', ")
        .big_int(rotation.now.millis());
    match tx.dialect() {
        // One round trip for the three.
        Dialect::Postgres => {
            let inserted = Statement::new("WITH presented AS (")
                .append(presented)
                .sql(" RETURNING session_id), touched AS (")
                .append(touch)
                .sql("(SELECT session_id FROM presented) RETURNING id) ")
                .append(insert)
                .sql("id")
                .append(rest)
                .sql(" FROM touched")
                .run(tx.connection())?;
            Ok(inserted > 0)
        }
        Dialect::Sqlite => {
            let session = rotation.session_id.as_str();
            let done = presented.run(tx.connection())? > 0
                && touch.text(session).run(tx.connection())? > 0
                && insert.text(session).append(rest).run(tx.connection())? > 0;
            Ok(done)
        }
    }
}
