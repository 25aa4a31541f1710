//! Refreshing a session. What a presented token means is decided in `model::refresh_token`; here it is carried out.

use domain::{
    identity::{
        ids::SessionId,
        scope::{DeviceScopes, Holder, Narrowing},
    },
    timestamp::Timestamp,
};
use serde_json::json;
use shared::{
    db::WriteTx,
    random::{fingerprint, secret},
    token::{
        audit::{self, Event},
        sealing::SealingKey,
    },
};

use super::{
    GrantError,
    access_token::{Bearer, Mint, NewAccessToken},
    revocation,
};
use crate::{
    model::{
        client::{Client, RefreshTokenMode},
        error::OAuthError,
        refresh_token::{Presented, Successor},
        session::{EndReason, Session, idle_deadline},
    },
    oxide::{self, ClientRegistrar, ProtocolRequest, ScopePolicy},
    store::{
        families,
        refresh_tokens::{self, Rotation, StoredRefreshToken},
        sessions,
    },
};

/// One refresh in so many is written down.
const SAMPLE: i64 = 16;
const SUCCESSOR: &[u8] = b"guestcart refresh token successor";

/// A request to refresh a session.
#[derive(Clone, Copy, Debug)]
pub struct RefreshRequest<'a> {
    /// The refresh token.
    pub presented: &'a str,
    /// `scope`, unless left out.
    pub scope: Option<&'a str>,
    /// Thumbprint of the key that the client showed.
    pub key_thumbprint: Option<&'a str>,
}

/// What came of a refresh request.
pub enum Refreshed {
    /// New tokens.
    Tokens {
        /// For the API.
        access_token: Box<NewAccessToken>,
        /// For the next refresh.
        refresh_token: String,
        /// If the presented token had been used before.
        replay: Option<Replay>,
    },
    /// Refused, and the session or its device is closed: that must be committed.
    Reused,
}

/// What came of a refresh token that had been used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replay {
    /// The same successor again.
    Repeated,
    /// Another successor; the first one, never used, is retired.
    Replaced,
    /// Two parties hold the family: it is closed.
    Reuse,
}

impl Replay {
    /// A word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Repeated => "repeated",
            Self::Replaced => "replaced",
            Self::Reuse => "reuse",
        }
    }
}

/// Refreshes the session of the presented token, if `admit` lets it. Whoever lacks the key that the session is bound to finds
/// nothing and changes nothing: to try a stolen token is no reuse.
///
/// # Errors
/// [`OAuthError::RefreshTokenNotFound`] for every token that is no good, [`GrantError::Overtaken`] if the transaction must be
/// rolled back and tried again.
pub fn refresh(
    tx: &mut WriteTx<'_>,
    mint: &Mint,
    client: &Client,
    asked: RefreshRequest<'_>,
    admit: &dyn Fn(&Session) -> Result<(), OAuthError>,
) -> Result<Refreshed, GrantError> {
    let now = mint.now();
    let hash = fingerprint(asked.presented);
    let mut found = None;
    let request = ProtocolRequest {
        client_id: &client.id,
        grant_type: "refresh_token",
        scope: asked.scope,
        refresh_token: Some(asked.presented),
    };
    let policy = ScopePolicy {
        // Decided when the session started.
        holder: Holder::Device(DeviceScopes::Any),
        narrowing: Narrowing::Implied,
        store: None,
    };
    let registrar = ClientRegistrar::new(client, policy);
    let scopes = oxide::refresh::<GrantError>(&request, &registrar, |_token| {
        let Some(stored) = refresh_tokens::find(tx, &hash)? else {
            return Ok(None);
        };
        let session = sessions::find_on(tx, &stored.session_id, stored.family.as_ref())?;
        let session = session.filter(|session| {
            session.is_refreshable(now) && session.accepts_key(asked.key_thumbprint)
        });
        let Some(session) = session else {
            return Ok(None);
        };
        found = Some((stored, session.clone()));
        Ok(Some(session))
    })?;
    let (stored, session) = found.ok_or(OAuthError::RefreshTokenNotFound)?;
    admit(&session)?;
    let family = Family {
        mint,
        client,
        session: &session,
        now,
    };
    let Some((refresh_token, replay)) = family.present(tx, asked.presented, &stored)? else {
        return Ok(Refreshed::Reused);
    };
    let bearer = Bearer {
        key_thumbprint: asked.key_thumbprint,
        ..Bearer::of(&session, &scopes)
    };
    let access_token = mint.access_token(client, bearer, now)?;
    access_token.store(tx)?;
    Ok(Refreshed::Tokens {
        access_token: Box::new(access_token),
        refresh_token,
        replay,
    })
}

/// The refresh tokens of one device.
struct Family<'a> {
    mint: &'a Mint,
    client: &'a Client,
    session: &'a Session,
    now: Timestamp,
}

