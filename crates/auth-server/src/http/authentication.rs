//! Who asks: the client of a token request.

use std::sync::Arc;

use actix_web::{
    HttpRequest,
    http::header::{AUTHORIZATION, CONTENT_TYPE},
    web::Bytes,
};
use domain::identity::ids::ProjectKey;
use shared::http::{
    body::{Body, BodyError},
    client_address::Client as Caller,
};

use super::{
    client_auth::ClientCredentials,
    errors::HttpError,
    form::{Form, MAX_BODY_BYTES},
    labels,
    origins::check_origin,
};
use crate::{
    app_state::AppState,
    model::{client::Client, error::OAuthError},
};

/// A request of an authenticated client, for a token or about one.
pub struct ClientRequest {
    /// The client, at most a second old.
    pub client: Arc<Client>,
    /// The parameters.
    pub form: Form,
    /// Where the request came from.
    pub caller: Caller,
}

impl ClientRequest {
    /// Reads the parameters, then proves the client.
    ///
    /// # Errors
    /// [`OAuthError`] of the form, [`OAuthError::InvalidClient`], the same for every cause, or a failure of ours.
    pub async fn read(
        state: &AppState,
        request: &HttpRequest,
        body: Body,
    ) -> Result<Self, HttpError> {
        let caller = caller(state, request);
        let read = Self::prove(state, request, body, caller).await;
        read.map_err(|error| limit_guessing(state, &caller, error))
    }

    async fn prove(
        state: &AppState,
        request: &HttpRequest,
        body: Body,
        caller: Caller,
    ) -> Result<Self, HttpError> {
        let form = read_form(state, request, body).await?;
        labels::note_grant(request, form.get("grant_type"));
        let mut headers = request.headers().get_all(AUTHORIZATION);
        let header = headers.next().map(|value| value.as_bytes());
        if headers.next().is_some() {
            return Err(OAuthError::InvalidClient.into());
        }
        let credentials = ClientCredentials::of_request(header, &form)?;
        let now = state.mint.now();
        let found = state.clients.find(&credentials.id).await?;
        let is_right = match &credentials.secret {
            // A public client has no secret that could be right.
            Some(secret) => state
                .pepper
                .is_secret_of(found.as_deref(), secret.reveal(), now),
            None => found.as_ref().is_some_and(|client| client.is_public),
        };
        match found {
            Some(client) if is_right && !client.is_expired(now) => {
                check_origin(&client, request)?;
                Ok(Self {
                    client,
                    form,
                    caller,
                })
            }
            Some(_) | None => Err(OAuthError::InvalidClient.into()),
        }
    }

    /// [`Self::read`] at a path of a project: a client of another one is unknown there.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_in(
        state: &AppState,
        project: &ProjectKey,
        request: &HttpRequest,
        body: Body,
    ) -> Result<Self, HttpError> {
        let read = Self::read(state, request, body).await?;
        if read.client.project == *project {
            Ok(read)
        } else {
            let error = OAuthError::InvalidClient.into();
            Err(limit_guessing(state, &read.caller, error))
        }
    }
}

/// Where a request came from.
pub fn caller(state: &AppState, request: &HttpRequest) -> Caller {
    let proxies = &state.behaviour.network.trusted_proxies;
    proxies.client(request.peer_addr(), request.headers())
}

/// Counts wrong credentials by address. Right ones are let through whatever others at the same address do: nobody guesses
/// 256 bits, and behind one address may be many clients.
fn limit_guessing(state: &AppState, caller: &Caller, error: HttpError) -> HttpError {
    if !matches!(error, HttpError::OAuth(OAuthError::InvalidClient)) {
        return error;
    }
    limit_unknown(state, caller, error)
}

/// Counts a client that is none; answers `error`, or that there were too many.
pub fn limit_unknown(state: &AppState, caller: &Caller, error: HttpError) -> HttpError {
    match state.limits.bad_client(caller) {
        Ok(()) => error,
        Err(too_many) => too_many.into(),
    }
}

/// The parameters of a request.
///
/// # Errors
/// [`OAuthError`].
pub async fn read_form(
    state: &AppState,
    request: &HttpRequest,
    body: Body,
) -> Result<Form, OAuthError> {
    let body = read(body).await?;
    let content_type = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let form = Form::decode(request.query_string(), &body, content_type)?;
    if form.has_secret_in_query() && !state.behaviour.accept_secrets_in_query {
        return Err(OAuthError::MalformedRequest {
            message: "Passwords and tokens must be sent in the request body.",
        });
    }
    Ok(form)
}

/// Reads a body; every one of this server is small.
///
/// # Errors
/// [`OAuthError`] that says why it could not be read.
pub async fn read(body: Body) -> Result<Bytes, OAuthError> {
    body.read(MAX_BODY_BYTES)
        .await
        .map_err(|error| match error {
            BodyError::TooLarge { .. } => OAuthError::TooLarge {
                message: "The request body is larger than 16384 bytes.",
            },
            BodyError::TooSlow => OAuthError::BodyTooSlow,
            BodyError::Coded { coding } => OAuthError::UnsupportedEncoding { coding },
            BodyError::OverCapacity => OAuthError::OverCapacity,
            BodyError::Broken(_) => OAuthError::MalformedRequest {
                message: "The request body could not be read.",
            },
        })
}
