//! Housekeeping beside the requests. What is kept for how long is in the table of `docs/operations.md`.

mod clients;
mod crowds;
mod expired_rows;
mod sessions;
mod signing_keys;

use std::sync::Arc;

use shared::jobs::{Job, Runner};

use crate::{app_state::AppState, store::housekeeping::Expiring};
use clients::DeleteDueClients;
use crowds::EvictSessions;
use expired_rows::{PurgeAuditEvents, PurgeExpired};
use sessions::TidySessions;
use signing_keys::TendSigningKeys;

const DAY: i64 = 86_400;

/// How long things are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Housekeeping {
    /// Sessions that are over.
    pub session_seconds: i64,
    /// Refresh tokens that were replaced, counted from the end of the longest grace.
    pub spent_token_seconds: i64,
    /// Audit events.
    pub audit_seconds: i64,
    /// Most live refresh tokens per project.
    pub most_refresh_tokens: Option<i64>,
}

impl Default for Housekeeping {
    fn default() -> Self {
        Self {
            session_seconds: 30 * DAY,
            spent_token_seconds: DAY,
            audit_seconds: 400 * DAY,
            most_refresh_tokens: Some(10_000_000),
        }
    }
}

/// All jobs of this server.
#[must_use]
pub fn runner(state: &AppState, housekeeping: Housekeeping) -> Runner {
    let mut jobs: Vec<Arc<dyn Job>> = vec![
        Arc::new(TendSigningKeys::new(state.signing.keeper().clone())),
        Arc::new(DeleteDueClients::new(state.mint.clone())),
        Arc::new(TidySessions::new(housekeeping)),
        Arc::new(PurgeAuditEvents::new(housekeeping.audit_seconds)),
    ];
    jobs.extend(
        [
            Expiring::AuthorizationCodes,
            Expiring::OpaqueTokens,
            Expiring::RevokedTokens,
            Expiring::IdempotencyKeys,
            Expiring::ClientSecrets,
            Expiring::HandoffCodes,
            Expiring::Proofs,
        ]
        .map(|table| -> Arc<dyn Job> { Arc::new(PurgeExpired::new(table)) }),
    );
    if let Some(cap) = housekeeping.most_refresh_tokens {
        jobs.push(Arc::new(EvictSessions::new(cap)));
    }
    Runner::new(
        state.database.clone(),
        Arc::clone(&state.mint.clock),
        state.mint.randomness.as_ref(),
        jobs,
    )
}
