//! The public key inside a proof.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey};
use serde_json::{Map, Value};

use super::error::ProofError;
use crate::random::fingerprint;

/// Members of private and of symmetric keys (RFC 7518 §6): who sends one has given the key away.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/// Bytes of a coordinate of P-256, and of an Ed25519 key.
const COORDINATE_BYTES: usize = 32;
/// Marks an uncompressed point (SEC 1 §2.3.3).
const UNCOMPRESSED: u8 = 4;

/// A public key of one of the two accepted kinds.
pub(super) enum ProofKey {
    P256 { x: Coordinate, y: Coordinate },
    Ed25519 { x: Coordinate },
}

/// A coordinate, as written and as bytes.
pub(super) struct Coordinate {
    text: String,
    bytes: [u8; COORDINATE_BYTES],
}

impl ProofKey {
    /// The key of a proof that says it is signed with `algorithm`.
    pub(super) fn parse(algorithm: &str, jwk: &Map<String, Value>) -> Result<Self, ProofError> {
        if PRIVATE.iter().any(|name| jwk.contains_key(*name)) {
            return Err(ProofError::Key);
        }
        let member = |name: &str| jwk.get(name).and_then(Value::as_str);
        match (algorithm, member("kty"), member("crv")) {
            ("ES256", Some("EC"), Some("P-256")) => Ok(Self::P256 {
                x: Coordinate::parse(member("x"))?,
                y: Coordinate::parse(member("y"))?,
            }),
            ("EdDSA" | "Ed25519", Some("OKP"), Some("Ed25519")) => Ok(Self::Ed25519 {
                x: Coordinate::parse(member("x"))?,
            }),
            ("ES256" | "EdDSA" | "Ed25519", _, _) => Err(ProofError::Key),
            _ => Err(ProofError::Algorithm),
        }
    }

    /// SHA-256 thumbprint in base64url (RFC 7638): the `jkt`.
    pub(super) fn thumbprint(&self) -> String {
        fingerprint(&match self {
            Self::P256 { x, y } => format!(
                r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
                x.text, y.text
            ),
            Self::Ed25519 { x } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, x.text),
        })
    }

    /// Whether `signature` of `message` was made with the private half. A point off the curve makes none.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::P256 { x, y } => {
                let point = [&[UNCOMPRESSED], x.bytes.as_slice(), y.bytes.as_slice()].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            Self::Ed25519 { x } => {
                UnparsedPublicKey::new(&ED25519, x.bytes).verify(message, signature)
            }
        }
        .is_ok()
    }
}

impl Coordinate {
    /// One text per coordinate: neither padding nor stray bits, or one key would have several thumbprints.
    fn parse(text: Option<&str>) -> Result<Self, ProofError> {
        let text = text.ok_or(ProofError::Key)?;
        let decoded = URL_SAFE_NO_PAD.decode(text).ok().ok_or(ProofError::Key)?;
        Ok(Self {
            text: text.to_owned(),
            bytes: decoded.try_into().ok().ok_or(ProofError::Key)?,
        })
    }
}
