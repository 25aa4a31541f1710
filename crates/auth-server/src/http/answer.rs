//! Successful answers that carry tokens or tell about them.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, PRAGMA},
};
use serde::Serialize;

use super::form::Form;

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");

/// 200 with JSON that no cache may keep (RFC 6749 section 5.1).
pub fn secret_json(form: &Form, body: &impl Serialize) -> HttpResponse {
    secret(form).json(body)
}

/// 200 that no cache may keep, without its body yet.
pub fn secret(form: &Form) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, "application/json; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((PRAGMA, "no-cache"));
    if form.has_secret_in_query() {
        response.insert_header((DEPRECATION, "true"));
    }
    response
}
