//! RFC 6749 section 4.3: oxide-auth has no machine for it, so the steps are made by hand with the same registrar.

use std::borrow::Cow;

use domain::identity::scope::ScopeSet;
use oxide_auth::primitives::registrar::{ClientUrl, Registrar as _};

use super::{ClientRegistrar, ProtocolRequest};
use crate::model::error::OAuthError;

/// The scopes of the session that `request` asks for, before the identity of the customer is known.
///
/// # Errors
/// [`OAuthError`] of the scope.
pub fn password(
    request: &ProtocolRequest<'_>,
    registrar: &ClientRegistrar<'_>,
) -> Result<ScopeSet, OAuthError> {
    let refused = |error| registrar.refused(&error);
    registrar
        .check(request.client_id.as_str(), None)
        .map_err(refused)?;
    let requested = match request.scope {
        None => None,
        Some(text) => Some(text.parse().ok().ok_or(OAuthError::ScopeMalformed)?),
    };
    let client_url = ClientUrl {
        client_id: Cow::Borrowed(request.client_id.as_str()),
        redirect_uri: None,
    };
    let bound = registrar.bound_redirect(client_url).map_err(refused)?;
    let pre_grant = registrar.negotiate(bound, requested).map_err(refused)?;
    registrar.in_order(&pre_grant.scope, request.scope)
}
