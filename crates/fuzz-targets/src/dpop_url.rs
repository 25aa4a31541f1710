//! The URL in a DPoP proof (first line) beside the path of a request (second line).

use shared::token::dpop::target;
use url::Url;

use crate::{Verdict, first_line};

const PUBLIC_URL: &str = "https://api.shop.example/v1";

/// A URL is taken for a request only if a standard parser sees the same server, the same path up to escapes, and no
/// user; and the request's own URL always is.
pub fn check(data: &[u8]) -> Verdict {
    let (htu, path) = first_line(data);
    let (Ok(htu), Ok(path)) = (std::str::from_utf8(htu), std::str::from_utf8(path)) else {
        return Verdict::Refused;
    };
    // A path on the wire starts so, and has no query.
    if !path.starts_with('/') || path.contains(['?', '#', '\n', '\r', '\t', '\\']) {
        return Verdict::Refused;
    }
    let own = format!("{PUBLIC_URL}{path}");
    let Ok(expected) = Url::parse(&own) else {
        return Verdict::Refused;
    };
    assert!(
        target::is_same(&own, PUBLIC_URL, path),
        "{own} is not itself"
    );
    if !target::is_same(htu, PUBLIC_URL, path) {
        return Verdict::Refused;
    }
    let found = Url::parse(htu).expect("a URL that is taken is one");
    assert_eq!(found.origin(), expected.origin());
    assert!(found.username().is_empty() && found.password().is_none());
    let segments = |url: &Url| url.path_segments().map_or(0, Iterator::count);
    assert_eq!(
        segments(&found),
        segments(&expected),
        "{htu} has other segments than {path}"
    );
    Verdict::Accepted
}
