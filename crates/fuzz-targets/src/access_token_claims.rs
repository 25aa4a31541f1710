//! The inside of access tokens: a header on the first line and claims below, rightly signed whatever they say.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use shared::token::verifier::LEEWAY_SECONDS;
use testkit::dpop::ProofKey;

use crate::{
    Verdict,
    access_token::verified,
    first_line,
    keys::{ED25519, ISSUER, NOW, proof_keys},
};

/// A token is accepted only with the header of an access token, of our issuer, within its time, and for one project; and
/// what is read is what was written.
pub fn check(data: &[u8]) -> Verdict {
    let (header, claims) = first_line(data);
    let token = signed(header, claims);
    let Some(read) = verified(&token) else {
        return Verdict::Refused;
    };
    let header: Value = serde_json::from_slice(header).expect("an accepted header is JSON");
    let text = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default();
    assert!(text("typ").eq_ignore_ascii_case("at+jwt"), "{header}");
    assert_eq!(
        (text("alg"), text("kid")),
        ("EdDSA", ED25519.public.kid.as_str())
    );
    assert!(header.get("crit").is_none_or(Value::is_null), "{header}");
    assert_eq!(read.iss, ISSUER);
    assert!(read.exp > NOW - LEEWAY_SECONDS, "expired: {}", read.exp);
    assert!(
        read.nbf.max(read.iat) <= NOW + LEEWAY_SECONDS,
        "early: {}",
        read.nbf
    );
    let principal = read.principal().expect("accepted claims fit together");
    let project = &principal.project;
    assert_eq!(read.aud, [format!("urn:commerce:{project}")]);
    // What nobody reads need not be text all the way down.
    let Ok(written) = serde_json::from_slice::<Value>(claims) else {
        return Verdict::Accepted;
    };
    let again = serde_json::to_value(&read).expect("claims are JSON");
    for (name, value) in again.as_object().into_iter().flatten() {
        assert_eq!(written.get(name), Some(value), "{name}");
    }
    Verdict::Accepted
}

/// A JWT of these two parts.
fn signed(header: &[u8], claims: &[u8]) -> String {
    let [key @ ProofKey::Ed25519(_), _] = proof_keys() else {
        panic!("the first key is Ed25519");
    };
    let encode = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
    key.sign_text(&format!("{}.{}", encode(header), encode(claims)))
}
