//! Every way a token request can fail: cause → status, code and text, in one place.

use domain::identity::scope::ScopeRefusal;
use shared::{limits::TooMany, token::dpop::ProofError};

/// Why a request was refused.
///
/// Codes and texts are those of commercetools, because clients compare them; causes that must not be told apart by a
/// stranger share one variant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OAuthError {
    /// Missing, broken or wrong client credentials, or a client of another project.
    #[error("Please provide valid client credentials using HTTP Basic Authentication.")]
    InvalidClient,
    /// The response type is not `code`.
    #[error("Invalid parameter: response_type: It must be code.")]
    UnsupportedResponseType,
    /// Who would let a client in is a guest, or nobody, or did not sign in: was let in that way too, or is at a client that
    /// keeps no secret.
    #[error("Only a customer who is signed in can authorize a client.")]
    CustomerRequired,
    /// The authorization code is unknown, expired, used, of another client, or shown without what belongs to it.
    #[error("The authorization code was not found. It may have expired.")]
    AuthorizationCodeNotFound,
    /// The client is known, but without a secret it may not do this.
    #[error("This client may not use this grant type.")]
    UnauthorizedClient,
    /// The client is not for pages of this origin.
    #[error("This API client may not be used from this origin.")]
    OriginNotAllowed,
    /// A required parameter is absent or empty.
    #[error("Missing required parameter: {name}.")]
    MissingParameter { name: &'static str },
    /// A parameter is given twice, in one place or in two.
    #[error("Repeated parameter: {}.", printable(.name, 64))]
    RepeatedParameter { name: String },
    /// The request is not a form this server reads.
    #[error("{message}")]
    MalformedRequest { message: &'static str },
    /// The body is longer or has more parameters than is read.
    #[error("{message}")]
    TooLarge { message: &'static str },
    /// The body did not come in time.
    #[error("The request body did not come in time.")]
    BodyTooSlow,
    /// The body is coded in a way that is not decoded here.
    #[error("The content coding '{}' of the request body is not supported.", printable(.coding, 64))]
    UnsupportedEncoding { coding: String },
    /// The key is no key.
    #[error(
        "Malformed header: Idempotency-Key: must be one value of 16 to 128 visible ASCII characters."
    )]
    IdempotencyKeyMalformed,
    /// Something else was asked for with the same key.
    #[error("The Idempotency-Key header was used before with other parameters.")]
    IdempotencyKeyTaken,
    /// The session that the key started was refreshed or is over.
    #[error(
        "The session of this Idempotency-Key header was refreshed or is over. Use a new key for a new session."
    )]
    IdempotencyKeySpent,
    /// Another session or a resource has the anonymous id.
    #[error("The anonymousId is already in use.")]
    AnonymousIdInUse,
    /// The anonymous id cannot be part of a scope.
    #[error("Malformed parameter: anonymous_id: Invalid anonymous id.")]
    AnonymousIdMalformed,
    /// The grant type is unknown, or not served at this path.
    #[error("Invalid parameter: grant_type: Invalid grant type: {}", printable(.value, 64))]
    UnsupportedGrantType { value: String },
    /// The scope does not parse, has an unknown name or is of another project.
    #[error("Malformed parameter: scope: Invalid scope.")]
    ScopeMalformed,
    /// The scope is well formed, but the client does not have it.
    #[error("Permissions exceeded.")]
    ScopeExceeded,
    /// The refresh token is unknown, expired, revoked, ended, of another client or reused.
    #[error("The refresh token was not found. It may have expired.")]
    RefreshTokenNotFound,
    /// The token that names the guest is unknown, expired, revoked, ended, of another client or no guest's.
    #[error("The anonymous_token was not found. It may have expired.")]
    GuestTokenNotFound,
    /// There is no such way to sign a guest's cart in.
    #[error(
        "Malformed parameter: anonymous_cart_sign_in_mode: It must be MergeWithExistingCustomerCart or UseAsNewActiveCustomerCart."
    )]
    SignInModeMalformed,
    /// A rule of the shop forbids to give the customer what the guest has.
    #[error("The guest cannot become the customer: {}", printable(.reason, 200))]
    GuestNotTakenOver {
        /// The rule.
        reason: String,
    },
    /// The code that hands a guest over is unknown, expired, used, of another project, or its session is over.
    #[error("The handoff code was not found. It may have expired or been used.")]
    HandoffCodeNotFound,
    /// No customer has this e-mail and password here.
    #[error("Customer account with the given credentials not found.")]
    CustomerCredentials,
    /// The caller lacks a scope.
    #[error("Insufficient scope. One of the following scopes is missing: {}.", .names.join(", "))]
    InsufficientScope { names: Vec<&'static str> },
    /// The access token is malformed, expired, revoked or of an ended session.
    #[error("invalid_token")]
    InvalidToken,
    /// The same, of a token that is or should be bound to a key.
    #[error("invalid_token")]
    BoundTokenInvalid,
    /// There is no access token.
    #[error(
        "This endpoint requires an access token. You can get one from the authorization server."
    )]
    AccessTokenMissing,
    /// The proof of the key that tokens are or will be bound to is no good.
    #[error("{message}")]
    DpopProof { message: String },
    /// The proof must contain a nonce of this server.
    #[error("The server requires its nonce in the DPoP proof.")]
    DpopNonce {
        /// The nonce to use.
        nonce: String,
    },
    /// Too many requests of this kind from one address or client, or about one account or session.
    #[error("Too many requests.")]
    TooManyRequests {
        /// When to come again, at least 1.
        retry_after_seconds: u64,
    },
    /// The request came over plain HTTP from another machine.
    #[error("This server can only be reached with HTTPS.")]
    HttpsRequired,
    /// The server cannot take more work of this kind now.
    #[error("The server is over capacity. Please retry later.")]
    OverCapacity,
    /// Nothing the client could mend.
    #[error("An internal error occurred.")]
    Internal,
}

