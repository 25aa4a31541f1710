//! Why a proof is refused.

use crate::db::DbError;

/// Why a proof is refused. The texts go out: they contain only what RFC 6749 §5.2 allows in a description.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// There is none, and there must be one.
    #[error("A DPoP proof is required.")]
    Missing,
    /// There are several.
    #[error("There must be one DPoP header only.")]
    Repeated,
    /// It is no JWT with the members of a proof.
    #[error("The DPoP proof is malformed.")]
    Malformed,
    /// It is another kind of JWT.
    #[error("The typ of the DPoP proof must be dpop+jwt.")]
    Type,
    /// It is signed with an algorithm that is not accepted.
    #[error("The DPoP proof must be signed with ES256 or EdDSA (Ed25519).")]
    Algorithm,
    /// Its key is of another kind, not on the curve, or private.
    #[error(
        "The jwk of the DPoP proof must be a public key, P-256 for ES256 and Ed25519 for EdDSA."
    )]
    Key,
    /// It was not signed with its key.
    #[error("The signature of the DPoP proof is wrong.")]
    Signature,
    /// It is for another method.
    #[error("The htm of the DPoP proof is not the method of this request.")]
    Method,
    /// It is for another URL.
    #[error("The htu of the DPoP proof is not the URL of this request.")]
    Url,
    /// It was made too long ago, or will be made.
    #[error("The iat of the DPoP proof is more than 60 seconds off.")]
    Stale,
    /// It is for another access token, or for none.
    #[error("The ath of the DPoP proof is not the hash of the access token.")]
    AccessToken,
    /// It was used before.
    #[error("The DPoP proof was used before.")]
    Replayed,
    /// The server demands a nonce of its own, and the proof has none or an old one.
    #[error("The server requires its nonce in the DPoP proof.")]
    Nonce {
        /// The nonce to use.
        nonce: String,
    },
    /// The database could not be asked.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl ProofError {
    /// The error code of RFC 9449 §5 and §8, for every cause but the database.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Nonce { .. } => "use_dpop_nonce",
            _ => "invalid_dpop_proof",
        }
    }
}
