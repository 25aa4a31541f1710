//! From where accounts were signed in to, as keyed hashes: such a place has something of its own when strangers have used up
//! what an account bears. Written once a second, with the reports of limits; read only where a sign-in would be refused.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use diesel::{RunQueryDsl as _, sql_types::BigInt};
use domain::timestamp::Timestamp;
use quick_cache::sync::Cache;

use super::{
    keys::{Key, Keys},
    sign_ins::Place,
};
use crate::db::{Database, DbError, ReadTx, WriteTx, statement::Statement};

/// A place is forgotten so long after the last sign-in from there.
const KEPT_DAYS: i64 = 60;
/// Of one account as many are remembered, the last ones.
const MOST_OF_ACCOUNT: i64 = 10;
/// A place that was written is not written again for so long.
const FRESH_SECONDS: i64 = 24 * 60 * 60;
/// Places that wait to be written; what comes beyond is remembered another time.
const MOST_PENDING: usize = 2_000;
/// As many are written at a time, in one transaction that holds the database up.
const MOST_WRITTEN: usize = 100;

/// One place of one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct KnownPlace {
    account: Key,
    place: Key,
}

/// What this instance has to tell, and to whom it has said it.
pub(super) struct KnownPlaces {
    keys: Arc<Keys>,
    pending: Mutex<BTreeSet<KnownPlace>>,
    written: Cache<KnownPlace, Timestamp>,
}

impl KnownPlaces {
    pub(super) fn new(keys: &Arc<Keys>) -> Self {
        Self {
            keys: Arc::clone(keys),
            pending: Mutex::default(),
            written: Cache::new(10_000),
        }
    }

    pub(super) fn place(&self, place: Place<'_>, project: &str, email: &str) -> KnownPlace {
        let (kind, name) = place.words();
        KnownPlace {
            account: self.keys.key("known_account", &[project, email]),
            place: self.keys.key("known_place", &[kind, &name, project, email]),
        }
    }

    /// Somebody signed in from there.
    pub(super) fn note(&self, place: KnownPlace, now: Timestamp) {
        // Keys that only this process can make are worth nothing tomorrow.
        if !self.keys.are_agreed() || self.is_fresh(place, now) {
            return;
        }
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.len() < MOST_PENDING {
            pending.insert(place);
        }
    }

    fn is_fresh(&self, place: KnownPlace, now: Timestamp) -> bool {
        let since = now.plus_seconds(-FRESH_SECONDS);
        self.written
            .get(&place)
            .is_some_and(|written| written > since)
    }

    /// What is to be written now.
    pub(super) fn pending(&self) -> Vec<KnownPlace> {
        let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.iter().take(MOST_WRITTEN).copied().collect()
    }

    /// These are in the database.
    pub(super) fn written(&self, places: &[KnownPlace], now: Timestamp) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        for place in places {
            pending.remove(place);
            self.written.insert(*place, now);
        }
    }

    /// Whether somebody signed in from there in the last weeks. Where the database does not say so, nobody did.
    pub(super) async fn is_known(
        &self,
        database: &Database,
        place: KnownPlace,
        now: Timestamp,
    ) -> bool {
        if !self.keys.are_agreed() {
            return false;
        }
        let known = database
            .read::<_, DbError, _>(move |tx| is_stored(tx, place, now))
            .await;
        known.unwrap_or_else(|error| {
            log::warn!("rate limits: known places cannot be read: {error}");
            false
        })
    }
}

fn hexadecimal(key: Key) -> String {
    format!("{key:032x}")
}

fn oldest(now: Timestamp) -> i64 {
    now.plus_days(-KEPT_DAYS).millis()
}

fn is_stored(tx: &mut ReadTx<'_>, place: KnownPlace, now: Timestamp) -> Result<bool, DbError> {
    let rows: Vec<(i64,)> =
        Statement::new("SELECT used_at FROM known_sign_in_places WHERE account = ")
            .text(hexadecimal(place.account))
            .sql(" AND place = ")
            .text(hexadecimal(place.place))
            .sql(" AND used_at >= ")
            .big_int(oldest(now))
            .rows::<(BigInt,)>()
            .load(tx.connection())?;
    Ok(!rows.is_empty())
}

/// Remembers places, and forgets those of long ago.
///
/// # Errors
/// [`DbError`].
pub(super) fn remember(
    tx: &mut WriteTx<'_>,
    places: &[KnownPlace],
    now: Timestamp,
) -> Result<(), DbError> {
    for place in places {
        let account = hexadecimal(place.account);
        Statement::new("INSERT INTO known_sign_in_places (account, place, used_at) SELECT ")
            .text(&account)
            .sql(", ")
            .text(hexadecimal(place.place))
            .sql(", ")
            .big_int(now.millis())
            // SQLite takes `ON CONFLICT` after a SELECT for a join condition unless there is a WHERE.
            .sql(" WHERE 1 = 1 ON CONFLICT (account, place) DO UPDATE SET used_at = excluded.used_at")
            .run(tx.connection())?;
        Statement::new("DELETE FROM known_sign_in_places WHERE account = ")
            .text(&account)
            .sql(" AND place NOT IN (SELECT place FROM known_sign_in_places WHERE account = ")
            .text(&account)
            .sql(" ORDER BY used_at DESC, place LIMIT ")
            .big_int(MOST_OF_ACCOUNT)
            .sql(")")
            .run(tx.connection())?;
    }
    Statement::new("DELETE FROM known_sign_in_places WHERE used_at < ")
        .big_int(oldest(now))
        .run(tx.connection())?;
    Ok(())
}
