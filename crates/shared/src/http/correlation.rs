//! `X-Correlation-ID`: taken from the request or made, always sent back, and part of every line that is logged for the
//! request.

use std::sync::Arc;

use actix_web::{
    Error, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
};

use percent_encoding::percent_decode_str;

use super::presence::{Connection, answering};
use crate::random::{SystemRandomness, uuid};

/// The header.
pub const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

const MAX_LENGTH: usize = 256;

/// The id of the request at hand, in the request's extensions.
#[derive(Clone, Debug)]
pub struct CorrelationId(pub HeaderValue);

tokio::task_local! {
    /// The id of the request that this task, or this thread on its behalf, works for.
    static AT_HAND: HeaderValue;
}

/// The id of the request at hand, if there is one.
#[must_use]
pub fn current() -> Option<String> {
    AT_HAND
        .try_with(|id| id.to_str().unwrap_or("").to_owned())
        .ok()
}

/// Work of the request at hand that goes to another thread: what it logs has the id there, too.
pub fn carry<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let id = AT_HAND.try_with(Clone::clone).ok();
    move || match id {
        Some(id) => AT_HAND.sync_scope(id, work),
        None => work(),
    }
}

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

/// Middleware: gives every request an id and every answer the same one, and lets it know when the caller hangs up.
///
/// # Errors
/// What the inner service answers.
pub async fn correlate<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let id = of(request.headers());
    request.extensions_mut().insert(CorrelationId(id.clone()));
    let connection = request.conn_data::<Arc<Connection>>().cloned();
    let answer = answering(connection, answer(request, next));
    let mut response = AT_HAND.scope(id.clone(), answer).await?;
    response.headers_mut().insert(CORRELATION_ID, id);
    Ok(response)
}

/// A path as the log may have it: not with the one-time token of a customer, as in `/customers/password-token={token}`.
fn loggable(path: &str) -> &str {
    let has_token = percent_decode_str(path)
        .decode_utf8_lossy()
        .contains("-token=");
    if has_token {
        "(a path with a one-time token)"
    } else {
        path
    }
}

async fn answer<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let method = request.method().clone();
    // Only the path: the query string of a token request may hold secrets.
    let path = log::log_enabled!(log::Level::Debug).then(|| loggable(request.path()).to_owned());
    let response = next.call(request).await?;
    if let Some(path) = path {
        log::debug!("{method} {path} {}", response.status().as_u16());
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn work_on_another_thread_keeps_the_id_and_none_follows_it_there() {
        let id = HeaderValue::from_static("shop-17");
        let (on_another_thread, afterwards) = AT_HAND
            .scope(id, async {
                let carried = carry(current);
                let thread = std::thread::spawn(move || (carried(), current()));
                thread.join().expect("no panic")
            })
            .await;
        assert_eq!(on_another_thread.as_deref(), Some("shop-17"));
        assert_eq!((afterwards, current()), (None, None));
        assert_eq!(carry(current)(), None);
    }

    #[test]
    fn one_time_tokens_in_paths_are_not_for_the_log() {
        for path in [
            "/demo/customers/password-token=s3cret",
            "/demo/in-store/key=de/customers/email-token=s3cret/",
            "/demo/customers/email-token%3Ds3cret",
            "/demo/customers/email%2Dtoken%3ds3cret",
        ] {
            assert_eq!(
                super::loggable(path),
                "(a path with a one-time token)",
                "{path}"
            );
        }
        for path in [
            "/demo/customers/key=anna",
            "/oauth/token",
            "/demo/customers/email-token",
        ] {
            assert_eq!(super::loggable(path), path);
        }
    }
}
