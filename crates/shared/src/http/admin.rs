//! What only operators may see: on a listener of its own, never behind the gateway.

use actix_web::{HttpResponse, http::header::CONTENT_TYPE};
use serde_json::json;

use crate::metrics::{self, Metrics};

/// `GET /version`.
#[must_use]
pub fn version(program: &str, version: &str, commit: &str) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "program": program, "version": version, "commit": commit }))
}

/// `GET /metrics`, when everything is up to date.
#[must_use]
pub fn render(metrics: &Metrics) -> HttpResponse {
    match metrics.render() {
        Ok(text) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, metrics::CONTENT_TYPE))
            .body(text),
        Err(error) => {
            log::error!("{error}");
            HttpResponse::InternalServerError().finish()
        }
    }
}
