//! API clients that only pages of some origins may use.
//!
//! A browser sends `Origin` and lets no page forge it; apps and servers send none, and are not meant. A preflight names no
//! client, so it is answered by `CORS_ORIGINS` alone.

use actix_web::{
    Error, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue, ORIGIN},
    middleware::Next,
};

use super::errors::HttpError;
use crate::model::{client::Client, error::OAuthError};

/// Refuses a request from a page that the client is not for.
///
/// # Errors
/// [`OAuthError::OriginNotAllowed`].
pub fn check_origin(client: &Client, request: &HttpRequest) -> Result<(), OAuthError> {
    // What is not text is no origin of anybody's list.
    let origin = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let origin = request.headers().get(ORIGIN).map(origin);
    if client.is_for_origin(origin.as_deref()) {
        Ok(())
    } else {
        Err(OAuthError::OriginNotAllowed)
    }
}

/// Takes the permission to read it from an answer to a page that the client is not for.
pub async fn hide_from_foreign_pages(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    let error = response.response().error();
    let is_foreign = matches!(
        error.and_then(Error::as_error::<HttpError>),
        Some(HttpError::OAuth(OAuthError::OriginNotAllowed))
    );
    if is_foreign {
        response.headers_mut().remove(ACCESS_CONTROL_ALLOW_ORIGIN);
    }
    Ok(response)
}
