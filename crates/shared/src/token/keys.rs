//! Signing keys: private halves sealed in the database, public halves as JWK. Their life is in [`super::key_life`].

use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, RunQueryDsl as _};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::Value;

use super::sealing::SealingKey;
use crate::db::{DbError, ReadTx, schema::signing_keys};

/// How access tokens are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// ECDSA with P-256 and SHA-256: understood by practically every library.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSA with SHA-256, for verifiers that know nothing else. Such keys are imported: ring cannot make them.
    Rs256,
}

impl SigningAlgorithm {
    /// The `alg` of RFC 7518 and RFC 8037.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
        }
    }

    /// The same for jsonwebtoken.
    #[must_use]
    pub const fn algorithm(self) -> Algorithm {
        match self {
            Self::Es256 => Algorithm::ES256,
            Self::EdDsa => Algorithm::EdDSA,
            Self::Rs256 => Algorithm::RS256,
        }
    }

    /// Reads an `alg`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Es256, Self::EdDsa, Self::Rs256]
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
        .map(|(kid, jwk)| PublicKey::parse(kid, &jwk))
        .collect()
}

impl PublicKey {
    /// Reads a published key.
    ///
    /// # Errors
    /// [`DbError::Corrupt`] if `text` is no JWK of an algorithm we sign with.
    pub fn parse(kid: String, text: &str) -> Result<Self, DbError> {
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
        Ok(Self {
            kid,
            algorithm,
            key,
            jwk,
        })
    }
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
    row.map(|(kid, algorithm, sealed)| open(kid, &algorithm, sealed.as_deref(), seal))
        .transpose()
}

pub(super) fn open(
    kid: String,
    algorithm: &str,
    sealed: Option<&str>,
    seal: &SealingKey,
) -> Result<SigningKey, KeyError> {
    let algorithm = SigningAlgorithm::parse(algorithm).ok_or(KeyError::Unusable)?;
    let der = seal
        .open(sealed.unwrap_or_default(), kid.as_bytes())
        .map_err(|_unsealable| KeyError::Sealed { kid: kid.clone() })?;
    let key = match algorithm {
        SigningAlgorithm::Es256 => EncodingKey::from_ec_der(&der),
        SigningAlgorithm::EdDsa => EncodingKey::from_ed_der(&der),
        SigningAlgorithm::Rs256 => EncodingKey::from_rsa_der(&der),
    };
    Ok(SigningKey {
        kid,
        algorithm,
        key,
    })
}
