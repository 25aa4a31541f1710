//! What a service is told about the request it serves.

use std::sync::Arc;

use domain::{
    context::Author,
    identity::{
        ids::{CustomerId, ProjectKey, StoreKey},
        principal::Subject,
    },
    timestamp::Timestamp,
};
use shared::token::verifier::VerifiedToken;

use crate::store::visibility::Visibility;

/// A request that was authenticated and authorized.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// The verified token. Whether it still lives is checked in the transaction.
    pub token: Arc<VerifiedToken>,
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

    /// The customer of a customer token.
    #[must_use]
    pub fn customer(&self) -> Option<CustomerId> {
        match &self.token.principal.subject {
            Subject::Customer(id) => Some(id.clone()),
            Subject::Anonymous(_) | Subject::Client => None,
        }
    }
}
