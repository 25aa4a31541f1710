//! Sessions: one guest, or one sign-in of a customer.

use domain::{
    identity::{
        ids::{AnonymousId, ClientId, CustomerId, FamilyId, ProjectKey, SessionId, StoreKey},
        principal::Subject,
        scope::ScopeSet,
    },
    timestamp::Timestamp,
};

use super::client::stored_words;

stored_words! {
    /// Where a session is in its life. Only an active one can be refreshed; ended and revoked ones have no good token left.
    SessionState {
        /// In use.
        Active = "active",
        /// A guest became a customer.
        Ended = "ended",
        /// Taken back by its client, an operator, or because a spent token was reused.
        Revoked = "revoked",
        /// Not used for too long; access tokens still live to their own end.
        Expired = "expired",
        /// Removed for more recent ones; access tokens still live to their own end.
        Evicted = "evicted",
    }
}

impl SessionState {
    /// Whether access tokens of the session are still good.
    #[must_use]
    pub const fn honours_access_tokens(self) -> bool {
        match self {
            Self::Active | Self::Expired | Self::Evicted => true,
            Self::Ended | Self::Revoked => false,
        }
    }
}

/// Why a session was revoked or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// Its client asked for it.
    RevocationRequest,
    /// A spent refresh token was presented: two parties hold the family.
    Reuse,
    /// Its client was deleted.
    ClientDeleted,
    /// An operator did it.
    Operator,
}

impl EndReason {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RevocationRequest => "revocation-request",
            Self::Reuse => "reuse",
            Self::ClientDeleted => "client-deleted",
            Self::Operator => "operator",
        }
    }
}

/// A session as stored, as one of its devices has it: client and scope are that device's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id, claim `sid` of its access tokens.
    pub id: SessionId,
    /// Its project.
    pub project: ProjectKey,
    /// Whom it is for: a guest or a customer.
    pub subject: Subject,
    /// The device, if the session was handed over to it; `None` is the one that started it.
    pub family: Option<FamilyId>,
    /// The client of the device, the only one that can refresh the session there.
    pub client_id: ClientId,
    /// The store it is bound to.
    pub store: Option<StoreKey>,
    /// Thumbprint of the key that the device's refresh tokens are bound to: worth nothing without a proof of it.
    pub key_thumbprint: Option<String>,
    /// What the device's tokens may do, identity included.
    pub scope: ScopeSet,
    /// Where it is in its life.
    pub state: SessionState,
    /// How often its refresh token was replaced.
    pub generation: i64,
    /// It cannot be refreshed from then on, unless it is used before.
    pub idle_expires_at: Timestamp,
    /// It cannot be refreshed from then on.
    pub absolute_expires_at: Option<Timestamp>,
}

/// The idle deadline of a session that is used `now`: never beyond its absolute one.
#[must_use]
pub fn idle_deadline(
    now: Timestamp,
    idle_seconds: i64,
    absolute_expires_at: Option<Timestamp>,
) -> Timestamp {
    let idle = now.plus_seconds(idle_seconds);
    absolute_expires_at.map_or(idle, |absolute| idle.min(absolute))
}

impl Session {
    /// Whether its refresh token may be used.
    #[must_use]
    pub fn is_refreshable(&self, now: Timestamp) -> bool {
        self.state == SessionState::Active && now < self.refreshable_until()
    }

    /// The nearer of its two deadlines.
    #[must_use]
    pub fn refreshable_until(&self) -> Timestamp {
        self.absolute_expires_at
            .map_or(self.idle_expires_at, |at| self.idle_expires_at.min(at))
    }

    /// Whether who shows this key, or none, may use its refresh tokens. Those of a session that is bound to no key are good
    /// with any: the key then binds the new access token only. It must not bind the session, or whoever finds a refresh
    /// token first could shut its owner out.
    #[must_use]
    pub fn accepts_key(&self, thumbprint: Option<&str>) -> bool {
        self.key_thumbprint
            .as_deref()
            .is_none_or(|bound_to| Some(bound_to) == thumbprint)
    }

    /// The guest it is for.
    #[must_use]
    pub const fn anonymous_id(&self) -> Option<&AnonymousId> {
        match &self.subject {
            Subject::Anonymous(id) => Some(id),
            Subject::Customer(_) | Subject::Client => None,
        }
    }

    /// The customer it is for.
    #[must_use]
    pub const fn customer_id(&self) -> Option<&CustomerId> {
        match &self.subject {
            Subject::Customer(id) => Some(id),
            Subject::Anonymous(_) | Subject::Client => None,
        }
    }
}
