//! RFC 6749 section 4.4, also for anonymous sessions.

use std::borrow::Cow;

use domain::identity::scope::ScopeSet;
use oxide_auth::{
    code_grant::client_credentials::{ClientCredentials, Error, Input, Output},
    primitives::{
        grant::Extensions,
        registrar::{ClientUrl, Registrar as _},
    },
};

use super::{ClientRegistrar, ProtocolRequest};
use crate::model::error::OAuthError;

/// The scopes of the token that `request` asks for.
///
/// # Errors
/// [`OAuthError`] of the scope or the grant type.
pub fn client_credentials(
    request: &ProtocolRequest<'_>,
    registrar: &ClientRegistrar<'_>,
) -> Result<ScopeSet, OAuthError> {
    let mut machine = ClientCredentials::new(request);
    let mut input = Input::None;
    loop {
        input = match machine.advance(input) {
            Output::Authenticate { client, passdata } => {
                registrar
                    .check(client, Some(passdata))
                    .map_err(|error| registrar.refused(&error))?;
                Input::Authenticated
            }
            Output::Binding { client_id } => {
                let client_url = ClientUrl {
                    client_id: Cow::Owned(client_id.to_owned()),
                    redirect_uri: None,
                };
                let bound_client = registrar
                    .bound_redirect(client_url)
                    .map_err(|error| registrar.refused(&error))?;
                Input::Bound { bound_client }
            }
            Output::Extend => Input::Extended {
                extensions: Extensions::new(),
            },
            Output::Negotiate {
                bound_client,
                scope,
            } => {
                let pre_grant = registrar
                    .negotiate(bound_client.clone(), scope)
                    .map_err(|error| registrar.refused(&error))?;
                Input::Negotiated { pre_grant }
            }
            Output::Ok { pre_grant, .. } => {
                return registrar.in_order(&pre_grant.scope, request.scope);
            }
            Output::Err(error) => return Err(refused(&error, request)),
        };
    }
}

fn refused(error: &Error, request: &ProtocolRequest<'_>) -> OAuthError {
    match error {
        // The request is well formed, so what the machine calls invalid is the grant type or the characters of the scope.
        Error::Invalid(_) if request.grant_type != "client_credentials" => {
            OAuthError::UnsupportedGrantType {
                value: request.grant_type.to_owned(),
            }
        }
        Error::Invalid(_) => OAuthError::ScopeMalformed,
        Error::Unauthorized(..) | Error::Ignore => OAuthError::InvalidClient,
        Error::Primitive(_) => OAuthError::Internal,
    }
}
