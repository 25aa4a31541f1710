//! Guests who come back and find the way to their basket closed.

use super::{
    client::stored_words,
    session::{EndReason, SessionState},
};

stored_words! {
    /// Why a guest cannot come back.
    LostCause {
        /// Away for too long.
        Expired = "expired",
        /// Two parties held the refresh tokens.
        Reuse = "reuse",
        /// The project had too many sessions.
        Evicted = "evicted",
        /// The client or an operator took the session back.
        Revoked = "revoked",
        /// The API client is gone.
        ClientDeleted = "client_deleted",
    }
}

impl LostCause {
    /// Why a session that cannot be refreshed is lost; `None` if it is not, because its guest became a customer or its
    /// time is not over.
    #[must_use]
    pub fn of(state: SessionState, reason: Option<&str>, is_past_deadline: bool) -> Option<Self> {
        match state {
            SessionState::Ended => None,
            SessionState::Active => is_past_deadline.then_some(Self::Expired),
            SessionState::Expired => Some(Self::Expired),
            SessionState::Evicted => Some(Self::Evicted),
            SessionState::Revoked if reason == Some(EndReason::Reuse.as_str()) => Some(Self::Reuse),
            SessionState::Revoked if reason == Some(EndReason::ClientDeleted.as_str()) => {
                Some(Self::ClientDeleted)
            }
            SessionState::Revoked => Some(Self::Revoked),
        }
    }
}
