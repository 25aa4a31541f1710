//! Checking access tokens: signature, type, issuer, time. Whether a token still lives is the database's word.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use diesel::{OptionalExtension as _, QueryDsl as _, RunQueryDsl as _};
use domain::{identity::principal::Principal, timestamp::Timestamp};
use quick_cache::sync::Cache;
use tokio::{sync::Mutex, time::Instant};

use super::{
    claims::AccessTokenClaims,
    keys::{self, PublicKey},
    signed::SignedToken,
};
use crate::{
    clock::SharedClock,
    db::{Database, DbError, schema::opaque_access_tokens},
    random::fingerprint,
};

/// Clocks of two machines may differ by this much.
pub const LEEWAY_SECONDS: i64 = 30;
/// Verified tokens kept; each takes about a kilobyte.
const CACHED_TOKENS: usize = 10_000;
/// Two looks for a key that is not known are at least this far apart; requests wait for the next one.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// Keys are read again this often, so that a revoked key dies.
const REFRESH: Duration = Duration::from_secs(30);

/// A token whose signature and time were right.
#[derive(Debug)]
pub struct VerifiedToken {
    /// What it says.
    pub claims: AccessTokenClaims,
    /// Whom it stands for.
    pub principal: Principal,
}

impl VerifiedToken {
    /// The token with these claims, whose signature is right, if it is of `issuer`, within its time and makes sense.
    #[must_use]
    pub fn of(claims: AccessTokenClaims, issuer: &str, now: Timestamp) -> Option<Self> {
        if claims.iss != issuer || !claims.is_within_time(now, LEEWAY_SECONDS) {
            return None;
        }
        let principal = claims.principal()?;
        Some(Self { claims, principal })
    }
}

/// Why a token is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Malformed, unknown, expired, or signed by somebody else. One word for every cause.
    #[error("invalid_token")]
    Invalid,
    /// The database could not be asked.
    #[error(transparent)]
    Db(#[from] DbError),
}

#[derive(Default)]
struct Keys {
    by_kid: HashMap<String, PublicKey>,
    loaded_at: Option<Instant>,
}

/// Checks tokens; remembers those it has checked.
pub struct TokenVerifier {
    database: Database,
    clock: SharedClock,
    issuer: String,
    keys: RwLock<Keys>,
    /// Held by the one request that reads the keys.
    reading: Mutex<()>,
    verified: Cache<[u8; 32], Arc<VerifiedToken>>,
}

impl TokenVerifier {
    /// A verifier of the tokens of `issuer`, with the keys that are in `database`.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, issuer: impl Into<String>) -> Self {
        super::install_crypto();
        Self {
            database,
            clock,
            issuer: issuer.into(),
            keys: RwLock::default(),
            reading: Mutex::default(),
            verified: Cache::new(CACHED_TOKENS),
        }
    }

    /// Checks a bearer token, JWT or opaque.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn verify(&self, token: &str) -> Result<Arc<VerifiedToken>, TokenError> {
        let now = self.clock.now();
        let key = digest(token);
        self.refresh_keys().await?;
        if let Some(known) = self.verified.get(&key) {
            return if known.claims.is_within_time(now, LEEWAY_SECONDS) {
                Ok(known)
            } else {
                Err(TokenError::Invalid)
            };
        }
        let claims = if token.bytes().filter(|byte| *byte == b'.').count() == 2 {
            self.verify_jwt(token).await?
        } else {
            self.find_opaque(token).await?
        };
        let verified = VerifiedToken::of(claims, &self.issuer, now);
        let verified = Arc::new(verified.ok_or(TokenError::Invalid)?);
        self.verified.insert(key, Arc::clone(&verified));
        Ok(verified)
    }

    async fn verify_jwt(&self, token: &str) -> Result<AccessTokenClaims, TokenError> {
        let token = SignedToken::parse(token).ok_or(TokenError::Invalid)?;
        let key = match self.key(token.kid()) {
            Some(key) => key,
            None => {
                self.look_for_new_keys().await?;
                self.key(token.kid()).ok_or(TokenError::Invalid)?
            }
        };
        token.claims(&key).ok_or(TokenError::Invalid)
    }

    async fn find_opaque(&self, token: &str) -> Result<AccessTokenClaims, TokenError> {
        let hash = fingerprint(token);
        let text: Option<String> = self
            .database
            .read(move |tx| {
                opaque_access_tokens::table
                    .find(hash)
                    .select(opaque_access_tokens::claims)
                    .first(tx.connection())
                    .optional()
                    .map_err(DbError::from)
            })
            .await?;
        let text = text.ok_or(TokenError::Invalid)?;
        serde_json::from_str(&text)
            .map_err(|error| DbError::Corrupt(format!("opaque token: {error}")).into())
    }

    fn key(&self, kid: &str) -> Option<PublicKey> {
        self.keys
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .by_kid
            .get(kid)
            .cloned()
    }

    fn loaded_at(&self) -> Option<Instant> {
        self.keys
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .loaded_at
    }

    /// Reads the keys again when they are old. One request does; the others go on with what is there.
    async fn refresh_keys(&self) -> Result<(), DbError> {
        let loaded_at = self.loaded_at();
        if loaded_at.is_some_and(|at| at.elapsed() < REFRESH) {
            return Ok(());
        }
        if loaded_at.is_none() {
            let _reading = self.reading.lock().await;
            return if self.loaded_at().is_none() {
                self.read_keys().await
            } else {
                Ok(())
            };
        }
        match self.reading.try_lock() {
            Ok(_reading) => self.read_keys().await,
            Err(_somebody_does) => Ok(()),
        }
    }

    /// Reads the keys for a token of an unknown key, unless that was done after this request came.
    ///
    /// A key may be brand new, and a wrong 401 can cost a guest the session: so the request waits for its turn. A flood
    /// of made-up keys costs one query a second.
    async fn look_for_new_keys(&self) -> Result<(), DbError> {
        let came_at = Instant::now();
        let _reading = self.reading.lock().await;
        if let Some(at) = self.loaded_at() {
            if at > came_at {
                return Ok(());
            }
            tokio::time::sleep(BETWEEN_LOOKS.saturating_sub(at.elapsed())).await;
        }
        self.read_keys().await
    }

    async fn read_keys(&self) -> Result<(), DbError> {
        let loaded = self.database.read(keys::public_keys).await?;
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let by_kid: HashMap<String, PublicKey> = loaded
            .into_iter()
            .map(|key| (key.kid.clone(), key))
            .collect();
        if keys.by_kid.keys().any(|kid| !by_kid.contains_key(kid)) {
            // A key is gone: what it signed is no longer good.
            self.verified.clear();
        }
        *keys = Keys {
            by_kid,
            loaded_at: Some(Instant::now()),
        };
        Ok(())
    }
}

fn digest(token: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, token.as_bytes()).as_ref());
    bytes
}
