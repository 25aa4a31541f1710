//! What tokens for guests and customers may do: devices keep no secrets, so most scopes have no place there.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::{
    identity::{
        ids::ClientId,
        scope::{DeviceScopes, ScopeSet},
    },
    timestamp::Timestamp,
};
use serde_json::json;
use shared::{
    db::{Database, DbError},
    metrics::prometheus::IntCounter,
    token::audit::{self, About, Event},
};

use crate::{grants::access_token::Mint, model::client::Client};

/// What happens with scopes that should not be on a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceScopePolicy {
    /// They are granted.
    Allow,
    /// They are granted, counted, and written into the audit trail.
    Warn,
    /// They are not granted.
    Deny,
}

impl DeviceScopePolicy {
    /// What may be granted.
    #[must_use]
    pub const fn scopes(self) -> DeviceScopes {
        match self {
            Self::Allow | Self::Warn => DeviceScopes::Any,
            Self::Deny => DeviceScopes::SafeOnly,
        }
    }
}

/// Between two audit events about one client: a flood of guests must not fill the trail.
const EVENT_EVERY_SECONDS: i64 = 3_600;
/// Clients remembered before those of past hours are forgotten.
const CAPACITY: usize = 1_000;

/// Warns of tokens that may do what no device should.
pub struct DeviceScopeWatch {
    policy: DeviceScopePolicy,
    warnings: IntCounter,
    database: Database,
    mint: Mint,
    /// When each client was last written about.
    written: Mutex<HashMap<ClientId, Timestamp>>,
}

impl DeviceScopeWatch {
    /// A watch that has seen nothing yet.
    #[must_use]
    pub fn new(
        policy: DeviceScopePolicy,
        warnings: IntCounter,
        database: Database,
        mint: Mint,
    ) -> Self {
        Self {
            policy,
            warnings,
            database,
            mint,
            written: Mutex::default(),
        }
    }

    /// What is worth a warning of the scopes of a token for a device.
    #[must_use]
    pub fn surplus(&self, granted: &ScopeSet) -> Option<ScopeSet> {
        if self.policy != DeviceScopePolicy::Warn {
            return None;
        }
        Some(granted.unsafe_on_devices()).filter(|surplus| !surplus.is_empty())
    }

    /// Warns of a token of `client` that was just made. Writes beside the request.
    pub fn warn(&self, client: &Client, surplus: ScopeSet) {
        self.warnings.inc();
        let now = self.mint.now();
        if !self.is_due(&client.id, now) {
            return;
        }
        let (database, mint) = (self.database.clone(), self.mint.clone());
        let (id, project) = (client.id.clone(), client.project.clone());
        tokio::spawn(async move {
            let written = database
                .write(move |tx| {
                    let about = About {
                        project: Some(&project),
                        client: Some(&id),
                        detail: json!({ "scope": surplus.to_string() }),
                        ..About::default()
                    };
                    let randomness = mint.randomness.as_ref();
                    audit::record(tx, Event::ScopePolicyWarning, &about, now, randomness)
                })
                .await;
            if let Err(error) = written {
                let error: DbError = error;
                log::warn!("a warning about scopes was not written down: {error}");
            }
        });
    }

    /// Claims the event of this hour.
    fn is_due(&self, client: &ClientId, now: Timestamp) -> bool {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let is_past = |at: Timestamp| at.plus_seconds(EVENT_EVERY_SECONDS) <= now;
        if written.get(client).is_some_and(|at| !is_past(*at)) {
            return false;
        }
        if written.len() >= CAPACITY {
            written.retain(|_, at| !is_past(*at));
        }
        written.insert(client.clone(), now);
        true
    }
}
