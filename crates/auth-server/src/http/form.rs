//! Parameters of a token request, from the form body and the query together.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use crate::model::error::OAuthError;

/// Longest body, in bytes.
pub const MAX_BODY_BYTES: usize = 16 * 1024;
/// Most parameters, body and query together.
pub const MAX_PARAMETERS: usize = 32;

/// Parameters that must not be repeated and are worth a warning when they arrive in a URL.
const SECRETS: [&str; 5] = [
    "anonymous_token",
    "handoff_code",
    "password",
    "refresh_token",
    "token",
];

/// The parameters of a request: each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Those of the query first.
    parameters: Vec<(String, String)>,
    in_query: usize,
    has_secret_in_query: bool,
}

impl Form {
    /// Reads query and body. Raw spaces are taken as they are, because clients send scopes so; a parameter without a value
    /// counts as left out (RFC 6749 section 3.1).
    ///
    /// # Errors
    /// [`OAuthError::RepeatedParameter`] if a name occurs twice, in one place or in two; [`OAuthError::TooLarge`] over a
    /// limit; [`OAuthError::MalformedRequest`] if a value is not UTF-8, contains U+0000 or the body is not a form.
    pub fn decode(
        query: &str,
        body: &[u8],
        content_type: Option<&str>,
    ) -> Result<Self, OAuthError> {
        if body.len() > MAX_BODY_BYTES {
            return Err(OAuthError::TooLarge {
                message: "The request body is larger than 16384 bytes.",
            });
        }
        if !body.is_empty() && !is_form(content_type) {
            return Err(OAuthError::MalformedRequest {
                message: "The Content-Type must be application/x-www-form-urlencoded.",
            });
        }
        let mut form = Self::default();
        form.read(query.as_bytes())?;
        form.in_query = form.parameters.len();
        form.has_secret_in_query = SECRETS.iter().any(|name| form.get(name).is_some());
        form.read(body)?;
        Ok(form)
    }

    fn read(&mut self, text: &[u8]) -> Result<(), OAuthError> {
        for pair in text.split(|byte| *byte == b'&') {
            if pair.is_empty() {
                continue;
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode_component(halves.next().unwrap_or_default())?;
            let value = decode_component(halves.next().unwrap_or_default())?;
            if self.parameters.len() == MAX_PARAMETERS {
                return Err(OAuthError::TooLarge {
                    message: "The request has more than 32 parameters.",
                });
            }
            if self.parameters.iter().any(|(known, _)| *known == name) {
                return Err(OAuthError::RepeatedParameter { name });
            }
            self.parameters.push((name, value));
        }
        Ok(())
    }

    /// The value of `name`, unless it is absent or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        Self::find(self.parameters.iter(), name)
    }

    /// The value of `name` in the body: URLs are kept where nobody looks after them.
    #[must_use]
    pub fn in_body(&self, name: &str) -> Option<&str> {
        Self::find(self.parameters.iter().skip(self.in_query), name)
    }

