//! Client secrets: 256 random bits, shown once, stored as a keyed hash.
//!
//! A slow hash would protect nothing here, because nobody guesses 256 bits; the key keeps a stolen database from being
//! checked against stolen secrets.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{customer::Customer, identity::ids::ProjectKey, timestamp::Timestamp};
use ring::hmac;
use shared::{random::hex, secret::Secret};

use super::client::Client;

/// Which key made a tag, so that another can follow one day.
const VERSION: &str = "1:";

/// The key of the hashes.
pub struct SecretPepper(hmac::Key);

impl SecretPepper {
    /// From 32 bytes of configuration.
    #[must_use]
    pub fn new(key: &Secret<[u8; 32]>) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.reveal()))
    }

    /// What is stored of a secret.
    #[must_use]
    pub fn tag(&self, secret: &str) -> String {
        let tag = hmac::sign(&self.0, secret.as_bytes());
        format!("{VERSION}{}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// What the audit trail says instead of an e-mail address: the same for the same account of a project, and nobody without
    /// the key finds out which.
    #[must_use]
    pub fn account(&self, project: &ProjectKey, email: &str) -> String {
        let text = format!("account {project} {}", Customer::email_key(email));
        hex(hmac::sign(&self.0, text.as_bytes())
            .as_ref()
            .get(..8)
            .unwrap_or_default())
    }

    /// A keyed hash for another purpose. No part contains U+0000.
    #[must_use]
    pub fn keyed(&self, purpose: &'static str, parts: &[&str]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(purpose.as_bytes());
        for part in parts {
            context.update(&[0]);
            context.update(part.as_bytes());
        }
        context.sign()
    }

    /// Whether `secret` is one of the client's. Compares in constant time, and takes as long when there is no such client.
    #[must_use]
    pub fn is_secret_of(&self, client: Option<&Client>, secret: &str, now: Timestamp) -> bool {
        let mut is_right = false;
        let mut compared = false;
        for tag in client.iter().flat_map(|client| client.secret_tags(now)) {
            is_right |= self.verify(tag, secret);
            compared = true;
        }
        if !compared {
            let decoy = format!("{VERSION}{}", URL_SAFE_NO_PAD.encode([0_u8; 32]));
            return self.verify(&decoy, secret) && client.is_some();
        }
        is_right
    }

    fn verify(&self, tag: &str, secret: &str) -> bool {
        tag.strip_prefix(VERSION)
            .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
            .is_some_and(|tag| hmac::verify(&self.0, secret.as_bytes(), &tag).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::client::{AccessTokenFormat, ClientSecret, RefreshTokenMode};
    use domain::identity::{ids::ClientId, scope::ScopeSet};

    fn client(secrets: Vec<ClientSecret>) -> Client {
        Client {
            id: ClientId::new("c"),
            project: ProjectKey::new("p"),
            name: "n".to_owned(),
            is_public: false,
            redirect_uris: Vec::new(),
            scope: ScopeSet::default(),
            access_token_seconds: None,
            refresh_token_seconds: None,
            refresh_token_mode: RefreshTokenMode::Rotating,
            access_token_format: AccessTokenFormat::Jwt,
            grace_seconds: 300,
            allowed_origins: None,
            created_at: Timestamp::from_millis(0),
            delete_at: None,
            last_used_on: None,
            secrets,
        }
    }

    #[test]
    fn each_unexpired_secret_is_good_and_nothing_else() {
        let pepper = SecretPepper::new(&Secret::new([1; 32]));
        let secret = |text: &str, expires_at: Option<i64>| ClientSecret {
            tag: pepper.tag(text),
            created_at: Timestamp::from_millis(0),
            expires_at: expires_at.map(Timestamp::from_millis),
        };
        let known = client(vec![secret("old", Some(1_000)), secret("new", None)]);
        let is = |text: &str, millis: i64| {
            pepper.is_secret_of(Some(&known), text, Timestamp::from_millis(millis))
        };
        assert!(is("old", 999));
        assert!(!is("old", 1_000));
        assert!(is("new", 1_000));
        assert!(!is("newer", 999));
        assert!(!is("", 999));
        assert!(!pepper.is_secret_of(None, "new", Timestamp::from_millis(0)));
        assert!(!pepper.is_secret_of(Some(&client(vec![])), "new", Timestamp::from_millis(0)));
        let other_pepper = SecretPepper::new(&Secret::new([2; 32]));
        assert!(!other_pepper.is_secret_of(Some(&known), "new", Timestamp::from_millis(0)));
    }

    #[test]
    fn the_tag_is_no_plain_hash_of_the_secret() {
        let pepper = SecretPepper::new(&Secret::new([1; 32]));
        assert_ne!(
            pepper.tag("secret"),
            format!("1:{}", shared::random::fingerprint("secret"))
        );
        assert_eq!(pepper.tag("secret").len(), 45);
    }
}
