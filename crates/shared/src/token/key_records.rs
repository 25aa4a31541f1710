//! Signing keys as stored, with their history.

use diesel::{QueryDsl as _, RunQueryDsl as _};
use domain::timestamp::Timestamp;
use serde_json::Value;

use crate::db::{DbError, ReadTx, schema::signing_keys};

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Published, does not sign yet.
    Pending,
    /// Signs.
    Active,
    /// Published for the tokens it signed.
    Retired,
    /// Not published any more: what it signed is void.
    Removed,
}

impl KeyState {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Removed => "removed",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Active, Self::Retired, Self::Removed]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// A key with its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// Its `alg`.
    pub algorithm: String,
    /// Where it is in its life.
    pub state: KeyState,
    /// The public half.
    pub jwk: Value,
    /// When it was published.
    pub created_at: Timestamp,
    /// Since when it signs or signed.
    pub activated_at: Option<Timestamp>,
    /// Since when it does not sign any more.
    pub retired_at: Option<Timestamp>,
    pub(super) sealed: Option<String>,
}

type KeyRow = (
    String,
    String,
    String,
    String,
    i64,
    Option<i64>,
    Option<i64>,
    Option<String>,
);

/// Every key there ever was, oldest first.
///
/// # Errors
/// [`DbError`].
pub fn all(tx: &mut ReadTx<'_>) -> Result<Vec<KeyRecord>, DbError> {
    let rows: Vec<KeyRow> = signing_keys::table
        .order((signing_keys::created_at, signing_keys::kid))
        .select((
            signing_keys::kid,
            signing_keys::algorithm,
            signing_keys::state,
            signing_keys::public_jwk,
            signing_keys::created_at,
            signing_keys::activated_at,
            signing_keys::retired_at,
            signing_keys::sealed_key,
        ))
        .load(tx.connection())?;
    rows.into_iter().map(record).collect()
}

fn record(row: KeyRow) -> Result<KeyRecord, DbError> {
    let (kid, algorithm, state, jwk, created_at, activated_at, retired_at, sealed) = row;
    let corrupt = |what: String| DbError::Corrupt(format!("signing key {kid}: {what}"));
    Ok(KeyRecord {
        state: KeyState::parse(&state).ok_or_else(|| corrupt(format!("state `{state}`")))?,
        jwk: serde_json::from_str(&jwk).map_err(|error| corrupt(error.to_string()))?,
        kid,
        algorithm,
        created_at: Timestamp::from_millis(created_at),
        activated_at: activated_at.map(Timestamp::from_millis),
        retired_at: retired_at.map(Timestamp::from_millis),
        sealed,
    })
}
