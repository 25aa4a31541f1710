//! Signing keys that must be made, activated or removed.

use std::time::Duration;

use shared::{
    db::WriteTx,
    jobs::{Batch, Job, JobError, Next, Turn},
    token::{key_life::KeyKeeper, keys::KeyError},
};

use crate::grants::signing_keys;

/// Moves signing keys through their lives.
pub(super) struct TendSigningKeys {
    keeper: KeyKeeper,
}

impl TendSigningKeys {
    pub(super) const fn new(keeper: KeyKeeper) -> Self {
        Self { keeper }
    }
}

impl Job for TendSigningKeys {
    fn name(&self) -> &'static str {
        "tend-signing-keys"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn run(&self, tx: &mut WriteTx<'_>, turn: &Turn<'_>) -> Result<Batch, JobError> {
        let rows = signing_keys::tend(tx, &self.keeper, turn.now).map_err(|error| match error {
            KeyError::Db(error) => JobError::Db(error),
            KeyError::Unusable | KeyError::Sealed { .. } => JobError::Failed(error.to_string()),
        })?;
        Ok(Batch {
            rows,
            next: Next::Finished,
        })
    }
}
