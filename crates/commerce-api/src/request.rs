//! What a service is told about the request it serves.

use std::sync::Arc;

use domain::{
    context::Author,
    identity::{
        ids::{CustomerId, ProjectKey, StoreKey},
        principal::Subject,
        scope::ScopeName,
    },
    timestamp::Timestamp,
};
use shared::token::{claims::AccessTokenClaims, verifier::VerifiedToken};

use crate::store::visibility::Visibility;

/// A request that was authenticated and authorized.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// The verified token; whether it still lives is checked in the transaction. None, where a server acts by itself: there is
    /// nothing to check then.
    pub token: Option<Arc<VerifiedToken>>,
    /// The project of the path.
    pub project: ProjectKey,
    /// The store of an in-store path.
    pub store: Option<StoreKey>,
    /// Whose resources: `Client` on backend endpoints, the token's subject on `/me` endpoints.
    pub acting_for: Subject,
    /// Whom `createdBy` and `lastModifiedBy` name.
    pub author: Author,
    /// The one instant of the request.
    pub now: Timestamp,
}

impl RequestContext {
    /// What the request can see.
    #[must_use]
    pub fn visibility(&self) -> Visibility {
        Visibility {
            project: self.project.clone(),
            owner: self.acting_for.clone(),
            store: self.store.clone(),
            now: self.now,
        }
    }

    /// What the project has, whoever owns it: for references and catalog data.
    #[must_use]
    pub fn whole_project(&self) -> Visibility {
        Visibility::project(self.project.clone(), self.now)
    }

    /// What the token says.
    #[must_use]
    pub fn claims(&self) -> Option<&AccessTokenClaims> {
        self.token.as_ref().map(|token| &token.claims)
    }

    /// What a token says that belongs to a session, and the session.
    #[must_use]
    pub fn session(&self) -> Option<(&AccessTokenClaims, &str)> {
        let claims = self.claims()?;
        Some((claims, claims.sid.as_deref()?))
    }

    /// Whether the token allows `name` in the project, or in `store` of it.
    #[must_use]
    pub fn allows(&self, name: ScopeName, store: Option<&StoreKey>) -> bool {
        self.token
            .as_ref()
            .is_some_and(|token| token.principal.scopes.allows(name, &self.project, store))
    }

    /// The customer of a customer token.
    #[must_use]
    pub fn customer(&self) -> Option<CustomerId> {
        match &self.token.as_ref()?.principal.subject {
            Subject::Customer(id) => Some(id.clone()),
            Subject::Anonymous(_) | Subject::Client => None,
        }
    }
}
