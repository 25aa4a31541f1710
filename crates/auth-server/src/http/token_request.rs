//! A request for a token: whose it is, and with which key (RFC 9449 section 5).

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use domain::identity::ids::ProjectKey;
use shared::http::body::Body;
use shared::{
    db::WriteTx,
    http::client_address::Client as Caller,
    token::dpop::{Proof, ProofError, replay},
};

use super::{authentication::ClientRequest, errors::HttpError, form::Form};
use crate::{
    app_state::AppState,
    grants::GrantError,
    model::{client::Client, error::OAuthError},
};

/// A token request of an authenticated client.
pub struct TokenRequest {
    /// The client, at most a second old.
    pub client: Arc<Client>,
    /// The parameters.
    pub form: Form,
    /// Where the request came from.
    pub caller: Caller,
    /// The nonce for the client's next proof, where proofs must have one.
    pub nonce: Option<String>,
    /// Checked for everything but its first use.
    proof: Option<Proof>,
}

impl TokenRequest {
    /// Proves the client, then reads the proof of its key.
    ///
    /// # Errors
    /// As [`ClientRequest::read`]; [`OAuthError::DpopProof`] and [`OAuthError::DpopNonce`].
    pub async fn read(
        state: &AppState,
        request: &HttpRequest,
        body: Body,
    ) -> Result<Self, HttpError> {
        let asked = ClientRequest::read(state, request, body).await?;
        Self::with_proof(state, request, asked).await
    }

    /// [`Self::read`] at a path of a project: a client of another one is unknown there.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_in(
        state: &AppState,
        project: &ProjectKey,
        request: &HttpRequest,
        body: Body,
    ) -> Result<Self, HttpError> {
        let asked = ClientRequest::read_in(state, project, request, body).await?;
        Self::with_proof(state, request, asked).await
    }

    async fn with_proof(
        state: &AppState,
        request: &HttpRequest,
        asked: ClientRequest,
    ) -> Result<Self, HttpError> {
        let proof = state.proofs.of_request(request, None).await?;
        Ok(Self {
            client: asked.client,
            form: asked.form,
            caller: asked.caller,
            nonce: state.proofs.nonce().await?,
            proof,
        })
    }

    /// Refuses a public client: whoever knows its name can say it, so it proves nothing.
    ///
    /// # Errors
    /// [`OAuthError::UnauthorizedClient`].
    pub fn refuse_public(&self) -> Result<(), OAuthError> {
        if self.client.is_public {
            return Err(OAuthError::UnauthorizedClient);
        }
        Ok(())
    }

    /// The requested scope.
    pub fn scope(&self) -> Option<&str> {
        self.form.get("scope")
    }

    /// `false` if the client wants no refresh token.
    pub fn wants_refresh_token(&self) -> bool {
        self.form.get("refresh_token") != Some("false")
    }

    /// An error for a grant type that is not served here.
    pub fn unsupported(&self, grant_type: &str) -> Result<HttpResponse, HttpError> {
        let value = grant_type.to_owned();
        Err(OAuthError::UnsupportedGrantType { value }.into())
    }

    /// Thumbprint of the key that the client showed, to which its own tokens are bound.
    pub fn key(&self) -> Option<&str> {
        self.proof.as_ref().map(|proof| proof.thumbprint.as_str())
    }

    /// The same for tokens of a session, for which some clients must show a key.
    ///
    /// # Errors
    /// [`OAuthError::DpopProof`] if the client must show one and did not.
    pub fn session_key(&self) -> Result<Option<&str>, OAuthError> {
        match self.key() {
            None if self.client.must_show_key() => Err(ProofError::Missing.into()),
            key => Ok(key),
        }
    }

    /// Does the work of a grant in one transaction, which spends the proof before anything else: a proof that was used
    /// before changes nothing, and work that fails uses none up.
    ///
    /// # Errors
    /// [`GrantError`] of the work; [`OAuthError::DpopProof`] if the proof was used before.
    pub async fn grant<T: Send + 'static>(
        &self,
        state: &AppState,
        work: impl FnOnce(&mut WriteTx<'_>) -> Result<T, GrantError> + Send + 'static,
    ) -> Result<T, GrantError> {
        let proof = self.proof.clone();
        state
            .database
            .write(move |tx| {
                if let Some(proof) = &proof {
                    replay::spend(tx, proof)?;
                }
                work(tx)
            })
            .await
    }
}
