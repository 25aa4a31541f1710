//! URLs of requests, compared as RFC 9449 §4.3 wants it: after the normalisation of RFC 3986 §6.2.2 and §6.2.3, and
//! without query and fragment.

use url::Url;

/// Whether the `htu` of a proof means the URL `public_url` + `path`, both as they are on the wire.
#[must_use]
pub fn is_same(htu: &str, public_url: &str, path: &str) -> bool {
    let expected = normal(&format!("{}{path}", public_url.trim_end_matches('/')));
    expected.is_some() && normal(htu) == expected
}

fn normal(text: &str) -> Option<String> {
    let mut url = Url::parse(text).ok()?;
    if !url.has_host() || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    url.set_query(None);
    url.set_fragment(None);
    // Scheme, host, port and dot segments are in normal form now; escapes are left.
    Some(with_normal_escapes(url.as_str()))
}

/// Escapes of characters that need none are undone, the digits of all others are upper case.
fn with_normal_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let digits = after.get(..2).filter(|two| is_hexadecimal(two));
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        match (digits, byte) {
            (_, Some(byte)) if is_unreserved(byte) => out.push(char::from(byte)),
            (Some(two), _) => {
                out.push('%');
                out.push_str(&two.to_ascii_uppercase());
            }
            (None, _) => out.push('%'),
        }
        rest = match digits {
            Some(_) => after.get(2..).unwrap_or_default(),
            None => after,
        };
    }
    out.push_str(rest);
    out
}

fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn urls_that_mean_the_same_are_the_same() {
        let base = "https://api.shop.example";
        for htu in [
            "https://api.shop.example/shop/in-store/key=a-b/me",
            "HTTPS://API.shop.example:443/shop/in-store/key=a-b/me",
            "https://api.shop.example/shop/in-store/key=a%2Db/me",
            "https://api.shop.example/shop/x/../in-store/key=a%2db/me?where=x#top",
        ] {
            assert!(is_same(htu, base, "/shop/in-store/key=a-b/me"), "{htu}");
        }
        assert!(is_same("https://x/a%c3%a4", "https://x/", "/%61%C3%A4?q#f"));
        assert!(is_same("https://x/auth/t", "https://x/auth/", "/t"));
    }

    #[test]
    fn urls_that_mean_something_else_are_not() {
        for htu in [
            "",
            "/shop/me",
            "shop/me",
            "http://api.shop.example/shop/me",
            "https://api.shop.example:8443/shop/me",
            "https://api.shop.example.evil.example/shop/me",
            "https://api.shop.example@evil.example/shop/me",
            "https://user@api.shop.example/shop/me",
            "https://api.shop.example/shop/me/",
            "https://api.shop.example/shop%2Fme",
            "https://api.shop.example/Shop/me",
            "https://api.shop.example/shop/m",
            "urn:shop:me",
            "https://api.shop.example/shop/me%",
        ] {
            let is_taken = is_same(htu, "https://api.shop.example", "/shop/me");
            assert!(!is_taken, "{htu}");
        }
    }
}
