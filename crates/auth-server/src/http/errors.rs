//! Errors as answers: one shape for token requests, one for the API client endpoints.

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{ALLOW, CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use serde_json::{Map, Value, json};
use shared::{
    db::DbError,
    http::access_token::dpop_challenge,
    password::PasswordError,
    token::{
        dpop::{NONCE_HEADER, ProofError},
        keys::KeyError,
    },
};

use crate::{
    grants::GrantError,
    model::{api_error::ApiError, error::OAuthError},
};

/// An error on its way out.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// Of OAuth.
    #[error(transparent)]
    OAuth(#[from] OAuthError),
    /// Of OAuth, at an endpoint that takes access tokens of a project.
    #[error("{error}")]
    Bearer {
        /// What is wrong with the token.
        error: OAuthError,
        /// The project of the path, the realm of the challenge.
        realm: String,
    },
    /// Of the API client endpoints.
    #[error(transparent)]
    Api(#[from] ApiError),
}

impl From<GrantError> for HttpError {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Refused(refusal) => refusal.into(),
            GrantError::Database(error) => error.into(),
            GrantError::Key(error) => error.into(),
            GrantError::Password(error) => error.into(),
            GrantError::Overtaken => {
                log::warn!(
                    "other requests changed the session or code under every attempt to answer"
                );
                OAuthError::OverCapacity.into()
            }
            GrantError::Sealing(_) => internal(&error),
        }
    }
}

impl From<DbError> for HttpError {
    fn from(error: DbError) -> Self {
        if error.is_transient() {
            log::warn!("{error}");
            return OAuthError::OverCapacity.into();
        }
        internal(&error)
    }
}

impl From<KeyError> for HttpError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Db(error) => error.into(),
            KeyError::Unusable | KeyError::Sealed { .. } => internal(&error),
        }
    }
}

impl From<PasswordError> for HttpError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::OverCapacity => OAuthError::OverCapacity.into(),
            PasswordError::Length => OAuthError::CustomerCredentials.into(),
            PasswordError::Broken(_) => internal(&error),
        }
    }
}

impl From<ProofError> for HttpError {
    fn from(error: ProofError) -> Self {
        GrantError::from(error).into()
    }
}

fn internal(error: &dyn std::error::Error) -> HttpError {
    log::error!("{error}");
    OAuthError::Internal.into()
}

impl ResponseError for HttpError {
    fn status_code(&self) -> StatusCode {
        let status = match self {
            // At a resource a bad proof is a bad token (RFC 9449 section 7.1).
            Self::Bearer {
                error: OAuthError::DpopProof { .. } | OAuthError::DpopNonce { .. },
                ..
            } => 401,
            Self::OAuth(error) | Self::Bearer { error, .. } => error.status(),
            Self::Api(error) => error.status(),
        };
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((CACHE_CONTROL, "no-store"));
        if self.status_code() == StatusCode::REQUEST_TIMEOUT {
            // What may still come of the body is no request.
            response.force_close();
        }
        match self {
            Self::OAuth(error) => {
                match error {
                    OAuthError::InvalidClient => {
                        response.insert_header((WWW_AUTHENTICATE, r#"Basic realm="oauth""#));
                    }
                    OAuthError::OverCapacity => {
                        response.insert_header((RETRY_AFTER, "1"));
                    }
                    OAuthError::TooManyRequests {
                        retry_after_seconds,
                    } => {
                        response.insert_header((RETRY_AFTER, retry_after_seconds.to_string()));
                    }
                    OAuthError::DpopNonce { nonce } => {
                        response.insert_header((NONCE_HEADER, nonce.as_str()));
                    }
                    _ => {}
                }
                response.json(oauth_body(error, error.status()))
            }
            Self::Bearer { error, realm } => {
                if let Some(challenge) = challenge(error, realm) {
                    response.insert_header((WWW_AUTHENTICATE, challenge));
                }
                if let OAuthError::DpopNonce { nonce } = error {
                    response.insert_header((NONCE_HEADER, nonce.as_str()));
                }
                response.json(oauth_body(error, self.status_code().as_u16()))
            }
            Self::Api(error) => {
                if let ApiError::MethodNotAllowed { allowed, .. } = error {
                    response.insert_header((ALLOW, *allowed));
                }
                response.json(json!({
                    "statusCode": error.status(),
                    "message": error.to_string(),
                    "errors": [error.detail()],
                }))
            }
        }
    }
}

/// The body of an OAuth error: what commercetools sends, which includes what RFC 6749 demands.
fn oauth_body(error: &OAuthError, status: u16) -> Value {
    let message = error.to_string();
    let mut body = Map::new();
    body.insert("statusCode".to_owned(), json!(status));
    body.insert("message".to_owned(), json!(message));
    body.insert(
        "errors".to_owned(),
        json!([{ "code": error.code(), "message": message }]),
    );
    body.insert("error".to_owned(), json!(error.code()));
    if !matches!(
        error,
        OAuthError::InvalidToken | OAuthError::BoundTokenInvalid
    ) {
        body.insert("error_description".to_owned(), json!(message));
    }
    Value::Object(body)
}

/// RFC 6750 section 3: no error attribute where there was no token at all.
fn challenge(error: &OAuthError, realm: &str) -> Option<String> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let realm = if realm.bytes().all(is_plain) {
        realm
    } else {
        ""
    };
    match error {
        OAuthError::AccessTokenMissing => Some(format!(r#"Bearer realm="{realm}""#)),
        OAuthError::InvalidToken => {
            Some(format!(r#"Bearer realm="{realm}", error="invalid_token""#))
        }
        OAuthError::BoundTokenInvalid
        | OAuthError::DpopProof { .. }
        | OAuthError::DpopNonce { .. } => Some(dpop_challenge(realm, error.code())),
        OAuthError::InsufficientScope { names } => {
            let scopes: Vec<String> = names.iter().map(|name| format!("{name}:{realm}")).collect();
            Some(format!(
                r#"Bearer realm="{realm}", error="insufficient_scope", scope="{}""#,
                scopes.join(" ")
            ))
        }
        _ => None,
    }
}
