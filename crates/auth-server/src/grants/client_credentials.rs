//! Tokens for an API client itself. Nothing is written for a signed token.

use domain::identity::scope::{Holder, Narrowing};

use super::access_token::{Bearer, Mint, NewAccessToken};
use crate::{
    model::{client::Client, error::OAuthError},
    oxide::{self, ClientRegistrar, ProtocolRequest, ScopePolicy},
};

/// The token that `client` asks for, bound to the key it showed, where it showed one.
///
/// # Errors
/// [`OAuthError`] of the scope, or [`OAuthError::InvalidClient`] if the client is about to vanish.
pub fn grant(
    mint: &Mint,
    client: &Client,
    scope: Option<&str>,
    narrowing: Narrowing,
    key_thumbprint: Option<&str>,
) -> Result<NewAccessToken, OAuthError> {
    let request = ProtocolRequest {
        client_id: &client.id,
        grant_type: "client_credentials",
        scope,
        refresh_token: None,
    };
    let policy = ScopePolicy {
        holder: Holder::Client,
        narrowing,
        store: None,
    };
    let scopes = oxide::client_credentials(&request, &ClientRegistrar::new(client, policy))?;
    let bearer = Bearer {
        scopes: &scopes,
        session: None,
        family: None,
        store: None,
        key_thumbprint,
    };
    mint.access_token(client, bearer, mint.now())
}
