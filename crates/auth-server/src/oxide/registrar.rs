//! The authenticated client as oxide-auth's registrar: the only client there is for the request at hand.

use std::{borrow::Cow, cell::RefCell};

use domain::identity::{
    ids::StoreKey,
    scope::{Holder, Narrowing, ScopeSet},
};
use oxide_auth::primitives::{
    registrar::{BoundClient, ClientUrl, PreGrant, RegisteredUrl, Registrar, RegistrarError},
    scope::Scope,
};
use url::Url;

use crate::model::{client::Client, error::OAuthError};

/// How scopes are granted at an endpoint.
#[derive(Clone, Copy, Debug)]
pub struct ScopePolicy<'a> {
    /// Whose hands the token is for.
    pub holder: Holder,
    /// How requested scopes are compared with the client's.
    pub narrowing: Narrowing,
    /// Default scopes are narrowed to this store.
    pub store: Option<&'a StoreKey>,
}

/// The authenticated client.
pub struct ClientRegistrar<'a> {
    client: &'a Client,
    policy: ScopePolicy<'a>,
    /// Whose scopes no grant exceeds, besides the client's.
    within: Option<&'a ScopeSet>,
    /// What the machine would drop: why a scope was refused.
    refusal: RefCell<Option<OAuthError>>,
}

impl<'a> ClientRegistrar<'a> {
    /// A registrar that knows `client` only.
    #[must_use]
    pub const fn new(client: &'a Client, policy: ScopePolicy<'a>) -> Self {
        Self {
            client,
            policy,
            within: None,
            refusal: RefCell::new(None),
        }
    }

    /// The same registrar, which grants nothing that `scopes` do not include.
    #[must_use]
    pub const fn within(mut self, scopes: &'a ScopeSet) -> Self {
        self.within = Some(scopes);
        self
    }

    /// The error to answer after the registrar refused: its own reason, where it has one.
    pub(super) fn refused(&self, _by_registrar: &RegistrarError) -> OAuthError {
        self.refusal.take().unwrap_or(OAuthError::InvalidClient)
    }

    /// The granted scopes in the order of the request, or of the client where none were requested; oxide-auth has no order.
    pub(super) fn in_order(
        &self,
        granted: &Scope,
        requested: Option<&str>,
    ) -> Result<ScopeSet, OAuthError> {
        let mut left = parse(&granted.to_string())?;
        if let Some(text) = requested {
            left = ScopeSet::new(
                parse(text)?
                    .iter()
                    .filter(|scope| left.iter().any(|other| other == *scope))
                    .cloned(),
            );
            return Ok(left);
        }
        let default = self.default_scopes()?;
        Ok(ScopeSet::new(
            default
                .iter()
                .filter(|scope| left.iter().any(|other| other == *scope))
                .cloned(),
        ))
    }

    fn default_scopes(&self) -> Result<ScopeSet, OAuthError> {
        let mut held = self.held();
        if let Some(within) = self.within {
            held = Cow::Owned(held.common_with(within, self.policy.narrowing));
            if held.is_empty() {
                return Err(OAuthError::ScopeExceeded);
            }
        }
        held.granted(
            &self.client.project,
            None,
            self.policy.holder,
            self.policy.narrowing,
        )
        .map_err(OAuthError::from)
    }

    fn held(&self) -> Cow<'_, ScopeSet> {
        match self.policy.store {
            Some(store) => Cow::Owned(self.client.scope.in_store(store)),
            None => Cow::Borrowed(&self.client.scope),
        }
    }

    fn grant(&self, requested: Option<Scope>) -> Result<Scope, OAuthError> {
        let granted = match requested {
            None => self.default_scopes()?,
            Some(requested) => self
                .client
                .scope
                .granted(
                    &self.client.project,
                    Some(&parse(&requested.to_string())?),
                    self.policy.holder,
                    self.policy.narrowing,
                )
                .map_err(OAuthError::from)?,
        };
        let exceeds = |within: &ScopeSet| granted.iter().any(|scope| !within.implies(scope));
        if self.within.is_some_and(exceeds) {
            return Err(OAuthError::ScopeExceeded);
        }
        granted
            .to_string()
            .parse()
            .ok()
            .ok_or(OAuthError::ScopeMalformed)
    }
}

impl Registrar for ClientRegistrar<'_> {
    fn bound_redirect<'b>(&self, bound: ClientUrl<'b>) -> Result<BoundClient<'b>, RegistrarError> {
        let redirect_uri = no_redirect()?;
        Ok(BoundClient {
            client_id: bound.client_id,
            redirect_uri: Cow::Owned(redirect_uri),
        })
    }

    fn negotiate(
        &self,
        client: BoundClient<'_>,
        scope: Option<Scope>,
    ) -> Result<PreGrant, RegistrarError> {
        match self.grant(scope) {
            Ok(scope) => Ok(PreGrant {
                client_id: client.client_id.into_owned(),
                redirect_uri: client.redirect_uri.into_owned(),
                scope,
            }),
            Err(error) => {
                self.refusal.replace(Some(error));
                Err(RegistrarError::Unspecified)
            }
        }
    }

    /// The secret was compared before the machine started; here only the name must fit.
    fn check(&self, client_id: &str, _passphrase: Option<&[u8]>) -> Result<(), RegistrarError> {
        if client_id == self.client.id.as_str() {
            Ok(())
        } else {
            Err(RegistrarError::Unspecified)
        }
    }
}

/// Every grant of oxide-auth has a redirect URI; ours without a browser have this one.
pub(super) fn no_redirect() -> Result<RegisteredUrl, RegistrarError> {
    no_redirect_url()
        .map(RegisteredUrl::Semantic)
        .ok_or(RegistrarError::PrimitiveError)
}

pub(super) fn no_redirect_url() -> Option<Url> {
    Url::parse("urn:guestcart:no-redirect").ok()
}

fn parse(text: &str) -> Result<ScopeSet, OAuthError> {
    ScopeSet::parse(text).ok().ok_or(OAuthError::ScopeMalformed)
}
