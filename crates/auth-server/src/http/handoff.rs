//! Handing a guest over to another device: the code, and what it is redeemed for.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use domain::identity::ids::ProjectKey;
use serde::Serialize;
use shared::http::body::Body;

use super::{
    answer::secret_json, errors::HttpError, guest_token, retry::until_in_time, token::render,
    token_request::TokenRequest,
};
use crate::{
    app_state::AppState,
    grants::handoff::{self, Redeemed, Redemption},
    model::{error::OAuthError, handoff::CODE_SECONDS, session::Session},
};

/// The grant type that redeems a code.
pub const GRANT_TYPE: &str = "urn:guestcart:params:oauth:grant-type:handoff";

#[derive(Serialize)]
struct HandoffCode {
    handoff_code: String,
    expires_in: i64,
}

/// `POST /oauth/{projectKey}/anonymous/handoff`: a code with which another device takes over the guest's session.
pub async fn start(
    state: web::Data<AppState>,
    path: web::Path<String>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, HttpError> {
    let project = ProjectKey::new(path.into_inner());
    let asked = TokenRequest::read_in(&state, &project, &request, body).await?;
    let text = asked.form.required(guest_token::PARAMETER)?;
    let guest = guest_token::read(&state, &asked, text).await?;
    let (client, mint, limits) = (
        asked.client.clone(),
        state.mint.clone(),
        Arc::clone(&state.limits),
    );
    let key = asked.key().map(str::to_owned);
    let handoff_code = asked
        .grant(&state, move |tx| {
            let admit = |session: &Session| limits.device(session);
            handoff::start(tx, &mint, &client, &guest, key.as_deref(), &admit)
        })
        .await?;
    let answer = HandoffCode {
        handoff_code,
        expires_in: CODE_SECONDS,
    };
    Ok(secret_json(&asked.form, &answer))
}

/// The tokens of the device that shows a code.
pub async fn redeem(state: &AppState, asked: &TokenRequest) -> Result<HttpResponse, HttpError> {
    asked.session_key()?;
    asked.form.required("handoff_code")?;
    let with_refresh_token = asked.wants_refresh_token();
    let redeemed = until_in_time(state, asked, move |tx, attempt| {
        let redemption = Redemption {
            code: attempt.form.required("handoff_code")?,
            scope: attempt.form.get("scope"),
            with_refresh_token,
            key_thumbprint: attempt.key_thumbprint.as_deref(),
        };
        handoff::redeem(
            tx,
            &attempt.mint,
            &attempt.client,
            &redemption,
            &|session| attempt.admit(session),
        )
    })
    .await?;
    match redeemed {
        Redeemed::Tokens {
            access_token,
            refresh_token,
        } => render(state, asked, *access_token, refresh_token).await,
        Redeemed::Replayed => {
            state.metrics.reuse_detected.inc();
            Err(OAuthError::HandoffCodeNotFound.into())
        }
    }
}
