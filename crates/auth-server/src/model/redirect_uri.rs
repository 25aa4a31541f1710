//! Where a client may have authorization codes sent to.

use std::fmt;

use url::{Host, Url};

/// Most redirect URIs of one client.
pub const MAX_REDIRECT_URIS: usize = 10;
/// Longest redirect URI, in characters.
pub const MAX_REDIRECT_URI_CHARACTERS: usize = 2_048;

/// What a port may differ at (RFC 8252 section 7.3): a program takes any that is free. `localhost` is not among them,
/// because it may be resolved to another machine (section 8.3).
const LOOPBACK: [&str; 2] = ["http://127.0.0.1", "http://[::1]"];

/// A registered redirect URI, with the very characters it was registered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri(String);

/// Why a text is no redirect URI. The texts are for whoever registers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    /// Nobody needs one that long.
    #[error("A redirect URI must have at most {MAX_REDIRECT_URI_CHARACTERS} characters.")]
    TooLong,
    /// It has characters that no URI has (RFC 3986), or is none.
    #[error("A redirect URI must be an absolute URI.")]
    NotAbsolute,
    /// RFC 6749 section 3.1.2 forbids it.
    #[error("A redirect URI must not have a fragment.")]
    Fragment,
    /// A name before the host makes one host look like another.
    #[error("A redirect URI must not contain a user name or password.")]
    UserInfo,
    /// Anybody on the way could read the code.
    #[error("A redirect URI with `http` must be on 127.0.0.1, [::1] or localhost.")]
    PlainHttp,
    /// `javascript:` and its like, and names that another app takes as well (RFC 8252 section 7.1).
    #[error(
        "The scheme of a redirect URI must be `https`, `http` on this machine, or one with a dot in it, such as `com.example.app`."
    )]
    Scheme,
}

