//! One limit over many keys: governor's arithmetic with our clock and our store.

use std::time::Duration;

use governor::{
    Quota, RateLimiter, clock::Clock as GovernorClock, middleware::NoOpMiddleware, nanos::Nanos,
};
use shared::{clock::SharedClock, metrics::prometheus::IntCounter};

use super::store::BoundedStore;
use crate::model::error::OAuthError;

/// Keys that a bucket remembers; the least used ones are forgotten. About a hundred bytes each, when they come.
const KEYS: usize = 20_000;

#[derive(Clone)]
pub(super) struct LimiterClock(SharedClock);

impl GovernorClock for LimiterClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

type Limiter = RateLimiter<u64, BoundedStore, LimiterClock, NoOpMiddleware<Duration>>;

pub(super) struct Bucket {
    limiter: Limiter,
    store: BoundedStore,
    /// What one request costs.
    cost: Nanos,
    refused: IntCounter,
}

impl Bucket {
    pub(super) fn new(quota: Quota, clock: &SharedClock, refused: IntCounter) -> Self {
        Self::over(BoundedStore::new(KEYS), quota, clock, refused)
    }

    pub(super) fn over(
        store: BoundedStore,
        quota: Quota,
        clock: &SharedClock,
        refused: IntCounter,
    ) -> Self {
        Self {
            limiter: RateLimiter::new(quota, store.clone(), LimiterClock(clock.clone())),
            store,
            cost: quota.replenish_interval().into(),
            refused,
        }
    }

    /// Counts a request of `key`, or refuses it.
    pub(super) fn take(&self, key: u64) -> Result<(), OAuthError> {
        self.limiter.check_key(&key).map_err(|not_until| {
            self.refused.inc();
            let wait = not_until.wait_time_from(self.limiter.clock().now());
            OAuthError::TooManyRequests {
                retry_after_seconds: whole_seconds(wait),
            }
        })
    }

    /// As if one request of `key` had never been.
    pub(super) fn give_back(&self, key: u64) {
        self.store.rewind(key, self.cost);
    }
}

/// Rounded up, so that who waits so long is let through.
fn whole_seconds(wait: Duration) -> u64 {
    let more = u64::from(wait.subsec_nanos() > 0);
    wait.as_secs().saturating_add(more).max(1)
}
