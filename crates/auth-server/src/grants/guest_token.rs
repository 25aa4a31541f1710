//! A guest, named by one of the guest's tokens in a parameter of a request.

use std::sync::Arc;

use domain::{
    identity::{ids::FamilyId, principal::Subject, scope::ScopeSet},
    timestamp::Timestamp,
};
use shared::{
    db::{DbError, ReadTx},
    random::fingerprint,
    token::{liveness, verifier::VerifiedToken},
};

use crate::{
    model::{client::Client, session::Session},
    store::{refresh_tokens, sessions},
};

/// The token as it came; the database was not asked about its session.
#[derive(Clone, Debug)]
pub enum GuestToken {
    /// An access token, verified.
    Access(Arc<VerifiedToken>),
    /// A refresh token. Naming the guest is no use of it: it is not spent.
    Refresh(String),
}

/// A guest who can go on.
pub struct NamedGuest {
    /// The session, as the device of the token has it.
    pub session: Session,
    /// What the token may do, identity included.
    pub scope: ScopeSet,
}

impl GuestToken {
    /// The guest, if the token is good: of `client`, of a guest, of a session that is still in use, and shown with the key
    /// that it is bound to.
    ///
    /// # Errors
    /// [`DbError`].
    pub fn find(
        &self,
        tx: &mut ReadTx<'_>,
        client: &Client,
        key_thumbprint: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<NamedGuest>, DbError> {
        let session = match self {
            Self::Access(token) if !liveness::is_live(tx, &token.claims)? => None,
            Self::Access(token) => match &token.principal.session {
                None => None,
                Some(id) => {
                    let device = token.claims.fam.as_deref().map(FamilyId::new);
                    sessions::find_on(tx, id, device.as_ref())?
                }
            },
            Self::Refresh(text) => match refresh_tokens::find(tx, &fingerprint(text))? {
                Some(stored) if stored.is_good() => {
                    sessions::find_on(tx, &stored.session_id, stored.family.as_ref())?
                }
                Some(_) | None => None,
            },
        };
        let is_good = |session: &Session| {
            self.accepts_key(session, key_thumbprint)
                && session.client_id == client.id
                && matches!(session.subject, Subject::Anonymous(_))
                && session.is_refreshable(now)
        };
        Ok(session.filter(is_good).map(|session| NamedGuest {
            scope: match self {
                Self::Access(token) => token.principal.scopes.clone(),
                Self::Refresh(_) => session.scope.clone(),
            },
            session,
        }))
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
