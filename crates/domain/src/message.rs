//! What happened: the entries of the message log.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{DomainError, WorldError};

/// A message about the resource that is being written, before the store gives it an id and a sequence number.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The commercetools message type, such as `OrderCreated`.
    pub message_type: &'static str,
    /// Its payload members.
    pub payload: Map<String, Value>,
}

impl Message {
    /// A message without payload.
    #[must_use]
    pub fn new(message_type: &'static str) -> Self {
        Self {
            message_type,
            payload: Map::new(),
        }
    }

    /// Adds a payload member; absent values are left out.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        if !value.is_null() {
            self.payload.insert(member.to_owned(), value);
        }
        self
    }

    /// Adds a payload member in its API shape.
    ///
    /// # Errors
    /// [`DomainError::World`] if it has no JSON form.
    pub fn with_document(
        self,
        member: &str,
        document: &impl Serialize,
    ) -> Result<Self, DomainError> {
        let value = serde_json::to_value(document).map_err(|error| WorldError(Box::new(error)))?;
        Ok(self.with(member, value))
    }
}
