//! The inside of DPoP proofs: a header on the first line and claims below, rightly signed whatever they say.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use shared::token::dpop::Proof;
use testkit::dpop::ProofKey;

use crate::{Verdict, first_line, keys::proof_keys};

/// A proof is accepted only with the header of a proof and a public key, says what was written, and belongs to the key
/// that signed it.
pub fn check(data: &[u8]) -> Verdict {
    let (header, claims) = first_line(data);
    let verdicts = proof_keys().map(|key| check_with(&key, header, claims));
    let accepted = verdicts
        .iter()
        .filter(|one| **one == Verdict::Accepted)
        .count();
    assert!(accepted <= 1, "one header names one key");
    Verdict::from(accepted == 1)
}

fn check_with(key: &ProofKey, header: &[u8], claims: &[u8]) -> Verdict {
    let encode = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
    let text = key.sign_text(&format!("{}.{}", encode(header), encode(claims)));
    let Ok(proof) = Proof::parse(&text) else {
        return Verdict::Refused;
    };
    assert_eq!(proof.thumbprint, key.thumbprint());
    let header: Value = serde_json::from_slice(header).expect("an accepted header is JSON");
    let claims: Value = serde_json::from_slice(claims).expect("accepted claims are JSON");
    let algorithm = header["alg"].as_str().unwrap_or_default();
    // Ed25519 has two names (RFC 9864).
    let is_ed25519 = key.algorithm() == "EdDSA" && algorithm == "Ed25519";
    assert!(algorithm == key.algorithm() || is_ed25519, "{algorithm}");
    assert!(
        header["typ"]
            .as_str()
            .is_some_and(|typ| typ.eq_ignore_ascii_case("dpop+jwt"))
    );
    assert!(header.get("crit").is_none());
    for private in ["d", "k", "p", "q", "dp", "dq", "qi", "oth"] {
        assert!(
            header["jwk"].get(private).is_none(),
            "a private key: {private}"
        );
    }
    assert_eq!(claims["jti"].as_str(), Some(proof.id.as_str()));
    assert_eq!(claims["htm"].as_str(), Some(proof.method.as_str()));
    assert_eq!(claims["htu"].as_str(), Some(proof.url.as_str()));
    assert_eq!(claims["iat"].as_i64(), Some(proof.issued_at));
    assert_eq!(
        claims.get("ath").and_then(Value::as_str),
        proof.access_token_hash.as_deref()
    );
    assert_eq!(
        claims.get("nonce").and_then(Value::as_str),
        proof.nonce.as_deref()
    );
    Verdict::Accepted
}
