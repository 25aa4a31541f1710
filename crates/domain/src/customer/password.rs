//! Passwords on their way to the hash, and what is shown instead of them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{AuthenticationMode, Customer};
use crate::error::DomainError;

/// Most characters of a password.
pub const MAX_PASSWORD_LENGTH: usize = 256;

/// A password as the client sent it. It cannot be printed or serialized.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct PlainPassword(String);

impl PlainPassword {
    /// Takes the text as it is.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the hash function only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it may become somebody's password: 1 to [`MAX_PASSWORD_LENGTH`] characters.
    ///
    /// # Errors
    /// [`DomainError::InvalidInput`] that names `field` and the length, never the password.
    pub fn check_length(&self, field: &str) -> Result<(), DomainError> {
        let length = self.0.chars().count();
        if (1..=MAX_PASSWORD_LENGTH).contains(&length) {
            return Ok(());
        }
        Err(DomainError::input(format!(
            "{field}: must have between 1 and {MAX_PASSWORD_LENGTH} characters, found {length}"
        )))
    }
}

impl std::fmt::Debug for PlainPassword {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("PlainPassword(…)")
    }
}

impl Customer {
    /// Whether there is a password here that could be changed or reset.
    ///
    /// # Errors
    /// [`DomainError::InvalidOperation`] for a customer who signs in elsewhere.
    pub fn check_has_password(&self) -> Result<(), DomainError> {
        match self.authentication_mode {
            AuthenticationMode::Password => Ok(()),
            AuthenticationMode::ExternalAuth => Err(DomainError::operation(
                "The customer has the authentication mode `ExternalAuth`: there is no password to set here.",
            )),
        }
    }
}

/// The constant that stands where the API shows a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaskedPassword;

impl Serialize for MaskedPassword {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("****")
    }
}

impl<'de> Deserialize<'de> for MaskedPassword {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Whatever is written there, nothing of it is kept.
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}
