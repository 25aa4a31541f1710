//! Signed access tokens as text: what they name before anything is believed, and what they say under a key. Pure.

use std::collections::HashSet;

use jsonwebtoken::Validation;

use super::{claims::AccessTokenClaims, keys::PublicKey, signer::ACCESS_TOKEN_TYPE};

/// A JWT that says it is an access token. Nothing in it is to be believed before [`Self::claims`].
#[derive(Debug)]
pub struct SignedToken<'a> {
    text: &'a str,
    kid: String,
}

impl<'a> SignedToken<'a> {
    /// Reads the header. `None` for another kind of JWT (RFC 9068 §4), for one that names no key, and for one with an
    /// extension that must be understood (RFC 7515 §4.1.11): this server understands none.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let header = jsonwebtoken::decode_header(text).ok()?;
        let is_access_token = header
            .typ
            .is_some_and(|typ| typ.eq_ignore_ascii_case(ACCESS_TOKEN_TYPE));
        let kid = header
            .kid
            .filter(|_| is_access_token && header.crit.is_none())?;
        Some(Self { text, kid })
    }

    /// The key it says it is signed with.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// What it says, if it is signed with `key`, whatever algorithm its header names.
    #[must_use]
    pub fn claims(&self, key: &PublicKey) -> Option<AccessTokenClaims> {
        jsonwebtoken::decode(self.text, &key.key, &validation(key))
            .ok()
            .map(|decoded| decoded.claims)
    }
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
