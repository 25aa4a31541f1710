//! The `Idempotency-Key` of a request for a guest, and the sign of an answer that was given before.

use actix_web::http::header::{HeaderMap, HeaderName};

use super::token_request::TokenRequest;
use crate::{
    app_state::AppState,
    grants::{GrantError, anonymous_session::AnonymousRequest, guest_once::Once},
    model::{
        error::OAuthError,
        idempotency::{AskedFor, IdempotencyKey},
    },
};

/// The client's name for a request that it may send again.
pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// `true` on an answer about a session that was there already.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The key of a request, if it has one.
///
/// # Errors
/// [`OAuthError::IdempotencyKeyMalformed`].
pub fn read_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, OAuthError> {
    let mut values = headers.get_all(KEY);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    IdempotencyKey::parse(value.as_bytes())
        .filter(|_| values.next().is_none())
        .map(Some)
        .ok_or(OAuthError::IdempotencyKeyMalformed)
}

/// What a key stands for at this client and with this request.
///
/// # Errors
/// [`GrantError`] if its secrets cannot be derived.
pub fn bind(
    key: &IdempotencyKey,
    state: &AppState,
    asked: &TokenRequest,
    wanted: &AnonymousRequest<'_>,
) -> Result<Once, GrantError> {
    let asked_for = AskedFor {
        store: wanted.store.map(|store| store.as_str()),
        anonymous_id: wanted.anonymous_id,
        scope: wanted.scope,
        with_refresh_token: wanted.with_refresh_token,
        key_thumbprint: wanted.key_thumbprint.as_deref(),
    };
    Ok(Once {
        key: key.of_client(&asked.client, &state.pepper)?,
        asked_for: asked_for
            .fingerprint()
            .map_err(|_unwritable| OAuthError::Internal)?,
    })
}
