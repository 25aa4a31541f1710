//! Taking tokens back (RFC 7009).

use serde_json::{Value, json};
use shared::{
    db::{DbError, WriteTx},
    random::fingerprint,
    token::{
        audit::{self, About, Event},
        claims::AccessTokenClaims,
    },
};

use super::access_token::Mint;
use crate::{
    model::{
        client::Client,
        session::{EndReason, Session},
    },
    store::{access_tokens, families, refresh_tokens, session_locks, sessions},
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

/// Revokes the session of a refresh token of `client`, with every token there ever was of it; on a device that the session was
/// handed over to, what that device has. Whatever generation the token is of, and expired or not: who hands it in wants it to
/// be over.
///
/// # Errors
/// [`DbError`].
pub fn revoke_refresh_token(
    tx: &mut WriteTx<'_>,
    client: &Client,
    token: &str,
    mint: &Mint,
) -> Result<(), DbError> {
    let Some(stored) = refresh_tokens::find(tx, &fingerprint(token))? else {
        return Ok(());
    };
    let Some(session) = sessions::find_on(tx, &stored.session_id, stored.family.as_ref())? else {
        return Ok(());
    };
    if session.client_id == client.id {
        close(tx, mint, &session, EndReason::RevocationRequest)?;
    }
    Ok(())
}

/// Closes the device of `session`, and with it what it handed the session on to; the device that started the session takes
/// all of it along. Answers `false` if it was closed before.
///
/// # Errors
/// [`DbError`].
pub fn close(
    tx: &mut WriteTx<'_>,
    mint: &Mint,
    session: &Session,
    reason: EndReason,
) -> Result<bool, DbError> {
    let now = mint.now();
    let Some(device) = &session.family else {
        return sessions::revoke(tx, &session.id, reason, now);
    };
    // Whoever lets a device join holds the session, too: either finds what the other one did.
    session_locks::hold_alone(tx, &session.id)?;
    let was_open = families::close_branch(tx, device, now)?;
    if was_open {
        let about = about(session, json!({ "reason": reason.as_str() }));
        let randomness = mint.randomness.as_ref();
        audit::record(tx, Event::DeviceClosed, &about, now, randomness)?;
    }
    Ok(was_open)
}

/// What the trail says about a session on one of its devices: `detail`, an object, and the device.
pub(super) fn about(session: &Session, mut detail: Value) -> About<'_> {
    if let (Value::Object(detail), Some(device)) = (&mut detail, &session.family) {
        detail.insert("device".to_owned(), json!(device));
    }
    About {
        project: Some(&session.project),
        session: Some(&session.id),
        client: Some(&session.client_id),
        detail,
    }
}
