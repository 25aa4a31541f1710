//! All that a service can answer besides success. Each dialect renders it in its own shape.

use domain::{
    error::{DomainError, WorldError},
    identity::{ids::ProjectKey, scope::ScopeName},
};
use shared::{
    db::DbError, http::access_token::AccessError, limits::TooMany, password::PasswordError,
    token::dpop::ProofError,
};

/// What went wrong with a request.
#[derive(Debug, thiserror::Error)]
pub enum CommerceError {
    /// A rule was broken.
    #[error(transparent)]
    Domain(DomainError),
    /// No token.
    #[error(
        "This endpoint requires an access token. You can get one from the authorization server."
    )]
    TokenMissing,
    /// A token that is malformed, unknown, expired, ended or revoked.
    #[error("invalid_token")]
    TokenInvalid,
    /// The same, of a token that is or should be bound to a key.
    #[error("invalid_token")]
    BoundTokenInvalid,
    /// The token is bound to a key, and the proof of it is no good.
    #[error(transparent)]
    ProofRefused(ProofError),
    /// The token is good, but none of these scopes is in it.
    #[error("Insufficient scope. One of the following scopes is missing: {}.", missing_text(.missing, .project))]
    InsufficientScope {
        /// Any one of them would do.
        missing: Vec<ScopeName>,
        /// The project of the path.
        project: ProjectKey,
    },
    /// The endpoint needs a token of a guest or a customer.
    #[error("Insufficient scope. One of the following scopes is missing: {}.", .accepted.join(", "))]
    SubjectMissing {
        /// The identity scopes that would do.
        accepted: &'static [&'static str],
    },
    /// No such path.
    #[error("URI not found: {path}")]
    NoSuchPath {
        /// The path of the request.
        path: String,
    },
    /// The path exists, the method does not.
    #[error("The method {method} is not allowed for this resource.")]
    MethodNotAllowed {
        /// The method of the request.
        method: String,
        /// The methods the path has.
        allowed: &'static str,
    },
    /// The body is larger than allowed.
    #[error("The request body is larger than {limit_bytes} bytes.")]
    PayloadTooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// The body did not come in time.
    #[error("The request body did not come in time.")]
    BodyTooSlow,
    /// The body is compressed or coded in another way.
    #[error(
        "The content coding '{coding}' of the request body is not supported; send it as it is."
    )]
    UnsupportedEncoding {
        /// What `Content-Encoding` says.
        coding: String,
    },
    /// Too many passwords were tried or asked for: of one account, or from one address.
    #[error("Too many requests.")]
    TooManyRequests {
        /// When to come again, at least 1.
        retry_after_seconds: u64,
    },
    /// Too busy right now; the same request may succeed in a moment.
    #[error("The service is over capacity. Please try again in a moment.")]
    OverCapacity,
    /// Our fault.
    #[error("an internal error")]
    Internal(String),
}

fn missing_text(missing: &[ScopeName], project: &ProjectKey) -> String {
    let names: Vec<String> = missing
        .iter()
        .map(|name| format!("{}:{project}", name.as_str()))
        .collect();
    names.join(", ")
}

impl From<DomainError> for CommerceError {
    fn from(error: DomainError) -> Self {
        match error {
            DomainError::World(WorldError(inner)) => match inner.downcast::<DbError>() {
                Ok(db) => Self::from(*db),
                Err(other) => Self::Internal(other.to_string()),
            },
            other => Self::Domain(other),
        }
    }
}

impl From<DbError> for CommerceError {
    fn from(error: DbError) -> Self {
        if error.is_transient() {
            log::warn!("{error}");
            Self::OverCapacity
        } else {
            Self::Internal(error.to_string())
        }
    }
}

impl From<AccessError> for CommerceError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Missing => Self::TokenMissing,
            AccessError::Invalid => Self::TokenInvalid,
            AccessError::InvalidBound => Self::BoundTokenInvalid,
            AccessError::Proof(error) => Self::ProofRefused(error),
            AccessError::Db(error) => error.into(),
        }
    }
}

impl From<TooMany> for CommerceError {
    fn from(refusal: TooMany) -> Self {
        Self::TooManyRequests {
            retry_after_seconds: refusal.retry_after_seconds,
        }
    }
}

impl From<PasswordError> for CommerceError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::OverCapacity => Self::OverCapacity,
            PasswordError::Length => DomainError::input(error.to_string()).into(),
            PasswordError::Broken(text) => Self::Internal(text),
        }
    }
}
