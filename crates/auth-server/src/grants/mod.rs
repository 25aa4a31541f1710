//! What the endpoints do, one module per grant. Synchronous: each function takes the transaction it works in.

pub mod access_token;
pub mod anonymous_session;
pub mod authorization_code;
pub mod client_credentials;
pub mod client_list;
pub mod client_secrets;
pub mod clients;
pub mod customer_password;
pub mod guest_once;
pub mod guest_token;
pub mod guest_upgrade;
pub mod handoff;
pub mod introspection;
pub mod pepper;
pub mod refresh_token;
pub mod revocation;
pub mod session_start;
pub mod session_trace;
pub mod signing_keys;
pub mod token_explanation;

use serde::Serialize;
use shared::{
    db::DbError,
    password::PasswordError,
    token::{dpop::ProofError, keys::KeyError, sealing::Unsealable},
};

use crate::model::error::OAuthError;

/// Why a grant failed: refused for a reason the client may know, or a failure of ours.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// Refused.
    #[error(transparent)]
    Refused(#[from] OAuthError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// There is no usable signing key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Passwords cannot be checked now.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// A stored successor cannot be opened with its predecessor.
    #[error("a stored refresh token {0}")]
    Sealing(#[from] Unsealable),
    /// Another request about the same session was faster; the same request can be answered when it is tried again.
    #[error("another request changed the session at the same time")]
    Overtaken,
}

impl From<ProofError> for GrantError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Db(error) => Self::Database(error),
            refused => Self::Refused(refused.into()),
        }
    }
}

/// The answer to a token request (RFC 6749 section 5.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenAnswer {
    /// The access token.
    pub access_token: String,
    /// `Bearer`, or `DPoP` if it is bound to a key.
    pub token_type: &'static str,
    /// Life of the access token in seconds.
    pub expires_in: i64,
    /// The refresh token of the session, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// What the access token may do.
    pub scope: String,
}
