//! `grant_type=authorization_code`.

use actix_web::HttpResponse;

use super::{errors::HttpError, retry::until_in_time, token::render, token_request::TokenRequest};
use crate::{
    app_state::AppState,
    grants::authorization_code::{self, Exchanged, Presented},
    model::error::OAuthError,
};

/// Exchanges a code for tokens. One answer for every reason to refuse: who found a code learns nothing about it.
pub async fn exchange(state: &AppState, asked: &TokenRequest) -> Result<HttpResponse, HttpError> {
    let required = |name| {
        let value = asked.form.in_body(name);
        value
            .map(str::to_owned)
            .ok_or(OAuthError::MissingParameter { name })
    };
    let key_thumbprint = asked.session_key()?.map(str::to_owned);
    let presented = Presented {
        code: required("code")?,
        verifier: required("code_verifier")?,
        redirect_uri: asked.form.in_body("redirect_uri").map(str::to_owned),
        with_refresh_token: asked.wants_refresh_token(),
        key_thumbprint,
    };
    let code = presented.code.clone();
    let is_known = state
        .database
        .read(move |tx| authorization_code::is_known(tx, &code))
        .await?;
    if !is_known {
        return Err(OAuthError::AuthorizationCodeNotFound.into());
    }
    let exchanged = until_in_time(state, asked, move |tx, attempt| {
        authorization_code::exchange(tx, &attempt.mint, &attempt.client, &presented)
    })
    .await?;
    match exchanged {
        Exchanged::Started {
            access_token,
            refresh_token,
        } => render(state, asked, *access_token, refresh_token).await,
        Exchanged::Refused => Err(OAuthError::AuthorizationCodeNotFound.into()),
        Exchanged::Reused => {
            state.metrics.reuse_detected.inc();
            Err(OAuthError::AuthorizationCodeNotFound.into())
        }
    }
}
