//! One limit over many keys, and notes of whom it let through, for the other instances.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use prometheus::IntCounter;

use super::{
    TooMany,
    keys::{Key, Keys},
    quota::{Level, Quota, nanos},
    store::BoundedStore,
};
use crate::clock::SharedClock;

/// Keys that a bucket remembers; the least used ones are forgotten. About a hundred bytes each, when they come.
const KEYS: usize = 20_000;
/// Keys of a bucket that the others hear of at a time: those that asked most. A crowd of keys that asked once each is not
/// what a limit per key could stop.
const MOST_TOLD: usize = 200;
/// The clock begins when the process does; others tell of what was before.
const BEFORE_START: Duration = Duration::from_secs(3_600);

/// Requests that were let through by key, less those that were forgiven.
pub(super) type Counts = BTreeMap<Key, i64>;

/// One limit over many keys.
pub struct Bucket {
    name: &'static str,
    quota: Quota,
    clock: SharedClock,
    keys: Arc<Keys>,
    store: BoundedStore,
    /// What the others have not been told; `None` if it is not shared.
    notes: Option<Mutex<Counts>>,
    refused: IntCounter,
}

impl Bucket {
    pub(super) fn new(
        name: &'static str,
        quota: Quota,
        clock: &SharedClock,
        keys: &Arc<Keys>,
        refused: IntCounter,
    ) -> Self {
        Self {
            name,
            quota,
            clock: Arc::clone(clock),
            keys: Arc::clone(keys),
            store: BoundedStore::new(KEYS),
            notes: None,
            refused,
        }
    }

    pub(super) fn with_notes(mut self) -> Self {
        self.notes = Some(Mutex::default());
        self
    }

    #[cfg(test)]
    pub(super) fn with_room_for(mut self, keys: usize) -> Self {
        self.store = BoundedStore::new(keys);
        self
    }

    #[cfg(test)]
    pub(super) fn known(&self) -> usize {
        self.store.len()
    }

    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    /// Counts a request of `subject`, or refuses it. The answer is what [`Self::give_back`] takes.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn take(&self, subject: &[&str]) -> Result<Key, TooMany> {
        let key = self.keys.key(self.name, subject);
        self.take_one(key).map_err(|wait| self.refuse(wait))?;
        Ok(key)
    }

    /// The limit of `subject`, to be taken from together with others.
    pub fn of(self: &Arc<Self>, subject: &[&str]) -> Share {
        Share {
            bucket: Arc::clone(self),
            key: self.keys.key(self.name, subject),
        }
    }

    fn take_one(&self, key: Key) -> Result<(), Duration> {
        let now = self.now();
        self.store.change(key, |owed| self.quota.admit(owed, now))?;
        self.note(key, 1);
        Ok(())
    }

    /// Counts a refusal, and says when to come again.
    fn refuse(&self, wait: Duration) -> TooMany {
        self.refused.inc();
        TooMany {
            retry_after_seconds: whole_seconds(wait),
        }
    }

    /// As if one request of `key` had never been.
    pub fn give_back(&self, key: Key) {
        self.store
            .change_known(key, |owed| self.quota.forgive(owed, 1));
        self.note(key, -1);
    }

    /// Takes notice of what another instance let through, or forgave, so long ago.
    pub(super) fn hear(&self, key: Key, count: i64, age: Duration) {
        let (now, requests) = (self.now(), count.unsigned_abs());
        if count < 0 {
            let forgiven = |owed| self.quota.forgive(owed, requests);
            self.store.change_known(key, forgiven);
            return;
        }
        let at = now.saturating_sub(nanos(age));
        let charged =
            |owed| Ok::<_, std::convert::Infallible>(self.quota.charge(owed, requests, at, now));
        match self.store.change(key, charged) {
            Ok(()) => {}
            Err(impossible) => match impossible {},
        }
    }

    /// What the others are to be told. They are told once: a count whose report is in doubt must not be charged twice.
    pub(super) fn untold(&self) -> Counts {
        let counts = match &self.notes {
            Some(notes) => {
                std::mem::take(&mut *notes.lock().unwrap_or_else(PoisonError::into_inner))
            }
            None => Counts::new(),
        };
        if counts.len() <= MOST_TOLD {
            return counts;
        }
        let mut most: Vec<(Key, i64)> = counts.into_iter().collect();
        most.sort_by_key(|(_, count)| std::cmp::Reverse(count.unsigned_abs()));
        most.into_iter().take(MOST_TOLD).collect()
    }

    fn note(&self, key: Key, change: i64) {
        let Some(notes) = &self.notes else { return };
        let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.len() >= KEYS && !notes.contains_key(&key) {
            return;
        }
        let count = notes.entry(key).or_default();
        *count = count.saturating_add(change);
        // Let through and forgiven: nobody need know.
        if *count == 0 {
            notes.remove(&key);
        }
    }

    fn now(&self) -> u64 {
        nanos(self.clock.elapsed().saturating_add(BEFORE_START))
    }
}

