//! `/oauth/authorize`: a customer who is signed in at the storefront lets another client in (RFC 6749 section 4.1).
//!
//! There are no pages: the storefront asks with the customer's access token and passes the answer on. Until the client and
//! its redirect URI are proven, and the token, nobody is sent anywhere.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ACCEPT, Accept, CACHE_CONTROL, Header as _, LOCATION, PRAGMA, REFERRER_POLICY},
    web,
};
use domain::identity::ids::ClientId;
use serde_json::json;
use shared::db::{ReadTx, WriteTx};
use shared::http::body::Body;

use super::{
    access,
    authentication::{caller, limit_unknown, read_form},
    errors::HttpError,
    form::Form,
};
use crate::{
    app_state::AppState,
    grants::authorization_code::{self, Asked, NewCode, Owner},
    model::{authorization_code::Destination, client::Client, error::OAuthError},
    store::authorization_codes,
};

/// `GET` and `POST /oauth/authorize`.
pub async fn authorize(
    state: web::Data<AppState>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, HttpError> {
    let form = read_form(&state, &request, body).await?;
    let client = client(&state, &request, &form).await?;
    let destination = Destination::of(&client, form.get("redirect_uri"))?;
    let token = access::admit(&state, &request, client.project.as_str()).await?;
    let asked = Asked {
        response_type: form.get("response_type"),
        scope: form.get("scope"),
        code_challenge: form.get("code_challenge"),
        code_challenge_method: form.get("code_challenge_method"),
        key_thumbprint: form.get("dpop_jkt"),
        narrowing: state.behaviour.narrowing,
        devices: state.behaviour.device_scopes.scopes(),
    };
    let asker = Arc::clone(&token);
    let is_signed_in = state
        .database
        .read(move |tx| authorization_code::is_signed_in(tx, &asker.principal))
        .await?;
    let owner = Owner {
        principal: &token.principal,
        is_signed_in,
    };
    let to = destination.clone();
    let prepared = authorization_code::prepare(&state.mint, &client, to, owner, &asked);
    match prepared.as_ref().ok().map(|new| new.code.clone()) {
        Some(code) => {
            let scope = code.scope.clone();
            let limits = Arc::clone(&state.limits);
            let keep = move |tx: &mut WriteTx<'_>| {
                access::hold(tx, &token)?;
                limits.refresh(&code.authorized_by)?;
                Ok::<_, HttpError>(authorization_codes::insert(tx, &code)?)
            };
            let surplus = state.device_scopes.surplus(&scope);
            state.database.write(keep).await?;
            if let Some(surplus) = surplus {
                state.device_scopes.warn(&client, surplus);
            }
        }
        // A dead token is nobody's word, not even for a refusal.
        None => {
            let check = move |tx: &mut ReadTx<'_>| access::check_alive(tx, &token);
            state.database.read(check).await?;
        }
    }
    answer(&state, &request, &form, &destination, prepared)
}

/// Strangers who try ids are counted as those who try secrets.
async fn client(
    state: &AppState,
    request: &HttpRequest,
    form: &Form,
) -> Result<Arc<Client>, HttpError> {
    let id = ClientId::new(form.required("client_id")?);
    let found = state.clients.find(&id).await?;
    let known = found.filter(|client| !client.is_expired(state.mint.now()));
    known.ok_or_else(|| {
        let unknown = OAuthError::MalformedRequest {
            message: "Invalid parameter: client_id: There is no such client.",
        };
        limit_unknown(state, &caller(state, request), unknown.into())
    })
}

/// Sends the customer on: with a redirect, or for scripts, which do not get to see where a redirect leads, with its target.
fn answer(
    state: &AppState,
    request: &HttpRequest,
    form: &Form,
    destination: &Destination,
    prepared: Result<NewCode, OAuthError>,
) -> Result<HttpResponse, HttpError> {
    let refusal;
    let mut parts = match &prepared {
        Ok(new) => vec![("code", new.text.as_str())],
        Err(OAuthError::Internal) => return Err(OAuthError::Internal.into()),
        Err(error) => {
            refusal = error.to_string();
            vec![
                ("error", error.code()),
                ("error_description", refusal.as_str()),
            ]
        }
    };
    if let Some(text) = form.get("state") {
        parts.push(("state", text));
    }
    // RFC 9207: a client of several servers can tell which of them answers.
    parts.push(("iss", state.mint.issuer.as_str()));
    let target = destination.with(&parts);
    let mut response = if wants_json(request) {
        HttpResponse::Ok()
    } else {
        HttpResponse::Found()
    };
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((PRAGMA, "no-cache"))
        .insert_header((REFERRER_POLICY, "no-referrer"));
    if wants_json(request) {
        return Ok(response.json(json!({ "redirectTo": target })));
    }
    Ok(response.insert_header((LOCATION, target)).finish())
}

fn wants_json(request: &HttpRequest) -> bool {
    let accepted = request.headers().contains_key(ACCEPT);
    accepted
        && Accept::parse(request).is_ok_and(|accept| {
            accept
                .ranked()
                .first()
                .is_some_and(|first| first.essence_str() == "application/json")
        })
}
