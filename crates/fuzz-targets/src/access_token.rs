//! Access tokens as text: only what we signed, byte for byte, is accepted.

use shared::token::{
    claims::AccessTokenClaims, keys::PublicKey, signed::SignedToken, signer,
    verifier::VerifiedToken,
};

use crate::{
    Verdict,
    keys::{ED25519, ISSUER, P256, now},
    tampering::refuses_every_change,
};

/// A token that is accepted is one that we signed: the same claims signed again are the same text, and no change of it is
/// accepted.
pub fn check(data: &[u8]) -> Verdict {
    let Some(text) = std::str::from_utf8(data).ok() else {
        return Verdict::Refused;
    };
    let Some(claims) = verified(text) else {
        return Verdict::Refused;
    };
    let is_ed25519 =
        SignedToken::parse(text).is_some_and(|token| token.kid() == ED25519.public.kid);
    let key = if is_ed25519 { &ED25519 } else { &P256 };
    let again = signer::sign(&claims, &key.signing).expect("a token");
    if is_ed25519 {
        assert_eq!(again, text, "a token that we did not sign");
    } else {
        // ECDSA signs with chance: two signatures of one text differ.
        assert_eq!(
            signed_part(&again),
            signed_part(text),
            "a token that we did not sign"
        );
    }
    refuses_every_change(text, |changed| verified(changed).is_some());
    Verdict::Accepted
}

/// What the token says, if the server would accept it.
pub(crate) fn verified(text: &str) -> Option<AccessTokenClaims> {
    let token = SignedToken::parse(text)?;
    let keys: [&PublicKey; 2] = [&ED25519.public, &P256.public];
    let key = keys.into_iter().find(|key| key.kid == token.kid())?;
    VerifiedToken::of(token.claims(key)?, ISSUER, now()).map(|verified| verified.claims)
}

fn signed_part(text: &str) -> Option<&str> {
    text.rsplit_once('.').map(|(signed, _)| signed)
}
