//! The `Authorization` header (RFC 6750 §2.1). Tokens in the URL or the body are never read.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

/// What a request carries to prove itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearer<'a> {
    /// No `Authorization` header.
    Missing,
    /// More than one header, another scheme, or no readable token.
    Malformed,
    /// A token.
    Token(&'a str),
}

/// Longest token that is looked at.
const MAX_TOKEN_LENGTH: usize = 16 * 1024;

/// Reads the bearer token of a request.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Bearer<'_> {
    let mut values = headers.get_all(AUTHORIZATION);
    let Some(value) = values.next() else {
        return Bearer::Missing;
    };
    if values.next().is_some() {
        return Bearer::Malformed;
    }
    let Some((scheme, token)) = value.to_str().ok().and_then(|text| text.split_once(' ')) else {
        return Bearer::Malformed;
    };
    let token = token.trim();
    if scheme.eq_ignore_ascii_case("bearer") && (1..=MAX_TOKEN_LENGTH).contains(&token.len()) {
        Bearer::Token(token)
    } else {
        Bearer::Malformed
    }
}
