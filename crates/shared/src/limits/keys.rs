//! Whom a limit counts, as a keyed hash: e-mail addresses and addresses are neither in memory nor in the database.

use std::sync::OnceLock;

use ring::hmac;

use crate::random::{Randomness, bytes};

/// A hash of bucket and subject; 128 bits are enough that nobody finds two subjects of one hash, the key being secret.
pub type Key = u128;

/// Makes keys. Until the instances have agreed on a secret, an instance has one of its own.
pub(super) struct Keys {
    own: hmac::Key,
    agreed: OnceLock<hmac::Key>,
}

impl Keys {
    pub(super) fn new(randomness: &dyn Randomness) -> Self {
        Self {
            own: hmac::Key::new(hmac::HMAC_SHA256, &bytes::<32>(randomness)),
            agreed: OnceLock::new(),
        }
    }

    pub(super) fn are_agreed(&self) -> bool {
        self.agreed.get().is_some()
    }

    /// From now on keys are those of all instances with this secret. The first secret stays.
    pub(super) fn agree(&self, secret: &str) {
        self.agreed
            .get_or_init(|| hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()));
    }

    pub(super) fn key(&self, bucket: &str, subject: &[&str]) -> Key {
        let mut context = hmac::Context::with_key(self.agreed.get().unwrap_or(&self.own));
        for part in std::iter::once(&bucket).chain(subject) {
            // With their lengths, so that no two lists of parts read the same.
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            context.update(&length.to_be_bytes());
            context.update(part.as_bytes());
        }
        let tag = context.sign();
        let head = tag.as_ref().first_chunk::<16>();
        head.map_or(0, |head| Key::from_be_bytes(*head))
    }
}

#[cfg(test)]
mod tests {
    use super::Keys;
    use crate::random::SystemRandomness;

    #[test]
    fn instances_with_one_secret_have_the_same_keys_and_no_two_subjects_share_one() {
        let (one, two) = (
            Keys::new(&SystemRandomness::new()),
            Keys::new(&SystemRandomness::new()),
        );
        assert_ne!(one.key("b", &["x"]), two.key("b", &["x"]));
        one.agree("secret");
        two.agree("secret");
        two.agree("another");
        assert_eq!(one.key("b", &["x"]), two.key("b", &["x"]));
        let all = [
            one.key("b", &["ab", "c"]),
            one.key("b", &["a", "bc"]),
            one.key("b", &["abc"]),
            one.key("ba", &["bc"]),
        ];
        for (at, key) in all.iter().enumerate() {
            assert!(!all[..at].contains(key), "{at}");
        }
    }
}
