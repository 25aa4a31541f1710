//! The time, handed in wherever it matters.

use std::{
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::timestamp::Timestamp;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// Now, in whole milliseconds.
    fn now(&self) -> Timestamp;

    /// The time since some moment in the past: for measuring how much has passed, whoever sets the machine's clock meanwhile.
    fn elapsed(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.now().millis()).unwrap_or(0))
    }
}

/// A clock to share.
pub type SharedClock = Arc<dyn Clock>;

/// The clock of the machine.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine for the time"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(chrono::Utc::now().timestamp_millis())
    }

    fn elapsed(&self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }
}

/// A clock that stands still until it is advanced. For tests.
#[derive(Debug)]
pub struct FrozenClock(Mutex<Timestamp>);

impl FrozenClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn at(start: Timestamp) -> Arc<Self> {
        Arc::new(Self(Mutex::new(start)))
    }

    /// Moves the clock forward.
    pub fn advance_seconds(&self, seconds: i64) {
        let mut shown = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *shown = shown.plus_seconds(seconds);
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> Timestamp {
        *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Numbers changes so that a later change of this process always has the higher number.
///
/// Epoch microseconds, or one more than the last number where the clock has not moved.
#[derive(Debug, Default)]
pub struct ModificationSequence(AtomicI64);

impl ModificationSequence {
    /// The next number, at least `now` in microseconds and above `after`.
    pub fn next(&self, now: Timestamp, after: i64) -> i64 {
        let floor = now
            .millis()
            .saturating_mul(1000)
            .max(after.saturating_add(1));
        let mut last = self.0.load(Ordering::Relaxed);
        loop {
            let next = floor.max(last.saturating_add(1));
            match self
                .0
                .compare_exchange_weak(last, next, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return next,
                Err(seen) => last = seen,
            }
        }
    }
}
