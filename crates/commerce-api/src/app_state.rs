//! What every request shares.

use std::sync::Arc;

use shared::{
    clock::SharedClock,
    db::Database,
    http::{client_address::TrustedProxies, lifecycle::Draining, memory::Memory},
    limits::LimitSettings,
    password::Passwords,
    token::{
        dpop::{DpopGuard, DpopSettings},
        verifier::TokenVerifier,
    },
};

use crate::{
    limits::PasswordLimits,
    metrics::ApiMetrics,
    service::{client_liveness::ClientLiveness, workbench::Workbench},
};

/// The parts of the server.
pub struct AppState {
    /// The database.
    pub database: Database,
    /// The time.
    pub clock: SharedClock,
    /// Checks access tokens.
    pub verifier: TokenVerifier,
    /// Checks the proofs that come with access tokens bound to a key.
    pub proofs: DpopGuard,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// How often passwords may be tried.
    pub limits: PasswordLimits,
    /// Proxies whose word about callers is believed.
    pub trusted_proxies: TrustedProxies,
    /// What requests may hold in memory, all together.
    pub memory: Memory,
    /// Whether answers are compressed for clients that can read them so.
    pub compresses: bool,
    /// Whether API clients still exist, at most a second old.
    pub clients: ClientLiveness,
    /// What the use cases work with.
    pub bench: Workbench,
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
            Arc::clone(&self.bench.randomness),
        );
    }

    /// Limits by these settings from now on, and callers by the word of these proxies.
    pub fn take_limits(&mut self, settings: LimitSettings, proxies: TrustedProxies) {
        self.limits = PasswordLimits::new(
            settings,
            &self.clock,
            &self.bench.randomness,
            &self.metrics.rate_limited,
        );
        self.trusted_proxies = proxies;
    }
}

/// The state as handlers hold it.
pub type SharedState = Arc<AppState>;
