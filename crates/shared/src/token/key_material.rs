//! New signing keys: made by ring, or imported.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair,
    },
};
use serde_json::{Value, json};

use super::{
    key_life::KeyLifeError,
    keys::{KeyError, SigningAlgorithm},
};
use crate::random::fingerprint;

const NO_PEM: &str =
    "must be one PEM block `PRIVATE KEY` (PKCS#8, not encrypted), as `openssl genpkey` writes it";
const NO_KEY: &str =
    "must be an RSA key of 2048 to 4096 bits with a public exponent of at least 65537";

/// Both halves of a key.
pub(super) struct KeyMaterial {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// What it signs with.
    pub algorithm: SigningAlgorithm,
    /// The private half: PKCS#8.
    pub der: Vec<u8>,
    /// The public half, as published.
    pub jwk: Value,
}

impl KeyMaterial {
    /// A new key.
    ///
    /// # Errors
    /// [`KeyError`] if ring refuses, or cannot make keys of this algorithm.
    #[expect(
        clippy::disallowed_methods,
        reason = "ring takes no other randomness, and no key may come from a seed"
    )]
    pub(super) fn generate(algorithm: SigningAlgorithm) -> Result<Self, KeyError> {
        let random = SystemRandom::new();
        let unusable = |_refused| KeyError::Unusable;
        match algorithm {
            SigningAlgorithm::Es256 => {
                let method = &ECDSA_P256_SHA256_FIXED_SIGNING;
                let der = EcdsaKeyPair::generate_pkcs8(method, &random).map_err(unusable)?;
                let pair = EcdsaKeyPair::from_pkcs8(method, der.as_ref(), &random)
                    .map_err(|_rejected| KeyError::Unusable)?;
                // An uncompressed point: 4, then x and y of 32 bytes each.
                let (x, y) = pair.public_key().as_ref().split_at(1).1.split_at(32);
                let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
                let kid = fingerprint(&format!(
                    r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#
                ));
                let jwk = json!({
                    "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid, "use": "sig", "alg": "ES256"
                });
                Ok(Self {
                    kid,
                    algorithm,
                    der: der.as_ref().to_vec(),
                    jwk,
                })
            }
            SigningAlgorithm::EdDsa => {
                let der = Ed25519KeyPair::generate_pkcs8(&random).map_err(unusable)?;
                let pair = Ed25519KeyPair::from_pkcs8(der.as_ref())
                    .map_err(|_rejected| KeyError::Unusable)?;
                let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
                let kid = fingerprint(&format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
                let jwk = json!({
                    "kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "use": "sig", "alg": "EdDSA"
                });
                Ok(Self {
                    kid,
                    algorithm,
                    der: der.as_ref().to_vec(),
                    jwk,
                })
            }
            SigningAlgorithm::Rs256 => Err(KeyError::Unusable),
        }
    }

    /// An RSA key from PEM text.
    ///
    /// # Errors
    /// [`KeyLifeError::Import`] if it is none.
    pub(super) fn import_rsa(pem: &str) -> Result<Self, KeyLifeError> {
        let block = pem
            .trim()
            .strip_prefix("-----BEGIN PRIVATE KEY-----")
            .and_then(|rest| rest.strip_suffix("-----END PRIVATE KEY-----"))
            .ok_or(KeyLifeError::Import(NO_PEM))?;
        let digits: String = block.split_ascii_whitespace().collect();
        let der = STANDARD
            .decode(digits)
            .map_err(|_not_base64| KeyLifeError::Import(NO_PEM))?;
        let pair =
            RsaKeyPair::from_pkcs8(&der).map_err(|_rejected| KeyLifeError::Import(NO_KEY))?;
        let public: PublicKeyComponents<Vec<u8>> = pair.public().into();
        let (n, e) = (
            URL_SAFE_NO_PAD.encode(public.n),
            URL_SAFE_NO_PAD.encode(public.e),
        );
        let kid = fingerprint(&format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#));
        let jwk = json!({ "kty": "RSA", "n": n, "e": e, "kid": kid, "use": "sig", "alg": "RS256" });
        Ok(Self {
            kid,
            algorithm: SigningAlgorithm::Rs256,
            der,
            jwk,
        })
    }
}
