//! The parameter `anonymous_token`: a guest's access or refresh token, beside the client's own credentials.

use shared::token::verifier::TokenError;

use super::{errors::HttpError, introspect::is_refresh_token, token_request::TokenRequest};
use crate::{app_state::AppState, grants::guest_token::GuestToken, model::error::OAuthError};

/// The name of the parameter.
pub const PARAMETER: &str = "anonymous_token";

/// The guest's token of a request. Whether its session lives is for the transaction of the work.
///
/// # Errors
/// [`OAuthError::GuestTokenNotFound`], or a failure of ours.
pub async fn read(
    state: &AppState,
    asked: &TokenRequest,
    text: &str,
) -> Result<GuestToken, HttpError> {
    if is_refresh_token(&asked.client, text) {
        return Ok(GuestToken::Refresh(text.to_owned()));
    }
    match state.verifier.verify(text).await {
        Ok(verified) => Ok(GuestToken::Access(verified)),
        Err(TokenError::Invalid) => Err(OAuthError::GuestTokenNotFound.into()),
        Err(TokenError::Db(error)) => Err(error.into()),
    }
}
