//! The `Authorization` header of a request for a resource.

use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use shared::http::bearer::{Credentials, credentials};

use crate::Verdict;

/// The token that is read is the end of the header, without blanks around it, behind the scheme it was read for.
pub fn check(data: &[u8]) -> Verdict {
    let Some(value) = HeaderValue::from_bytes(data).ok() else {
        return Verdict::Refused;
    };
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, value.clone());
    let (scheme, token) = match credentials(&headers) {
        Credentials::Missing => panic!("there is a header"),
        Credentials::Malformed => return Verdict::Refused,
        Credentials::Bearer(token) => ("bearer", token),
        Credentials::Dpop(token) => ("dpop", token),
    };
    let text = std::str::from_utf8(data).expect("a token that is read is text");
    assert_eq!(token, token.trim());
    assert!(!token.is_empty());
    let (before, after) = text.split_at(scheme.len());
    assert!(before.eq_ignore_ascii_case(scheme), "{text:?}");
    assert_eq!(after.trim(), token);
    // Two tokens are none.
    headers.append(AUTHORIZATION, value);
    assert_eq!(credentials(&headers), Credentials::Malformed);
    Verdict::Accepted
}
