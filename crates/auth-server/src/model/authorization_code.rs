//! Authorization codes (RFC 6749 section 4.1): what a customer allows a client, until the client asks for its tokens.

use domain::{
    identity::{
        ids::{ClientId, CustomerId, SessionId, StoreKey},
        scope::ScopeSet,
    },
    timestamp::Timestamp,
};

use super::{client::Client, error::OAuthError};

/// A code is good for so long: the client that waits for it asks at once.
pub const CODE_SECONDS: i64 = 60;

/// Where the answer to an authorization request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The URI: a registered one, but for the port on a loopback address.
    pub uri: String,
    /// Whether the request named it; the token request must then name it again (RFC 6749 section 4.1.3).
    pub is_named: bool,
}

impl Destination {
    /// Where `client` may have its answer sent, if a request names `requested`. Nothing goes anywhere before this is known:
    /// a server that sends people to any address helps whoever wants to be taken for it (RFC 9700 section 4.11).
    ///
    /// # Errors
    /// [`OAuthError::MissingParameter`] if none is named and not exactly one is registered,
    /// [`OAuthError::MalformedRequest`] if another one is named.
    pub fn of(client: &Client, requested: Option<&str>) -> Result<Self, OAuthError> {
        let Some(requested) = requested else {
            return match client.redirect_uris.as_slice() {
                [only] => Ok(Self {
                    uri: only.to_string(),
                    is_named: false,
                }),
                _ => Err(OAuthError::MissingParameter {
                    name: "redirect_uri",
                }),
            };
        };
        if client.redirect_uris.iter().any(|uri| uri.admits(requested)) {
            return Ok(Self {
                uri: requested.to_owned(),
                is_named: true,
            });
        }
        Err(OAuthError::MalformedRequest {
            message: "Invalid parameter: redirect_uri: It is not registered for this client.",
        })
    }

    /// The URI with an answer in its query.
    #[must_use]
    pub fn with(&self, answer: &[(&str, &str)]) -> String {
        let separator = if self.uri.contains('?') { '&' } else { '?' };
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(answer)
            .finish();
        format!("{}{separator}{query}", self.uri)
    }
}

/// An authorization code as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationCode {
    /// Hash of the code.
    pub hash: String,
    /// The only client that may have it exchanged.
    pub client_id: ClientId,
    /// Where it was sent.
    pub destination: Destination,
    /// The S256 challenge, 43 characters: SHA-256 of the secret that the exchange must show (RFC 7636).
    pub challenge: String,
    /// Who allowed it.
    pub customer: CustomerId,
    /// What the session may do, without the customer's identity.
    pub scope: ScopeSet,
    /// The store that the customer's own token was bound to.
    pub store: Option<StoreKey>,
    /// The session of the customer's own token. The code dies with it.
    pub authorized_by: SessionId,
    /// Thumbprint of the key that the exchange must show, where the request named one (RFC 9449 section 10).
    pub key_thumbprint: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// It is no good from then on.
    pub expires_at: Timestamp,
    /// Whether it was presented before, by whomever.
    pub is_used: bool,
    /// The session that came of it.
    pub session_id: Option<SessionId>,
}

impl AuthorizationCode {
    /// Whether its time is over.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at <= now
    }

    /// Whether a token request names the redirect URI as the authorization request did: the same, to the character.
    #[must_use]
    pub fn went_to(&self, redirect_uri: Option<&str>) -> bool {
        match redirect_uri {
            Some(uri) => uri == self.destination.uri,
            None => !self.destination.is_named,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Destination;

    #[test]
    fn an_answer_is_added_to_whatever_query_there_is_and_cannot_break_out_of_it() {
        let to = |uri: &str| Destination {
            uri: uri.to_owned(),
            is_named: true,
        };
        let answer = [("code", "a&b=c#d"), ("state", "\u{e9} \r\n")];
        let query = "code=a%26b%3Dc%23d&state=%C3%A9+%0D%0A";
        assert_eq!(
            to("https://app.example/cb").with(&answer),
            format!("https://app.example/cb?{query}")
        );
        assert_eq!(
            to("com.example.app:/cb?x=1").with(&answer),
            format!("com.example.app:/cb?x=1&{query}")
        );
    }
}
