//! The arithmetic of a limit: GCRA, one number per key. It is the time at which everything that was let through is paid
//! for, in nanoseconds; 0 for who never asked.

use std::time::Duration;

/// A bucket's debt grows by no more than so many bursts from what others let through meanwhile: the pause stays a pause.
const MOST_BURSTS_OWED: u64 = 2;

/// So many at once, and then one more after every pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// What one request costs, in nanoseconds; at least 1.
    cost: u64,
    /// What may be owed, in nanoseconds: the cost of a burst.
    room: u64,
}

impl Quota {
    /// `burst` at once, and one more after every `pause`.
    #[must_use]
    pub fn every(pause: Duration, burst: u32) -> Self {
        let cost = nanos(pause).max(1);
        Self {
            cost,
            room: cost.saturating_mul(u64::from(burst.max(1))),
        }
    }

    /// `count` a minute, all at once if need be.
    #[must_use]
    pub fn per_minute(count: u32) -> Self {
        Self::every(Duration::from_secs(60) / count.max(1), count)
    }

    /// `count` a second, all at once if need be.
    #[must_use]
    pub fn per_second(count: u32) -> Self {
        Self::every(Duration::from_secs(1) / count.max(1), count)
    }

    /// How far somebody is who owes so much.
    pub(super) const fn level(self, owed: u64, now: u64) -> Level {
        Level {
            owed: owed.saturating_sub(now),
            quota: self,
        }
    }

    /// What is owed after a request at `now`, or how long it must wait.
    pub(super) fn admit(self, owed: u64, now: u64) -> Result<u64, Duration> {
        let next = owed.max(now).saturating_add(self.cost);
        match next.checked_sub(now.saturating_add(self.room)) {
            None | Some(0) => Ok(next),
            Some(over) => Err(Duration::from_nanos(over)),
        }
    }

    /// What is owed after `count` requests that others let through at `at`, which is heard of at `now`.
    ///
    /// News in any order never makes less of the debt than the requests themselves would have made, in theirs.
    pub(super) fn charge(self, owed: u64, count: u64, at: u64, now: u64) -> u64 {
        let most = now.saturating_add(self.room.saturating_mul(MOST_BURSTS_OWED));
        let charged = owed.max(at).saturating_add(self.cost.saturating_mul(count));
        charged.min(most).max(owed)
    }

    /// What is owed if `count` requests had never been.
    pub(super) fn forgive(self, owed: u64, count: u64) -> u64 {
        owed.saturating_sub(self.cost.saturating_mul(count))
    }
}

/// How far somebody is at a moment, in a limit of their own or in one that they share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level {
    /// Nanoseconds until everything is paid for.
    owed: u64,
    quota: Quota,
}

impl Level {
    /// How long until one more is let through, as far as this limit goes.
    pub(super) const fn wait(self) -> Duration {
        let next = self.owed.saturating_add(self.quota.cost);
        Duration::from_nanos(next.saturating_sub(self.quota.room))
    }

    /// How long until one more may be taken from what is shared with others.
    ///
    /// Nobody uses more of it than they leave: who has used all of their own limit goes on while half of the shared one is
    /// left, who has used half while a quarter is, and who has used none as long as there is anything. So whoever asks a lot
    /// leaves something to those who did not ask yet.
    pub(super) fn wait_for_share_of(self, shared: Self) -> Duration {
        let own_room = u128::from(self.quota.room);
        let shared_room = u128::from(shared.quota.room);
        // own.owed / own.room <= 2 × (1 − shared.owed / shared.room), without fractions.
        let used = u128::from(self.owed)
            .saturating_mul(shared_room)
            .saturating_add(twice(own_room).saturating_mul(u128::from(shared.owed)));
        let allowed = twice(own_room).saturating_mul(shared_room);
        let too_much = if self.owed == 0 {
            0
        } else {
            used.saturating_sub(allowed)
        };
        // Both are paid for as time passes.
        let wait = too_much.div_ceil(shared_room.saturating_add(twice(own_room)));
        Duration::from_nanos(u64::try_from(wait).unwrap_or(u64::MAX))
    }
}

const fn twice(room: u128) -> u128 {
    room.saturating_mul(2)
}

pub(super) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[path = "quota_tests.rs"]
mod tests;
