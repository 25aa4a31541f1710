//! Refreshing a session.

use actix_web::HttpResponse;

use super::{
    authentication::ClientRequest, errors::HttpError, retry::until_in_time, token::render,
};
use crate::{
    app_state::AppState,
    grants::refresh_token::{Refreshed, Replay, refresh as refresh_session},
    model::error::OAuthError,
};

/// `grant_type=refresh_token`, at any of the token endpoints.
pub async fn refresh(state: &AppState, asked: &ClientRequest) -> Result<HttpResponse, HttpError> {
    asked.form.required("refresh_token")?;
    let refreshed = until_in_time(state, asked, |tx, attempt| {
        let presented = attempt.form.required("refresh_token")?;
        let (mint, client) = (&attempt.mint, &attempt.client);
        let scope = attempt.form.get("scope");
        refresh_session(tx, mint, client, presented, scope, &|session| {
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
