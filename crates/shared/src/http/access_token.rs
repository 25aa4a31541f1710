//! The access token of a request, with the proof of the key it is bound to, where it is bound to one.

use std::sync::Arc;

use actix_web::HttpRequest;

use super::bearer::{Credentials, credentials};
use crate::{
    db::{Database, DbError},
    token::{
        dpop::{ALGORITHMS, DpopGuard, ProofError, replay},
        verifier::{TokenError, TokenVerifier, VerifiedToken},
    },
};

/// Why a request is not let in.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// It has no token.
    #[error("there is no access token")]
    Missing,
    /// The token is no good.
    #[error("invalid_token")]
    Invalid,
    /// The token is no good, and keys are involved: it came with the scheme `DPoP`, or is bound to a key and came without.
    #[error("invalid_token")]
    InvalidBound,
    /// The proof that came with the token is no good.
    #[error(transparent)]
    Proof(ProofError),
    /// The database could not be asked.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<TokenError> for AccessError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => Self::Invalid,
            TokenError::Db(error) => Self::Db(error),
        }
    }
}

impl From<ProofError> for AccessError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Db(error) => Self::Db(error),
            error => Self::Proof(error),
        }
    }
}

/// What a server checks access tokens with.
#[derive(Clone, Copy)]
pub struct Gate<'a> {
    /// Checks tokens.
    pub verifier: &'a TokenVerifier,
    /// Checks proofs.
    pub proofs: &'a DpopGuard,
    /// Remembers proofs that were used.
    pub database: &'a Database,
}

impl Gate<'_> {
    /// The token of a request, and that its sender has the key it is bound to. Whether the token still lives is for the
    /// transaction of the work.
    ///
    /// A bound token is refused as a bearer token (RFC 9449 §7.2): otherwise who steals it need not have the key. A token
    /// that is bound to nothing is refused with the scheme `DPoP`: its sender believes in a protection that is not there.
    ///
    /// # Errors
    /// [`AccessError`].
    pub async fn admit(self, request: &HttpRequest) -> Result<Arc<VerifiedToken>, AccessError> {
        match credentials(request.headers()) {
            Credentials::Missing => Err(AccessError::Missing),
            Credentials::Malformed => Err(AccessError::Invalid),
            Credentials::Bearer(text) => {
                let token = self.verifier.verify(text).await?;
                if token.claims.cnf.is_some() {
                    return Err(AccessError::InvalidBound);
                }
                Ok(token)
            }
            Credentials::Dpop(text) => {
                let token = self.verifier.verify(text).await.map_err(with_key)?;
                self.check_proof(request, text, &token).await?;
                Ok(token)
            }
        }
    }

    async fn check_proof(
        self,
        request: &HttpRequest,
        text: &str,
        token: &VerifiedToken,
    ) -> Result<(), AccessError> {
        let cnf = token.claims.cnf.as_ref();
        let bound_to = cnf.ok_or(AccessError::InvalidBound)?;
        let proof = self.proofs.of_request(request, Some(text)).await?;
        let proof = proof.ok_or(ProofError::Missing)?;
        if proof.thumbprint != bound_to.jkt {
            return Err(AccessError::InvalidBound);
        }
        // Only who has a token and its key gets here, so strangers cannot fill the table.
        self.database
            .write::<_, ProofError, _>(move |tx| replay::spend(tx, &proof))
            .await?;
        Ok(())
    }
}

fn with_key(error: TokenError) -> AccessError {
    match error {
        TokenError::Invalid => AccessError::InvalidBound,
        TokenError::Db(error) => AccessError::Db(error),
    }
}

/// The challenge where a token that is bound to a key is refused (RFC 9449 §7.1). Bearer tokens are refused without it:
/// their clients know no keys.
#[must_use]
pub fn dpop_challenge(realm: &str, error: &str) -> String {
    let algorithms = ALGORITHMS.join(" ");
    format!(r#"DPoP realm="{realm}", error="{error}", algs="{algorithms}""#)
}
