//! Randomness, handed in wherever it matters.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::rand::{SecureRandom as _, SystemRandom};

/// Where random bytes come from.
pub trait Randomness: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// Randomness to share.
pub type SharedRandomness = Arc<dyn Randomness>;

/// The operating system's generator.
pub struct SystemRandomness(SystemRandom);

impl SystemRandomness {
    /// Opens the generator.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine for randomness"
    )]
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }
}

impl Default for SystemRandomness {
    fn default() -> Self {
        Self::new()
    }
}

impl Randomness for SystemRandomness {
    #[expect(clippy::panic, reason = "without randomness no token is safe: stop")]
    fn fill(&self, bytes: &mut [u8]) {
        if self.0.fill(bytes).is_err() {
            panic!("the operating system gives no random bytes");
        }
    }
}

/// `N` random bytes.
pub fn bytes<const N: usize>(randomness: &dyn Randomness) -> [u8; N] {
    let mut bytes = [0; N];
    randomness.fill(&mut bytes);
    bytes
}

/// A secret of 256 bits: 43 characters of base64url.
#[must_use]
pub fn secret(randomness: &dyn Randomness) -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>(randomness))
}

/// An identifier of 128 bits: 22 characters of base64url.
#[must_use]
pub fn identifier(randomness: &dyn Randomness) -> String {
    URL_SAFE_NO_PAD.encode(bytes::<16>(randomness))
}

/// A short id for parts of a resource: eight characters of base64url.
#[must_use]
pub fn short_id(randomness: &dyn Randomness) -> String {
    URL_SAFE_NO_PAD.encode(bytes::<6>(randomness))
}

/// A random UUID (version 4), lowercase.
#[must_use]
pub fn uuid(randomness: &dyn Randomness) -> String {
    let mut raw = bytes::<16>(randomness);
    raw[6] = (raw[6] & 0x0f) | 0x40;
    raw[8] = (raw[8] & 0x3f) | 0x80;
    hyphenated(&raw)
}

/// A UUID (version 7) of this millisecond, lowercase: new rows land beside each other in an index.
#[must_use]
pub fn uuid_v7(now: domain::timestamp::Timestamp, randomness: &dyn Randomness) -> String {
    let mut raw = bytes::<16>(randomness);
    let millis = now.millis().to_be_bytes();
    raw[..6].copy_from_slice(&millis[2..]);
    raw[6] = (raw[6] & 0x0f) | 0x70;
    raw[8] = (raw[8] & 0x3f) | 0x80;
    hyphenated(&raw)
}

fn hyphenated(raw: &[u8; 16]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(36);
    for (at, byte) in raw.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for nibble in [byte >> 4, byte & 0x0f] {
            text.push(char::from(DIGITS[usize::from(nibble)]));
        }
    }
    text
}

/// Lowercase hexadecimal digits of `bytes`.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0x0f])
        .map(|nibble| char::from(DIGITS[usize::from(nibble)]))
        .collect()
}

/// SHA-256 of `text` in base64url: how tokens are stored.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()))
}

/// Ids for the domain, from a source of randomness.
pub struct RandomIds<'a>(pub &'a dyn Randomness);

impl domain::context::Ids for RandomIds<'_> {
    fn uuid(&mut self) -> String {
        uuid(self.0)
    }

    fn short(&mut self) -> String {
        short_id(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Randomness, uuid, uuid_v7};
    use domain::timestamp::Timestamp;

    struct Ones;
    impl Randomness for Ones {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0xff);
        }
    }

    #[test]
    fn uuids_carry_their_version_and_variant() {
        assert_eq!(uuid(&Ones), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    #[test]
    fn version_seven_starts_with_the_time() {
        let made = uuid_v7(Timestamp::from_millis(0x0193_c1d2_0001), &Ones);
        assert_eq!(made, "0193c1d2-0001-7fff-bfff-ffffffffffff");
    }
}
