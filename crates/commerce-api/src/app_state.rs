//! What every request shares.

use std::sync::Arc;

use shared::{
    clock::{ModificationSequence, SharedClock},
    db::Database,
    http::lifecycle::Draining,
    password::Passwords,
    random::SharedRandomness,
    token::{
        dpop::{DpopGuard, DpopSettings},
        verifier::TokenVerifier,
    },
};

use crate::{
    metrics::ApiMetrics,
    service::{catalog_cache::CatalogCache, client_liveness::ClientLiveness},
};

/// Where shopping lists go at sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShoppingListMigration {
    /// They stay with the anonymous id; the application moves them.
    Manual,
    /// They become the customer's, as carts do.
    Automatic,
}

/// Settings that services look at.
#[derive(Clone, Copy, Debug)]
pub struct ServiceSettings {
    /// Where shopping lists go at sign-in.
    pub shopping_lists: ShoppingListMigration,
}

/// The parts of the server.
pub struct AppState {
    /// The database.
    pub database: Database,
    /// The time.
    pub clock: SharedClock,
    /// Randomness for ids and one-time tokens.
    pub randomness: SharedRandomness,
    /// Checks access tokens.
    pub verifier: TokenVerifier,
    /// Checks the proofs that come with access tokens bound to a key.
    pub proofs: DpopGuard,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Reference data of the projects.
    pub catalog: CatalogCache,
    /// Whether API clients still exist, at most a second old.
    pub clients: ClientLiveness,
    /// Numbers changes.
    pub sequence: ModificationSequence,
    /// Settings of the services.
    pub settings: ServiceSettings,
    /// What is counted and timed.
    pub metrics: ApiMetrics,
    /// Whether the server is about to stop.
    pub draining: Draining,
}

impl AppState {
    /// Takes proofs by these settings from now on.
    pub fn take_proofs(&mut self, settings: DpopSettings) {
        self.proofs = DpopGuard::new(
            settings,
            self.database.clone(),
            Arc::clone(&self.clock),
            Arc::clone(&self.randomness),
        );
    }
}

/// The state as handlers hold it.
pub type SharedState = Arc<AppState>;
