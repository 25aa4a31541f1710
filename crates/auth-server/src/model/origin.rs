//! Origins of web pages (RFC 6454), as browsers write them in `Origin`.

use url::Url;

use super::redirect_uri::is_this_machine;

/// Most origins of a client.
pub const MOST_ORIGINS: usize = 50;

/// An origin as browsers write it: lower case, without a default port, path or trailing slash.
///
/// # Errors
/// A text that says what is expected.
pub fn origin(text: &str) -> Result<String, String> {
    match Url::parse(text) {
        // A wildcard would be taken for the name of a host.
        Ok(url) if url.origin().ascii_serialization() == text && !text.contains('*') => {
            Ok(text.to_owned())
        }
        Ok(_) | Err(_) => Err(format!(
            "must be origins such as https://shop.example, found `{text}`"
        )),
    }
}

/// [`origin`] of pages that nobody can change on their way: of https, or of this machine.
///
/// # Errors
/// As [`origin`].
pub fn secure_origin(text: &str) -> Result<String, String> {
    let origin = origin(text)?;
    let is_secure = Url::parse(text).is_ok_and(|url| match url.scheme() {
        "https" => true,
        "http" => is_this_machine(url.host()),
        _ => false,
    });
    if is_secure {
        Ok(origin)
    } else {
        Err(format!(
            "must be https://host[:port], or http for a loopback host, found `{text}`"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::secure_origin;

    #[test]
    fn an_origin_is_scheme_host_and_port_of_a_page_nobody_can_change() {
        for good in [
            "https://shop.example",
            "https://shop.example:8443",
            "http://localhost:3000",
            "http://127.0.0.1",
            "http://[::1]:3000",
        ] {
            assert_eq!(secure_origin(good), Ok(good.to_owned()));
        }
        for bad in [
            "",
            "*",
            "null",
            "shop.example",
            "https://shop.example/",
            "https://shop.example/path",
            "https://Shop.example",
            "https://shop.example:443",
            "https://user@shop.example",
            "https://*.shop.example",
            "http://shop.example",
            "ftp://shop.example",
            "https://a.example https://b.example",
        ] {
            assert!(secure_origin(bad).is_err(), "{bad}");
        }
    }
}
