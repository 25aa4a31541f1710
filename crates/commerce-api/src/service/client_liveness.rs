//! Whether a client-credentials token still lives. The only answer in the system that may be stale, by one second.

use domain::timestamp::Timestamp;
use quick_cache::sync::Cache;
use shared::{
    db::{Database, DbError},
    token::{claims::AccessTokenClaims, liveness},
};

/// How long an answer is believed.
const MAX_AGE_MILLIS: i64 = 1000;
/// Tokens remembered.
const CAPACITY: usize = 10_000;

/// Recent answers by token id.
pub struct ClientLiveness {
    checked: Cache<String, (Timestamp, bool)>,
}

impl Default for ClientLiveness {
    fn default() -> Self {
        Self {
            checked: Cache::new(CAPACITY),
        }
    }
}

impl ClientLiveness {
    /// Whether the token lives, asking the database if the last answer is older than a second.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn is_live(
        &self,
        database: &Database,
        claims: &AccessTokenClaims,
        now: Timestamp,
    ) -> Result<bool, DbError> {
        if let Some((at, live)) = self.checked.get(&claims.jti) {
            let age = now.millis().saturating_sub(at.millis());
            if (0..MAX_AGE_MILLIS).contains(&age) {
                return Ok(live);
            }
        }
        let asked = claims.clone();
        let live = database
            .read(move |tx| liveness::is_live(tx, &asked))
            .await?;
        self.checked.insert(claims.jti.clone(), (now, live));
        Ok(live)
    }
}
