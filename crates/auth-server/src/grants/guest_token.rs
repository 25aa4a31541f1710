//! A guest, named by one of the guest's tokens in a parameter of a request.

use std::sync::Arc;

use domain::{
    identity::{
        ids::{AnonymousId, CustomerId, FamilyId, SessionId},
        scope::ScopeSet,
    },
    timestamp::Timestamp,
};
use shared::{
    db::{DbError, ReadTx},
    random::fingerprint,
    token::{liveness, verifier::VerifiedToken},
};

use crate::{
    model::{
        client::Client,
        session::{Session, SessionState},
    },
    store::{
        refresh_tokens::{self, StoredRefreshToken},
        sessions,
    },
};

/// The token as it came; the database was not asked about its session.
#[derive(Clone, Debug)]
pub enum GuestToken {
    /// An access token, verified.
    Access(Arc<VerifiedToken>),
    /// A refresh token. Naming the guest is no use of it: it is not spent.
    Refresh(String),
}

/// Whom a token names.
#[derive(Debug)]
pub enum Named {
    /// A guest whose token is good.
    Guest(Box<NamedGuest>),
    /// A guest who became a customer, with all that the guest had.
    Became(CustomerId),
    /// Nobody: the token is unknown, dead, of another client, or no guest's.
    Nobody,
}

/// A guest who can go on.
#[derive(Debug)]
pub struct NamedGuest {
    /// The guest.
    pub id: AnonymousId,
    /// The session, as the device of the token has it.
    pub session: Session,
    /// What the token may do, identity included.
    pub scope: ScopeSet,
}

/// Where a token belongs.
struct Place {
    session: SessionId,
    device: Option<FamilyId>,
    refresh_token: Option<StoredRefreshToken>,
}

impl GuestToken {
    /// Whom the token names to `client`, if it is shown with the key that it is bound to.
    ///
    /// # Errors
    /// [`DbError`].
    pub fn look(
        &self,
        tx: &mut ReadTx<'_>,
        client: &Client,
        key_thumbprint: Option<&str>,
        now: Timestamp,
    ) -> Result<Named, DbError> {
        let Some(place) = self.place(tx)? else {
            return Ok(Named::Nobody);
        };
        let session = sessions::find_on(tx, &place.session, place.device.as_ref())?;
        let is_shown_rightly = |session: &Session| {
            session.client_id == client.id && self.accepts_key(session, key_thumbprint)
        };
        let Some(session) = session.filter(is_shown_rightly) else {
            return Ok(Named::Nobody);
        };
        let Some(id) = session.anonymous_id().cloned() else {
            return Ok(Named::Nobody);
        };
        let is_good = match (self, &place.refresh_token) {
            (Self::Access(token), _) => liveness::is_live(tx, &token.claims)?,
            (Self::Refresh(_), Some(stored)) => stored.is_good() && session.is_refreshable(now),
            (Self::Refresh(_), None) => false,
        };
        if !is_good || session.state == SessionState::Ended {
            // Asked anew: the session may have ended since it was read, by a sign-in at the same moment.
            let became = sessions::became(tx, &session.id)?;
            return Ok(became.map_or(Named::Nobody, Named::Became));
        }
        let scope = match self {
            Self::Access(token) => token.principal.scopes.clone(),
            Self::Refresh(_) => session.scope.clone(),
        };
        Ok(Named::Guest(Box::new(NamedGuest { id, session, scope })))
    }

    fn place(&self, tx: &mut ReadTx<'_>) -> Result<Option<Place>, DbError> {
        match self {
            Self::Access(token) => Ok(token.principal.session.clone().map(|session| Place {
                session,
                device: token.claims.fam.as_deref().map(FamilyId::new),
                refresh_token: None,
            })),
            Self::Refresh(text) => {
                let stored = refresh_tokens::find(tx, &fingerprint(text))?;
                Ok(stored.map(|stored| Place {
                    session: stored.session_id.clone(),
                    device: stored.family.clone(),
                    refresh_token: Some(stored),
                }))
            }
        }
    }

    fn accepts_key(&self, session: &Session, thumbprint: Option<&str>) -> bool {
        match self {
            Self::Access(token) => {
                let cnf = token.claims.cnf.as_ref();
                cnf.is_none_or(|bound_to| Some(bound_to.jkt.as_str()) == thumbprint)
            }
            Self::Refresh(_) => session.accepts_key(thumbprint),
        }
    }
}
