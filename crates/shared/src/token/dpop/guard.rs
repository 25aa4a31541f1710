//! Whether a proof fits the request at hand.

use actix_web::HttpRequest;
use domain::timestamp::Timestamp;

use super::{PROOF_HEADER, error::ProofError, nonce::Nonces, proof::Proof, target};
use crate::{clock::SharedClock, db::Database, random::SharedRandomness};

/// A proof may be so many seconds old, or so far ahead of the clock.
pub(super) const MAX_AGE_SECONDS: i64 = 60;

/// What a server is told about proofs.
#[derive(Clone, Debug, Default)]
pub struct DpopSettings {
    /// URLs under which clients reach the server, without trailing slashes; proofs name one of them.
    pub public_urls: Vec<String>,
    /// Whether proofs must contain a nonce of the server.
    pub requires_nonce: bool,
}

/// A request that a proof must fit.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `GET`, `POST`, …
    pub method: &'a str,
    /// The path, as it is on the wire.
    pub path: &'a str,
    /// The access token that comes with the proof, at a resource.
    pub access_token: Option<&'a str>,
}

/// Checks proofs.
pub struct DpopGuard {
    clock: SharedClock,
    public_urls: Vec<String>,
    /// Where nonces are required.
    nonces: Option<Nonces>,
}

impl DpopGuard {
    /// A guard for one server. Touches nothing yet.
    #[must_use]
    pub fn new(
        settings: DpopSettings,
        database: Database,
        clock: SharedClock,
        randomness: SharedRandomness,
    ) -> Self {
        Self {
            clock,
            public_urls: settings.public_urls,
            nonces: settings
                .requires_nonce
                .then(|| Nonces::new(database, randomness)),
        }
    }

    /// The proof of a request, checked for everything but its first use: that is for [`super::replay::spend`]. `None`
    /// without one.
    ///
    /// # Errors
    /// [`ProofError`].
    pub async fn of_request(
        &self,
        request: &HttpRequest,
        access_token: Option<&str>,
    ) -> Result<Option<Proof>, ProofError> {
        let mut headers = request.headers().get_all(PROOF_HEADER);
        let Some(header) = headers.next() else {
            return Ok(None);
        };
        if headers.next().is_some() {
            return Err(ProofError::Repeated);
        }
        let text = header.to_str().ok().ok_or(ProofError::Malformed)?;
        let wanted = Request {
            method: request.method().as_str(),
            path: request.uri().path(),
            access_token,
        };
        self.check(text, wanted).await.map(Some)
    }

    /// Reads a proof and checks it for everything but its first use.
    ///
    /// # Errors
    /// [`ProofError`].
    pub async fn check(&self, text: &str, request: Request<'_>) -> Result<Proof, ProofError> {
        let proof = Proof::parse(text)?;
        let now = self.clock.now();
        self.check_fit(&proof, request, now)?;
        self.check_nonce(&proof, now).await?;
        Ok(proof)
    }

    fn check_fit(
        &self,
        proof: &Proof,
        request: Request<'_>,
        now: Timestamp,
    ) -> Result<(), ProofError> {
        if proof.method != request.method {
            return Err(ProofError::Method);
        }
        let is_here = |base: &String| target::is_same(&proof.url, base, request.path);
        if !self.public_urls.iter().any(is_here) {
            return Err(ProofError::Url);
        }
        let age = now.seconds().saturating_sub(proof.issued_at);
        if !(-MAX_AGE_SECONDS..=MAX_AGE_SECONDS).contains(&age) {
            return Err(ProofError::Stale);
        }
        match request.access_token {
            Some(token) if !proof.is_for(token) => Err(ProofError::AccessToken),
            Some(_) | None => Ok(()),
        }
    }

    async fn check_nonce(&self, proof: &Proof, now: Timestamp) -> Result<(), ProofError> {
        let Some(nonces) = &self.nonces else {
            return Ok(());
        };
        let key = nonces.key().await?;
        match &proof.nonce {
            Some(nonce) if key.is_recent(nonce, now) => Ok(()),
            Some(_) | None => Err(ProofError::Nonce {
                nonce: key.nonce(now),
            }),
        }
    }

    /// The nonce for the client's next proof, where nonces are required.
    ///
    /// # Errors
    /// [`ProofError::Db`].
    pub async fn nonce(&self) -> Result<Option<String>, ProofError> {
        match &self.nonces {
            None => Ok(None),
            Some(nonces) => Ok(Some(nonces.key().await?.nonce(self.clock.now()))),
        }
    }
}