impl Family<'_> {
    /// The refresh token to answer with, or `None` if two parties hold the family and it was closed.
    fn present(
        &self,
        tx: &mut WriteTx<'_>,
        presented: &str,
        stored: &StoredRefreshToken,
    ) -> Result<Option<(String, Option<Replay>)>, GrantError> {
        let decision =
            stored
                .token
                .present(stored.successor_state, self.now, self.client.grace_seconds);
        let is_reusable = self.is_reusable();
        match decision {
            Presented::Spend if is_reusable => {
                self.touch(tx)?;
                // The generation of such a session stands still; its clock does not.
                self.sample(tx, self.now.seconds(), self.session.generation)?;
                Ok(Some((presented.to_owned(), None)))
            }
            Presented::Spend => {
                let (token, successor) = self.successor(presented)?;
                let spent =
                    refresh_tokens::spend(tx, &self.rotation(&stored.token.hash, &successor))?;
                self.in_time(tx, spent)?;
                self.sample(tx, self.next_generation(), self.next_generation())?;
                Ok(Some((token, None)))
            }
            Presented::Repeat { sealed } => {
                let opened = SealingKey::derived(presented.as_bytes(), SUCCESSOR)?
                    .open(&sealed, self.session.id.as_str().as_bytes())?;
                self.touch(tx)?;
                let token = String::from_utf8_lossy(&opened).into_owned();
                Ok(Some((token, Some(Replay::Repeated))))
            }
            Presented::Replace { unused_hash } => {
                let (token, successor) = self.successor(presented)?;
                let rotation = self.rotation(&stored.token.hash, &successor);
                let replaced = refresh_tokens::replace(tx, &rotation, &unused_hash)?;
                self.in_time(tx, replaced)?;
                self.record(tx, Event::RefreshTokenReplaced, self.next_generation())?;
                Ok(Some((token, Some(Replay::Replaced))))
            }
            Presented::Reuse => {
                self.revoke(tx)?;
                Ok(None)
            }
        }
    }

    /// Only what nobody else can use may be used again, unless the client wants it otherwise.
    fn is_reusable(&self) -> bool {
        match self.client.refresh_token_mode {
            RefreshTokenMode::Rotating => false,
            RefreshTokenMode::Reusable => true,
            RefreshTokenMode::Dpop => self.session.key_thumbprint.is_some(),
        }
    }

    fn successor(&self, presented: &str) -> Result<(String, Successor), GrantError> {
        let randomness = self.mint.randomness.as_ref();
        let token = format!("{}:{}", self.session.project, secret(randomness));
        let sealed = SealingKey::derived(presented.as_bytes(), SUCCESSOR)?.seal(
            token.as_bytes(),
            self.session.id.as_str().as_bytes(),
            randomness,
        )?;
        let successor = Successor {
            hash: fingerprint(&token),
            sealed,
        };
        Ok((token, successor))
    }

    fn rotation<'b>(&'b self, presented_hash: &'b str, successor: &'b Successor) -> Rotation<'b> {
        Rotation {
            session_id: &self.session.id,
            family: self.session.family.as_ref(),
            presented_hash,
            successor,
            generation: self.next_generation(),
            now: self.now,
            idle_expires_at: self.idle_expires_at(),
        }
    }

    const fn next_generation(&self) -> i64 {
        self.session.generation.saturating_add(1)
    }

    fn idle_expires_at(&self) -> Timestamp {
        let idle_seconds = self.client.refresh_token_lifetime_seconds();
        idle_deadline(self.now, idle_seconds, self.session.absolute_expires_at)
    }

    fn touch(&self, tx: &mut WriteTx<'_>) -> Result<(), GrantError> {
        let (id, device) = (&self.session.id, self.session.family.as_ref());
        let touched = sessions::touch(tx, id, device, self.now, self.idle_expires_at())?;
        self.in_time(tx, touched)
    }

    /// Whether nothing moved since it was read: neither token and session, which is known, nor the device.
    fn in_time(&self, tx: &mut WriteTx<'_>, was_in_time: bool) -> Result<(), GrantError> {
        let is_open = match &self.session.family {
            None => true,
            Some(device) => families::touch(tx, device, self.now, self.idle_expires_at())?,
        };
        if was_in_time && is_open {
            Ok(())
        } else {
            Err(GrantError::Overtaken)
        }
    }

    fn revoke(&self, tx: &mut WriteTx<'_>) -> Result<(), GrantError> {
        log::warn!(
            "session {}: a used refresh token was presented again; what it opens is closed",
            self.session.id
        );
        if revocation::close(tx, self.mint, self.session, EndReason::Reuse)? {
            self.record(tx, Event::ReuseDetected, self.session.generation)?;
        }
        Ok(())
    }

    /// Writes down one refresh in sixteen of every session: enough to see that it was in use, and how.
    fn sample(&self, tx: &mut WriteTx<'_>, count: i64, generation: i64) -> Result<(), GrantError> {
        if is_sampled(&self.session.id, count) {
            self.record(tx, Event::SessionRefreshed, generation)?;
        }
        Ok(())
    }

    fn record(
        &self,
        tx: &mut WriteTx<'_>,
        event: Event,
        generation: i64,
    ) -> Result<(), GrantError> {
        let about = revocation::about(self.session, json!({ "generation": generation }));
        let randomness = self.mint.randomness.as_ref();
        audit::record(tx, event, &about, self.now, randomness)?;
        Ok(())
    }
}

/// One in sixteen, decided by session and count: of sixteen refreshes in a row exactly one, which differs from session to
/// session, so that sessions with few refreshes are sampled, too.
fn is_sampled(session: &SessionId, count: i64) -> bool {
    let offset = session.as_str().bytes().fold(0_i64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(i64::from(byte))
    });
    offset.wrapping_add(count).rem_euclid(SAMPLE) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_sixteen_refreshes_in_a_row_exactly_one_is_written_down() {
        for session in ["0193c1d2-0001-7fff-bfff-ffffffffffff", "a", "b", ""] {
            let session = SessionId::new(session);
            for first in [0, 1, 7, 1_000_000] {
                let sampled = (first..first + 16).filter(|count| is_sampled(&session, *count));
                assert_eq!(sampled.count(), 1);
            }
        }
    }
}
