//! How much workers have got done, for whoever waits until it is enough.

use std::{
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Workers that get nothing done for so long never will.
const PATIENCE: Duration = Duration::from_secs(60);

/// A count that only grows, and the end of the work.
#[derive(Default)]
pub struct Progress {
    done: Mutex<u64>,
    changed: Condvar,
    is_over: AtomicBool,
}

impl Progress {
    /// One thing more is done.
    pub fn step(&self) {
        *self.done.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.changed.notify_all();
    }

    /// Waits until so many more things are done.
    pub fn wait_for(&self, more: u64) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let enough = *done + more;
        while *done < enough {
            let waited = self.changed.wait_timeout(done, PATIENCE);
            let (now, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            assert!(!timeout.timed_out(), "nothing works any more");
            done = now;
        }
    }

    /// Whether workers may go home.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    /// Tells workers that it is over when it is dropped: also when a check fails, or they would go on for ever.
    pub fn until_dropped(&self) -> impl Drop + '_ {
        struct End<'a>(&'a AtomicBool);
        impl Drop for End<'_> {
            fn drop(&mut self) {
                self.0.store(true, Ordering::SeqCst);
            }
        }
        End(&self.is_over)
    }
}