    fn find<'a>(
        mut parameters: impl Iterator<Item = &'a (String, String)>,
        name: &str,
    ) -> Option<&'a str> {
        parameters
            .find(|(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// Names and values, in the order they came in, without those that count as left out.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of `name`.
    ///
    /// # Errors
    /// [`OAuthError::MissingParameter`] if it is absent or empty.
    pub fn required(&self, name: &'static str) -> Result<&str, OAuthError> {
        self.get(name).ok_or(OAuthError::MissingParameter { name })
    }

    /// Whether a password or token arrived in the URL, where logs and histories keep it.
    #[must_use]
    pub const fn has_secret_in_query(&self) -> bool {
        self.has_secret_in_query
    }
}

fn is_form(content_type: Option<&str>) -> bool {
    let essence = content_type
        .and_then(|text| text.split(';').next())
        .unwrap_or_default();
    essence
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn decode_component(text: &[u8]) -> Result<String, OAuthError> {
    const MALFORMED: OAuthError = OAuthError::MalformedRequest {
        message: "Parameters must be UTF-8 text without U+0000.",
    };
    let spaced: Cow<'_, [u8]> = if text.contains(&b'+') {
        let replace = |byte: &u8| if *byte == b'+' { b' ' } else { *byte };
        Cow::Owned(text.iter().map(replace).collect())
    } else {
        Cow::Borrowed(text)
    };
    let decoded = percent_decode(&spaced)
        .decode_utf8()
        .ok()
        .ok_or(MALFORMED)?;
    // PostgreSQL has no text with U+0000: such a value would come back as a failure of the database.
    if decoded.contains('\0') {
        return Err(MALFORMED);
    }
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FORM: Option<&str> = Some("application/x-www-form-urlencoded; charset=UTF-8");

    fn decode(query: &str, body: &str) -> Result<Form, OAuthError> {
        Form::decode(query, body.as_bytes(), FORM)
    }

    #[test]
    fn scopes_may_be_sent_with_raw_spaces_pluses_or_escapes() {
        for body in ["scope=a:p b:p", "scope=a:p+b:p", "scope=a%3Ap%20b%3Ap"] {
            assert_eq!(
                decode("", body).expect("a form").get("scope"),
                Some("a:p b:p")
            );
        }
    }

    #[test]
    fn parameters_may_come_in_the_query_but_not_twice() {
        let form = decode("grant_type=password&password=x", "username=y").expect("a form");
        assert_eq!(form.get("grant_type"), Some("password"));
        assert_eq!(form.get("username"), Some("y"));
        assert_eq!(
            (form.in_body("username"), form.in_body("password")),
            (Some("y"), None)
        );
        assert!(form.has_secret_in_query());
        for (query, body) in [
            ("scope=a", "scope=a"),
            ("", "scope=a&scope=a"),
            ("scope=&scope=b", ""),
            ("", "sc%6Fpe=a&scope=a"),
        ] {
            assert_eq!(
                decode(query, body),
                Err(OAuthError::RepeatedParameter {
                    name: "scope".to_owned()
                })
            );
        }
    }

    #[test]
    fn an_empty_value_counts_as_left_out() {
        let form = decode("", "grant_type=&x=1&&=").expect("a form");
        assert_eq!(form.get("grant_type"), None);
        assert_eq!(
            form.required("grant_type"),
            Err(OAuthError::MissingParameter { name: "grant_type" })
        );
        assert!(!form.has_secret_in_query());
    }

    #[test]
    fn a_body_needs_the_form_content_type_and_an_empty_one_needs_none() {
        for content_type in [Some("application/json"), None, Some("")] {
            let refused = Form::decode("", b"{}", content_type);
            assert!(matches!(refused, Err(OAuthError::MalformedRequest { .. })));
            assert!(Form::decode("token=x", b"", content_type).is_ok());
        }
    }

    #[test]
    fn limits_hold_to_the_last_byte_and_parameter() {
        let body = format!("x={}", "y".repeat(MAX_BODY_BYTES - 2));
        assert!(decode("", &body).is_ok());
        assert!(matches!(
            decode("", &format!("{body}y")),
            Err(OAuthError::TooLarge { .. })
        ));
        let many: Vec<String> = (0..MAX_PARAMETERS).map(|n| format!("p{n}=1")).collect();
        assert!(decode("", &many.join("&")).is_ok());
        assert!(matches!(
            decode("one=more", &many.join("&")),
            Err(OAuthError::TooLarge { .. })
        ));
    }

    #[test]
    fn text_that_no_database_takes_is_refused() {
        for body in ["username=%00", "username=%ff%fe", "%c3%28=x"] {
            assert!(matches!(
                decode("", body),
                Err(OAuthError::MalformedRequest { .. })
            ));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_decoded_or_refused_without_a_panic(query in "\\PC{0,80}", body in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(form) = Form::decode(&query, &body, FORM) {
                prop_assert!(form.parameters.len() <= MAX_PARAMETERS);
            }
        }

        #[test]
        fn what_a_standard_encoder_writes_is_read_back(pairs in prop::collection::btree_map("[a-z_]{1,12}", "[^\\x00]{1,20}", 0..6)) {
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            let form = decode("", &body).expect("a form");
            for (name, value) in &pairs {
                prop_assert_eq!(form.get(name), Some(value.as_str()));
            }
        }
    }
}
