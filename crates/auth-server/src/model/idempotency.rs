//! Asking for the same guest again (`Idempotency-Key`).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use shared::{
    random::fingerprint,
    token::sealing::{SealingKey, Unsealable},
};

use super::{client::Client, client_secret::SecretPepper};

/// A key is good for so long after its first use.
pub const KEPT_SECONDS: i64 = 600;
/// Shortest and longest key, in characters: it must be unguessable, for it opens what is stored under it.
const LENGTH: std::ops::RangeInclusive<usize> = 16..=128;

const SEALED_TOKEN: &[u8] = b"guestcart refresh token of an idempotency key";

/// A key as its client sent it: 16 to 128 visible characters of ASCII.
#[derive(Clone)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads the value of the header.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        let is_good = LENGTH.contains(&value.len()) && value.iter().all(u8::is_ascii_graphic);
        let text = std::str::from_utf8(value).ok().filter(|_| is_good)?;
        Some(Self(text.to_owned()))
    }

    /// What it stands for at `client`. A key means nothing to any other client.
    ///
    /// # Errors
    /// [`Unsealable`] if the sealing key cannot be derived.
    pub fn of_client(
        &self,
        client: &Client,
        pepper: &SecretPepper,
    ) -> Result<BoundKey, Unsealable> {
        let parts = [client.project.as_str(), client.id.as_str(), &self.0];
        let secret = pepper.keyed("idempotency key: sealing", &parts);
        Ok(BoundKey {
            hash: URL_SAFE_NO_PAD.encode(pepper.keyed("idempotency key: name", &parts)),
            seal: SealingKey::derived(secret.as_ref(), SEALED_TOKEN)?,
        })
    }
}

/// A key of a client.
pub struct BoundKey {
    /// What it is stored under. Tells nothing about the key.
    pub hash: String,
    /// Seals what is stored. Who has the database has neither the key nor the pepper, and cannot make this one.
    pub seal: SealingKey,
}

/// What was asked for: the same key with another request is a mistake.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct AskedFor<'a> {
    /// The store of the path.
    pub store: Option<&'a str>,
    /// `anonymous_id`, unless left out.
    pub anonymous_id: Option<&'a str>,
    /// `scope`, unless left out.
    pub scope: Option<&'a str>,
    /// Unless `refresh_token=false`.
    pub with_refresh_token: bool,
    /// Thumbprint of the key that the tokens are bound to.
    pub key_thumbprint: Option<&'a str>,
}

impl AskedFor<'_> {
    /// A hash that differs for every other request.
    ///
    /// # Errors
    /// If the request cannot be written down.
    pub fn fingerprint(&self) -> serde_json::Result<String> {
        serde_json::to_string(self).map(|text| fingerprint(&text))
    }
}

/// What is stored under a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAnswer {
    /// Fingerprint of what was asked for.
    pub asked_for: String,
    /// The session that was started.
    pub session: String,
    /// Its first refresh token, sealed.
    pub sealed_refresh_token: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_16_to_128_visible_characters() {
        for good in ["0123456789abcdef", &"~".repeat(128), "\"quoted-like-sf\""] {
            assert!(IdempotencyKey::parse(good.as_bytes()).is_some(), "{good}");
        }
        for bad in [
            "",
            "0123456789abcde",
            &"x".repeat(129),
            "0123456789 abcdef",
            "0123456789abcde\u{e9}",
            "0123456789abcde\n",
        ] {
            assert!(IdempotencyKey::parse(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    #[test]
    fn every_part_of_a_request_counts() {
        let asked = AskedFor {
            store: None,
            anonymous_id: Some("a"),
            scope: None,
            with_refresh_token: true,
            key_thumbprint: None,
        };
        let others = [
            AskedFor {
                store: Some("a"),
                anonymous_id: None,
                ..asked
            },
            AskedFor {
                anonymous_id: None,
                scope: Some("a"),
                ..asked
            },
            AskedFor {
                with_refresh_token: false,
                ..asked
            },
            AskedFor {
                key_thumbprint: Some("a"),
                ..asked
            },
        ];
        let of = |asked: &AskedFor<'_>| asked.fingerprint().expect("text");
        for other in &others {
            assert_ne!(of(other), of(&asked));
        }
    }
}
