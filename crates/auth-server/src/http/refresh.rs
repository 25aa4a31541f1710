//! Refreshing a session, over again where another request was faster.

use std::sync::Arc;

use actix_web::HttpResponse;
use domain::identity::ids::SessionId;
use shared::db::DbError;

use super::{authentication::ClientRequest, errors::HttpError, token::render};
use crate::{
    app_state::AppState,
    grants::{
        GrantError,
        refresh_token::{Refreshed, Replay, refresh as refresh_session},
    },
    model::error::OAuthError,
};

/// After each lost race the next look at the token finds what the winner left, so a few attempts are plenty.
const ATTEMPTS: u32 = 10;

/// `grant_type=refresh_token`, at any of the token endpoints.
pub async fn refresh(state: &AppState, asked: &ClientRequest) -> Result<HttpResponse, HttpError> {
    asked.form.required("refresh_token")?;
    let mut attempt = 1;
    let refreshed = loop {
        let (client, form, mint) = (asked.client.clone(), asked.form.clone(), state.mint.clone());
        let limits = Arc::clone(&state.limits);
        // However often it must be tried, it is one request.
        let admit = move |session: &SessionId| match attempt {
            1 => limits.refresh(session),
            _ => Ok(()),
        };
        let outcome = state
            .database
            .write(move |tx| {
                let presented = form.required("refresh_token")?;
                refresh_session(tx, &mint, &client, presented, form.get("scope"), &admit)
            })
            .await;
        match outcome {
            Err(GrantError::Overtaken | GrantError::Database(DbError::Busy(_)))
                if attempt < ATTEMPTS =>
            {
                attempt += 1;
            }
            Err(error) => return Err(error.into()),
            Ok(refreshed) => break refreshed,
        }
    };
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
