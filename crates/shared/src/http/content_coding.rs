//! `Content-Encoding` of requests.

use actix_web::http::header::{CONTENT_ENCODING, HeaderMap};

/// The coding of a body that is not sent as it is; RFC 9110 section 15.5.16 has 415 for it.
pub(super) fn unsupported_coding(headers: &HeaderMap) -> Option<String> {
    let given: Vec<String> = headers
        .get_all(CONTENT_ENCODING)
        .map(|value| {
            String::from_utf8_lossy(value.as_bytes())
                .trim()
                .to_ascii_lowercase()
        })
        .filter(|coding| !coding.is_empty() && coding != "identity")
        .collect();
    if given.is_empty() {
        return None;
    }
    Some(given.join(", ").chars().take(64).collect())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{CONTENT_ENCODING, HeaderMap, HeaderValue};

    use super::unsupported_coding;

    fn coding(given: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in given {
            headers.append(CONTENT_ENCODING, HeaderValue::from_static(value));
        }
        unsupported_coding(&headers)
    }

    #[test]
    fn what_is_not_decoded_is_named() {
        for plain in [&[][..], &["identity"], &[""], &["Identity"]] {
            assert_eq!(coding(plain), None, "{plain:?}");
        }
        assert_eq!(coding(&["GZIP"]).as_deref(), Some("gzip"));
        assert_eq!(coding(&["gzip, br"]).as_deref(), Some("gzip, br"));
        assert_eq!(coding(&["gzip", "br"]).as_deref(), Some("gzip, br"));
    }
}
