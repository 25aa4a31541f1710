//! jsonwebtoken's cryptography, done by ring.
//!
//! One cryptographic library in the house: no second C or assembler build, and ring signs ES256 several times faster
//! than the pure Rust alternative.

use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::{
    Algorithm, DecodingKey, DecodingKeyKind, EncodingKey,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind},
};
use ring::{
    rand::SystemRandom,
    signature::{
        self as ring_signature, ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519,
        EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
        UnparsedPublicKey,
    },
};
use signature::{Signer, Verifier};

/// Makes ring the cryptography of jsonwebtoken in this process. Call it before the first token; again is harmless.
pub fn install() {
    if PROVIDER.install_default().is_err() {
        log::trace!("the token cryptography was already installed");
    }
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

/// A parsed private key. Parsing checks the key, which costs as much as a signature, so signers are kept.
#[derive(Clone)]
enum PrivateKey {
    Es256(Arc<EcdsaKeyPair>),
    EdDsa(Arc<Ed25519KeyPair>),
    Rs256(Arc<RsaKeyPair>),
}

/// Parsed keys by fingerprint; a process holds one or two.
static PARSED: RwLock<Vec<([u8; 32], PrivateKey)>> = RwLock::new(Vec::new());
const MOST_PARSED: usize = 8;

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    let fingerprint = fingerprint(key.as_bytes());
    let known = PARSED.read().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, parsed)) = known.iter().find(|(known, _)| *known == fingerprint) {
        return Ok(Box::new(parsed.clone()));
    }
    drop(known);
    let parsed = parse(*algorithm, key.as_bytes())?;
    let mut known = PARSED.write().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= MOST_PARSED {
        known.remove(0);
    }
    known.push((fingerprint, parsed.clone()));
    Ok(Box::new(parsed))
}

fn fingerprint(der: &[u8]) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, der);
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    bytes
}

#[expect(clippy::disallowed_methods, reason = "ring wants its own generator")]
fn parse(algorithm: Algorithm, der: &[u8]) -> Result<PrivateKey, Error> {
    let refused = |_rejected| Error::from(ErrorKind::InvalidKeyFormat);
    match algorithm {
        Algorithm::ES256 => {
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &SystemRandom::new())
                .map(|key| PrivateKey::Es256(Arc::new(key)))
                .map_err(refused)
        }
        Algorithm::EdDSA => Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)
            .map(|key| PrivateKey::EdDsa(Arc::new(key)))
            .map_err(refused),
        Algorithm::RS256 => RsaKeyPair::from_pkcs8(der)
            .map(|key| PrivateKey::Rs256(Arc::new(key)))
            .map_err(refused),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

impl Signer<Vec<u8>> for PrivateKey {
    #[expect(clippy::disallowed_methods, reason = "ring wants its own generator")]
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let random = SystemRandom::new();
        match self {
            Self::Es256(key) => key
                .sign(&random, message)
                .map(|made| made.as_ref().to_vec())
                .map_err(|_unspecified| signature::Error::new()),
            Self::EdDsa(key) => Ok(key.sign(message).as_ref().to_vec()),
            Self::Rs256(key) => {
                let mut made = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut made)
                    .map_err(|_unspecified| signature::Error::new())?;
                Ok(made)
            }
        }
    }
}

impl JwtSigner for PrivateKey {
    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Es256(_) => Algorithm::ES256,
            Self::EdDsa(_) => Algorithm::EdDSA,
            Self::Rs256(_) => Algorithm::RS256,
        }
    }
}

struct PublicKey {
    algorithm: Algorithm,
    key: DecodingKey,
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    match algorithm {
        Algorithm::ES256 | Algorithm::EdDSA | Algorithm::RS256 => Ok(Box::new(PublicKey {
            algorithm: *algorithm,
            key: key.clone(),
        })),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

impl Verifier<Vec<u8>> for PublicKey {
    fn verify(&self, message: &[u8], made: &Vec<u8>) -> Result<(), signature::Error> {
        let checked = match self.algorithm {
            Algorithm::RS256 => match self.key.kind() {
                DecodingKeyKind::RsaModulusExponent { n, e } => {
                    ring_signature::RsaPublicKeyComponents { n, e }.verify(
                        &RSA_PKCS1_2048_8192_SHA256,
                        message,
                        made,
                    )
                }
                DecodingKeyKind::SecretOrDer(der) => {
                    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).verify(message, made)
                }
            },
            algorithm => {
                let bytes = self
                    .key
                    .try_get_as_bytes()
                    .map_err(|_format| signature::Error::new())?;
                if algorithm == Algorithm::EdDSA {
                    UnparsedPublicKey::new(&ED25519, bytes).verify(message, made)
                } else {
                    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes).verify(message, made)
                }
            }
        };
        checked.map_err(|_unspecified| signature::Error::new())
    }
}

impl JwtVerifier for PublicKey {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}
