//! The key that signs access tokens now.

use std::sync::{Arc, PoisonError, RwLock};

use domain::timestamp::Timestamp;
use shared::{
    clock::SharedClock,
    db::Database,
    token::{
        key_life::KeyKeeper,
        keys::{self, KeyError, SigningKey},
    },
};

use crate::grants::signing_keys;

/// The key is read again this often, so that all instances follow a rotation; a key that was taken back signs no longer than
/// that.
const REFRESH_MILLIS: i64 = 5_000;

/// The active signing key, kept in memory.
pub struct Signing {
    database: Database,
    clock: SharedClock,
    keeper: KeyKeeper,
    current: RwLock<Option<(Arc<SigningKey>, Timestamp)>>,
}

impl Signing {
    /// Keys of `database`, made and sealed by `keeper`.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, keeper: KeyKeeper) -> Self {
        shared::token::install_crypto();
        Self {
            database,
            clock,
            keeper,
            current: RwLock::new(None),
        }
    }

    /// Who makes the keys.
    #[must_use]
    pub const fn keeper(&self) -> &KeyKeeper {
        &self.keeper
    }

    /// The key that signs now. While the database does not answer, the last known key goes on signing.
    ///
    /// # Errors
    /// [`KeyError`] if there is no usable key.
    pub async fn key(&self) -> Result<Arc<SigningKey>, KeyError> {
        let now = self.clock.now();
        let known = self.known();
        if let Some((key, read_at)) = &known
            && now.millis().saturating_sub(read_at.millis()) < REFRESH_MILLIS
        {
            return Ok(Arc::clone(key));
        }
        if let Some((key, _)) = &known {
            // Claimed before the database is asked: one request reads, the others go on with the key at hand.
            self.remember(Arc::clone(key), now);
        }
        match (self.read().await, known) {
            (Ok(key), _) => {
                self.remember(Arc::clone(&key), now);
                Ok(key)
            }
            (Err(error), Some((key, _))) => {
                log::error!("the signing key was not read again: {error}");
                Ok(key)
            }
            (Err(error), None) => Err(error),
        }
    }

    fn known(&self) -> Option<(Arc<SigningKey>, Timestamp)> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn remember(&self, key: Arc<SigningKey>, read_at: Timestamp) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some((key, read_at));
    }

    async fn read(&self) -> Result<Arc<SigningKey>, KeyError> {
        let seal = Arc::clone(&self.keeper.seal);
        let found = self
            .database
            .read(move |tx| keys::active_key(tx, &seal))
            .await?;
        if let Some(key) = found {
            return Ok(Arc::new(key));
        }
        let (keeper, now) = (self.keeper.clone(), self.clock.now());
        let made = self
            .database
            .write(move |tx| {
                signing_keys::tend(tx, &keeper, now)?;
                keys::active_key(tx, &keeper.seal)
            })
            .await?;
        made.map(Arc::new).ok_or(KeyError::Unusable)
    }
}
