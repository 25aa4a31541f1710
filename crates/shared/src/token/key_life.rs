//! The life of signing keys: pending, active, retired, removed.
//!
//! A key is published before it signs, so that verifiers that keep the published keys for an hour or a day know it by then.
//! It stays published after it signed, as long as a token that it signed may live. Its private half is erased as soon as it
//! does not sign any more. One key signs at a time.

use std::sync::Arc;

use diesel::{
    ExpressionMethods as _, QueryDsl as _, RunQueryDsl as _, connection::SimpleConnection as _,
};
use domain::timestamp::Timestamp;

use super::{
    key_material::KeyMaterial,
    key_records::{KeyRecord, KeyState, all},
    keys::{self, KeyError, SigningAlgorithm},
    sealing::SealingKey,
};
use crate::{
    db::{DbError, Dialect, WriteTx, schema::signing_keys},
    random::SharedRandomness,
};

const DAY: i64 = 86_400;
/// Changes of keys wait for each other, also those of several instances.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7311957205314118)";

/// How long a key is in each state, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyTimes {
    /// Published before it signs.
    pub pending: i64,
    /// Signs.
    pub active: i64,
    /// Published after it signed. No access token may live longer.
    pub retired: i64,
}

impl Default for KeyTimes {
    fn default() -> Self {
        Self {
            pending: DAY,
            active: 90 * DAY,
            // The longest life of an access token; and two minutes, because clocks differ, and other instances sign on
            // until they have looked again.
            retired: 7 * DAY + 120,
        }
    }
}

/// Why a key was not taken.
#[derive(Debug, thiserror::Error)]
pub enum KeyLifeError {
    /// It is not what can be imported.
    #[error("{0}")]
    Import(&'static str),
    /// Another key is about to sign already.
    #[error("the signing key {kid} is pending already")]
    Pending {
        /// Its id.
        kid: String,
    },
    /// The keys themselves failed.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl From<DbError> for KeyLifeError {
    fn from(error: DbError) -> Self {
        Self::Key(error.into())
    }
}

/// A key that went into another state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChange {
    /// The key.
    pub kid: String,
    /// Where it is now.
    pub state: KeyState,
}

/// Makes keys and moves them through their lives.
#[derive(Clone)]
pub struct KeyKeeper {
    /// Seals the private halves.
    pub seal: Arc<SealingKey>,
    /// Of keys that are made without asking.
    pub algorithm: SigningAlgorithm,
    /// How long a key is in each state.
    pub times: KeyTimes,
    /// Randomness for the seal.
    pub randomness: SharedRandomness,
}

