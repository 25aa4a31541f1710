//! Taking tokens back (RFC 7009).

use domain::timestamp::Timestamp;
use shared::{
    db::{DbError, WriteTx},
    random::fingerprint,
    token::claims::AccessTokenClaims,
};

use crate::{
    model::{client::Client, session::EndReason},
    store::{access_tokens, refresh_tokens, sessions},
};

/// Revokes an access token of `client`: this one only. Tokens of others are left alone.
///
/// # Errors
/// [`DbError`].
pub fn revoke_access_token(
    tx: &mut WriteTx<'_>,
    client: &Client,
    claims: &AccessTokenClaims,
) -> Result<(), DbError> {
    if claims.client_id == client.id.as_str() {
        access_tokens::revoke(tx, claims)?;
    }
    Ok(())
}

/// Revokes the session of a refresh token of `client`, with every token there ever was of it. Whatever generation the token is
/// of, and expired or not: who hands it in wants the session to be over.
///
/// # Errors
/// [`DbError`].
pub fn revoke_refresh_token(
    tx: &mut WriteTx<'_>,
    client: &Client,
    token: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let Some(stored) = refresh_tokens::find(tx, &fingerprint(token))? else {
        return Ok(());
    };
    let Some(session) = sessions::find(tx, &stored.session_id)? else {
        return Ok(());
    };
    if session.client_id == client.id {
        sessions::revoke(tx, &session.id, EndReason::RevocationRequest, now)?;
    }
    Ok(())
}
