//! What every request needs.

use std::sync::Arc;

use domain::identity::scope::Narrowing;
use shared::{
    clock::SharedClock,
    db::Database,
    http::{access_token::Gate, client_address::TrustedProxies, lifecycle::Draining},
    metrics::MetricsError,
    password::{PasswordCost, PasswordError, Passwords},
    random::SharedRandomness,
    secret::Secret,
    token::{
        dpop::{DpopGuard, DpopSettings},
        key_life::{KeyKeeper, KeyTimes},
        keys::SigningAlgorithm,
        sealing::SealingKey,
        verifier::TokenVerifier,
    },
};

use crate::{
    client_cache::ClientCache,
    device_scopes::{DeviceScopePolicy, DeviceScopeWatch},
    grants::access_token::Mint,
    limits::{LimitSettings, RateLimits},
    metrics::AuthMetrics,
    model::client_secret::SecretPepper,
    shop::{Shop, ShoppingListMigration},
    signing::Signing,
};

/// In which unit introspection answers `exp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpUnit {
    /// Seconds, as RFC 7662 says.
    Seconds,
    /// Milliseconds, for callers that compute with them.
    Milliseconds,
}

/// What an operator says about the network in front of the server.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Proxies whose word about clients is believed.
    pub trusted_proxies: TrustedProxies,
    /// Whether plain HTTP from other machines is refused.
    pub require_tls: bool,
}

/// What an operator may choose about the protocol.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// How requested scopes are compared with the client's.
    pub narrowing: Narrowing,
    /// What happens with scopes that should not be on a device.
    pub device_scopes: DeviceScopePolicy,
    /// Whether a token may make clients only with scopes that it has itself.
    pub forbid_scope_escalation: bool,
    /// In which unit introspection answers `exp`.
    pub introspection_exp_unit: ExpUnit,
    /// Whether passwords and tokens are read from the query string.
    pub accept_secrets_in_query: bool,
    /// Origins that browsers may call from; `None` is any.
    pub allowed_origins: Option<Vec<String>>,
    /// How long signing keys are in each state.
    pub key_times: KeyTimes,
    /// Longest life of a session from its start, however often it is used; `None` is any.
    pub longest_session_seconds: Option<i64>,
    /// What DPoP proofs must say; without URLs they name the issuer.
    pub proofs: DpopSettings,
    /// Whose requests these are.
    pub network: Network,
    /// How often somebody may ask.
    pub limits: LimitSettings,
    /// Where a guest's shopping lists go at sign-in.
    pub shopping_lists: ShoppingListMigration,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            narrowing: Narrowing::Implied,
            device_scopes: DeviceScopePolicy::Warn,
            forbid_scope_escalation: false,
            introspection_exp_unit: ExpUnit::Seconds,
            accept_secrets_in_query: true,
            allowed_origins: None,
            key_times: KeyTimes::default(),
            longest_session_seconds: None,
            proofs: DpopSettings::default(),
            network: Network::default(),
            limits: LimitSettings::off(),
            shopping_lists: ShoppingListMigration::Manual,
        }
    }
}

/// What the state is made of.
pub struct Parts {
    /// The database.
    pub database: Database,
    /// The time.
    pub clock: SharedClock,
    /// Randomness.
    pub randomness: SharedRandomness,
    /// The public URL without a trailing slash: `iss` of all tokens.
    pub issuer: String,
    /// Seals the private signing keys.
    pub sealing_key: SealingKey,
    /// Keys the hashes of client secrets.
    pub secret_pepper: Secret<[u8; 32]>,
    /// For new signing keys.
    pub signing_algorithm: SigningAlgorithm,
    /// Cost of password hashes.
    pub password_cost: PasswordCost,
    /// The operator's choices.
    pub behaviour: Behaviour,
}

/// What every request needs. One per process.
pub struct AppState {
    /// The database.
    pub database: Database,
    /// Makes tokens.
    pub mint: Mint,
    /// Recently used clients.
    pub clients: ClientCache,
    /// Warns of tokens that may do what no device should.
    pub device_scopes: DeviceScopeWatch,
    /// Compares client secrets.
    pub pepper: Arc<SecretPepper>,
    /// Checks passwords.
    pub passwords: Passwords,
    /// The key that signs.
    pub signing: Signing,
    /// Checks access tokens.
    pub verifier: TokenVerifier,
    /// Checks DPoP proofs.
    pub proofs: DpopGuard,
    /// The shop's rules, for guests who sign in here.
    pub shop: Arc<Shop>,
    /// The operator's choices.
    pub behaviour: Behaviour,
    /// How often somebody may ask.
    pub limits: Arc<RateLimits>,
    /// What is counted and timed.
    pub metrics: AuthMetrics,
    /// Whether the server is about to stop.
    pub draining: Draining,
}

/// The configured keys or costs are impossible.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The cost of password hashes.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// A metric has an impossible name.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
}

impl AppState {
    /// Puts the parts together. Touches nothing yet.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn new(parts: Parts) -> Result<Self, StateError> {
        let metrics = AuthMetrics::new()?;
        let proofs = proof_settings(&parts);
        let mint = Mint {
            clock: Arc::clone(&parts.clock),
            randomness: Arc::clone(&parts.randomness),
            issuer: parts.issuer.clone(),
            longest_session_seconds: parts.behaviour.longest_session_seconds,
        };
        let device_scopes = DeviceScopeWatch::new(
            parts.behaviour.device_scopes,
            metrics.device_scope_warnings.clone(),
            parts.database.clone(),
            mint.clone(),
        );
        let limits = RateLimits::new(
            &parts.behaviour.limits,
            &parts.clock,
            &parts.randomness,
            &metrics.rate_limited,
        );
        let state = Self {
            limits: Arc::new(limits),
            shop: Arc::new(Shop::new(
                Arc::clone(&parts.randomness),
                parts.behaviour.shopping_lists,
            )),
            metrics,
            device_scopes,
            draining: Draining::default(),
            clients: ClientCache::new(parts.database.clone(), Arc::clone(&parts.clock)),
            pepper: Arc::new(SecretPepper::new(&parts.secret_pepper)),
            passwords: Passwords::new(parts.password_cost, Arc::clone(&parts.randomness))?,
            signing: Signing::new(
                parts.database.clone(),
                Arc::clone(&parts.clock),
                KeyKeeper {
                    seal: Arc::new(parts.sealing_key),
                    algorithm: parts.signing_algorithm,
                    times: parts.behaviour.key_times,
                    randomness: Arc::clone(&parts.randomness),
                },
            ),
            verifier: TokenVerifier::new(
                parts.database.clone(),
                Arc::clone(&parts.clock),
                parts.issuer.clone(),
            ),
            proofs: DpopGuard::new(
                proofs,
                parts.database.clone(),
                Arc::clone(&parts.clock),
                Arc::clone(&parts.randomness),
            ),
            mint,
            database: parts.database,
            behaviour: parts.behaviour,
        };
        state.metrics.observe(&state)?;
        Ok(state)
    }

    /// What access tokens are checked with.
    #[must_use]
    pub const fn gate(&self) -> Gate<'_> {
        Gate {
            verifier: &self.verifier,
            proofs: &self.proofs,
            database: &self.database,
        }
    }
}

fn proof_settings(parts: &Parts) -> DpopSettings {
    let mut settings = parts.behaviour.proofs.clone();
    if settings.public_urls.is_empty() {
        settings.public_urls.push(parts.issuer.clone());
    }
    settings
}
