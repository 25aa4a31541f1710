//! Checking access tokens: signature, type, issuer, time. Whether a token still lives is the database's word.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use diesel::{OptionalExtension as _, QueryDsl as _, RunQueryDsl as _};
use domain::{identity::principal::Principal, timestamp::Timestamp};
use jsonwebtoken::Validation;
use quick_cache::sync::Cache;

use super::{
    claims::AccessTokenClaims,
    keys::{self, PublicKey},
    signer::ACCESS_TOKEN_TYPE,
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
/// A key that is not known is looked for at most this often.
const RELOAD_MILLIS: i64 = 10_000;
/// Keys are read again this often, so that a revoked key dies.
const REFRESH_MILLIS: i64 = 30_000;

/// A token whose signature and time were right.
#[derive(Debug)]
pub struct VerifiedToken {
    /// What it says.
    pub claims: AccessTokenClaims,
    /// Whom it stands for.
    pub principal: Principal,
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
    loaded_at: Option<Timestamp>,
}

/// Checks tokens; remembers those it has checked.
pub struct TokenVerifier {
    database: Database,
    clock: SharedClock,
    issuer: String,
    keys: RwLock<Keys>,
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
        self.refresh_keys(now).await?;
        if let Some(known) = self.verified.get(&key) {
            return if known.claims.is_within_time(now, LEEWAY_SECONDS) {
                Ok(known)
            } else {
                Err(TokenError::Invalid)
            };
        }
        let claims = if token.bytes().filter(|byte| *byte == b'.').count() == 2 {
            self.verify_jwt(token, now).await?
        } else {
            self.find_opaque(token).await?
        };
        if claims.iss != self.issuer || !claims.is_within_time(now, LEEWAY_SECONDS) {
            return Err(TokenError::Invalid);
        }
        let principal = claims.principal().ok_or(TokenError::Invalid)?;
        let verified = Arc::new(VerifiedToken { claims, principal });
        self.verified.insert(key, Arc::clone(&verified));
        Ok(verified)
    }

    async fn verify_jwt(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<AccessTokenClaims, TokenError> {
        let header =
            jsonwebtoken::decode_header(token).map_err(|_malformed| TokenError::Invalid)?;
        let is_access_token = header
            .typ
            .as_deref()
            .is_some_and(|typ| typ.eq_ignore_ascii_case(ACCESS_TOKEN_TYPE));
        let kid = header
            .kid
            .filter(|_| is_access_token)
            .ok_or(TokenError::Invalid)?;
        let key = match self.key(&kid) {
            Some(key) => key,
            None => {
                self.reload_keys(now, RELOAD_MILLIS).await?;
                self.key(&kid).ok_or(TokenError::Invalid)?
            }
        };
        jsonwebtoken::decode::<AccessTokenClaims>(token, &key.key, &validation(&key))
            .map(|decoded| decoded.claims)
            .map_err(|_refused| TokenError::Invalid)
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

    async fn refresh_keys(&self, now: Timestamp) -> Result<(), DbError> {
        let due = {
            let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
            keys.loaded_at
                .is_none_or(|at| now.millis().saturating_sub(at.millis()) >= REFRESH_MILLIS)
        };
        if due {
            self.reload_keys(now, REFRESH_MILLIS).await
        } else {
            Ok(())
        }
    }

    async fn reload_keys(&self, now: Timestamp, not_before_millis: i64) -> Result<(), DbError> {
        {
            let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
            let fresh = keys
                .loaded_at
                .is_some_and(|at| now.millis().saturating_sub(at.millis()) < not_before_millis);
            if fresh {
                return Ok(());
            }
            // Claimed before the database is asked: one request reloads, the others go on with what is there.
            keys.loaded_at = Some(now);
        }
        let loaded = self.database.read(|tx| keys::public_keys(tx)).await;
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        match loaded {
            Ok(loaded) => {
                let before = keys.by_kid.len();
                keys.by_kid = loaded
                    .into_iter()
                    .map(|key| (key.kid.clone(), key))
                    .collect();
                if keys.by_kid.len() < before {
                    self.verified.clear();
                }
                Ok(())
            }
            Err(error) => {
                keys.loaded_at = None;
                Err(error)
            }
        }
    }
}

fn digest(token: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, token.as_bytes()).as_ref());
    bytes
}

/// Every field is set: the defaults check neither issuer nor audience and use the machine's clock.
fn validation(key: &PublicKey) -> Validation {
    let mut validation = Validation::new(key.algorithm);
    validation.algorithms = vec![key.algorithm];
    validation.required_spec_claims = HashSet::new();
    validation.leeway = 0;
    validation.reject_tokens_expiring_in_less_than = 0;
    // Time, issuer and audience are checked by the caller, against the injected clock and the path's project.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.aud = None;
    validation.iss = None;
    validation.sub = None;
    validation
}
