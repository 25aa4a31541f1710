//! Answers in this dialect.

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    http::StatusCode,
    web::Bytes,
};
use domain::resource::Resource;
use serde_json::Value;
use shared::http::memory::Hold;

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

/// A page: the documents go out as stored, each as it is in memory already.
#[must_use]
pub fn page(query: &Query, page: Page) -> HttpResponse {
    let total = page
        .total
        .map_or_else(String::new, |total| format!(r#","total":{total}"#));
    let head = format!(
        r#"{{"limit":{},"offset":{},"count":{}{total},"results":["#,
        query.limit,
        query.offset,
        page.bodies.len()
    );
    let pieces = Pieces::new(head, page.bodies, page.hold);
    HttpResponse::Ok()
        .content_type(JSON)
        .body(BoxBody::new(pieces))
}

/// The body of a page, in pieces: joining them would be a copy of all.
struct Pieces {
    pieces: VecDeque<Bytes>,
    bytes: u64,
    _hold: Option<Hold>,
}

impl Pieces {
    fn new(head: String, documents: Vec<String>, hold: Option<Hold>) -> Self {
        let mut pieces =
            VecDeque::with_capacity(documents.len().saturating_mul(2).saturating_add(2));
        pieces.push_back(Bytes::from(head));
        for (at, document) in documents.into_iter().enumerate() {
            if at > 0 {
                pieces.push_back(Bytes::from_static(b","));
            }
            pieces.push_back(Bytes::from(document));
        }
        pieces.push_back(Bytes::from_static(b"]}"));
        let bytes = pieces
            .iter()
            .filter_map(|piece| u64::try_from(piece.len()).ok())
            .sum();
        Self {
            pieces,
            bytes,
            _hold: hold,
        }
    }
}

impl MessageBody for Pieces {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.bytes)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(self.pieces.pop_front().map(Ok))
    }
}
