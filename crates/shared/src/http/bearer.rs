//! The `Authorization` header (RFC 6750 §2.1, RFC 9449 §7.1). Tokens in the URL or the body are never read.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

/// What a request carries to prove itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials<'a> {
    /// No `Authorization` header.
    Missing,
    /// More than one header, another scheme, or no readable token.
    Malformed,
    /// A token that whoever has it may use.
    Bearer(&'a str),
    /// A token that comes with a proof.
    Dpop(&'a str),
}

/// Longest token that is looked at.
const MAX_TOKEN_LENGTH: usize = 16 * 1024;

/// Reads the access token of a request.
#[must_use]
pub fn credentials(headers: &HeaderMap) -> Credentials<'_> {
    let mut values = headers.get_all(AUTHORIZATION);
    let Some(value) = values.next() else {
        return Credentials::Missing;
    };
    if values.next().is_some() {
        return Credentials::Malformed;
    }
    let Some((scheme, token)) = value.to_str().ok().and_then(|text| text.split_once(' ')) else {
        return Credentials::Malformed;
    };
    let token = token.trim();
    if !(1..=MAX_TOKEN_LENGTH).contains(&token.len()) {
        return Credentials::Malformed;
    }
    if scheme.eq_ignore_ascii_case("bearer") {
        Credentials::Bearer(token)
    } else if scheme.eq_ignore_ascii_case("dpop") {
        Credentials::Dpop(token)
    } else {
        Credentials::Malformed
    }
}
