//! Keys that are the same in every run, so that a corpus can hold what they signed. They guard nothing.

use std::sync::LazyLock;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use domain::{identity::ids::ProjectKey, timestamp::Timestamp};
use jsonwebtoken::EncodingKey;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use serde_json::json;
use shared::token::{
    claims::{AccessTokenClaims, audience},
    install_crypto,
    keys::{PublicKey, SigningAlgorithm, SigningKey},
};
use testkit::dpop::ProofKey;

/// The issuer of the tokens.
pub const ISSUER: &str = "https://auth.example.com";
/// When all of it happens, in seconds since 1970.
pub const NOW: i64 = 1_800_000_000;

/// What RFC 8410 puts before the 32 bytes of a private key.
const ED25519_PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
const SEED: [u8; 32] = [7; 32];
const P256_PKCS8: &str = concat!(
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQt6kTnf2iG396W5zsvyZDzui//SVume/wwNbIAHJlP2hRANCAARcfEUz",
    "G8c5gzbIXhkDCQ15EAVJZK6IUh4sDccoJ6PHllurCfJ21XJYWWOtGilqK+0O32WmLVdAU9cyb0YZEL03"
);

/// Both halves of a key for access tokens.
pub struct TokenKey {
    /// Signs.
    pub signing: SigningKey,
    /// Checks.
    pub public: PublicKey,
}

/// Signs without chance: the same claims give the same token.
pub static ED25519: LazyLock<TokenKey> = LazyLock::new(|| {
    install_crypto();
    let pair = Ed25519KeyPair::from_seed_unchecked(&SEED).expect("a key");
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "alg": "EdDSA" });
    let der = [ED25519_PKCS8.as_slice(), &SEED].concat();
    token_key(
        "ed25519",
        SigningAlgorithm::EdDsa,
        EncodingKey::from_ed_der(&der),
        &jwk,
    )
});

/// The kind that is the default.
pub static P256: LazyLock<TokenKey> = LazyLock::new(|| {
    install_crypto();
    let der = p256_der();
    let pair = p256_pair();
    let (x, y) = pair.public_key().as_ref().split_at(1).1.split_at(32);
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "alg": "ES256" });
    token_key(
        "p256",
        SigningAlgorithm::Es256,
        EncodingKey::from_ec_der(&der),
        &jwk,
    )
});

fn token_key(
    kid: &str,
    algorithm: SigningAlgorithm,
    key: EncodingKey,
    jwk: &serde_json::Value,
) -> TokenKey {
    TokenKey {
        signing: SigningKey {
            kid: kid.to_owned(),
            algorithm,
            key,
        },
        public: PublicKey::parse(kid.to_owned(), &jwk.to_string()).expect("a JWK"),
    }
}

fn p256_der() -> Vec<u8> {
    STANDARD.decode(P256_PKCS8).expect("base64")
}

#[expect(clippy::disallowed_methods, reason = "ring wants its own generator")]
fn p256_pair() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &p256_der(), &random).expect("a key")
}

/// The keys of DPoP proofs, of both kinds.
#[must_use]
pub fn proof_keys() -> [ProofKey; 2] {
    let pair = Ed25519KeyPair::from_seed_unchecked(&SEED).expect("a key");
    [
        ProofKey::Ed25519(Box::new(pair)),
        ProofKey::P256(Box::new(p256_pair())),
    ]
}

/// When all of it happens.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from_millis(0).plus_seconds(NOW)
}

/// What a guest's token says.
#[must_use]
pub fn claims() -> AccessTokenClaims {
    let claims = json!({
        "iss": ISSUER, "aud": [audience(&ProjectKey::new("demo"))], "sub": "anonymous:s-1", "client_id": "c-1",
        "iat": NOW, "nbf": NOW, "exp": NOW + 3600, "jti": "t-1",
        "scope": "manage_my_orders:demo anonymous_id:phone-123", "sid": "s-1",
    });
    serde_json::from_value(claims).expect("claims")
}
