//! The state of a limit for many keys, in memory that does not grow without end.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use governor::{nanos::Nanos, state::StateStore};
use quick_cache::{OptionsBuilder, sync::Cache, sync::DefaultLifecycle};

/// When a key's next request is due by its limit, in nanoseconds; 0 for never asked.
type Cell = Arc<AtomicU64>;

type Cells = Cache<u64, Cell, quick_cache::UnitWeighter, quick_cache::DefaultHashBuilder>;

/// A store that forgets the keys that were used least when it is full. Clones share their content.
///
/// Who has so many keys to ask with is not stopped by a limit per key anyway; the others keep theirs, because keys that are
/// asked for again are kept before those that came once.
#[derive(Clone)]
pub(super) struct BoundedStore {
    cells: Arc<Cells>,
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
        Self {
            cells: Arc::new(cells),
        }
    }

    /// Takes `cost` back from a key, if it is still known.
    pub(super) fn rewind(&self, key: u64, cost: Nanos) {
        if let Some(cell) = self.cells.get(&key) {
            let rewound = |due: u64| Some(due.saturating_sub(cost.as_u64()));
            // The closure always answers, so the update always succeeds.
            let _before = cell.fetch_update(Ordering::AcqRel, Ordering::Acquire, rewound);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    fn cell(&self, key: u64) -> Cell {
        let made = self
            .cells
            .get_or_insert_with(&key, || Ok::<_, Infallible>(Cell::default()));
        match made {
            Ok(cell) => cell,
            Err(impossible) => match impossible {},
        }
    }
}

impl StateStore for BoundedStore {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let cell = self.cell(*key);
        let mut known = cell.load(Ordering::Acquire);
        loop {
            let due = (known != 0).then(|| Nanos::from(known));
            let (outcome, next) = measure(due)?;
            let next = next.as_u64();
            match cell.compare_exchange_weak(known, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Ok(outcome),
                Err(changed) => known = changed,
            }
        }
    }
}