impl OAuthError {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::InvalidClient
            | Self::InvalidToken
            | Self::BoundTokenInvalid
            | Self::AccessTokenMissing => 401,
            Self::InsufficientScope { .. } | Self::OriginNotAllowed | Self::CustomerRequired => 403,
            Self::BodyTooSlow => 408,
            Self::TooLarge { .. } => 413,
            Self::UnsupportedEncoding { .. } => 415,
            Self::TooManyRequests { .. } => 429,
            Self::UnauthorizedClient
            | Self::UnsupportedResponseType
            | Self::AuthorizationCodeNotFound
            | Self::MissingParameter { .. }
            | Self::RepeatedParameter { .. }
            | Self::MalformedRequest { .. }
            | Self::IdempotencyKeyMalformed
            | Self::IdempotencyKeyTaken
            | Self::IdempotencyKeySpent
            | Self::AnonymousIdInUse
            | Self::AnonymousIdMalformed
            | Self::UnsupportedGrantType { .. }
            | Self::ScopeMalformed
            | Self::ScopeExceeded
            | Self::RefreshTokenNotFound
            | Self::GuestTokenNotFound
            | Self::HandoffCodeNotFound
            | Self::SignInModeMalformed
            | Self::GuestNotTakenOver { .. }
            | Self::CustomerCredentials
            | Self::HttpsRequired
            | Self::DpopProof { .. }
            | Self::DpopNonce { .. } => 400,
            Self::OverCapacity => 503,
            Self::Internal => 500,
        }
    }

    /// The code, `error` of RFC 6749 and `errors[0].code` of commercetools alike.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidClient => "invalid_client",
            Self::OriginNotAllowed => "unauthorized_client",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::MissingParameter { .. }
            | Self::RepeatedParameter { .. }
            | Self::MalformedRequest { .. }
            | Self::TooLarge { .. }
            | Self::BodyTooSlow
            | Self::UnsupportedEncoding { .. }
            | Self::IdempotencyKeyMalformed
            | Self::IdempotencyKeyTaken
            | Self::IdempotencyKeySpent
            | Self::AnonymousIdInUse
            | Self::AnonymousIdMalformed
            | Self::SignInModeMalformed
            | Self::GuestNotTakenOver { .. }
            | Self::HttpsRequired => "invalid_request",
            Self::UnsupportedGrantType { .. } => "unsupported_grant_type",
            Self::ScopeMalformed | Self::ScopeExceeded => "invalid_scope",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::RefreshTokenNotFound
            | Self::GuestTokenNotFound
            | Self::HandoffCodeNotFound
            | Self::AuthorizationCodeNotFound => "invalid_grant",
            Self::CustomerCredentials => "invalid_customer_account_credentials",
            Self::InsufficientScope { .. } => "insufficient_scope",
            Self::InvalidToken | Self::BoundTokenInvalid => "invalid_token",
            Self::AccessTokenMissing | Self::CustomerRequired => "access_denied",
            Self::DpopProof { .. } => "invalid_dpop_proof",
            Self::DpopNonce { .. } => "use_dpop_nonce",
            Self::TooManyRequests { .. } => "too_many_requests",
            Self::OverCapacity => "OverCapacity",
            Self::Internal => "General",
        }
    }
}

impl From<ScopeRefusal> for OAuthError {
    fn from(refusal: ScopeRefusal) -> Self {
        match refusal {
            ScopeRefusal::Exceeded => Self::ScopeExceeded,
            ScopeRefusal::NotRequestable | ScopeRefusal::Empty => Self::ScopeMalformed,
        }
    }
}

impl From<TooMany> for OAuthError {
    fn from(refusal: TooMany) -> Self {
        Self::TooManyRequests {
            retry_after_seconds: refusal.retry_after_seconds,
        }
    }
}

impl From<ProofError> for OAuthError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Nonce { nonce } => Self::DpopNonce { nonce },
            ProofError::Db(error) => {
                log::error!("a DPoP proof was not checked: {error}");
                Self::Internal
            }
            refused => Self::DpopProof {
                message: refused.to_string(),
            },
        }
    }
}

/// What of a client's text may be repeated in an `error_description`: RFC 6749 section 5.2 characters, at most so many.
fn printable(text: &str, most: usize) -> String {
    text.chars()
        .filter(|c| matches!(c, ' '..='!' | '#'..='[' | ']'..='~'))
        .take(most)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::OAuthError;

    #[test]
    fn text_of_a_client_is_repeated_without_anything_that_could_break_out_of_the_description() {
        let error = OAuthError::UnsupportedGrantType {
            value: "pass\"wo\\rd\u{e9}\n!".to_owned(),
        };
        assert_eq!(
            error.to_string(),
            "Invalid parameter: grant_type: Invalid grant type: password!"
        );
        let repeated = OAuthError::RepeatedParameter {
            name: "a\"\u{e9}\r\nb".to_owned(),
        };
        assert_eq!(repeated.to_string(), "Repeated parameter: ab.");
        let long = OAuthError::UnsupportedGrantType {
            value: "x".repeat(100),
        };
        assert!(long.to_string().ends_with(&format!(": {}", "x".repeat(64))));
    }
}