/// The limit of one subject.
#[derive(Clone)]
pub struct Share {
    bucket: Arc<Bucket>,
    key: Key,
}

impl Share {
    /// As if one request had never been.
    pub(super) fn give_back(&self) {
        self.bucket.give_back(self.key);
    }

    fn level(&self) -> Level {
        let bucket = &self.bucket;
        bucket
            .quota
            .level(bucket.store.owed(self.key), bucket.now())
    }
}

/// Somebody has to wait.
pub(super) struct Refusal {
    wait: Duration,
    bucket: Arc<Bucket>,
}

impl Refusal {
    /// Counts it for the limit that one has to wait for longest.
    pub(super) fn count(&self) -> TooMany {
        self.bucket.refuse(self.wait)
    }
}

/// Counts one request in limits that lie within each other, from the smallest to the largest: each is a share of all larger
/// ones, of which nobody uses more than they leave to others.
///
/// # Errors
/// [`TooMany`]; nothing is counted then.
pub fn take_nested(nested: &[Share]) -> Result<(), TooMany> {
    take_all(&[nested]).map_err(|refusal| refusal.count())
}

/// [`take_nested`] in each of several limits that have nothing to do with each other, or in none.
pub(super) fn take_all(chains: &[&[Share]]) -> Result<(), Refusal> {
    let mut longest: Option<Refusal> = None;
    for chain in chains {
        let levels: Vec<Level> = chain.iter().map(Share::level).collect();
        for (at, (share, level)) in chain.iter().zip(&levels).enumerate() {
            let larger = levels.iter().skip(at.saturating_add(1));
            let for_shares = larger.map(|larger| level.wait_for_share_of(*larger));
            let wait = for_shares.fold(level.wait(), Duration::max);
            let so_far = longest.as_ref().map(|refusal| refusal.wait);
            if wait > so_far.unwrap_or_default() {
                let bucket = Arc::clone(&share.bucket);
                longest = Some(Refusal { wait, bucket });
            }
        }
    }
    if let Some(refusal) = longest {
        return Err(refusal);
    }
    let mut taken: Vec<&Share> = Vec::new();
    for share in chains.iter().copied().flatten() {
        // Others may have been faster since we looked.
        if let Err(wait) = share.bucket.take_one(share.key) {
            taken.into_iter().for_each(Share::give_back);
            let bucket = Arc::clone(&share.bucket);
            return Err(Refusal { wait, bucket });
        }
        taken.push(share);
    }
    Ok(())
}

/// Rounded up, so that who waits so long is let through.
fn whole_seconds(wait: Duration) -> u64 {
    let more = u64::from(wait.subsec_nanos() > 0);
    wait.as_secs().saturating_add(more).max(1)
}

#[cfg(test)]
#[path = "bucket_tests.rs"]
mod tests;
