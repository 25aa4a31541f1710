//! `POST /oauth/token/revoke`.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::header::CACHE_CONTROL, web};
use shared::http::body::Body;
use shared::token::verifier::TokenError;

use super::{authentication::ClientRequest, errors::HttpError, introspect::is_refresh_token};
use crate::{app_state::AppState, grants::revocation};

/// Takes a token back. 200 without a body also for unknown, foreign and dead ones (RFC 7009 section 2.2); the hint is not
/// needed, because the two kinds of tokens look different.
pub async fn revoke(
    state: web::Data<AppState>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, HttpError> {
    let asked = ClientRequest::read(&state, &request, body).await?;
    state.limits.question(&asked.client.id)?;
    let token = asked.form.required("token")?.to_owned();
    if is_refresh_token(&asked.client, &token) {
        revoke_refresh_token(&state, &asked, token).await?;
    } else {
        revoke_access_token(&state, &asked, &token).await?;
    }
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish())
}

async fn revoke_refresh_token(
    state: &AppState,
    asked: &ClientRequest,
    token: String,
) -> Result<(), HttpError> {
    let (client, mint) = (asked.client.clone(), state.mint.clone());
    state
        .database
        .write(move |tx| revocation::revoke_refresh_token(tx, &client, &token, &mint))
        .await?;
    Ok(())
}

async fn revoke_access_token(
    state: &AppState,
    asked: &ClientRequest,
    token: &str,
) -> Result<(), HttpError> {
    let verified = match state.verifier.verify(token).await {
        Ok(verified) => verified,
        Err(TokenError::Invalid) => return Ok(()),
        Err(TokenError::Db(error)) => return Err(error.into()),
    };
    let client = Arc::clone(&asked.client);
    state
        .database
        .write(move |tx| revocation::revoke_access_token(tx, &client, &verified.claims))
        .await?;
    Ok(())
}
