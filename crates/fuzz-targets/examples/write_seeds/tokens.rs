//! Seeds with signatures.

use fuzz_targets::{
    keys::{ED25519, NOW, P256, claims, proof_keys},
    refresh_successor,
};
use serde_json::{Value, json};
use shared::token::{claims::Confirmation, signer::sign};
use testkit::dpop::ProofKey;

use super::Seed;

pub(crate) fn access_tokens() -> Vec<Seed> {
    let guest = sign(&claims(), &ED25519.signing).expect("a token");
    let mut bound = claims();
    bound.cnf = Some(Confirmation {
        jkt: "k".repeat(43),
    });
    let mut customer = claims();
    customer.sub = "customer:u-1".to_owned();
    customer.scope = "manage_my_profile:demo:berlin customer_id:u-1".to_owned();
    customer.store = Some("berlin".to_owned());
    let mut expired = claims();
    expired.exp = NOW - 31;
    let mut foreign = claims();
    foreign.iss = "https://auth.evil.example".to_owned();
    let ed25519 = |claims| sign(claims, &ED25519.signing).expect("a token");
    let (signed, _) = guest.rsplit_once('.').expect("a signature");
    vec![
        ("access_token", "accepted-guest", guest.clone()),
        (
            "access_token",
            "accepted-customer-of-a-store",
            ed25519(&customer),
        ),
        ("access_token", "accepted-bound-to-a-key", ed25519(&bound)),
        (
            "access_token",
            "accepted-es256",
            sign(&claims(), &P256.signing).expect("a token"),
        ),
        ("access_token", "refused-expired", ed25519(&expired)),
        ("access_token", "refused-other-issuer", ed25519(&foreign)),
        (
            "access_token",
            "refused-without-signature",
            format!("{signed}."),
        ),
        (
            "access_token",
            "refused-algorithm-none",
            unsigned(&json!({ "alg": "none", "typ": "at+jwt", "kid": "p256" })),
        ),
        (
            "access_token",
            "refused-key-as-hmac-secret",
            unsigned(&json!({ "alg": "HS256", "typ": "at+jwt", "kid": "p256" })),
        ),
        ("access_token", "refused-opaque", "b3BhcXVl".repeat(5)),
    ]
}

/// A JWT with a signature that is none.
fn unsigned(header: &Value) -> String {
    let [key, _] = proof_keys();
    key.sign(header, &serde_json::to_value(claims()).expect("claims"))
}

pub(crate) fn access_token_claims() -> Vec<Seed> {
    let mut seeds = token_headers();
    seeds.extend(token_claims());
    seeds
}

fn token_header() -> Value {
    json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": "ed25519" })
}

/// A token with one member of the header replaced.
fn token_headers() -> Vec<Seed> {
    let seed = |name, member: &str, value: Value| {
        let header = with(&token_header(), member, value);
        let claims = serde_json::to_value(claims()).expect("claims");
        ("access_token_claims", name, format!("{header}\n{claims}"))
    };
    vec![
        seed("accepted-type-in-capitals", "typ", json!("AT+JWT")),
        seed("accepted-unknown-header", "x", json!("y")),
        seed("refused-type-jwt", "typ", json!("JWT")),
        seed("refused-proof-as-token", "typ", json!("dpop+jwt")),
        seed("refused-unknown-key", "kid", json!("other")),
        seed("refused-other-algorithm", "alg", json!("ES256")),
        seed("refused-critical-extension", "crit", json!(["x"])),
    ]
}

/// A token with one claim replaced.
fn token_claims() -> Vec<Seed> {
    let seed = |name, member: &str, value: Value| {
        let claims = with(
            &serde_json::to_value(claims()).expect("claims"),
            member,
            value,
        );
        (
            "access_token_claims",
            name,
            format!("{}\n{claims}", token_header()),
        )
    };
    let two = json!(["urn:commerce:demo", "urn:commerce:other"]);
    vec![
        seed("accepted-guest", "jti", json!("t-1")),
        seed("accepted-unknown-members", "x", json!({ "y": [1.5e300] })),
        seed("refused-two-audiences", "aud", two),
        seed(
            "refused-other-audience",
            "aud",
            json!(["https://api.example.com"]),
        ),
        seed(
            "refused-subject-of-another-kind",
            "sub",
            json!("customer:u-1"),
        ),
        seed("refused-issued-tomorrow", "iat", json!(NOW + 86_400)),
        seed("refused-time-as-text", "exp", json!("1900000000")),
        seed("refused-time-beyond-integers", "exp", json!(1e30)),
        seed(
            "refused-unknown-scope",
            "scope",
            json!("rule_the_world:demo"),
        ),
        seed(
            "refused-scope-as-list",
            "scope",
            json!(["manage_project:demo"]),
        ),
    ]
}

fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut changed = object.clone();
    changed[name] = value;
    changed
}

fn proof_parts(key: &ProofKey) -> (Value, Value) {
    let claims = json!({
        "jti": "j-1", "htm": "POST", "htu": "https://auth.example.com/oauth/token", "iat": NOW,
    });
    (key.header(), claims)
}

pub(crate) fn proofs() -> Vec<Seed> {
    let [ed25519, p256] = proof_keys();
    let seed = |name, text: String| ("dpop_proof", name, text);
    let signed = |key: &ProofKey| {
        let (header, claims) = proof_parts(key);
        key.sign(&header, &claims)
    };
    let (header, claims) = proof_parts(&ed25519);
    let with_token = with(
        &with(&claims, "ath", json!("a".repeat(43))),
        "nonce",
        json!("n-1"),
    );
    vec![
        seed("accepted-eddsa", signed(&ed25519)),
        seed("accepted-es256", signed(&p256)),
        seed(
            "accepted-with-token-and-nonce",
            ed25519.sign(&header, &with_token),
        ),
        seed("refused-signed-by-another-key", p256.sign(&header, &claims)),
        seed(
            "refused-access-token",
            sign(&fuzz_targets::keys::claims(), &ED25519.signing).expect("a token"),
        ),
        seed("refused-dots", "..".to_owned()),
    ]
}

pub(crate) fn proof_claims() -> Vec<Seed> {
    let [ed25519, p256] = proof_keys();
    let (header, claims) = proof_parts(&ed25519);
    let (p256_header, _) = proof_parts(&p256);
    let private = with(&header["jwk"], "d", json!("AA"));
    let for_token = with(&with(&claims, "ath", json!("a")), "nonce", json!("n"));
    let seed = |name, header: &Value, claims: &Value| {
        ("dpop_proof_claims", name, format!("{header}\n{claims}"))
    };
    let headed = |name, member: &str, value| seed(name, &with(&header, member, value), &claims);
    let saying = |name, member: &str, value| seed(name, &header, &with(&claims, member, value));
    vec![
        seed("accepted-eddsa", &header, &claims),
        seed("accepted-es256", &p256_header, &claims),
        seed("accepted-with-token-and-nonce", &header, &for_token),
        headed("accepted-newer-name-of-eddsa", "alg", json!("Ed25519")),
        headed("refused-private-key", "jwk", private),
        headed("refused-type-jwt", "typ", json!("JWT")),
        headed("refused-algorithm-none", "alg", json!("none")),
        headed("refused-algorithm-of-another-key", "alg", json!("ES256")),
        headed("refused-critical-extension", "crit", json!(["b64"])),
        saying("refused-empty-id", "jti", json!("")),
        saying("refused-time-as-text", "iat", json!("now")),
        saying("refused-nonce-as-number", "nonce", json!(1)),
    ]
}

pub(crate) fn successors() -> Vec<Seed> {
    let token = "demo:OWStLG0eXh3Nq2zqzqzqzqzqzqzqzqzqzqzqzqzqzqz";
    let seed =
        |name, token: &str, sealed: &str| ("refresh_successor", name, format!("{token}\n{sealed}"));
    let sealed = |token: &str| refresh_successor::sealed(token.as_bytes(), b"demo:successor");
    vec![
        seed("accepted-sealed-for-this-token", token, &sealed(token)),
        seed("accepted-empty-token", "", &sealed("")),
        seed(
            "refused-sealed-for-another-token",
            token,
            &sealed("demo:other"),
        ),
        seed("refused-too-short", token, "AAAA"),
        seed("refused-no-base64", token, "%%%"),
    ]
}
