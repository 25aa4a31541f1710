//! How much memory requests may hold, all together.
//!
//! What is large counts: bodies on their way in, what they become when they are read, pages, answers on their way out. What
//! nearly all requests need does not ([`FREE_BYTES`] each), so that they are served also while others have used up the rest.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// What a request may hold without being counted.
pub const FREE_BYTES: usize = 64 * 1024;

/// What all requests may hold by default.
pub const DEFAULT_BYTES: usize = 256 * 1024 * 1024;

/// What is left, shared by all requests. Cheap to clone; all clones count together.
#[derive(Clone, Debug)]
pub struct Memory(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limit: usize,
    used: AtomicUsize,
}

impl Memory {
    /// So many bytes for all requests.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Shared {
            limit,
            used: AtomicUsize::new(0),
        }))
    }

    /// No limit at all: for commands and jobs, which do one thing at a time.
    #[must_use]
    pub fn unlimited() -> Self {
        Self::new(usize::MAX)
    }

    /// What a request holds: nothing yet.
    #[must_use]
    pub fn hold(&self) -> Hold {
        Hold {
            memory: self.clone(),
            bytes: 0,
            counted: 0,
        }
    }

    /// What all requests may hold, in bytes.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.0.limit
    }

    /// What is counted now, in bytes.
    #[must_use]
    pub fn used(&self) -> usize {
        self.0.used.load(Ordering::Relaxed)
    }

    fn take(&self, bytes: usize) -> bool {
        let limit = self.0.limit;
        self.0
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(bytes).filter(|sum| *sum <= limit)
            })
            .is_ok()
    }

    fn give_back(&self, bytes: usize) {
        self.0.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// What one request holds until this is dropped.
#[derive(Debug)]
pub struct Hold {
    memory: Memory,
    bytes: usize,
    counted: usize,
}

impl Hold {
    /// Holds so much more; `false` if there is not so much left, and then nothing has changed.
    #[must_use]
    pub fn grow(&mut self, bytes: usize) -> bool {
        let all = self.bytes.saturating_add(bytes);
        let counted = all.saturating_sub(FREE_BYTES);
        if !self.memory.take(counted.saturating_sub(self.counted)) {
            return false;
        }
        self.bytes = all;
        self.counted = counted;
        true
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.memory.give_back(self.counted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_counted_beyond_64_kib_and_given_back() {
        let memory = Memory::new(100_000);
        let mut hold = memory.hold();
        assert!(hold.grow(FREE_BYTES));
        assert_eq!(memory.used(), 0);
        assert!(hold.grow(60_000) && hold.grow(40_000));
        assert_eq!(memory.used(), 100_000);
        assert!(!hold.grow(1));
        assert_eq!(memory.used(), 100_000);
        drop(hold);
        assert_eq!(memory.used(), 0);
    }

    #[test]
    fn small_requests_go_on_while_large_ones_have_everything() {
        let memory = Memory::new(1_000);
        let mut large = memory.hold();
        assert!(large.grow(FREE_BYTES + 1_000));
        assert!(memory.hold().grow(FREE_BYTES));
        assert!(!memory.hold().grow(FREE_BYTES + 1));
    }

    #[test]
    fn too_large_a_number_is_refused_and_not_wrapped() {
        let memory = Memory::new(1_000);
        assert!(!memory.hold().grow(usize::MAX));
        let unlimited = Memory::unlimited();
        let mut hold = unlimited.hold();
        assert!(hold.grow(usize::MAX) && hold.grow(usize::MAX));
    }
}
