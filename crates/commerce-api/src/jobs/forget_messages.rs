//! Messages that are older than their project keeps them.

use std::time::Duration;

use domain::{identity::ids::ProjectKey, project::Project};
use shared::{
    db::WriteTx,
    jobs::{Batch, Job, JobError, Next, Turn},
};

use crate::store::housekeeping;

/// Goes from project to project; the position is the key of the one at hand.
pub(super) struct ForgetMessages;

impl Job for ForgetMessages {
    fn name(&self) -> &'static str {
        "forget-messages"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(3_600)
    }

    fn run(&self, tx: &mut WriteTx<'_>, turn: &Turn<'_>) -> Result<Batch, JobError> {
        let mut projects = housekeeping::projects(tx)?
            .into_iter()
            .filter(|project| turn.position.is_none_or(|at| project.key.as_str() >= at));
        let Some(project) = projects.next() else {
            return Ok(Batch {
                rows: 0,
                next: Next::Finished,
            });
        };
        let rows = forget(tx, &project, turn)?;
        let next = if i64::try_from(rows).is_ok_and(|rows| rows >= turn.limit) {
            Next::From(project.key)
        } else {
            projects
                .next()
                .map_or(Next::Finished, |next| Next::From(next.key))
        };
        Ok(Batch { rows, next })
    }
}

fn forget(tx: &mut WriteTx<'_>, project: &Project, turn: &Turn<'_>) -> Result<usize, JobError> {
    let days = project.messages.delete_days_after_creation;
    let end = turn.now.plus_days(days.saturating_neg());
    let key = ProjectKey::new(&project.key);
    Ok(housekeeping::forget_messages(tx, &key, end, turn.limit)?)
}
