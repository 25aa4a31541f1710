//! One-time codes with which another device takes over a guest's session, found by their hash.

use diesel::{
    RunQueryDsl as _,
    sql_types::{BigInt, Nullable, Text},
};
use domain::{
    identity::{
        ids::{FamilyId, SessionId},
        scope::ScopeSet,
    },
    timestamp::Timestamp,
};
use shared::db::{DbError, ReadTx, WriteTx, statement::Statement};

/// A code as stored.
pub struct StoredCode {
    /// The session it hands over.
    pub session_id: SessionId,
    /// The device that made it, unless that is the one that started the session.
    pub family: Option<FamilyId>,
    /// What the new device may do at most, identity included.
    pub scope: ScopeSet,
    /// It cannot be redeemed from then on.
    pub expires_at: Timestamp,
    /// The device that came of it.
    pub redeemed_by: Option<FamilyId>,
}

/// Stores a code by its hash.
///
/// # Errors
/// [`DbError`].
pub fn insert(tx: &mut WriteTx<'_>, hash: &str, code: &StoredCode) -> Result<(), DbError> {
    Statement::new(
        "INSERT INTO handoff_codes (hash, session_id, family_id, scope, expires_at) SELECT ",
    )
    .text(hash)
    .sql(", ")
    .text(code.session_id.as_str())
    .sql(", ")
    .optional_text(code.family.as_ref().map(FamilyId::as_str))
    .sql(", ")
    .text(code.scope.to_string())
    .sql(", ")
    .big_int(code.expires_at.millis())
    .run(tx.connection())?;
    Ok(())
}

type CodeRow = (String, Option<String>, String, i64, Option<String>);
type CodeRowType = (Text, Nullable<Text>, Text, BigInt, Nullable<Text>);

/// The code with this hash, expired or not.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut ReadTx<'_>, hash: &str) -> Result<Option<StoredCode>, DbError> {
    let rows: Vec<CodeRow> = Statement::new(
        "SELECT session_id, family_id, scope, expires_at, redeemed_by FROM handoff_codes WHERE hash = ",
    )
    .text(hash)
    .rows::<CodeRowType>()
    .load(tx.connection())?;
    rows.into_iter()
        .next()
        .map(|(session, family, scope, expires_at, redeemed_by)| {
            Ok(StoredCode {
                session_id: SessionId::new(session),
                family: family.map(FamilyId::new),
                scope: ScopeSet::parse(&scope)
                    .map_err(|error| DbError::Corrupt(format!("scope of a code: {error}")))?,
                expires_at: Timestamp::from_millis(expires_at),
                redeemed_by: redeemed_by.map(FamilyId::new),
            })
        })
        .transpose()
}

/// Uses the code up for the device `family`. Answers `false` if it was used before.
///
/// # Errors
/// [`DbError`].
pub fn redeem(tx: &mut WriteTx<'_>, hash: &str, family: &FamilyId) -> Result<bool, DbError> {
    let redeemed = Statement::new("UPDATE handoff_codes SET redeemed_by = ")
        .text(family.as_str())
        .sql(" WHERE redeemed_by IS NULL AND hash = ")
        .text(hash)
        .run(tx.connection())?;
    Ok(redeemed > 0)
}
