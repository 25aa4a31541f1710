//! Client credentials: from HTTP Basic authentication, or the bare name of a client that can keep no secret.

use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use domain::identity::ids::ClientId;
use percent_encoding::percent_decode_str;
use shared::secret::Secret;

use super::form::Form;
use crate::model::error::OAuthError;

/// Some clients leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a client shows to prove who it is.
#[derive(Clone, Debug)]
pub struct ClientCredentials {
    /// Who it says it is.
    pub id: ClientId,
    /// Its proof; `None` if it only says its name, as public clients do (RFC 6749 section 3.2.1).
    pub secret: Option<Secret<String>>,
}

impl ClientCredentials {
    /// Reads the value of an `Authorization` header.
    ///
    /// # Errors
    /// [`OAuthError::InvalidClient`], the same for every defect: a stranger learns nothing.
    pub fn parse(header: Option<&[u8]>) -> Result<Self, OAuthError> {
        Self::read(header).ok_or(OAuthError::InvalidClient)
    }

    /// [`Self::parse`], or without a header the `client_id` of the body. A header and a body must not both name
    /// credentials, nor different clients (RFC 6749 section 2.3).
    ///
    /// # Errors
    /// [`OAuthError::InvalidClient`] or [`OAuthError::MalformedRequest`].
    pub fn of_request(header: Option<&[u8]>, form: &Form) -> Result<Self, OAuthError> {
        let has_secret = form.get("client_secret").is_some();
        if header.is_none() {
            let id = form.in_body("client_id").filter(|_| !has_secret);
            return Ok(Self {
                id: ClientId::new(id.ok_or(OAuthError::InvalidClient)?),
                secret: None,
            });
        }
        let credentials = Self::parse(header)?;
        if has_secret {
            return Err(OAuthError::MalformedRequest {
                message: "Client credentials must be sent in one place only.",
            });
        }
        if form
            .get("client_id")
            .is_some_and(|id| id != credentials.id.as_str())
        {
            return Err(OAuthError::MalformedRequest {
                message: "The client_id is not the one of the client credentials.",
            });
        }
        Ok(credentials)
    }

    fn read(header: Option<&[u8]>) -> Option<Self> {
        let text = std::str::from_utf8(header?).ok()?;
        let (scheme, encoded) = text.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = String::from_utf8(BASE64.decode(encoded.trim()).ok()?).ok()?;
        let (id, secret) = decoded.split_once(':')?;
        let (id, secret) = (unescaped(id)?, unescaped(secret)?);
        if id.is_empty() || secret.is_empty() || id.contains('\0') {
            return None;
        }
        Some(Self {
            id: ClientId::new(id),
            secret: Some(Secret::new(secret)),
        })
    }
}

/// Strict clients escape id and secret as in a form (RFC 6749 section 2.3.1), the vendor's SDKs do not. What we generate has
/// nothing to escape, so both are understood; a `+` stays one, because no id and no secret contains a space.
fn unescaped(text: &str) -> Option<String> {
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(header: &str) -> Option<(String, String)> {
        ClientCredentials::parse(Some(header.as_bytes()))
            .ok()
            .and_then(|c| Some((c.id.to_string(), c.secret?.reveal().clone())))
    }

    #[test]
    fn the_scheme_may_be_in_any_case_and_the_padding_missing() {
        let expected = Some(("id".to_owned(), "s:t".to_owned()));
        for header in ["Basic aWQ6czp0", "basic aWQ6czp0", "BASIC  aWQ6czp0"] {
            assert_eq!(parse(header), expected);
        }
        assert_eq!(
            parse("Basic aWQ6cw"),
            Some(("id".to_owned(), "s".to_owned()))
        );
    }

    #[test]
    fn ids_and_secrets_may_be_escaped_as_in_a_form() {
        // a-b:s_t%, each half escaped by itself; and a raw plus.
        for (header, id, secret) in [
            ("Basic YSUyRGI6cyU1RnQlMjU=", "a-b", "s_t%"),
            ("Basic YTpiK2M=", "a", "b+c"),
            ("Basic YTpiJWM=", "a", "b%c"),
        ] {
            assert_eq!(parse(header), Some((id.to_owned(), secret.to_owned())));
        }
        // a%00:b and a:%ff
        for header in ["Basic YSUwMDpi", "Basic YTolZmY="] {
            assert_eq!(parse(header), None);
        }
    }

    #[test]
    fn broken_headers_are_all_the_same_refusal() {
        for header in [
            "",
            "Basic",
            "Basic ",
            "Basic %%%",
            "Basic aWQ=",
            "Basic OnNlY3JldA==",
            "Basic aWQ6",
            "Bearer aWQ6czp0",
            "Basic /////w==",
            "aWQ6czp0",
            "Basic aQBkOnM=",
        ] {
            assert_eq!(parse(header), None, "{header}");
        }
        assert_eq!(
            ClientCredentials::parse(None).err(),
            Some(OAuthError::InvalidClient)
        );
    }

    #[test]
    fn credentials_in_two_places_are_refused() {
        let form = Form::decode("client_secret=x", b"", None).expect("a form");
        let refused = ClientCredentials::of_request(Some(b"Basic aWQ6czp0"), &form);
        assert!(matches!(refused, Err(OAuthError::MalformedRequest { .. })));
    }

    #[test]
    fn without_a_header_the_name_in_the_body_is_enough_to_be_asked_about() {
        let named = |query: &str, body: &str| {
            let form = Form::decode(
                query,
                body.as_bytes(),
                Some("application/x-www-form-urlencoded"),
            );
            ClientCredentials::of_request(None, &form.expect("a form"))
        };
        let credentials = named("", "client_id=app").expect("credentials");
        assert_eq!(
            (credentials.id.as_str(), credentials.secret.is_none()),
            ("app", true)
        );
        for (query, body) in [
            ("", ""),
            ("client_id=app", ""),
            ("", "client_id=app&client_secret=x"),
            ("client_secret=x", "client_id=app"),
        ] {
            assert_eq!(
                named(query, body).err(),
                Some(OAuthError::InvalidClient),
                "{query} {body}"
            );
        }
    }

    #[test]
    fn a_body_may_repeat_the_name_in_the_header_but_not_name_another() {
        let header = Some(&b"Basic aWQ6czp0"[..]);
        let form = |query: &str| Form::decode(query, b"", None).expect("a form");
        assert!(ClientCredentials::of_request(header, &form("client_id=id")).is_ok());
        let refused = ClientCredentials::of_request(header, &form("client_id=other"));
        assert!(matches!(refused, Err(OAuthError::MalformedRequest { .. })));
    }

    proptest! {
        #[test]
        fn any_header_is_read_or_refused_without_a_panic(header in prop::collection::vec(any::<u8>(), 0..60)) {
            let _outcome = ClientCredentials::parse(Some(&header));
        }
    }
}
