//! Refreshing a session, over again where another request was faster.

use actix_web::HttpResponse;
use shared::db::DbError;

use super::{authentication::ClientRequest, errors::HttpError, token::render};
use crate::{
    app_state::AppState,
    grants::{
        GrantError,
        refresh_token::{Refreshed, refresh as refresh_session},
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
        let outcome = state
            .database
            .write(move |tx| {
                let presented = form.required("refresh_token")?;
                refresh_session(tx, &mint, &client, presented, form.get("scope"))
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
        Refreshed::Tokens(token, refresh_token) => {
            render(state, asked, *token, Some(refresh_token)).await
        }
        // The same answer as for a token that never was.
        Refreshed::Reused => Err(OAuthError::RefreshTokenNotFound.into()),
    }
}
