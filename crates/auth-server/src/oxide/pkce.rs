//! Proof keys (RFC 7636): a code is only worth something together with a secret that never left the client. S256 only.

use std::borrow::Cow;

use oxide_auth::{
    code_grant::extensions::Pkce,
    primitives::grant::{Extensions, Value},
};

use crate::model::error::OAuthError;

const METHOD: &str = "S256";
/// Characters of a SHA-256 in base64url (RFC 7636 section 4.2).
const CHALLENGE_CHARACTERS: usize = 43;
/// Characters of a verifier (RFC 7636 section 4.1).
const VERIFIER_CHARACTERS: std::ops::RangeInclusive<usize> = 43..=128;

/// What a code must remember of the request's challenge.
///
/// # Errors
/// [`OAuthError::MissingParameter`] or [`OAuthError::MalformedRequest`].
pub(super) fn demand(
    challenge: Option<&str>,
    method: Option<&str>,
) -> Result<Extensions, OAuthError> {
    let challenge = challenge.ok_or(OAuthError::MissingParameter {
        name: "code_challenge",
    })?;
    let is_shaped = challenge.len() == CHALLENGE_CHARACTERS
        && challenge
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !is_shaped {
        return Err(OAuthError::MalformedRequest {
            message: "Malformed parameter: code_challenge: It must have 43 characters of base64url.",
        });
    }
    let value = encoded(challenge, method).ok_or(OAuthError::MalformedRequest {
        message: "Invalid parameter: code_challenge_method: It must be S256.",
    })?;
    let mut demanded = Extensions::new();
    demanded.set(&Pkce::required(), value);
    Ok(demanded)
}

/// The demand of a stored challenge.
pub(super) fn demanded(challenge: &str) -> Extensions {
    let mut demanded = Extensions::new();
    if let Some(value) = encoded(challenge, Some(METHOD)) {
        demanded.set(&Pkce::required(), value);
    }
    demanded
}

/// Whether `verifier` is the secret that the demand is about. Without a demand nothing is.
pub(super) fn is_met(demanded: &mut Extensions, verifier: &str) -> bool {
    let is_shaped = VERIFIER_CHARACTERS.contains(&verifier.len())
        && verifier
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'));
    let pkce = Pkce::required();
    let value = demanded.remove(&pkce);
    is_shaped && pkce.verify(value, Some(Cow::Borrowed(verifier))).is_ok()
}

fn encoded(challenge: &str, method: Option<&str>) -> Option<Value> {
    Pkce::required()
        .challenge(method.map(Cow::Borrowed), Some(Cow::Borrowed(challenge)))
        .ok()
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_standard_is_proved_by_its_verifier_only() {
        assert!(demand(Some(CHALLENGE), Some("S256")).is_ok());
        assert!(is_met(&mut demanded(CHALLENGE), VERIFIER));
        for wrong in [
            "",
            CHALLENGE,
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXj",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk=",
        ] {
            assert!(!is_met(&mut demanded(CHALLENGE), wrong), "{wrong}");
        }
        assert!(!is_met(&mut Extensions::new(), VERIFIER));
    }

    #[test]
    fn a_verifier_has_43_to_128_characters_even_if_its_hash_is_right() {
        for (length, is_good) in [(42, false), (43, true), (128, true), (129, false)] {
            let verifier = "a".repeat(length);
            let challenge = shared::random::fingerprint(&verifier);
            assert_eq!(
                is_met(&mut demanded(&challenge), &verifier),
                is_good,
                "{length}"
            );
        }
        let spaced = format!("{} ", "a".repeat(43));
        let challenge = shared::random::fingerprint(&spaced);
        assert!(!is_met(&mut demanded(&challenge), &spaced));
    }

    #[test]
    fn a_challenge_is_demanded_and_only_by_its_hash() {
        for (challenge, method) in [
            (None, Some("S256")),
            (Some(CHALLENGE), None),
            (Some(CHALLENGE), Some("plain")),
            (Some(CHALLENGE), Some("s256")),
            (Some("short"), Some("S256")),
            (
                Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"),
                Some("S256"),
            ),
        ] {
            assert!(
                demand(challenge, method).is_err(),
                "{challenge:?} {method:?}"
            );
        }
    }
}
