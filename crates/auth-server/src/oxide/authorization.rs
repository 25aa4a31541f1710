//! RFC 6749 section 4.1.1, from the proven redirect URI to the scopes of the code.

use std::borrow::Cow;

use domain::{identity::ids::ClientId, identity::scope::ScopeSet};
use oxide_auth::{
    code_grant::authorization::{Authorization, Error, Input, Output, Request},
    primitives::registrar::{BoundClient, RegisteredUrl, Registrar as _},
};

use super::{ClientRegistrar, pkce};
use crate::model::error::OAuthError;

/// The parts of an authorization request that the protocol is about.
pub struct AuthorizationRequest<'a> {
    /// The client.
    pub client_id: &'a ClientId,
    /// Where the answer goes: known to be the client's.
    pub redirect_uri: &'a str,
    /// `response_type`, unless left out.
    pub response_type: Option<&'a str>,
    /// `scope`, unless left out.
    pub scope: Option<&'a str>,
    /// `code_challenge`, unless left out.
    pub code_challenge: Option<&'a str>,
    /// `code_challenge_method`, unless left out.
    pub code_challenge_method: Option<&'a str>,
}

impl Request for AuthorizationRequest<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn client_id(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.client_id.as_str()))
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        self.scope.map(Cow::Borrowed)
    }

    fn redirect_uri(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.redirect_uri))
    }

    /// The answer is put together by `http::authorize`, which repeats the state.
    fn state(&self) -> Option<Cow<'_, str>> {
        None
    }

    fn response_type(&self) -> Option<Cow<'_, str>> {
        self.response_type.map(Cow::Borrowed)
    }

    fn extension(&self, _key: &str) -> Option<Cow<'_, str>> {
        None
    }
}

/// The scopes of the code that `request` asks for.
///
/// # Errors
/// [`OAuthError`] of the response type, the scope or the challenge.
pub fn authorize(
    request: &AuthorizationRequest<'_>,
    registrar: &ClientRegistrar<'_>,
) -> Result<ScopeSet, OAuthError> {
    let mut machine = Authorization::new(request);
    let mut input = Input::None;
    loop {
        input = match machine.advance(input) {
            Output::Bind {
                client_id,
                redirect_uri,
            } => {
                registrar
                    .check(&client_id, None)
                    .map_err(|error| registrar.refused(&error))?;
                let redirect_uri = redirect_uri.ok_or(OAuthError::Internal)?;
                Input::Bound {
                    request,
                    bound_client: BoundClient {
                        client_id: Cow::Owned(client_id),
                        redirect_uri: Cow::Owned(RegisteredUrl::Exact(redirect_uri)),
                    },
                }
            }
            Output::Extend => Input::Extended(pkce::demand(
                request.code_challenge,
                request.code_challenge_method,
            )?),
            Output::Negotiate {
                bound_client,
                scope,
            } => {
                let pre_grant = registrar
                    .negotiate(bound_client.clone(), scope)
                    .map_err(|error| registrar.refused(&error))?;
                Input::Negotiated {
                    pre_grant,
                    state: None,
                }
            }
            Output::Ok { pre_grant, .. } => {
                return registrar.in_order(&pre_grant.scope, request.scope);
            }
            Output::Err(error) => return Err(refused(&error, request)),
        };
    }
}

fn refused(error: &Error, request: &AuthorizationRequest<'_>) -> OAuthError {
    match (error, request.response_type) {
        // The client and its redirect URI are known: what is left is the response type and the characters of the scope.
        (Error::Redirect(_), None) => OAuthError::MissingParameter {
            name: "response_type",
        },
        (Error::Redirect(_), Some("code")) => OAuthError::ScopeMalformed,
        (Error::Redirect(_), Some(_)) => OAuthError::UnsupportedResponseType,
        (Error::Ignore | Error::PrimitiveError, _) => OAuthError::Internal,
    }
}
