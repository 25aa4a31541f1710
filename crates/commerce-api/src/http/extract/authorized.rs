//! From the `Authorization` header to a request that may go on.

use actix_web::HttpRequest;
use domain::{
    context::Author,
    error::DomainError,
    identity::{
        ids::{ProjectKey, StoreKey},
        principal::Subject,
    },
};
use shared::{db::DbError, http::access_token::Gate, token::liveness};

use super::path;
use crate::{
    access::{self, Permission},
    app_state::AppState,
    error::CommerceError,
    request::RequestContext,
    service::projects,
};

const EXTERNAL_USER_ID: &str = "x-external-user-id";
const MAX_EXTERNAL_USER_ID: usize = 128;

/// Authenticates and authorizes a request for an endpoint.
///
/// Tokens of a session are checked against their session later, in the transaction that does the work; only a refusal
/// checks it here, so that a dead token is a 401 and never a 403.
///
/// # Errors
/// [`CommerceError::TokenMissing`], [`CommerceError::TokenInvalid`], [`CommerceError::ProofRefused`],
/// [`CommerceError::InsufficientScope`], [`CommerceError::SubjectMissing`]; [`CommerceError::NoSuchPath`] below a project that does
/// not exist.
pub async fn authorize(
    state: &AppState,
    http: &HttpRequest,
    permission: Permission,
) -> Result<RequestContext, CommerceError> {
    let gate = Gate {
        verifier: &state.verifier,
        proofs: &state.proofs,
        database: &state.database,
    };
    let token = gate.admit(http).await?;
    refuse_nul(http)?;
    let now = state.clock.now();
    if token.claims.sid.is_none()
        && !state
            .clients
            .is_live(&state.database, &token.claims, now)
            .await?
    {
        return Err(CommerceError::TokenInvalid);
    }
    let project = ProjectKey::new(path::parameter(http, "project"));
    let store = path::optional_parameter(http, "store").map(StoreKey::new);
    let checked = access::check(&token.principal, permission, &project, store.as_ref());
    let acting_for = match checked {
        Ok(subject) => subject,
        Err(refusal) => {
            let (claims, named) = (token.claims.clone(), project.clone());
            let (is_live, is_known) = state
                .database
                .read(move |tx| {
                    let is_live = liveness::is_live(tx, &claims)?;
                    Ok::<_, DbError>((is_live, projects::exists(tx, &named, now)?))
                })
                .await?;
            return Err(match (is_live, is_known) {
                (false, _) => CommerceError::TokenInvalid,
                (true, false) => CommerceError::NoSuchPath {
                    path: http.path().to_owned(),
                },
                (true, true) => refusal,
            });
        }
    };
    let author = author(
        http,
        token.principal.client_id.as_str(),
        &token.principal.subject,
    );
    let confined_to = store
        .clone()
        .filter(|_| !access::covers_project(&token.principal, permission));
    Ok(RequestContext {
        token: Some(token),
        project,
        store,
        confined_to,
        acting_for,
        author,
        now,
    })
}

/// PostgreSQL has no text with the character U+0000: no path or parameter can mean one.
fn refuse_nul(http: &HttpRequest) -> Result<(), CommerceError> {
    if http.path().contains('\0')
        || http.uri().path().contains("%00")
        || http.query_string().contains("%00")
    {
        return Err(
            DomainError::input("Malformed parameter: the character U+0000 is not allowed").into(),
        );
    }
    Ok(())
}

fn author(http: &HttpRequest, client: &str, subject: &Subject) -> Author {
    let external = http
        .headers()
        .get(EXTERNAL_USER_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|value| (1..=MAX_EXTERNAL_USER_ID).contains(&value.len()));
    Author {
        external_user_id: external.map(str::to_owned),
        ..Author::of(client, subject)
    }
}
