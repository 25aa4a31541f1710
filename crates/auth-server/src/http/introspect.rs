//! `POST /oauth/introspect`.

use actix_web::{HttpRequest, HttpResponse, web};
use shared::http::body::Body;
use shared::token::verifier::TokenError;

use super::{answer::secret_json, authentication::ClientRequest, errors::HttpError};
use crate::{
    app_state::{AppState, ExpUnit},
    grants::introspection::{self, Introspection},
    model::{client::Client, error::OAuthError},
};

/// Tells about a token. Whatever is wrong with it, the answer is only that it is not active.
pub async fn introspect(
    state: web::Data<AppState>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, HttpError> {
    let asked = ClientRequest::read(&state, &request, body).await?;
    // RFC 7662 section 2.1: otherwise whoever finds a token could ask what it is good for.
    if asked.client.is_public {
        return Err(OAuthError::InvalidClient.into());
    }
    state.limits.question(&asked.client.id)?;
    let token = asked.form.required("token")?;
    let mut answer = if is_refresh_token(&asked.client, token) {
        about_refresh_token(&state, &asked, token).await?
    } else {
        about_access_token(&state, &asked, token).await?
    };
    if state.behaviour.introspection_exp_unit == ExpUnit::Milliseconds {
        answer.exp = answer.exp.map(|seconds| seconds.saturating_mul(1000));
    }
    Ok(secret_json(&asked.form, &answer))
}

/// Refresh tokens start with their project; no access token contains a colon.
pub fn is_refresh_token(client: &Client, token: &str) -> bool {
    token
        .strip_prefix(client.project.as_str())
        .is_some_and(|rest| rest.starts_with(':'))
}

async fn about_refresh_token(
    state: &AppState,
    asked: &ClientRequest,
    token: &str,
) -> Result<Introspection, HttpError> {
    let (client, token, now) = (asked.client.clone(), token.to_owned(), state.mint.now());
    let answer = state
        .database
        .read(move |tx| introspection::of_refresh_token(tx, &client, &token, now))
        .await?;
    Ok(answer)
}

async fn about_access_token(
    state: &AppState,
    asked: &ClientRequest,
    token: &str,
) -> Result<Introspection, HttpError> {
    let verified = match state.verifier.verify(token).await {
        Ok(verified) => verified,
        Err(TokenError::Invalid) => return Ok(Introspection::default()),
        Err(TokenError::Db(error)) => return Err(error.into()),
    };
    if !introspection::may_know(&asked.client, &verified.principal) {
        return Ok(Introspection::default());
    }
    let answer = state
        .database
        .read(move |tx| introspection::of_access_token(tx, &verified.claims, &verified.principal))
        .await?;
    Ok(answer)
}
