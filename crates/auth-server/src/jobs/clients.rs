//! API clients whose time is over.

use std::time::Duration;

use shared::{
    db::WriteTx,
    jobs::{Batch, Job, JobError, Next, Turn},
};

use crate::{
    grants::{access_token::Mint, clients as administration},
    store::clients,
};

const PERIOD: Duration = Duration::from_secs(60);

/// Deletes the clients whose `delete_at` has come, and revokes their sessions.
pub(super) struct DeleteDueClients {
    mint: Mint,
}

impl DeleteDueClients {
    pub(super) const fn new(mint: Mint) -> Self {
        Self { mint }
    }
}

impl Job for DeleteDueClients {
    fn name(&self) -> &'static str {
        "delete-due-clients"
    }

    fn period(&self) -> Duration {
        PERIOD
    }

    /// One client per transaction: a client may have many sessions.
    fn run(&self, tx: &mut WriteTx<'_>, turn: &Turn<'_>) -> Result<Batch, JobError> {
        let due = clients::due_for_deletion(tx, turn.now, 1)?;
        let Some(id) = due.first() else {
            return Ok(Batch {
                rows: 0,
                next: Next::Finished,
            });
        };
        if let Some(client) = clients::find(tx, id)? {
            administration::delete(tx, &self.mint, &client.project, id)?;
            log::info!("API client {id} was deleted: its time is over");
        }
        Ok(Batch {
            rows: due.len(),
            next: Next::Again,
        })
    }
}
