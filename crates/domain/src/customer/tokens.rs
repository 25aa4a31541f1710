//! Messages about mailed tokens. The tokens themselves are kept by the service.

use super::Customer;
use crate::{message::Message, timestamp::Timestamp};

/// A token that was made for a customer.
#[derive(Clone, Copy)]
pub struct IssuedToken<'a> {
    /// What the customer has to present, where the message may say it: whoever reads messages can use it.
    pub value: Option<&'a str>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be presented.
    pub expires_at: Timestamp,
    /// Whether earlier tokens stopped working.
    pub invalidate_older_tokens: bool,
}

/// A token that lives longer than this is not written into the message log.
const MAX_LOGGED_LIFETIME_MILLIS: i64 = 60 * 60 * 1000;

impl IssuedToken<'_> {
    fn message(&self, message_type: &'static str, customer: &Customer) -> Message {
        let lifetime = self
            .expires_at
            .millis()
            .saturating_sub(self.created_at.millis());
        let message = Message::new(message_type)
            .with("customerId", customer.id.as_str())
            .with("expiresAt", self.expires_at.to_string());
        let message = match self.value {
            Some(value) if lifetime <= MAX_LOGGED_LIFETIME_MILLIS => message.with("value", value),
            Some(_) | None => message,
        };
        message.with("invalidateOlderTokens", self.invalidate_older_tokens)
    }
}

impl Customer {
    /// The message that a token to verify the e-mail address was made.
    #[must_use]
    pub fn email_token_created(&self, token: &IssuedToken<'_>) -> Message {
        token.message("CustomerEmailTokenCreated", self)
    }

    /// The message that a token to choose a new password was made.
    #[must_use]
    pub fn password_token_created(&self, token: &IssuedToken<'_>) -> Message {
        token.message("CustomerPasswordTokenCreated", self)
    }
}
