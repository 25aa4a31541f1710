//! Answers in this dialect.

use actix_web::{HttpResponse, http::StatusCode};
use domain::resource::Resource;
use serde_json::Value;

use super::errors::ApiError;
use crate::{error::CommerceError, service::listing::Query, store::listing::Page};

const JSON: &str = "application/json; charset=utf-8";

/// A stored document as it is.
#[must_use]
pub fn stored(status: StatusCode, body: String) -> HttpResponse {
    HttpResponse::build(status).content_type(JSON).body(body)
}

/// A resource.
///
/// # Errors
/// If it cannot be written as JSON, which would be a bug.
pub fn resource<R: Resource>(status: StatusCode, resource: &R) -> Result<HttpResponse, ApiError> {
    Ok(stored(status, json(resource)?))
}

/// A resource as JSON.
///
/// # Errors
/// If it cannot be written, which would be a bug.
pub fn json<R: Resource>(resource: &R) -> Result<String, CommerceError> {
    serde_json::to_string(resource).map_err(|error| CommerceError::Internal(error.to_string()))
}

/// Any JSON value.
#[must_use]
pub fn value(status: StatusCode, value: &Value) -> HttpResponse {
    stored(status, value.to_string())
}

/// An answer to HEAD.
#[must_use]
pub fn head(found: bool) -> HttpResponse {
    if found {
        HttpResponse::Ok().finish()
    } else {
        HttpResponse::NotFound().finish()
    }
}

/// A page: the documents go out as stored.
#[must_use]
pub fn page(query: &Query, page: &Page) -> HttpResponse {
    use std::fmt::Write as _;
    let mut body = String::with_capacity(
        page.bodies
            .iter()
            .map(|body| body.len().saturating_add(1))
            .sum::<usize>()
            .saturating_add(128),
    );
    let written = write!(
        body,
        r#"{{"limit":{},"offset":{},"count":{}"#,
        query.limit,
        query.offset,
        page.bodies.len()
    );
    debug_assert!(written.is_ok(), "writing to a String cannot fail");
    if let Some(total) = page.total {
        body.push_str(r#","total":"#);
        body.push_str(&total.to_string());
    }
    body.push_str(r#","results":["#);
    body.push_str(&page.bodies.join(","));
    body.push_str("]}");
    stored(StatusCode::OK, body)
}
