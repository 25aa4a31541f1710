//! Rows that no longer matter.

use std::time::Duration;

use shared::{
    db::WriteTx,
    jobs::{Batch, Job, JobError, Turn},
};

use crate::store::housekeeping::{self, Expiring};

/// Clocks of verifiers may be behind ours by the leeway.
const LEEWAY_SECONDS: i64 = 60;

/// A used code is remembered for so long, so that it is noticed should it come again.
const CODE_MEMORY_SECONDS: i64 = 86_400;

/// Deletes the rows of a table whose time is over.
pub(super) struct PurgeExpired {
    table: Expiring,
}

impl PurgeExpired {
    pub(super) const fn new(table: Expiring) -> Self {
        Self { table }
    }
}

impl Job for PurgeExpired {
    fn name(&self) -> &'static str {
        match self.table {
            Expiring::AuthorizationCodes => "purge-authorization-codes",
            Expiring::OpaqueTokens => "purge-opaque-tokens",
            Expiring::RevokedTokens => "purge-revoked-tokens",
            Expiring::IdempotencyKeys => "purge-idempotency-keys",
            Expiring::ClientSecrets => "purge-client-secrets",
            Expiring::HandoffCodes => "purge-handoff-codes",
            Expiring::Proofs => "purge-dpop-proofs",
        }
    }

    fn period(&self) -> Duration {
        Duration::from_secs(600)
    }

    fn run(&self, tx: &mut WriteTx<'_>, turn: &Turn<'_>) -> Result<Batch, JobError> {
        let kept_seconds = match self.table {
            Expiring::AuthorizationCodes | Expiring::HandoffCodes => CODE_MEMORY_SECONDS,
            _ => LEEWAY_SECONDS,
        };
        let end = turn.now.plus_seconds(-kept_seconds);
        let rows = housekeeping::purge_expired(tx, self.table, end, turn.limit)?;
        Ok(Batch::of(rows, turn.limit))
    }
}

/// Deletes old audit events.
pub(super) struct PurgeAuditEvents {
    retention_seconds: i64,
}

impl PurgeAuditEvents {
    pub(super) const fn new(retention_seconds: i64) -> Self {
        Self { retention_seconds }
    }
}

impl Job for PurgeAuditEvents {
    fn name(&self) -> &'static str {
        "purge-audit-events"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(6 * 3_600)
    }

    fn run(&self, tx: &mut WriteTx<'_>, turn: &Turn<'_>) -> Result<Batch, JobError> {
        let end = turn.now.plus_seconds(-self.retention_seconds);
        let rows = housekeeping::purge_audit_events(tx, end, turn.limit)?;
        Ok(Batch::of(rows, turn.limit))
    }
}
