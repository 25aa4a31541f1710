//! Sessions for guests: with an anonymous id of the client's choice, or a generated one.

use domain::identity::{
    ids::{AnonymousId, ProjectKey, SessionId, StoreKey},
    principal::Subject,
    scope::{DeviceScopes, Holder, Narrowing, ScopeName, ScopeSet},
};
use shared::{db::WriteTx, random::uuid_v7};

use super::{
    GrantError,
    access_token::{Mint, NewAccessToken},
    session_start::{SessionStart, StartedSession},
};
use crate::{
    model::{client::Client, error::OAuthError},
    oxide::{self, ClientRegistrar, ProtocolRequest, ScopePolicy},
    store::sessions,
};

/// A request for a new guest.
#[derive(Clone, Debug)]
pub struct AnonymousRequest<'a> {
    /// `scope`, unless left out.
    pub scope: Option<&'a str>,
    /// `anonymous_id`, unless left out.
    pub anonymous_id: Option<&'a str>,
    /// The store of the path.
    pub store: Option<&'a StoreKey>,
    /// Unless `refresh_token=false`.
    pub with_refresh_token: bool,
    /// How requested scopes are compared.
    pub narrowing: Narrowing,
    /// Thumbprint of the key that the client showed.
    pub key_thumbprint: Option<String>,
    /// What a guest's token may do.
    pub devices: DeviceScopes,
}

/// A guest that is about to be stored.
#[derive(Clone, Debug)]
pub struct NewGuest {
    project: ProjectKey,
    /// The id, if the client chose it; a generated one cannot be taken.
    chosen_id: Option<AnonymousId>,
    session: StartedSession,
}

impl NewGuest {
    /// What its tokens may do.
    #[must_use]
    pub const fn scopes(&self) -> &ScopeSet {
        self.session.scopes()
    }

    /// Its session.
    #[must_use]
    pub const fn session_id(&self) -> &SessionId {
        self.session.id()
    }

    /// Its refresh token, where it gets one.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&str> {
        self.session.refresh_token()
    }
}

/// Checks the request.
///
/// # Errors
/// [`OAuthError`]: the client may not start sessions, the anonymous id cannot be part of a scope, or the scope is refused.
pub fn prepare(
    mint: &Mint,
    client: &Client,
    request: &AnonymousRequest<'_>,
) -> Result<NewGuest, OAuthError> {
    let may_start = client
        .scope
        .allows(ScopeName::CreateAnonymousToken, &client.project, None);
    if !may_start {
        return Err(OAuthError::InsufficientScope {
            names: vec![ScopeName::CreateAnonymousToken.as_str()],
        });
    }
    let chosen_id = match request.anonymous_id {
        None => None,
        Some(text) => Some(AnonymousId::choose(text).ok_or(OAuthError::AnonymousIdMalformed)?),
    };
    let protocol_request = ProtocolRequest {
        client_id: &client.id,
        grant_type: "client_credentials",
        scope: request.scope,
        refresh_token: None,
    };
    let policy = ScopePolicy {
        holder: Holder::Device(request.devices),
        narrowing: request.narrowing,
        store: request.store,
    };
    let scopes =
        oxide::client_credentials(&protocol_request, &ClientRegistrar::new(client, policy))?;
    let id = chosen_id
        .clone()
        .unwrap_or_else(|| AnonymousId::new(uuid_v7(mint.now(), mint.randomness.as_ref())));
    let start = SessionStart {
        subject: Subject::Anonymous(id),
        scopes,
        store: request.store.cloned(),
        with_refresh_token: request.with_refresh_token,
        key_thumbprint: request.key_thumbprint.clone(),
    };
    Ok(NewGuest {
        project: client.project.clone(),
        chosen_id,
        session: StartedSession::new(mint, client, start)?,
    })
}

/// Stores the guest; an anonymous id is handed out once and never again, because orders keep it.
///
/// # Errors
/// [`OAuthError::AnonymousIdInUse`] or a failure of the database.
pub fn store(
    tx: &mut WriteTx<'_>,
    guest: NewGuest,
) -> Result<(NewAccessToken, Option<String>), GrantError> {
    if let Some(id) = &guest.chosen_id
        && !sessions::take_anonymous_id(tx, &guest.project, id)?
    {
        return Err(OAuthError::AnonymousIdInUse.into());
    }
    guest.session.store(tx)
}