impl KeyKeeper {
    /// Moves every key on whose time has come, and makes new ones where they are needed: the first one, and the next one in
    /// time. Imported keys are never replaced without asking. Answers what changed.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn tend(&self, tx: &mut WriteTx<'_>, now: Timestamp) -> Result<Vec<KeyChange>, KeyError> {
        lock(tx)?;
        let known = all(tx)?;
        let mut changes = Vec::new();
        for key in &known {
            let is_over = key
                .retired_at
                .is_some_and(|at| at.plus_seconds(self.times.retired) <= now);
            if key.state == KeyState::Retired && is_over {
                changes.push(remove(tx, &key.kid, now)?);
            }
        }
        let pending = self.usable_pending(&known);
        let Some(active) = known.iter().find(|key| key.state == KeyState::Active) else {
            let next = match pending {
                Some(key) => key.kid.clone(),
                None => self.insert(tx, &KeyMaterial::generate(self.algorithm)?, now)?,
            };
            changes.extend(activate(tx, &next, now)?);
            return Ok(changes);
        };
        if let Some(next) = pending {
            if next.created_at.plus_seconds(self.times.pending) <= now {
                changes.extend(activate(tx, &next.kid, now)?);
            }
            return Ok(changes);
        }
        let since = active.activated_at.unwrap_or(active.created_at);
        let publish_at = since.plus_seconds(self.times.active.saturating_sub(self.times.pending));
        if publish_at <= now && active.algorithm != SigningAlgorithm::Rs256.name() {
            let kid = self.insert(tx, &KeyMaterial::generate(self.algorithm)?, now)?;
            changes.push(published(kid));
        }
        Ok(changes)
    }

    /// Makes a new key that will sign after its time as pending key; where none can sign now, it does so at once. Answers its
    /// id first.
    ///
    /// # Errors
    /// [`KeyLifeError::Pending`] if there is one already.
    pub fn rotate(
        &self,
        tx: &mut WriteTx<'_>,
        algorithm: SigningAlgorithm,
        now: Timestamp,
    ) -> Result<Vec<KeyChange>, KeyLifeError> {
        lock(tx)?;
        let known = all(tx)?;
        self.add(tx, &known, &KeyMaterial::generate(algorithm)?, now)
    }

    /// The same with an RSA key in PEM (PKCS#8).
    ///
    /// # Errors
    /// [`KeyLifeError::Import`], [`KeyLifeError::Pending`].
    pub fn import(
        &self,
        tx: &mut WriteTx<'_>,
        pem: &str,
        now: Timestamp,
    ) -> Result<Vec<KeyChange>, KeyLifeError> {
        let material = KeyMaterial::import_rsa(pem)?;
        lock(tx)?;
        let known = all(tx)?;
        if known.iter().any(|key| key.kid == material.kid) {
            return Err(KeyLifeError::Import(
                "was imported before; every key has one life",
            ));
        }
        self.add(tx, &known, &material, now)
    }

    /// Lets the pending key sign from now on, or for want of one a new one.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn rotate_now(
        &self,
        tx: &mut WriteTx<'_>,
        algorithm: SigningAlgorithm,
        now: Timestamp,
    ) -> Result<Vec<KeyChange>, KeyError> {
        lock(tx)?;
        let known = all(tx)?;
        let next = match self.usable_pending(&known) {
            Some(key) => key.kid.clone(),
            None => self.insert(tx, &KeyMaterial::generate(algorithm)?, now)?,
        };
        activate(tx, &next, now)
    }

    /// Takes a key back at once: no token that it signed is good any more. If it was the one that signs, another does from
    /// now on. Answers nothing if there is no such key.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn revoke(
        &self,
        tx: &mut WriteTx<'_>,
        kid: &str,
        now: Timestamp,
    ) -> Result<Vec<KeyChange>, KeyError> {
        lock(tx)?;
        let is_there = all(tx)?
            .iter()
            .any(|key| key.kid == kid && key.state != KeyState::Removed);
        if !is_there {
            return Ok(Vec::new());
        }
        let mut changes = vec![remove(tx, kid, now)?];
        changes.extend(self.tend(tx, now)?);
        Ok(changes)
    }

    /// Seals every private half that this key-encryption key or the one before opens with the former. Answers how many.
    ///
    /// # Errors
    /// [`KeyError::Sealed`] if one cannot be opened; then nothing is changed.
    pub fn reseal(&self, tx: &mut WriteTx<'_>) -> Result<usize, KeyError> {
        lock(tx)?;
        let mut count = 0;
        for key in all(tx)? {
            let Some(sealed) = &key.sealed else { continue };
            let context = key.kid.as_bytes();
            let der = self
                .seal
                .open(sealed, context)
                .map_err(|_unsealable| KeyError::Sealed {
                    kid: key.kid.clone(),
                })?;
            let sealed = self.sealed(&der, &key.kid)?;
            diesel::update(signing_keys::table.find(&key.kid))
                .set(signing_keys::sealed_key.eq(sealed))
                .execute(tx.connection())
                .map_err(DbError::from)?;
            count += 1;
        }
        Ok(count)
    }

    fn sealed(&self, der: &[u8], kid: &str) -> Result<String, KeyError> {
        self.seal
            .seal(der, kid.as_bytes(), self.randomness.as_ref())
            .map_err(|_refused| KeyError::Unusable)
    }

    fn add(
        &self,
        tx: &mut WriteTx<'_>,
        known: &[KeyRecord],
        material: &KeyMaterial,
        now: Timestamp,
    ) -> Result<Vec<KeyChange>, KeyLifeError> {
        // A key that was sealed with another key-encryption key signs nothing: no reason to wait for it.
        let can_sign = |state| {
            known
                .iter()
                .any(|key| key.state == state && self.opens(key))
        };
        if !can_sign(KeyState::Active) {
            let kid = self.insert(tx, material, now)?;
            return Ok(activate(tx, &kid, now)?);
        }
        if let Some(pending) = self.usable_pending(known) {
            return Err(KeyLifeError::Pending {
                kid: pending.kid.clone(),
            });
        }
        Ok(vec![published(self.insert(tx, material, now)?)])
    }

    fn usable_pending<'a>(&self, known: &'a [KeyRecord]) -> Option<&'a KeyRecord> {
        known
            .iter()
            .find(|key| key.state == KeyState::Pending && self.opens(key))
    }

    /// Whether this key-encryption key opens the private half.
    #[must_use]
    pub fn opens(&self, key: &KeyRecord) -> bool {
        let sealed = key.sealed.as_deref();
        keys::open(key.kid.clone(), &key.algorithm, sealed, &self.seal).is_ok()
    }

    fn insert(
        &self,
        tx: &mut WriteTx<'_>,
        material: &KeyMaterial,
        now: Timestamp,
    ) -> Result<String, KeyError> {
        let kid = material.kid.clone();
        let sealed = self.sealed(&material.der, &kid)?;
        diesel::insert_into(signing_keys::table)
            .values((
                signing_keys::kid.eq(&kid),
                signing_keys::algorithm.eq(material.algorithm.name()),
                signing_keys::state.eq(KeyState::Pending.as_str()),
                signing_keys::public_jwk.eq(material.jwk.to_string()),
                signing_keys::sealed_key.eq(sealed),
                signing_keys::created_at.eq(now.millis()),
            ))
            .execute(tx.connection())
            .map_err(DbError::from)?;
        Ok(kid)
    }
}