impl RedirectUri {
    /// Reads a URI that a client wants to register.
    ///
    /// # Errors
    /// [`RedirectUriError`].
    pub fn parse(text: &str) -> Result<Self, RedirectUriError> {
        if text.len() > MAX_REDIRECT_URI_CHARACTERS {
            return Err(RedirectUriError::TooLong);
        }
        if text.contains('#') {
            return Err(RedirectUriError::Fragment);
        }
        // The parser mends what browsers mend; what is registered must not need it.
        if !text.bytes().all(is_uri_byte) {
            return Err(RedirectUriError::NotAbsolute);
        }
        let url = Url::parse(text).map_err(|_malformed| RedirectUriError::NotAbsolute)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(RedirectUriError::UserInfo);
        }
        match url.scheme() {
            "https" => {}
            "http" if is_this_machine(url.host()) => {}
            "http" => return Err(RedirectUriError::PlainHttp),
            scheme if scheme.contains('.') => {}
            _ => return Err(RedirectUriError::Scheme),
        }
        Ok(Self(text.to_owned()))
    }

    /// A stored URI, which was checked when it was registered.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Its characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a request may name `requested`: this URI to the character, but for the port on a loopback address.
    #[must_use]
    pub fn admits(&self, requested: &str) -> bool {
        if self.0 == requested {
            return true;
        }
        match (
            without_loopback_port(&self.0),
            without_loopback_port(requested),
        ) {
            (Some(registered), Some(requested)) => registered == requested,
            _ => false,
        }
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Whether what is sent there stays on this machine.
pub(super) fn is_this_machine(host: Option<Host<&str>>) -> bool {
    match host {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The characters of RFC 3986 section 2.
fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte)
}

/// The loopback address and what follows its port. Compared as text: what a parser would mend does not pass.
fn without_loopback_port(text: &str) -> Option<(&'static str, &str)> {
    let (address, rest) = LOOPBACK
        .iter()
        .find_map(|address| Some((*address, text.strip_prefix(address)?)))?;
    let after = match rest.strip_prefix(':') {
        None => rest,
        Some(port) => {
            let after = port.trim_start_matches(|c: char| c.is_ascii_digit());
            let port = port.strip_suffix(after)?;
            port.parse::<u16>().ok().filter(|port| *port > 0)?;
            after
        }
    };
    let is_path = after.is_empty() || after.starts_with(['/', '?']);
    (is_path && after.bytes().all(is_uri_byte)).then_some((address, after))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_client_of_any_kind_needs_can_be_registered() {
        for text in [
            "https://app.example/cb",
            "https://app.example:8443/cb?tenant=1&x=%20",
            "http://127.0.0.1/cb",
            "http://127.0.0.1:5000/cb",
            "http://[::1]:5000",
            "http://localhost:3000/cb",
            "com.example.app:/cb",
            "com.example.app://oauth/cb",
        ] {
            assert_eq!(
                RedirectUri::parse(text).as_ref().map(RedirectUri::as_str),
                Ok(text)
            );
        }
    }

    #[test]
    fn what_would_give_codes_away_cannot_be_registered() {
        use RedirectUriError::*;
        let long = format!("https://app.example/{}", "x".repeat(2_029));
        for (text, error) in [
            (long.as_str(), TooLong),
            ("", NotAbsolute),
            ("/cb", NotAbsolute),
            ("app.example/cb", NotAbsolute),
            ("https://", NotAbsolute),
            ("https://app.example/c b", NotAbsolute),
            ("https://app.example\\@evil.example/", NotAbsolute),
            ("https://app.example/\u{e9}", NotAbsolute),
            ("https://app.example/\ncb", NotAbsolute),
            ("https://app.example/cb#x", Fragment),
            ("https://app.example/cb#", Fragment),
            ("https://app.example@evil.example/", UserInfo),
            ("https://a:b@app.example/", UserInfo),
            ("http://app.example/cb", PlainHttp),
            ("http://127.0.0.1.evil.example/cb", PlainHttp),
            ("javascript:alert(1)", Scheme),
            ("data:text/html,x", Scheme),
            ("myapp:/cb", Scheme),
            ("ftp://app.example/cb", Scheme),
        ] {
            assert_eq!(RedirectUri::parse(text), Err(error), "{text}");
        }
        assert_eq!(long.len(), MAX_REDIRECT_URI_CHARACTERS + 1);
    }

    #[test]
    fn another_uri_is_another_one_to_the_last_character() {
        let uri = RedirectUri::stored("https://app.example/cb");
        assert!(uri.admits("https://app.example/cb"));
        for other in [
            "https://app.example/cb/",
            "https://app.example/CB",
            "https://APP.example/cb",
            "https://app.example:443/cb",
            "https://app.example/cb?x=1",
            "https://app.example/./cb",
            "https://app.example/cb#x",
            "http://app.example/cb",
            "https://app.example.evil.example/cb",
            "https://app.example/c%62",
            "",
        ] {
            assert!(!uri.admits(other), "{other}");
        }
    }

    #[test]
    fn only_on_a_loopback_address_the_port_may_be_another() {
        for registered in ["http://127.0.0.1/cb?x=1", "http://127.0.0.1:5000/cb?x=1"] {
            let uri = RedirectUri::stored(registered);
            for good in [
                "http://127.0.0.1/cb?x=1",
                "http://127.0.0.1:1/cb?x=1",
                "http://127.0.0.1:65535/cb?x=1",
            ] {
                assert!(uri.admits(good), "{good}");
            }
            for bad in [
                "http://127.0.0.1:0/cb?x=1",
                "http://127.0.0.1:/cb?x=1",
                "http://127.0.0.1:65536/cb?x=1",
                "http://127.0.0.1:80@evil.example/cb?x=1",
                "http://127.0.0.1.evil.example/cb?x=1",
                "http://127.0.0.1:5000/cb?x=2",
                "http://127.0.0.1:5000\\@evil.example/cb?x=1",
                "http://[::1]:5000/cb?x=1",
                "https://127.0.0.1:5000/cb?x=1",
                "http://127.1:5000/cb?x=1",
            ] {
                assert!(!uri.admits(bad), "{bad}");
            }
        }
        assert!(RedirectUri::stored("http://[::1]/").admits("http://[::1]:81/"));
        assert!(!RedirectUri::stored("http://localhost:3000/").admits("http://localhost:3001/"));
        assert!(!RedirectUri::stored("https://app.example/").admits("https://app.example:81/"));
    }

    proptest! {
        #[test]
        fn whatever_is_admitted_goes_to_the_registered_host(requested in "http://127\\.0\\.0\\.1[:0-9@/.a-z\\\\]{0,12}") {
            if RedirectUri::stored("http://127.0.0.1/cb").admits(&requested) {
                let url = Url::parse(&requested).expect("a URL");
                prop_assert_eq!((url.host_str(), url.path()), (Some("127.0.0.1"), "/cb"));
            }
        }
    }
}
