//! Making access tokens.

use domain::{
    identity::{
        ids::{FamilyId, SessionId, StoreKey},
        principal::Subject,
        scope::ScopeSet,
    },
    timestamp::Timestamp,
};
use shared::{
    clock::SharedClock,
    db::{DbError, WriteTx},
    random::{SharedRandomness, identifier, secret},
    token::{
        claims::{AccessTokenClaims, Confirmation, audience},
        keys::{KeyError, SigningKey},
        signer,
        verifier::LEEWAY_SECONDS,
    },
};

use super::TokenAnswer;
use crate::{
    model::{
        client::{AccessTokenFormat, Client},
        error::OAuthError,
        session::Session,
    },
    store::access_tokens,
};

/// A signed token with a longer scope string would outgrow the header limits of common proxies.
const LONGEST_SIGNED_SCOPE: usize = 1_600;

/// Time, randomness and the issuer's own rules: all that a new token or session needs besides the request.
#[derive(Clone)]
pub struct Mint {
    /// The time.
    pub clock: SharedClock,
    /// Randomness.
    pub randomness: SharedRandomness,
    /// The `iss` of all tokens.
    pub issuer: String,
    /// Longest life of a session from its start, however often it is used; `None` is any.
    pub longest_session_seconds: Option<i64>,
}

/// An access token whose claims are set; the signature, where there is one, comes after the database work.
#[derive(Clone, Debug)]
pub struct NewAccessToken {
    claims: AccessTokenClaims,
    lifetime_seconds: i64,
    /// The token itself, if only the database knows what it means.
    opaque: Option<String>,
}

/// Whom an access token speaks for.
#[derive(Clone, Copy, Debug)]
pub struct Bearer<'a> {
    /// What it may do, identity included.
    pub scopes: &'a ScopeSet,
    /// Its session, unless it is the client's own.
    pub session: Option<&'a SessionId>,
    /// The device, if the session was handed over to it.
    pub family: Option<&'a FamilyId>,
    /// The store it is bound to.
    pub store: Option<&'a StoreKey>,
    /// Thumbprint of the key without which it is worth nothing (RFC 9449 section 6.1).
    pub key_thumbprint: Option<&'a str>,
}

impl<'a> Bearer<'a> {
    /// The holder of a session, with `scopes` of it.
    #[must_use]
    pub fn of(session: &'a Session, scopes: &'a ScopeSet) -> Self {
        Self {
            scopes,
            session: Some(&session.id),
            family: session.family.as_ref(),
            store: session.store.as_ref(),
            key_thumbprint: session.key_thumbprint.as_deref(),
        }
    }
}

impl Mint {
    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new access token of `client`, valid from `now`.
    ///
    /// # Errors
    /// [`OAuthError::InvalidClient`] if the client vanishes so soon that the token would be over at once.
    pub fn access_token(
        &self,
        client: &Client,
        bearer: Bearer<'_>,
        now: Timestamp,
    ) -> Result<NewAccessToken, OAuthError> {
        let lifetime_seconds = lifetime(client, now)?;
        let scope = bearer.scopes.to_string();
        let is_opaque = client.access_token_format == AccessTokenFormat::Opaque
            || scope.len() > LONGEST_SIGNED_SCOPE;
        let subject = match (bearer.scopes.subject(), bearer.session) {
            (Subject::Customer(id), _) => format!("customer:{id}"),
            // The session, not the anonymous id: that one may be chosen by a client and be personal.
            (Subject::Anonymous(_), Some(session)) => format!("anonymous:{session}"),
            (Subject::Anonymous(_), None) | (Subject::Client, _) => {
                format!("client:{}", client.id)
            }
        };
        let claims = AccessTokenClaims {
            iss: self.issuer.clone(),
            aud: vec![audience(&client.project)],
            sub: subject,
            client_id: client.id.to_string(),
            iat: now.seconds(),
            nbf: now.seconds(),
            exp: now.plus_seconds(lifetime_seconds).seconds(),
            jti: identifier(self.randomness.as_ref()),
            scope,
            sid: bearer.session.map(ToString::to_string),
            fam: bearer.family.map(ToString::to_string),
            store: bearer.store.map(ToString::to_string),
            cnf: bearer.key_thumbprint.map(|thumbprint| Confirmation {
                jkt: thumbprint.to_owned(),
            }),
        };
        Ok(NewAccessToken {
            claims,
            lifetime_seconds,
            opaque: is_opaque.then(|| secret(self.randomness.as_ref())),
        })
    }
}

/// How long a new token is good, in seconds, at least one. No token outlives its client; who checks it grants a leeway,
/// which must not outlive the client either.
fn lifetime(client: &Client, now: Timestamp) -> Result<i64, OAuthError> {
    let wanted = client.access_token_lifetime_seconds();
    let Some(end) = client.delete_at.map(Timestamp::seconds) else {
        return Ok(wanted);
    };
    let left = end.saturating_sub(LEEWAY_SECONDS + now.seconds());
    if left <= 0 {
        return Err(OAuthError::InvalidClient);
    }
    Ok(wanted.min(left))
}

impl NewAccessToken {
    /// Whether it must be stored before it is handed out.
    #[must_use]
    pub const fn is_opaque(&self) -> bool {
        self.opaque.is_some()
    }

    /// Stores what the token means, if only the database knows it.
    ///
    /// # Errors
    /// [`DbError`].
    pub fn store(&self, tx: &mut WriteTx<'_>) -> Result<(), DbError> {
        match &self.opaque {
            Some(text) => access_tokens::insert_opaque(tx, text, &self.claims),
            None => Ok(()),
        }
    }

    /// The answer with this token, signed with `key` unless it is opaque.
    ///
    /// # Errors
    /// [`KeyError`] if the key cannot sign.
    pub fn answer(
        self,
        key: &SigningKey,
        refresh_token: Option<String>,
    ) -> Result<TokenAnswer, KeyError> {
        let access_token = match self.opaque {
            Some(text) => text,
            None => signer::sign(&self.claims, key)?,
        };
        Ok(TokenAnswer {
            access_token,
            token_type: self.claims.token_type(),
            expires_in: self.lifetime_seconds,
            refresh_token,
            scope: self.claims.scope,
        })
    }
}
