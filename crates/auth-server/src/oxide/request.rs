//! A token request as the state machines read it.

use std::borrow::Cow;

use domain::identity::ids::ClientId;
use oxide_auth::code_grant::{client_credentials, refresh};

/// The parts of a token request that the protocol is about.
pub struct ProtocolRequest<'a> {
    /// The client, already authenticated.
    pub client_id: &'a ClientId,
    /// `grant_type`.
    pub grant_type: &'a str,
    /// `scope`, unless left out.
    pub scope: Option<&'a str>,
    /// `refresh_token`, unless left out.
    pub refresh_token: Option<&'a str>,
}

impl ProtocolRequest<'_> {
    /// The machines insist on a secret; the proof was given before, see `http::authentication`.
    fn client(&self) -> Option<(Cow<'_, str>, Cow<'_, [u8]>)> {
        Some((Cow::Borrowed(self.client_id.as_str()), Cow::Borrowed(&[])))
    }
}

impl client_credentials::Request for ProtocolRequest<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn authorization(&self) -> Option<(Cow<'_, str>, Cow<'_, [u8]>)> {
        self.client()
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        self.scope.map(Cow::Borrowed)
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.grant_type))
    }

    fn extension(&self, _key: &str) -> Option<Cow<'_, str>> {
        None
    }
}

impl refresh::Request for ProtocolRequest<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn refresh_token(&self) -> Option<Cow<'_, str>> {
        self.refresh_token.map(Cow::Borrowed)
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        self.scope.map(Cow::Borrowed)
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.grant_type))
    }

    fn authorization(&self) -> Option<(Cow<'_, str>, Cow<'_, [u8]>)> {
        self.client()
    }

    fn extension(&self, _key: &str) -> Option<Cow<'_, str>> {
        None
    }
}
