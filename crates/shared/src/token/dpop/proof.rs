//! What a proof says.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::{error::ProofError, jwk::ProofKey};
use crate::random::fingerprint;

/// Longest proof that is looked at, in bytes. Keys of the accepted kinds make short ones.
pub const MAX_PROOF_LENGTH: usize = 4_096;
/// Longest `jti` and `nonce`, in bytes.
const MAX_ID_LENGTH: usize = 256;

/// A proof whose signature is right. Whether it fits a request is the guard's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// RFC 7638 thumbprint of the key that signed it: 43 base64url characters.
    pub thumbprint: String,
    /// `jti`: what tells it from other proofs of the key.
    pub id: String,
    /// `htm`: the method it is for.
    pub method: String,
    /// `htu`: the URL it is for.
    pub url: String,
    /// `iat`: when it was made, in seconds since 1970.
    pub issued_at: i64,
    /// `ath`: SHA-256 of the access token it is for, in base64url.
    pub access_token_hash: Option<String>,
    /// `nonce` of the server.
    pub nonce: Option<String>,
}

impl Proof {
    /// Reads a proof and checks its signature. Source: RFC 9449 §4.2 and §4.3.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        if text.len() > MAX_PROOF_LENGTH {
            return Err(ProofError::Malformed);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(ProofError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(ProofError::Malformed)?;
        let header = object(header)?;
        let typ = text_member(&header, "typ")?;
        if !typ.eq_ignore_ascii_case("dpop+jwt") {
            return Err(ProofError::Type);
        }
        // An extension that must be understood (RFC 7515 §4.1.11): this server understands none.
        if header.contains_key("crit") {
            return Err(ProofError::Malformed);
        }
        let algorithm = text_member(&header, "alg")?;
        let jwk = header.get("jwk").and_then(Value::as_object);
        let key = ProofKey::parse(algorithm, jwk.ok_or(ProofError::Key)?)?;
        let claims = object(claims)?;
        let proof = Self::of(&claims, key.thumbprint())?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok();
        let signature = signature.ok_or(ProofError::Malformed)?;
        if key.has_signed(signed.as_bytes(), &signature) {
            Ok(proof)
        } else {
            Err(ProofError::Signature)
        }
    }

    fn of(claims: &Map<String, Value>, thumbprint: String) -> Result<Self, ProofError> {
        let id = text_member(claims, "jti")?;
        let nonce = optional_text(claims, "nonce")?;
        let is_short = |text: &str| (1..=MAX_ID_LENGTH).contains(&text.len());
        if !is_short(id) || !nonce.is_none_or(is_short) {
            return Err(ProofError::Malformed);
        }
        Ok(Self {
            thumbprint,
            id: id.to_owned(),
            method: text_member(claims, "htm")?.to_owned(),
            url: text_member(claims, "htu")?.to_owned(),
            issued_at: claims
                .get("iat")
                .and_then(Value::as_i64)
                .ok_or(ProofError::Malformed)?,
            access_token_hash: optional_text(claims, "ath")?.map(str::to_owned),
            nonce: nonce.map(str::to_owned),
        })
    }

    /// Whether it was made for this access token.
    #[must_use]
    pub fn is_for(&self, access_token: &str) -> bool {
        self.access_token_hash.as_deref() == Some(&fingerprint(access_token))
    }
}

/// A part of a JWT that must be a JSON object.
fn object(part: &str) -> Result<Map<String, Value>, ProofError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok();
    let value = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    match value {
        Some(Value::Object(members)) => Ok(members),
        Some(_) | None => Err(ProofError::Malformed),
    }
}

fn text_member<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a str, ProofError> {
    optional_text(members, name)?.ok_or(ProofError::Malformed)
}

fn optional_text<'a>(
    members: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a str>, ProofError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ProofError::Malformed),
    }
}
