//! API clients: who may ask for tokens, and which.

use domain::{
    identity::{
        ids::{ClientId, ProjectKey},
        scope::ScopeSet,
    },
    timestamp::Timestamp,
};

use super::redirect_uri::RedirectUri;

/// Access tokens live two days unless the client says otherwise.
pub const DEFAULT_ACCESS_TOKEN_SECONDS: i64 = 172_800;
/// Shortest and longest life of an access token.
pub const ACCESS_TOKEN_SECONDS: std::ops::RangeInclusive<i64> = 3_600..=604_800;
/// Refresh tokens live 200 days after their last use unless the client says otherwise.
pub const DEFAULT_REFRESH_TOKEN_SECONDS: i64 = 17_280_000;
/// Shortest and longest life of a refresh token.
pub const REFRESH_TOKEN_SECONDS: std::ops::RangeInclusive<i64> = 30..=31_536_000;
/// For so long a spent refresh token gets its successor again.
pub const DEFAULT_GRACE_SECONDS: i64 = 300;
/// Shortest and longest grace.
pub const GRACE_SECONDS: std::ops::RangeInclusive<i64> = 0..=900;

macro_rules! stored_words {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $type { $($(#[$variant_doc])* $variant,)+ }

        impl $type {
            /// Every word, in order.
            pub const WORDS: &'static [&'static str] = &[$($text,)+];

            /// The word in the database and on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The meaning of the word.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use stored_words;

stored_words! {
    /// What a used refresh token becomes.
    RefreshTokenMode {
        /// It is spent, its successor is handed out; reuse is noticed.
        Rotating = "rotating",
        /// It stays good.
        Reusable = "reusable",
        /// It stays good, but only together with the client's key (RFC 9449).
        Dpop = "dpop",
    }
}

stored_words! {
    /// What an access token looks like.
    AccessTokenFormat {
        /// A signed token (RFC 9068) that anyone can check with the public keys.
        Jwt = "jwt",
        /// 43 base64url characters that only this server's database knows.
        Opaque = "opaque",
    }
}

/// An API client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its `client_id`.
    pub id: ClientId,
    /// The one project it is for.
    pub project: ProjectKey,
    /// For people.
    pub name: String,
    /// Whether it runs where no secret can be kept, and so has none (RFC 6749 section 2.1).
    pub is_public: bool,
    /// Where it may have authorization codes sent to.
    pub redirect_uris: Vec<RedirectUri>,
    /// What it may do. Never changes.
    pub scope: ScopeSet,
    /// Life of its access tokens, where set.
    pub access_token_seconds: Option<i64>,
    /// Life of its refresh tokens after their last use, where set.
    pub refresh_token_seconds: Option<i64>,
    /// What becomes of used refresh tokens.
    pub refresh_token_mode: RefreshTokenMode,
    /// What its access tokens look like.
    pub access_token_format: AccessTokenFormat,
    /// For so long a spent refresh token gets its successor again.
    pub grace_seconds: i64,
    /// Pages of these origins only may use it; `None` is any. Requests that come from no page are not meant.
    pub allowed_origins: Option<Vec<String>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From then on it is no client any more.
    pub delete_at: Option<Timestamp>,
    /// The day (UTC, `YYYY-MM-DD`) it last got a token.
    pub last_used_on: Option<String>,
    /// The keyed hashes of its secrets.
    pub secrets: Vec<ClientSecret>,
}

/// A secret of a client, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSecret {
    /// Keyed hash of the secret.
    pub tag: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From then on it is not accepted.
    pub expires_at: Option<Timestamp>,
}

impl ClientSecret {
    /// Whether it is accepted.
    #[must_use]
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }
}

impl Client {
    /// Life of its access tokens.
    #[must_use]
    pub fn access_token_lifetime_seconds(&self) -> i64 {
        self.access_token_seconds
            .unwrap_or(DEFAULT_ACCESS_TOKEN_SECONDS)
    }

    /// Life of its refresh tokens after their last use.
    #[must_use]
    pub fn refresh_token_lifetime_seconds(&self) -> i64 {
        self.refresh_token_seconds
            .unwrap_or(DEFAULT_REFRESH_TOKEN_SECONDS)
    }

    /// Whether it gets sessions only with a key that they are bound to.
    #[must_use]
    pub fn must_show_key(&self) -> bool {
        self.refresh_token_mode == RefreshTokenMode::Dpop
    }

    /// Whether a request from a page of `origin` may use it; `None` is a request from no page.
    #[must_use]
    pub fn is_for_origin(&self, origin: Option<&str>) -> bool {
        match (&self.allowed_origins, origin) {
            (None, _) | (_, None) => true,
            (Some(allowed), Some(origin)) => allowed.iter().any(|one| one == origin),
        }
    }

    /// Whether it is past its `delete_at`.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.delete_at.is_some_and(|at| at <= now)
    }

    /// The tags of the secrets that are good now.
    pub fn secret_tags(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        self.secrets
            .iter()
            .filter(move |secret| secret.is_good(now))
            .map(|secret| secret.tag.as_str())
    }
}
