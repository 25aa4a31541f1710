//! Under which words requests are counted.

use std::borrow::Cow;

use actix_web::{Error, HttpMessage as _, HttpRequest, http::StatusCode};

use super::{errors::HttpError, handoff};
use crate::model::api_error::ApiError;

/// The grant type of a token request, left in its extensions.
#[derive(Clone, Copy, Debug)]
struct Grant(&'static str);

/// Notes the grant type of a request, as far as it is one of ours.
pub fn note_grant(request: &HttpRequest, grant_type: Option<&str>) {
    let word = match grant_type {
        None => return,
        Some("authorization_code") => "authorization_code",
        Some("client_credentials") => "client_credentials",
        Some("password") => "password",
        Some("refresh_token") => "refresh_token",
        Some(handoff::GRANT_TYPE) => "handoff",
        Some(_) => "other",
    };
    request.extensions_mut().insert(Grant(word));
}

/// The grant type, or `none`.
#[must_use]
pub fn grant(request: &HttpRequest) -> &'static str {
    request
        .extensions()
        .get::<Grant>()
        .map_or("none", |grant| grant.0)
}

/// `ok`, or the code of the error.
#[must_use]
pub fn outcome(status: StatusCode, error: Option<&Error>) -> Cow<'static, str> {
    let code = match error.and_then(Error::as_error::<HttpError>) {
        Some(HttpError::OAuth(error) | HttpError::Bearer { error, .. }) => Some(error.code()),
        Some(HttpError::Api(error)) => Some(ApiError::code(error)),
        None => None,
    };
    match code {
        Some(code) => Cow::Borrowed(code),
        None if status.as_u16() < 400 => Cow::Borrowed("ok"),
        None => Cow::Owned(status.as_str().to_owned()),
    }
}
