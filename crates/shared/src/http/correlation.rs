//! `X-Correlation-ID`: taken from the request or made, and always sent back.

use actix_web::{
    Error, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
};

use crate::random::{SystemRandomness, uuid};

/// The header.
pub const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

const MAX_LENGTH: usize = 256;

/// The id of the request at hand, in the request's extensions.
#[derive(Clone, Debug)]
pub struct CorrelationId(pub HeaderValue);

fn is_acceptable(value: &HeaderValue) -> bool {
    let bytes = value.as_bytes();
    (1..=MAX_LENGTH).contains(&bytes.len())
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"-_:/.".contains(b))
}

fn of(headers: &HeaderMap) -> HeaderValue {
    match headers.get(&CORRELATION_ID) {
        Some(given) if is_acceptable(given) => given.clone(),
        _ => {
            let made = format!("guestcart/{}", uuid(&SystemRandomness::new()));
            HeaderValue::try_from(made)
                .unwrap_or_else(|_impossible| HeaderValue::from_static("none"))
        }
    }
}

/// Middleware: gives every request an id and every answer the same one; logs what went wrong on our side.
///
/// # Errors
/// What the inner service answers.
pub async fn correlate<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let id = of(request.headers());
    request.extensions_mut().insert(CorrelationId(id.clone()));
    let method = request.method().clone();
    // Only the path: the query string of a token request may hold secrets.
    let path = log::log_enabled!(log::Level::Debug).then(|| request.path().to_owned());
    let mut response = next.call(request).await?;
    if let Some(path) = path {
        log::debug!(
            "{method} {path} {} {}",
            response.status().as_u16(),
            id.to_str().unwrap_or("")
        );
    }
    response.headers_mut().insert(CORRELATION_ID, id);
    Ok(response)
}
