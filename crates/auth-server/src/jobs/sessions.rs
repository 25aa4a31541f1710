//! Sessions and refresh tokens whose time is over.

use std::time::Duration;

use shared::{
    db::WriteTx,
    jobs::{Batch, Job, JobError, Next, Turn},
};

use super::Housekeeping;
use crate::{model::client::GRACE_SECONDS, store::housekeeping::next_piece};

/// Walks through all sessions: expires the unused ones, and deletes what nobody can ask for any more.
///
/// A walk, because an index over deadlines would have to be rewritten at every refresh.
pub(super) struct TidySessions {
    kept: Housekeeping,
}

impl TidySessions {
    pub(super) const fn new(kept: Housekeeping) -> Self {
        Self { kept }
    }
}

impl Job for TidySessions {
    fn name(&self) -> &'static str {
        "tidy-sessions"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(3_600)
    }

    fn run(&self, tx: &mut WriteTx<'_>, turn: &Turn<'_>) -> Result<Batch, JobError> {
        let finished = |rows| Batch {
            rows,
            next: Next::Finished,
        };
        let Some(piece) = next_piece(tx, turn.position, turn.limit)? else {
            return Ok(finished(0));
        };
        // The grace differs from client to client: the longest covers all.
        let spent_seconds = self
            .kept
            .spent_token_seconds
            .saturating_add(*GRACE_SECONDS.end());
        let expired = piece.expire(tx, turn.now)?;
        let tokens = piece
            .purge_replaced_tokens(tx, turn.now.plus_seconds(spent_seconds.saturating_neg()))?;
        let closed_before = turn
            .now
            .plus_seconds(self.kept.session_seconds.saturating_neg());
        let sessions = piece.purge_closed(tx, closed_before)?;
        let devices = piece.purge_closed_devices(tx, closed_before)?;
        let rows = [tokens, sessions, devices]
            .into_iter()
            .fold(expired, usize::saturating_add);
        if piece.sessions < turn.limit {
            return Ok(finished(rows));
        }
        Ok(Batch {
            rows,
            next: Next::From(piece.through),
        })
    }
}
