//! Signing keys: made by ring, private halves sealed in the database, public halves as JWK.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _};
use domain::timestamp::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use serde_json::{Value, json};

use super::sealing::SealingKey;
use crate::{
    db::{DbError, ReadTx, WriteTx, schema::signing_keys},
    random::Randomness,
};

/// How access tokens are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// ECDSA with P-256 and SHA-256: understood by practically every library.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl SigningAlgorithm {
    /// The `alg` of RFC 7518 and RFC 8037.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The same for jsonwebtoken.
    #[must_use]
    pub const fn algorithm(self) -> Algorithm {
        match self {
            Self::Es256 => Algorithm::ES256,
            Self::EdDsa => Algorithm::EdDSA,
        }
    }

    /// Reads an `alg`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Es256, Self::EdDsa]
            .into_iter()
            .find(|one| one.name() == text)
    }
}

/// A key was refused by the cryptography, or could not be unsealed.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// ring refused it.
    #[error("the signing key is unusable")]
    Unusable,
    /// It was sealed under another key-encryption key.
    #[error(
        "the signing key {kid} cannot be unsealed: KEY_ENCRYPTION_KEY is not the one it was sealed with"
    )]
    Sealed {
        /// The key's id.
        kid: String,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// A key that signs.
#[derive(Clone)]
pub struct SigningKey {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// Its algorithm.
    pub algorithm: SigningAlgorithm,
    /// The private half.
    pub key: EncodingKey,
}

/// A key that checks.
#[derive(Clone)]
pub struct PublicKey {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// The only algorithm it is used with, whatever a token's header says.
    pub algorithm: Algorithm,
    /// The public half.
    pub key: DecodingKey,
    /// As published.
    pub jwk: Value,
}

/// The public keys that tokens may be signed with now, in the order of their creation.
///
/// # Errors
/// [`DbError`].
pub fn public_keys(tx: &mut ReadTx<'_>) -> Result<Vec<PublicKey>, DbError> {
    let rows: Vec<(String, String)> = signing_keys::table
        .filter(signing_keys::state.ne("removed"))
        .order((signing_keys::created_at, signing_keys::kid))
        .select((signing_keys::kid, signing_keys::public_jwk))
        .load(tx.connection())?;
    rows.into_iter()
        .map(|(kid, jwk)| public_key(kid, &jwk))
        .collect()
}

fn public_key(kid: String, text: &str) -> Result<PublicKey, DbError> {
    let corrupt = |error: String| DbError::Corrupt(format!("signing key {kid}: {error}"));
    let jwk: Value = serde_json::from_str(text).map_err(|error| corrupt(error.to_string()))?;
    let member = |name: &str| jwk.get(name).and_then(Value::as_str).unwrap_or_default();
    let (algorithm, key) = match member("alg") {
        "ES256" => (
            Algorithm::ES256,
            DecodingKey::from_ec_components(member("x"), member("y")),
        ),
        "EdDSA" => (
            Algorithm::EdDSA,
            DecodingKey::from_ed_components(member("x")),
        ),
        "RS256" => (
            Algorithm::RS256,
            DecodingKey::from_rsa_components(member("n"), member("e")),
        ),
        other => return Err(corrupt(format!("unknown algorithm `{other}`"))),
    };
    let key = key.map_err(|error| corrupt(error.to_string()))?;
    Ok(PublicKey {
        kid,
        algorithm,
        key,
        jwk,
    })
}

/// The key that signs now, or `None` before the first.
///
/// # Errors
/// [`KeyError`].
pub fn active_key(tx: &mut ReadTx<'_>, seal: &SealingKey) -> Result<Option<SigningKey>, KeyError> {
    let row: Option<(String, String, Option<String>)> = signing_keys::table
        .filter(signing_keys::state.eq("active"))
        .order(signing_keys::created_at.desc())
        .select((
            signing_keys::kid,
            signing_keys::algorithm,
            signing_keys::sealed_key,
        ))
        .first(tx.connection())
        .optional()
        .map_err(DbError::from)?;
    let Some((kid, algorithm, sealed)) = row else {
        return Ok(None);
    };
    let algorithm = SigningAlgorithm::parse(&algorithm).ok_or(KeyError::Unusable)?;
    let der = seal
        .open(sealed.as_deref().unwrap_or_default(), kid.as_bytes())
        .map_err(|_unsealable| KeyError::Sealed { kid: kid.clone() })?;
    let key = match algorithm {
        SigningAlgorithm::Es256 => EncodingKey::from_ec_der(&der),
        SigningAlgorithm::EdDsa => EncodingKey::from_ed_der(&der),
    };
    Ok(Some(SigningKey {
        kid,
        algorithm,
        key,
    }))
}

/// Makes a new key and lets it sign from now on; the key before it stays published until it is removed.
///
/// # Errors
/// [`KeyError`].
pub fn rotate(
    tx: &mut WriteTx<'_>,
    algorithm: SigningAlgorithm,
    seal: &SealingKey,
    now: Timestamp,
    randomness: &dyn Randomness,
) -> Result<String, KeyError> {
    let (der, jwk, kid) = generate(algorithm)?;
    let sealed = seal
        .seal(&der, kid.as_bytes(), randomness)
        .map_err(|_refused| KeyError::Unusable)?;
    diesel::update(signing_keys::table.filter(signing_keys::state.eq("active")))
        .set((
            signing_keys::state.eq("retired"),
            signing_keys::retired_at.eq(now.millis()),
        ))
        .execute(tx.connection())
        .map_err(DbError::from)?;
    diesel::insert_into(signing_keys::table)
        .values((
            signing_keys::kid.eq(&kid),
            signing_keys::algorithm.eq(algorithm.name()),
            signing_keys::state.eq("active"),
            signing_keys::public_jwk.eq(jwk.to_string()),
            signing_keys::sealed_key.eq(sealed),
            signing_keys::created_at.eq(now.millis()),
            signing_keys::activated_at.eq(now.millis()),
        ))
        .execute(tx.connection())
        .map_err(DbError::from)?;
    Ok(kid)
}

fn generate(algorithm: SigningAlgorithm) -> Result<(Vec<u8>, Value, String), KeyError> {
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
            let kid = crate::random::fingerprint(&format!(
                r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#
            ));
            let jwk = json!({
                "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid, "use": "sig", "alg": "ES256"
            });
            Ok((der.as_ref().to_vec(), jwk, kid))
        }
        SigningAlgorithm::EdDsa => {
            let der = Ed25519KeyPair::generate_pkcs8(&random).map_err(unusable)?;
            let pair =
                Ed25519KeyPair::from_pkcs8(der.as_ref()).map_err(|_rejected| KeyError::Unusable)?;
            let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
            let kid = crate::random::fingerprint(&format!(
                r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#
            ));
            let jwk = json!({
                "kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "use": "sig", "alg": "EdDSA"
            });
            Ok((der.as_ref().to_vec(), jwk, kid))
        }
    }
}
