//! What a service is told about the request it serves.

use std::sync::Arc;

use domain::{
    context::Author,
    identity::{
        ids::{CustomerId, ProjectKey, StoreKey},
        principal::Subject,
        scope::ScopeName,
    },
    kind::Kind,
    timestamp::Timestamp,
    world::By,
};
use shared::token::{claims::AccessTokenClaims, verifier::VerifiedToken};

use crate::{
    access::{self, Verb, backend_scopes},
    store::visibility::Visibility,
};

/// Which products a token could read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Products {
    /// With everything that is not published.
    All,
    /// What is published of the published ones.
    Published,
    /// Not one.
    None,
}

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
    /// The store that the token's scopes do not reach beyond; none if they reach the whole project.
    pub confined_to: Option<StoreKey>,
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

    /// The parts of a kind that is not [shared](access::is_shared) that the token could read, by whatever path: what the request
    /// may name.
    #[must_use]
    pub fn readable(&self, kind: Kind) -> Vec<Visibility> {
        let Some(token) = &self.token else {
            return vec![self.whole_project()];
        };
        let parts = access::readable_parts(&token.principal, &self.acting_for, kind);
        let seen = parts.into_iter().map(|part| Visibility {
            owner: part.owner,
            store: part.store,
            ..self.whole_project()
        });
        seen.collect()
    }

    /// [`Self::readable`], below a store only what belongs to it: what the request is shown.
    #[must_use]
    pub fn readable_here(&self, kind: Kind) -> Vec<Visibility> {
        let mut seen = self.readable(kind);
        if let Some(here) = &self.store
            && has_store(kind)
        {
            seen.retain(|part| part.store.as_ref().is_none_or(|store| store == here));
            for part in &mut seen {
                part.store = Some(here.clone());
            }
        }
        seen
    }

    /// Whether a resource of a [shared](access::is_shared) kind may be named so.
    #[must_use]
    pub fn may_name(&self, kind: Kind, by: By<'_>) -> bool {
        let is_found_by_reference = matches!(by, By::Id(_)) || self.acting_for == Subject::Client;
        is_found_by_reference
            || !access::is_hidden_from_shoppers(kind)
            || self.allows_any(backend_scopes(kind, Verb::View))
    }

    /// Which products the token could read.
    #[must_use]
    pub fn readable_products(&self) -> Products {
        if self.token.is_none() || self.allows(ScopeName::ViewProducts, None) {
            Products::All
        } else if self.allows_any(access::PROJECTIONS) {
            Products::Published
        } else {
            Products::None
        }
    }

    fn allows_any(&self, names: &[ScopeName]) -> bool {
        names.iter().any(|name| self.allows(*name, None))
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

/// Whether resources of a kind belong to stores.
const fn has_store(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Cart | Kind::Order | Kind::ShoppingList | Kind::Customer
    )
}
