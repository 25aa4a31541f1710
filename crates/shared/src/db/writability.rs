//! Whether the database keeps what it is given.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use super::{DbError, WriteTx, error::StorageTrouble, statement::Statement};
use crate::random::{SystemRandomness, uuid};

/// Large enough that it needs room of its own: a full disk still takes what fits where something was.
const TRIAL_BYTES: usize = 64 * 1024;

/// The last trouble with writing, until a trial shows that it is over.
#[derive(Default)]
pub(super) struct Writability {
    trouble: Mutex<Option<StorageTrouble>>,
    trial: Mutex<()>,
}

impl Writability {
    /// A write failed.
    pub(super) fn note(&self, trouble: StorageTrouble) {
        if self.lock().replace(trouble) != Some(trouble) {
            log::error!("{trouble}");
        }
    }

    /// Whether writes failed, and none has been seen to succeed since.
    pub(super) fn is_in_trouble(&self) -> bool {
        self.lock().is_some()
    }

    /// Answers for the last trouble, if there was any: is it over? Only one at a time tries.
    pub(super) fn settle(
        &self,
        trial: impl FnOnce() -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        let Some(trouble) = *self.lock() else {
            return Ok(());
        };
        let _turn = match self.trial.try_lock() {
            Ok(turn) => turn,
            Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
            Err(TryLockError::WouldBlock) => {
                let text = "it is being tried at this moment".to_owned();
                return Err(DbError::Storage(trouble, text));
            }
        };
        trial()?;
        log::info!("the database takes writes again");
        *self.lock() = None;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Option<StorageTrouble>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes something that needs room.
///
/// # Errors
/// [`DbError::Storage`] if there is none.
pub(super) fn write_trial(tx: &mut WriteTx<'_>) -> Result<(), DbError> {
    Statement::new("INSERT INTO write_trials (id, filler) VALUES (")
        .text(uuid(&SystemRandomness::new()))
        .sql(", ")
        .text("x".repeat(TRIAL_BYTES))
        .sql(")")
        .run(tx.connection())?;
    Ok(())
}

/// Takes it away again, and what others left behind.
///
/// # Errors
/// [`DbError::Storage`] if the database does not even forget.
pub(super) fn forget_trials(tx: &mut WriteTx<'_>) -> Result<(), DbError> {
    Statement::new("DELETE FROM write_trials").run(tx.connection())?;
    Ok(())
}
