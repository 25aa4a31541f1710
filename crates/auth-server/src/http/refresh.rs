//! Refreshing a session.

use actix_web::HttpResponse;
use shared::{db::DbError, random::fingerprint};

use super::{errors::HttpError, retry::until_in_time, token::render, token_request::TokenRequest};
use crate::{
    app_state::AppState,
    grants::refresh_token::{RefreshRequest, Refreshed, Replay, refresh as refresh_session},
    model::error::OAuthError,
    store::lost_guests,
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
    .await;
    if let Ok(Refreshed::Reused) | Err(HttpError::OAuth(OAuthError::RefreshTokenNotFound)) =
        &refreshed
    {
        note_loss(state, asked).await;
    }
    match refreshed? {
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

/// Counts the guest behind a refused token who cannot come back to a basket. Only refusals pay for the look.
async fn note_loss(state: &AppState, asked: &TokenRequest) {
    let Some(token) = asked.form.get("refresh_token") else {
        return;
    };
    let (hash, client, now) = (
        fingerprint(token),
        asked.client.id.clone(),
        state.mint.now(),
    );
    let cause = state
        .database
        .read::<_, DbError, _>(move |tx| lost_guests::cause(tx, &client, &hash, now))
        .await;
    match cause {
        Ok(Some(cause)) => {
            let counter = &state.metrics.guests_lost;
            counter.with_label_values(&[cause.as_str()]).inc();
        }
        Ok(None) => {}
        Err(error) => log::warn!("a refused guest is not in guest_lost_total: {error}"),
    }
}

fn count_replay(state: &AppState, replay: Replay) {
    state
        .metrics
        .replays
        .with_label_values(&[replay.as_str()])
        .inc();
}
