//! Nonces for proofs: made from the time and a key, kept nowhere (RFC 9449 §8).
//!
//! The key is a row of the database, so that all instances of both servers know each other's nonces. It is not sealed:
//! who reads it could prepare proofs for later, but only with a private key that he has anyway.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::timestamp::Timestamp;
use ring::hmac;
use tokio::sync::OnceCell;

use crate::{
    db::{Database, DbError, server_secret::server_secret},
    random::SharedRandomness,
};

/// A nonce is handed out for so long …
const SLOT_SECONDS: i64 = 60;
/// … and taken for so many slots after, and for one before: the clocks of instances differ.
const OLD_SLOTS: i64 = 4;
const NEW_SLOTS: i64 = 1;
/// Name of the key in the database.
const KEY_NAME: &str = "dpop-nonce";

/// Makes and recognises nonces.
pub(super) struct Nonces {
    database: Database,
    randomness: SharedRandomness,
    key: OnceCell<NonceKey>,
}

impl Nonces {
    pub(super) fn new(database: Database, randomness: SharedRandomness) -> Self {
        Self {
            database,
            randomness,
            key: OnceCell::new(),
        }
    }

    /// The key, read once per process.
    pub(super) async fn key(&self) -> Result<&NonceKey, DbError> {
        self.key.get_or_try_init(|| self.read_key()).await
    }

    async fn read_key(&self) -> Result<NonceKey, DbError> {
        let text = server_secret(&self.database, &self.randomness, KEY_NAME).await?;
        Ok(NonceKey::new(&text))
    }
}

/// The key of all nonces.
pub(super) struct NonceKey(hmac::Key);

impl NonceKey {
    pub(super) fn new(text: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes()))
    }

    /// The nonce of now.
    pub(super) fn nonce(&self, now: Timestamp) -> String {
        self.of_slot(slot(now))
    }

    /// Whether `text` is a nonce of the last minutes.
    pub(super) fn is_recent(&self, text: &str, now: Timestamp) -> bool {
        let now = slot(now);
        let slots = now.saturating_sub(OLD_SLOTS)..=now.saturating_add(NEW_SLOTS);
        let decoded = URL_SAFE_NO_PAD.decode(text).ok();
        let Some((head, tag)) = decoded.as_deref().and_then(<[u8]>::split_first_chunk::<8>) else {
            return false;
        };
        slots.contains(&i64::from_be_bytes(*head)) && hmac::verify(&self.0, head, tag).is_ok()
    }

    fn of_slot(&self, slot: i64) -> String {
        let head = slot.to_be_bytes();
        let tag = hmac::sign(&self.0, &head);
        URL_SAFE_NO_PAD.encode([head.as_slice(), tag.as_ref()].concat())
    }
}

const fn slot(now: Timestamp) -> i64 {
    now.seconds().div_euclid(SLOT_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::NonceKey;
    use domain::timestamp::Timestamp;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000).plus_seconds(seconds)
    }

    #[test]
    fn a_nonce_is_good_for_some_minutes_and_under_its_key_only() {
        let key = NonceKey::new("one");
        let nonce = key.nonce(at(0));
        assert_eq!(nonce, key.nonce(at(59)));
        assert_ne!(nonce, key.nonce(at(60)));
        for seconds in [-1, 0, 60, 299] {
            assert!(key.is_recent(&nonce, at(seconds)), "{seconds}");
        }
        for seconds in [-61, 300] {
            assert!(!key.is_recent(&nonce, at(seconds)), "{seconds}");
        }
        assert!(!NonceKey::new("two").is_recent(&nonce, at(0)));
        for broken in [
            "",
            "x",
            "AAAAAAAAAAA",
            &nonce[1..],
            &nonce[..nonce.len() - 1],
        ] {
            assert!(!key.is_recent(broken, at(0)), "{broken}");
        }
    }
}
