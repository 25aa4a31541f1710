//! The access token of a request to an endpoint that takes one.

use std::sync::Arc;

use actix_web::HttpRequest;
use shared::{
    db::{ReadTx, WriteTx},
    http::access_token::AccessError,
    token::{liveness, verifier::VerifiedToken},
};

use super::errors::HttpError;
use crate::{app_state::AppState, model::error::OAuthError};

/// The token, which is of `project`. Whether it lives is checked in the transaction of the work.
///
/// # Errors
/// [`HttpError::Bearer`], or a failure of ours.
pub async fn admit(
    state: &AppState,
    request: &HttpRequest,
    project: &str,
) -> Result<Arc<VerifiedToken>, HttpError> {
    let refused = |error| HttpError::Bearer {
        error,
        realm: project.to_owned(),
    };
    match state.gate().admit(request).await {
        Ok(token) if token.principal.project.as_str() == project => Ok(token),
        Err(AccessError::Missing) => Err(refused(OAuthError::AccessTokenMissing)),
        Ok(_) | Err(AccessError::Invalid) => Err(refused(OAuthError::InvalidToken)),
        Err(AccessError::InvalidBound) => Err(refused(OAuthError::BoundTokenInvalid)),
        Err(AccessError::Proof(error)) => Err(refused(error.into())),
        Err(AccessError::Db(error)) => Err(error.into()),
    }
}

/// Refuses a token that does not live any more.
///
/// # Errors
/// [`HttpError::Bearer`], or a failure of ours.
pub fn check_alive(tx: &mut ReadTx<'_>, token: &VerifiedToken) -> Result<(), HttpError> {
    alive(liveness::is_live(tx, &token.claims)?, token)
}

/// The same, and the token's session cannot be ended before this transaction commits.
///
/// # Errors
/// As [`check_alive`].
pub fn hold(tx: &mut WriteTx<'_>, token: &VerifiedToken) -> Result<(), HttpError> {
    alive(liveness::hold(tx, &token.claims)?, token)
}

fn alive(is_live: bool, token: &VerifiedToken) -> Result<(), HttpError> {
    if is_live {
        return Ok(());
    }
    let error = match token.claims.cnf {
        Some(_) => OAuthError::BoundTokenInvalid,
        None => OAuthError::InvalidToken,
    };
    Err(HttpError::Bearer {
        error,
        realm: token.principal.project.to_string(),
    })
}
