//! Opaque access tokens, and access tokens that were revoked one by one.

use diesel::{ExpressionMethods as _, RunQueryDsl as _, sql_types::Text};
use domain::timestamp::Timestamp;
use shared::{
    db::{DbError, ReadTx, WriteTx, schema::opaque_access_tokens, statement::Statement},
    random::fingerprint,
    token::claims::AccessTokenClaims,
};

/// Stores the claims that the opaque token `text` stands for.
///
/// # Errors
/// [`DbError`].
pub fn insert_opaque(
    tx: &mut WriteTx<'_>,
    text: &str,
    claims: &AccessTokenClaims,
) -> Result<(), DbError> {
    let json = serde_json::to_string(claims)
        .map_err(|error| DbError::Corrupt(format!("claims of an opaque token: {error}")))?;
    diesel::insert_into(opaque_access_tokens::table)
        .values((
            opaque_access_tokens::hash.eq(fingerprint(text)),
            opaque_access_tokens::claims.eq(json),
            opaque_access_tokens::expires_at.eq(claims.exp.saturating_mul(1000)),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Revokes one access token until it would have expired anyway.
///
/// # Errors
/// [`DbError`].
pub fn revoke(tx: &mut WriteTx<'_>, claims: &AccessTokenClaims) -> Result<(), DbError> {
    Statement::new("INSERT INTO revoked_tokens (jti, expires_at) SELECT ")
        .text(&claims.jti)
        .sql(", ")
        .big_int(Timestamp::from_millis(0).plus_seconds(claims.exp).millis())
        // SQLite takes `ON CONFLICT` after a SELECT for a join condition unless there is a WHERE.
        .sql(" WHERE 1 = 1 ON CONFLICT DO NOTHING")
        .run(tx.connection())?;
    Ok(())
}

/// What an opaque token stands for, while it is stored.
///
/// # Errors
/// [`DbError`].
pub fn find_opaque(tx: &mut ReadTx<'_>, text: &str) -> Result<Option<AccessTokenClaims>, DbError> {
    let rows: Vec<(String,)> =
        Statement::new("SELECT claims FROM opaque_access_tokens WHERE hash = ")
            .text(fingerprint(text))
            .rows::<(Text,)>()
            .load(tx.connection())?;
    let claims = rows.first().map(|(json,)| serde_json::from_str(json));
    claims
        .transpose()
        .map_err(|error| DbError::Corrupt(format!("claims of an opaque token: {error}")))
}

/// Whether an access token was revoked one by one.
///
/// # Errors
/// [`DbError`].
pub fn is_revoked(tx: &mut ReadTx<'_>, jti: &str) -> Result<bool, DbError> {
    let rows: Vec<(String,)> = Statement::new("SELECT jti FROM revoked_tokens WHERE jti = ")
        .text(jti)
        .rows::<(Text,)>()
        .load(tx.connection())?;
    Ok(!rows.is_empty())
}
