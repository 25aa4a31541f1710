//! Refreshing a session.

use actix_web::HttpResponse;

use super::{errors::HttpError, retry::until_in_time, token::render, token_request::TokenRequest};
use crate::{
    app_state::AppState,
    grants::refresh_token::{RefreshRequest, Refreshed, Replay, refresh as refresh_session},
    model::error::OAuthError,
};

/// `grant_type=refresh_token`, at any of the token endpoints.
pub async fn refresh(state: &AppState, asked: &TokenRequest) -> Result<HttpResponse, HttpError> {
    asked.session_key()?;
    asked.form.required("refresh_token")?;
    let refreshed = until_in_time(state, asked, |tx, attempt| {
        let request = RefreshRequest {
            presented: attempt.form.required("refresh_token")?,
            scope: attempt.form.get("scope"),
            key_thumbprint: attempt.key_thumbprint.as_deref(),
        };
        refresh_session(tx, &attempt.mint, &attempt.client, request, &|session| {
            attempt.admit(session)
        })
    })
    .await?;
    match refreshed {
        Refreshed::Tokens {
            access_token,
            refresh_token,
            replay,
        } => {
            if let Some(replay) = replay {
                count_replay(state, replay);
            }
            render(state, asked, *access_token, Some(refresh_token)).await
        }
        Refreshed::Reused => {
            count_replay(state, Replay::Reuse);
            state.metrics.reuse_detected.inc();
            // The same answer as for a token that never was.
            Err(OAuthError::RefreshTokenNotFound.into())
        }
    }
}

fn count_replay(state: &AppState, replay: Replay) {
    state
        .metrics
        .replays
        .with_label_values(&[replay.as_str()])
        .inc();
}
