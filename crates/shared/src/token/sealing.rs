//! Authenticated encryption of small secrets at rest: AES-256-GCM, the nonce in front, in base64url.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf,
};

use crate::random::{Randomness, bytes};

/// The sealed text was not made with this key, or was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot be unsealed with this key")]
pub struct Unsealable;

/// A key that seals, and perhaps one that did before it.
pub struct SealingKey {
    current: LessSafeKey,
    previous: Option<LessSafeKey>,
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SealingKey(…)")
    }
}

impl SealingKey {
    /// From 32 bytes.
    ///
    /// # Errors
    /// [`Unsealable`] if ring refuses the key.
    pub fn new(key: &[u8; 32]) -> Result<Self, Unsealable> {
        Ok(Self {
            current: aead_key(key)?,
            previous: None,
        })
    }

    /// The same key, which also opens what `previous` sealed.
    ///
    /// # Errors
    /// [`Unsealable`] if ring refuses the key.
    pub fn after(self, previous: &[u8; 32]) -> Result<Self, Unsealable> {
        Ok(Self {
            previous: Some(aead_key(previous)?),
            ..self
        })
    }

    /// Derived from a secret that only its holder knows, with HKDF-SHA-256; `purpose` keeps uses apart.
    ///
    /// # Errors
    /// [`Unsealable`] if ring refuses to derive.
    pub fn derived(secret: &[u8], purpose: &'static [u8]) -> Result<Self, Unsealable> {
        let mut key = [0; 32];
        hkdf::Salt::new(hkdf::HKDF_SHA256, &[])
            .extract(secret)
            .expand(&[purpose], hkdf::HKDF_SHA256)
            .and_then(|material| material.fill(&mut key))
            .map_err(|_refused| Unsealable)?;
        Self::new(&key)
    }

    /// Seals `plain`; `context` must be the same when it is opened.
    ///
    /// # Errors
    /// [`Unsealable`] if ring refuses to encrypt.
    pub fn seal(
        &self,
        plain: &[u8],
        context: &[u8],
        randomness: &dyn Randomness,
    ) -> Result<String, Unsealable> {
        let nonce = bytes::<NONCE_LEN>(randomness);
        let mut sealed = plain.to_vec();
        self.current
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context),
                &mut sealed,
            )
            .map_err(|_refused| Unsealable)?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens what [`Self::seal`] made, now or with the key before.
    ///
    /// # Errors
    /// [`Unsealable`] if key, context or text differ.
    pub fn open(&self, sealed: &str, context: &[u8]) -> Result<Vec<u8>, Unsealable> {
        open_with(&self.current, sealed, context).or_else(|unsealable| {
            let previous = self.previous.as_ref().ok_or(unsealable)?;
            open_with(previous, sealed, context)
        })
    }
}

fn aead_key(key: &[u8; 32]) -> Result<LessSafeKey, Unsealable> {
    let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_refused| Unsealable)?;
    Ok(LessSafeKey::new(key))
}

fn open_with(key: &LessSafeKey, sealed: &str, context: &[u8]) -> Result<Vec<u8>, Unsealable> {
    let raw = URL_SAFE_NO_PAD
        .decode(sealed)
        .map_err(|_not_base64| Unsealable)?;
    let (nonce, rest) = raw.split_at_checked(NONCE_LEN).ok_or(Unsealable)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_length| Unsealable)?;
    let mut rest = rest.to_vec();
    let plain = key
        .open_in_place(nonce, Aad::from(context), &mut rest)
        .map_err(|_refused| Unsealable)?;
    Ok(plain.to_vec())
}

#[cfg(test)]
mod tests {
    use super::{SealingKey, Unsealable};
    use crate::random::SystemRandomness;

    #[test]
    fn opens_only_with_the_same_key_and_context() -> Result<(), Unsealable> {
        let random = SystemRandomness::new();
        let key = SealingKey::derived(b"old token", b"successor")?;
        let sealed = key.seal(b"new token", b"session", &random)?;
        assert_eq!(key.open(&sealed, b"session"), Ok(b"new token".to_vec()));
        assert_eq!(key.open(&sealed, b"other"), Err(Unsealable));
        let other = SealingKey::derived(b"another token", b"successor")?;
        assert_eq!(other.open(&sealed, b"session"), Err(Unsealable));
        assert_eq!(key.open("", b"session"), Err(Unsealable));
        Ok(())
    }

    #[test]
    fn a_key_that_follows_another_opens_what_both_sealed_and_seals_with_its_own()
    -> Result<(), Unsealable> {
        let random = SystemRandomness::new();
        let (old, new) = (
            SealingKey::new(&[1; 32])?,
            SealingKey::new(&[2; 32])?.after(&[1; 32])?,
        );
        let sealed = old.seal(b"secret", b"context", &random)?;
        assert_eq!(new.open(&sealed, b"context"), Ok(b"secret".to_vec()));
        assert_eq!(new.open(&sealed, b"other"), Err(Unsealable));
        let again = new.seal(b"secret", b"context", &random)?;
        assert_eq!(old.open(&again, b"context"), Err(Unsealable));
        assert_eq!(
            SealingKey::new(&[2; 32])?.open(&again, b"context"),
            Ok(b"secret".to_vec())
        );
        Ok(())
    }
}
