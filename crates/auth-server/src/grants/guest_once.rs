//! A guest that is started once, however often it is asked for (`Idempotency-Key`).

use domain::{identity::ids::SessionId, timestamp::Timestamp};
use shared::{
    db::{DbError, WriteTx},
    random::fingerprint,
};

use super::{
    GrantError,
    access_token::{Bearer, Mint, NewAccessToken},
    anonymous_session::{self, NewGuest},
};
use crate::{
    model::{
        client::Client,
        error::OAuthError,
        idempotency::{BoundKey, KEPT_SECONDS, StoredAnswer},
        refresh_token::RefreshTokenState,
    },
    store::{idempotency, refresh_tokens, sessions},
};

/// A request that may come again.
pub struct Once {
    /// Its key.
    pub key: BoundKey,
    /// Fingerprint of what is asked for.
    pub asked_for: String,
}

/// A guest's tokens.
pub struct GuestTokens {
    /// For the API; a new one each time.
    pub access_token: NewAccessToken,
    /// The session's first refresh token, where it has one.
    pub refresh_token: Option<String>,
    /// Whether the session was there already.
    pub is_replayed: bool,
}

impl GuestTokens {
    /// Those of a session that was just stored.
    #[must_use]
    pub fn of_new((access_token, refresh_token): (NewAccessToken, Option<String>)) -> Self {
        Self {
            access_token,
            refresh_token,
            is_replayed: false,
        }
    }
}

impl Once {
    /// Stores the guest; if that was done before under the same key, answers with that one's tokens instead.
    ///
    /// # Errors
    /// As [`anonymous_session::store`], after which nothing is kept under the key. [`OAuthError::IdempotencyKeyTaken`] if
    /// something else was asked for, [`OAuthError::IdempotencyKeySpent`] if the session has moved on.
    pub fn store(
        &self,
        tx: &mut WriteTx<'_>,
        mint: &Mint,
        client: &Client,
        guest: NewGuest,
    ) -> Result<GuestTokens, GrantError> {
        let now = mint.now();
        let answer = serde_json::to_string(&self.answer(mint, &guest)?)
            .map_err(|error| DbError::Corrupt(error.to_string()))?;
        let expires_at = now.plus_seconds(KEPT_SECONDS);
        if !idempotency::take(tx, &self.key.hash, &answer, now, expires_at)? {
            return self.replay(tx, mint, client, now);
        }
        Ok(GuestTokens::of_new(anonymous_session::store(tx, guest)?))
    }

    fn answer(&self, mint: &Mint, guest: &NewGuest) -> Result<StoredAnswer, GrantError> {
        let session = guest.session_id();
        let seal = |token: &str| {
            let context = session.as_str().as_bytes();
            let randomness = mint.randomness.as_ref();
            self.key.seal.seal(token.as_bytes(), context, randomness)
        };
        Ok(StoredAnswer {
            asked_for: self.asked_for.clone(),
            session: session.to_string(),
            sealed_refresh_token: guest.refresh_token().map(seal).transpose()?,
        })
    }

    fn replay(
        &self,
        tx: &mut WriteTx<'_>,
        mint: &Mint,
        client: &Client,
        now: Timestamp,
    ) -> Result<GuestTokens, GrantError> {
        let text = idempotency::find(tx, &self.key.hash)?
            .ok_or_else(|| DbError::Busy("an idempotency key expired meanwhile".to_owned()))?;
        let stored: StoredAnswer =
            serde_json::from_str(&text).map_err(|error| DbError::Corrupt(error.to_string()))?;
        if stored.asked_for != self.asked_for {
            return Err(OAuthError::IdempotencyKeyTaken.into());
        }
        let refresh_token = self.opened(&stored)?;
        let id = SessionId::new(stored.session);
        let session = sessions::find(tx, &id)?.filter(|session| session.is_refreshable(now));
        let session = session.ok_or(OAuthError::IdempotencyKeySpent)?;
        if let Some(token) = &refresh_token
            && !is_unspent(tx, token)?
        {
            return Err(OAuthError::IdempotencyKeySpent.into());
        }
        let bearer = Bearer::of(&session, &session.scope);
        let access_token = mint.access_token(client, bearer, now)?;
        access_token.store(tx)?;
        Ok(GuestTokens {
            access_token,
            refresh_token,
            is_replayed: true,
        })
    }

    fn opened(&self, stored: &StoredAnswer) -> Result<Option<String>, GrantError> {
        let Some(sealed) = &stored.sealed_refresh_token else {
            return Ok(None);
        };
        let opened = self.key.seal.open(sealed, stored.session.as_bytes())?;
        Ok(Some(String::from_utf8_lossy(&opened).into_owned()))
    }
}

/// Handing out a spent token would make its holder look like a thief.
fn is_unspent(tx: &mut WriteTx<'_>, token: &str) -> Result<bool, DbError> {
    let stored = refresh_tokens::find(tx, &fingerprint(token))?;
    Ok(stored.is_some_and(|stored| stored.token.state == RefreshTokenState::Live))
}
