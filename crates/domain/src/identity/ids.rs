//! Identifiers that must never be swapped.

use crate::error::DomainError;

macro_rules! identifiers {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is; whether such a thing exists is for the database to say.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self { Self(text.into()) }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { out.write_str(&self.0) }
        }
    )+};
}

identifiers! {
    /// Key of a project, the first path segment of its resources.
    ProjectKey;
    /// Key of a store.
    StoreKey;
    /// Id of an API client, its OAuth `client_id`.
    ClientId;
    /// Id of a customer.
    CustomerId;
    /// Identifier of an anonymous session, chosen by the client or generated.
    AnonymousId;
    /// Id of a token session: one sign-in or one guest.
    SessionId;
    /// Id of a device to which a guest's session was handed over: a family of refresh tokens beside the session's first.
    FamilyId;
}

/// Longest project or store key.
pub const MAX_KEY_LENGTH: usize = 256;

impl ProjectKey {
    /// A project key for a new project: 2–36 characters of `[a-z0-9-]`, not a reserved word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let shaped = (2..=36).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
        (shaped && text != "oauth").then(|| Self::new(text))
    }
}

/// Longest anonymous id.
pub const MAX_ANONYMOUS_ID_LENGTH: usize = 256;

impl AnonymousId {
    /// An id that a client chose: 1–256 characters of an RFC 6749 scope token, because it is placed in the scope string.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let shaped = (1..=MAX_ANONYMOUS_ID_LENGTH).contains(&text.len())
            && text
                .bytes()
                .all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
        shaped.then(|| Self::new(text))
    }

    /// [`Self::parse`] of an id for a new guest: none of those under which guests of other dialects are shown.
    #[must_use]
    pub fn choose(text: &str) -> Option<Self> {
        Self::parse(text).filter(|id| !is_alias(&id.0))
    }
}

/// Prefixes of the aliases under which guests of the other dialects are shown.
const ALIAS_PREFIXES: [&str; 2] = ["gl~", "sc~"];

fn is_alias(text: &str) -> bool {
    ALIAS_PREFIXES.iter().any(|prefix| text.starts_with(prefix))
}

/// Refuses an anonymous id that nobody may claim, because guests of other dialects are shown under such ones.
///
/// # Errors
/// [`DomainError::InvalidField`].
pub fn refuse_alias(text: &str) -> Result<(), DomainError> {
    if is_alias(text) {
        return Err(DomainError::field("anonymousId", text));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{AnonymousId, refuse_alias};

    #[test]
    fn nobody_chooses_an_id_under_which_guests_of_other_dialects_are_shown() {
        for alias in ["gl~", "gl~abc", "sc~0"] {
            assert_eq!(AnonymousId::choose(alias), None, "{alias}");
            assert!(refuse_alias(alias).is_err(), "{alias}");
        }
        for id in ["gl", "gl-~", "GL~abc", "phone-123", "0.8237"] {
            assert_eq!(AnonymousId::choose(id), Some(AnonymousId::new(id)));
            assert!(refuse_alias(id).is_ok(), "{id}");
        }
    }
}
