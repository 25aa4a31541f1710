//! The key that signs access tokens now.

use std::sync::{Arc, PoisonError, RwLock};

use domain::timestamp::Timestamp;
use shared::{
    clock::SharedClock,
    db::Database,
    random::SharedRandomness,
    token::{
        keys::{self, KeyError, SigningAlgorithm, SigningKey},
        sealing::SealingKey,
    },
};

/// The key is read again this often, so that all instances follow a rotation.
const REFRESH_MILLIS: i64 = 30_000;

/// The active signing key, kept in memory.
pub struct Signing {
    database: Database,
    clock: SharedClock,
    randomness: SharedRandomness,
    seal: Arc<SealingKey>,
    algorithm: SigningAlgorithm,
    current: RwLock<Option<(Arc<SigningKey>, Timestamp)>>,
}

impl Signing {
    /// Keys of `database`, sealed with `seal`; the first one is made with `algorithm`.
    #[must_use]
    pub fn new(
        database: Database,
        clock: SharedClock,
        randomness: SharedRandomness,
        seal: SealingKey,
        algorithm: SigningAlgorithm,
    ) -> Self {
        shared::token::install_crypto();
        Self {
            database,
            clock,
            randomness,
            seal: Arc::new(seal),
            algorithm,
            current: RwLock::new(None),
        }
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
        let seal = Arc::clone(&self.seal);
        let found = self
            .database
            .read(move |tx| keys::active_key(tx, &seal))
            .await?;
        if let Some(key) = found {
            return Ok(Arc::new(key));
        }
        let seal = Arc::clone(&self.seal);
        let randomness = Arc::clone(&self.randomness);
        let (algorithm, now) = (self.algorithm, self.clock.now());
        let made = self
            .database
            .write(move |tx| {
                if let Some(key) = keys::active_key(tx, &seal)? {
                    return Ok(Some(key));
                }
                let kid = keys::rotate(tx, algorithm, &seal, now, randomness.as_ref())?;
                log::info!("made the first signing key {kid} ({})", algorithm.name());
                keys::active_key(tx, &seal)
            })
            .await?;
        made.map(Arc::new).ok_or(KeyError::Unusable)
    }
}
