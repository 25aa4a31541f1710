//! The state of a limit for many keys, in memory that does not grow without end.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use quick_cache::{OptionsBuilder, sync::Cache, sync::DefaultLifecycle};

use super::keys::Key;

/// What a key owes, see [`super::quota`].
type Cell = Arc<AtomicU64>;

type Cells = Cache<Key, Cell, quick_cache::UnitWeighter, quick_cache::DefaultHashBuilder>;

/// A store that forgets the keys that were used least when it is full.
///
/// Who has so many keys to ask with is not stopped by a limit per key anyway; the others keep theirs, because keys that are
/// asked for again are kept before those that came once.
pub(super) struct BoundedStore {
    cells: Cells,
}

impl BoundedStore {
    pub(super) fn new(keys: usize) -> Self {
        // Room is taken as it is needed: an idle server has none of it.
        let options = OptionsBuilder::new()
            .estimated_items_capacity(keys.min(64))
            .weight_capacity(u64::try_from(keys).unwrap_or(u64::MAX))
            .build();
        let cells = match options {
            Ok(options) => Cache::with_options(
                options,
                quick_cache::UnitWeighter,
                quick_cache::DefaultHashBuilder::default(),
                DefaultLifecycle::default(),
            ),
            Err(_impossible) => Cache::new(keys),
        };
        Self { cells }
    }

    /// Changes what a key owes, unless `change` answers an error.
    pub(super) fn change<E>(
        &self,
        key: Key,
        change: impl Fn(u64) -> Result<u64, E>,
    ) -> Result<(), E> {
        let cell = self.cell(key);
        let mut owed = cell.load(Ordering::Acquire);
        loop {
            let next = change(owed)?;
            match cell.compare_exchange_weak(owed, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Ok(()),
                Err(changed) => owed = changed,
            }
        }
    }

    /// Changes what a key owes, if it is still known.
    pub(super) fn change_known(&self, key: Key, change: impl Fn(u64) -> u64) {
        if let Some(cell) = self.cells.get(&key) {
            let changed = |owed| Some(change(owed));
            // The closure always answers, so the update always succeeds.
            let _before = cell.fetch_update(Ordering::AcqRel, Ordering::Acquire, changed);
        }
    }

    /// What a key owes; 0 if it is not known.
    pub(super) fn owed(&self, key: Key) -> u64 {
        self.cells
            .get(&key)
            .map_or(0, |cell| cell.load(Ordering::Acquire))
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    fn cell(&self, key: Key) -> Cell {
        let made = self
            .cells
            .get_or_insert_with(&key, || Ok::<_, Infallible>(Cell::default()));
        match made {
            Ok(cell) => cell,
            Err(impossible) => match impossible {},
        }
    }
}
