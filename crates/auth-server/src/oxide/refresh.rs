//! RFC 6749 section 6, up to the point where the token is rotated.

use chrono::{DateTime, Utc};
use domain::identity::scope::ScopeSet;
use oxide_auth::{
    code_grant::refresh::{Error, Input, Output, Refresh},
    primitives::{
        grant::{Extensions, Grant},
        registrar::Registrar as _,
    },
};

use super::{ClientRegistrar, ProtocolRequest, registrar::no_redirect_url};
use crate::model::{error::OAuthError, session::Session};

/// Checks a refresh request. `recover` finds the refreshable session of a token; answers the scopes of the new access
/// token.
///
/// # Errors
/// [`OAuthError`] as an `E`, or what `recover` answers.
pub fn refresh<E: From<OAuthError>>(
    request: &ProtocolRequest<'_>,
    registrar: &ClientRegistrar<'_>,
    mut recover: impl FnMut(&str) -> Result<Option<Session>, E>,
) -> Result<ScopeSet, E> {
    let mut machine = Refresh::new(request);
    let mut input = Input::None;
    let mut scopes = None;
    loop {
        input = match machine.advance(input) {
            Output::Unauthenticated { client, pass } => {
                registrar
                    .check(client, pass)
                    .map_err(|error| registrar.refused(&error))?;
                Input::Authenticated { scope: None }
            }
            Output::RecoverRefresh { token } => {
                let session = recover(token)?;
                let grant = match session {
                    None => None,
                    Some(session) => {
                        let (grant, granted) = grant(&session, request.scope)?;
                        scopes = Some(granted);
                        Some(Box::new(grant))
                    }
                };
                // The scope was narrowed already: the machine compares names literally and knows no implication.
                Input::Recovered { scope: None, grant }
            }
            Output::Refresh { .. } => {
                return scopes.ok_or_else(|| OAuthError::Internal.into());
            }
            Output::Ok(_) => return Err(OAuthError::Internal.into()),
            Output::Err(error) => return Err(refused(&error).into()),
        };
    }
}

fn grant(session: &Session, requested: Option<&str>) -> Result<(Grant, ScopeSet), OAuthError> {
    let granted = match requested {
        None => session.scope.clone(),
        Some(text) => {
            let requested = ScopeSet::parse(text)
                .ok()
                .ok_or(OAuthError::ScopeMalformed)?;
            session
                .scope
                .narrowed(&requested)
                .map_err(OAuthError::from)?
        }
    };
    let grant = Grant {
        owner_id: session.id.to_string(),
        client_id: session.client_id.to_string(),
        scope: granted
            .to_string()
            .parse()
            .ok()
            .ok_or(OAuthError::ScopeMalformed)?,
        redirect_uri: no_redirect_url().ok_or(OAuthError::Internal)?,
        // Expiry was judged by our clock; the machine would ask the machine's.
        until: DateTime::<Utc>::MAX_UTC,
        extensions: Extensions::new(),
    };
    Ok((grant, granted))
}

fn refused(error: &Error) -> OAuthError {
    match error {
        // Everything else that is invalid was refused before: what is left is a token of nobody or of another client.
        Error::Invalid(_) => OAuthError::RefreshTokenNotFound,
        Error::Unauthorized(..) => OAuthError::InvalidClient,
        Error::Primitive => OAuthError::Internal,
    }
}
