//! Carts and shopping lists whose time is over. Nobody sees them any more; here they go.

use std::time::Duration;

use domain::kind::Kind;
use shared::{
    db::WriteTx,
    jobs::{Batch, Job, JobError, Next, Turn},
};

use crate::store::housekeeping::{self, Place};

/// Walks through all resources of a kind and deletes the expired ones.
pub(super) struct DeleteExpired {
    kind: Kind,
    name: &'static str,
}

impl DeleteExpired {
    pub(super) const CARTS: Self = Self {
        kind: Kind::Cart,
        name: "delete-expired-carts",
    };
    pub(super) const SHOPPING_LISTS: Self = Self {
        kind: Kind::ShoppingList,
        name: "delete-expired-shopping-lists",
    };
}

impl Job for DeleteExpired {
    fn name(&self) -> &'static str {
        self.name
    }

    fn period(&self) -> Duration {
        Duration::from_secs(3_600)
    }

    fn run(&self, tx: &mut WriteTx<'_>, turn: &Turn<'_>) -> Result<Batch, JobError> {
        let behind = turn.position.map(place).transpose()?;
        let stretch =
            housekeeping::delete_expired(tx, self.kind, behind.as_ref(), turn.now, turn.limit)?;
        let is_full = i64::try_from(stretch.seen).is_ok_and(|seen| seen >= turn.limit);
        Ok(Batch {
            rows: stretch.deleted,
            next: match stretch.last {
                Some((project, id)) if is_full => Next::From(format!("{project}/{id}")),
                Some(_) | None => Next::Finished,
            },
        })
    }
}

/// Reads a position: `{project}/{id}`. Ids have no slash.
fn place(position: &str) -> Result<Place, JobError> {
    position
        .rsplit_once('/')
        .map(|(project, id)| (project.to_owned(), id.to_owned()))
        .ok_or_else(|| JobError::Failed(format!("`{position}` is no position in the documents")))
}
