//! RFC 6749 section 4.1.3: whether a code may be exchanged for tokens by who presents it.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use domain::identity::ids::ClientId;
use oxide_auth::{
    code_grant::accesstoken::{AccessToken, Authorization, Error, Input, Output, Request},
    primitives::{grant::Grant, registrar::Registrar as _},
};

use super::{ClientRegistrar, pkce};
use crate::model::{authorization_code::AuthorizationCode, error::OAuthError};

/// The parts of a token request that the protocol is about.
pub struct CodeRequest<'a> {
    /// The client, already authenticated or public.
    pub client_id: &'a ClientId,
    /// `code`.
    pub code: &'a str,
    /// `redirect_uri`, or the only one where both requests left it out.
    pub redirect_uri: &'a str,
    /// `code_verifier`.
    pub verifier: &'a str,
}

impl Request for CodeRequest<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.code))
    }

    /// The proof was given before, see `http::authentication`.
    fn authorization(&self) -> Authorization<'_> {
        Authorization::Username(Cow::Borrowed(self.client_id.as_str()))
    }

    fn client_id(&self) -> Option<Cow<'_, str>> {
        None
    }

    fn redirect_uri(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.redirect_uri))
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed("authorization_code"))
    }

    fn extension(&self, _key: &str) -> Option<Cow<'_, str>> {
        None
    }
}

/// Checks that `code`, which is neither used nor expired, may be exchanged by who sent `request`.
///
/// # Errors
/// [`OAuthError::AuthorizationCodeNotFound`] for every reason it may not.
pub fn exchange(
    request: &CodeRequest<'_>,
    registrar: &ClientRegistrar<'_>,
    code: &AuthorizationCode,
) -> Result<(), OAuthError> {
    let mut machine = AccessToken::new(request);
    let mut input = Input::None;
    loop {
        input = match machine.advance(input) {
            Output::Authenticate { client, passdata } => {
                registrar
                    .check(client, passdata)
                    .map_err(|error| registrar.refused(&error))?;
                Input::Authenticated
            }
            Output::Recover { .. } => Input::Recovered(Some(Box::new(grant(code)?))),
            Output::Extend { extensions } => {
                if !pkce::is_met(extensions, request.verifier) {
                    return Err(OAuthError::AuthorizationCodeNotFound);
                }
                Input::Extended {
                    access_extensions: std::mem::take(extensions),
                }
            }
            Output::Issue { .. } => return Ok(()),
            Output::Ok(_) => return Err(OAuthError::Internal),
            Output::Err(error) => return Err(refused(&error)),
        };
    }
}

fn grant(code: &AuthorizationCode) -> Result<Grant, OAuthError> {
    Ok(Grant {
        owner_id: code.customer.to_string(),
        client_id: code.client_id.to_string(),
        scope: code
            .scope
            .to_string()
            .parse()
            .ok()
            .ok_or(OAuthError::Internal)?,
        redirect_uri: code
            .destination
            .uri
            .parse()
            .ok()
            .ok_or(OAuthError::Internal)?,
        // Expiry was judged by our clock; the machine would ask the machine's.
        until: DateTime::<Utc>::MAX_UTC,
        extensions: pkce::demanded(&code.challenge),
    })
}

fn refused(error: &Error) -> OAuthError {
    match error {
        // Of another client, or sent elsewhere.
        Error::Invalid(_) => OAuthError::AuthorizationCodeNotFound,
        Error::Unauthorized(..) => OAuthError::InvalidClient,
        Error::Primitive(_) => OAuthError::Internal,
    }
}
