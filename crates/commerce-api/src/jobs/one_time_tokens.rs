//! One-time tokens of customers that nobody will present any more.

use std::time::Duration;

use shared::{
    db::WriteTx,
    jobs::{Batch, Job, JobError, Turn},
};

use crate::store::housekeeping;

/// For so long an expired token is told from an unknown one.
const KEPT_DAYS: i64 = 30;

/// Deletes expired tokens.
pub(super) struct DeleteOneTimeTokens;

impl Job for DeleteOneTimeTokens {
    fn name(&self) -> &'static str {
        "delete-one-time-tokens"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(6 * 3_600)
    }

    fn run(&self, tx: &mut WriteTx<'_>, turn: &Turn<'_>) -> Result<Batch, JobError> {
        let end = turn.now.plus_days(-KEPT_DAYS);
        let rows = housekeeping::delete_one_time_tokens(tx, end, turn.limit)?;
        Ok(Batch::of(rows, turn.limit))
    }
}
