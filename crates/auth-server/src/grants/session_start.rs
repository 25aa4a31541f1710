//! The start of a session, the same for guests and customers.

use domain::{
    identity::{
        ids::{SessionId, StoreKey},
        principal::Subject,
        scope::ScopeSet,
    },
    timestamp::Timestamp,
};
use shared::{
    db::{DbError, WriteTx},
    random::{fingerprint, secret, uuid_v7},
};

use super::{
    GrantError,
    access_token::{Bearer, Mint, NewAccessToken},
};
use crate::{
    model::{
        client::Client,
        error::OAuthError,
        session::{Session, SessionState, idle_deadline},
    },
    store::sessions::{self, NewSession},
};

/// What a session is to be.
#[derive(Clone, Debug)]
pub struct SessionStart {
    /// Whom it is for.
    pub subject: Subject,
    /// What its tokens may do, without an identity; it is added.
    pub scopes: ScopeSet,
    /// The store it is bound to.
    pub store: Option<StoreKey>,
    /// Whether it can be refreshed.
    pub with_refresh_token: bool,
    /// Thumbprint of the key that all its tokens are bound to. The proof of the key is spent in the same transaction.
    pub key_thumbprint: Option<String>,
}

/// A session that is about to be stored, with its tokens.
#[derive(Clone, Debug)]
pub struct StartedSession {
    session: Session,
    refresh_token: Option<String>,
    access_token: NewAccessToken,
    authorized_by: Option<SessionId>,
    now: Timestamp,
}

impl StartedSession {
    /// A session of `client`.
    ///
    /// # Errors
    /// [`OAuthError::InvalidClient`] if the client is about to vanish.
    pub fn new(mint: &Mint, client: &Client, start: SessionStart) -> Result<Self, OAuthError> {
        let now = mint.now();
        let randomness = mint.randomness.as_ref();
        let absolute_expires_at = mint
            .longest_session_seconds
            .map(|seconds| now.plus_seconds(seconds));
        let session = Session {
            id: SessionId::new(uuid_v7(now, randomness)),
            project: client.project.clone(),
            scope: start.scopes.for_subject(&start.subject),
            subject: start.subject,
            family: None,
            client_id: client.id.clone(),
            store: start.store,
            key_thumbprint: start.key_thumbprint,
            state: SessionState::Active,
            generation: 0,
            idle_expires_at: idle_deadline(
                now,
                client.refresh_token_lifetime_seconds(),
                absolute_expires_at,
            ),
            absolute_expires_at,
        };
        let bearer = Bearer::of(&session, &session.scope);
        Ok(Self {
            refresh_token: start
                .with_refresh_token
                .then(|| format!("{}:{}", client.project, secret(randomness))),
            access_token: mint.access_token(client, bearer, now)?,
            session,
            authorized_by: None,
            now,
        })
    }

    /// The same, let in by the session `by`: it can be refreshed for as long as that one at most, or apps that let each
    /// other in would stay for ever.
    #[must_use]
    pub fn authorized_by(mut self, by: &Session) -> Self {
        let ends = [self.session.absolute_expires_at, by.absolute_expires_at];
        let end = ends.into_iter().flatten().min();
        let idle = self.session.idle_expires_at;
        self.session.absolute_expires_at = end;
        self.session.idle_expires_at = end.map_or(idle, |end| idle.min(end));
        self.authorized_by = Some(by.id.clone());
        self
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> &SessionId {
        &self.session.id
    }

    /// What its tokens may do.
    #[must_use]
    pub const fn scopes(&self) -> &ScopeSet {
        &self.session.scope
    }

    /// Its refresh token, where it gets one.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&str> {
        self.refresh_token.as_deref()
    }

    /// Stores the session and its tokens. That it started is in its row; no event says it again.
    ///
    /// # Errors
    /// [`OAuthError::InvalidClient`] if the client was deleted meanwhile, [`OAuthError::AnonymousIdInUse`] if another
    /// session has the anonymous id.
    pub fn store(
        self,
        tx: &mut WriteTx<'_>,
    ) -> Result<(NewAccessToken, Option<String>), GrantError> {
        let hash = self.refresh_token.as_deref().map(fingerprint);
        let new = NewSession {
            session: &self.session,
            refresh_token_hash: hash.as_deref(),
            authorized_by: self.authorized_by.as_ref(),
            now: self.now,
        };
        match sessions::insert(tx, &new) {
            Ok(true) => {}
            Ok(false) => return Err(OAuthError::InvalidClient.into()),
            Err(DbError::NotUnique { constraint }) if constraint.contains("anonymous_id") => {
                return Err(OAuthError::AnonymousIdInUse.into());
            }
            Err(error) => return Err(error.into()),
        }
        self.access_token.store(tx)?;
        Ok((self.access_token, self.refresh_token))
    }
}
