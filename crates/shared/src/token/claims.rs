//! The claims of an access token (RFC 9068).

use domain::{
    identity::{
        ids::{ClientId, ProjectKey, SessionId, StoreKey},
        principal::{Principal, Subject},
        scope::ScopeSet,
    },
    timestamp::Timestamp,
};
use serde::{Deserialize, Serialize};

/// The claims of an access token. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// The configured issuer URL.
    pub iss: String,
    /// `["urn:commerce:{projectKey}"]`.
    pub aud: Vec<String>,
    /// `customer:{id}`, `anonymous:{session}` or `client:{client_id}`.
    pub sub: String,
    /// The API client.
    pub client_id: String,
    /// Issued at.
    pub iat: i64,
    /// Valid from.
    pub nbf: i64,
    /// Valid until.
    pub exp: i64,
    /// Unique id of this token.
    pub jti: String,
    /// Exactly the `scope` of the token response.
    pub scope: String,
    /// The session; absent for client credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The device that the session was handed over to; absent for the one that started it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fam: Option<String>,
    /// The store the token is bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// The key whose holder alone may use the token (RFC 7800); absent for bearer tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}

/// How the sender of a token proves to be its holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// RFC 7638 thumbprint of the key that proofs are signed with (RFC 9449 §6.1).
    pub jkt: String,
}

const AUDIENCE_PREFIX: &str = "urn:commerce:";

/// The audience of a project's tokens.
#[must_use]
pub fn audience(project: &ProjectKey) -> String {
    format!("{AUDIENCE_PREFIX}{project}")
}

impl AccessTokenClaims {
    /// How the token is presented, in answers and introspection: with a proof of its key, or by whoever has it.
    #[must_use]
    pub const fn token_type(&self) -> &'static str {
        match self.cnf {
            Some(_) => "DPoP",
            None => "Bearer",
        }
    }

    /// Whether the token is within its time, with `leeway_seconds` for clocks that differ.
    #[must_use]
    pub fn is_within_time(&self, now: Timestamp, leeway_seconds: i64) -> bool {
        let now = now.seconds();
        self.exp > now.saturating_sub(leeway_seconds)
            && self.nbf <= now.saturating_add(leeway_seconds)
            && self.iat <= now.saturating_add(leeway_seconds)
    }

    /// The caller these claims describe, or `None` if they do not fit together.
    #[must_use]
    pub fn principal(&self) -> Option<Principal> {
        let [audience] = self.aud.as_slice() else {
            return None;
        };
        let project = ProjectKey::new(audience.strip_prefix(AUDIENCE_PREFIX)?);
        let scopes = ScopeSet::parse(&self.scope).ok()?;
        let subject = scopes.subject();
        let kind = match &subject {
            Subject::Client => "client:",
            Subject::Anonymous(_) => "anonymous:",
            Subject::Customer(_) => "customer:",
        };
        if !self.sub.starts_with(kind) {
            return None;
        }
        Some(Principal {
            project,
            client_id: ClientId::new(&self.client_id),
            subject,
            session: self.sid.as_deref().map(SessionId::new),
            scopes,
            store: self.store.as_deref().map(StoreKey::new),
        })
    }
}
