//! Path parameters, percent-decoded once.

use actix_web::HttpRequest;
use percent_encoding::percent_decode_str;

/// A parameter of the matched path; empty if the path has none of that name.
///
/// actix decodes everything but `%2F` and `%25`; what is left is decoded here.
#[must_use]
pub fn parameter(http: &HttpRequest, name: &str) -> String {
    optional_parameter(http, name).unwrap_or_default()
}

/// A parameter that only some paths of a handler have.
#[must_use]
pub fn optional_parameter(http: &HttpRequest, name: &str) -> Option<String> {
    let raw = http.match_info().get(name)?;
    Some(percent_decode_str(raw).decode_utf8_lossy().into_owned())
}