fn lock(tx: &mut WriteTx<'_>) -> Result<(), DbError> {
    match tx.dialect() {
        Dialect::Postgres => Ok(tx.connection().batch_execute(LOCK)?),
        // There is one writer.
        Dialect::Sqlite => Ok(()),
    }
}

const fn published(kid: String) -> KeyChange {
    KeyChange {
        kid,
        state: KeyState::Pending,
    }
}

/// Lets `kid` sign in place of whichever did.
fn activate(tx: &mut WriteTx<'_>, kid: &str, now: Timestamp) -> Result<Vec<KeyChange>, KeyError> {
    let active = signing_keys::table.filter(signing_keys::state.eq(KeyState::Active.as_str()));
    let retired: Vec<String> = active
        .select(signing_keys::kid)
        .load(tx.connection())
        .map_err(DbError::from)?;
    diesel::update(active)
        .set((
            signing_keys::state.eq(KeyState::Retired.as_str()),
            signing_keys::retired_at.eq(now.millis()),
            signing_keys::sealed_key.eq(None::<String>),
        ))
        .execute(tx.connection())
        .map_err(DbError::from)?;
    diesel::update(signing_keys::table.find(kid))
        .set((
            signing_keys::state.eq(KeyState::Active.as_str()),
            signing_keys::activated_at.eq(now.millis()),
        ))
        .execute(tx.connection())
        .map_err(DbError::from)?;
    let mut changes = vec![KeyChange {
        kid: kid.to_owned(),
        state: KeyState::Active,
    }];
    changes.extend(retired.into_iter().map(|kid| KeyChange {
        kid,
        state: KeyState::Retired,
    }));
    Ok(changes)
}

fn remove(tx: &mut WriteTx<'_>, kid: &str, now: Timestamp) -> Result<KeyChange, DbError> {
    diesel::update(signing_keys::table.find(kid))
        .set((
            signing_keys::state.eq(KeyState::Removed.as_str()),
            signing_keys::sealed_key.eq(None::<String>),
            signing_keys::retired_at.eq(now.millis()),
        ))
        .execute(tx.connection())?;
    Ok(KeyChange {
        kid: kid.to_owned(),
        state: KeyState::Removed,
    })
}
