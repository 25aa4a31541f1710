//! The caller of a request, as its token says.

use crate::identity::{
    ids::{AnonymousId, ClientId, CustomerId, ProjectKey, SessionId, StoreKey},
    scope::ScopeSet,
};

/// On whose behalf a token speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An API client itself.
    Client,
    /// A guest.
    Anonymous(AnonymousId),
    /// A customer.
    Customer(CustomerId),
}

/// A verified token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The project the token is for.
    pub project: ProjectKey,
    /// The API client that obtained it.
    pub client_id: ClientId,
    /// On whose behalf it speaks.
    pub subject: Subject,
    /// Its session; absent for client credentials.
    pub session: Option<SessionId>,
    /// What it may do.
    pub scopes: ScopeSet,
    /// The store it is bound to.
    pub store: Option<StoreKey>,
}
