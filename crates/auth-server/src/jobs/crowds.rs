//! Projects with more sessions than they may have.

use std::time::Duration;

use shared::{
    db::WriteTx,
    jobs::{Batch, Job, JobError, Next, Turn},
};

use crate::store::housekeeping::{self, Evictable};

/// Who was here within the last hour is never evicted.
const UNUSED_SECONDS: i64 = 3_600;
/// Finding the longest unused sessions looks at all of them, so a batch takes more than others do.
const LARGER: i64 = 20;

/// Evicts the longest unused sessions above the cap, guests with nothing to lose first.
pub(super) struct EvictSessions {
    cap: i64,
}

impl EvictSessions {
    pub(super) const fn new(cap: i64) -> Self {
        Self { cap }
    }
}

impl Job for EvictSessions {
    fn name(&self) -> &'static str {
        "evict-sessions"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(3_600)
    }

    fn run(&self, tx: &mut WriteTx<'_>, turn: &Turn<'_>) -> Result<Batch, JobError> {
        let finished = Batch {
            rows: 0,
            next: Next::Finished,
        };
        for crowded in housekeeping::crowded_projects(tx, self.cap)? {
            let limit = crowded.excess.min(turn.limit.saturating_mul(LARGER));
            let unused_since = turn.now.plus_seconds(-UNUSED_SECONDS);
            for evictable in [Evictable::EmptyGuests, Evictable::Anyone] {
                let project = &crowded.project;
                let rows =
                    housekeeping::evict(tx, project, evictable, unused_since, turn.now, limit)?;
                if rows > 0 {
                    log::warn!(
                        "project {project}: {rows} sessions evicted, {} above the cap of {}",
                        crowded.excess,
                        self.cap
                    );
                    return Ok(Batch {
                        rows,
                        next: Next::Again,
                    });
                }
            }
        }
        Ok(finished)
    }
}
