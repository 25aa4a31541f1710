//! Messages about custom fields, which differ by resource in nothing but names.

use crate::{custom_fields::CustomFields, error::DomainError, message::Message};

/// The names of one resource's messages about its custom fields.
pub(crate) struct CustomMessages {
    pub(crate) type_set: &'static str,
    pub(crate) type_removed: &'static str,
    pub(crate) field_added: &'static str,
    pub(crate) field_changed: &'static str,
    pub(crate) field_removed: &'static str,
    /// Member with the id of the former type.
    pub(crate) previous_type: &'static str,
    /// Member with the former value of a changed field, if the message has one.
    pub(crate) previous_value: Option<&'static str>,
}

impl CustomMessages {
    /// What `setCustomType` changed, if anything.
    pub(crate) fn of_type(
        &self,
        before: Option<&CustomFields>,
        after: Option<&CustomFields>,
    ) -> Result<Option<Message>, DomainError> {
        if before == after {
            return Ok(None);
        }
        let message = match after {
            Some(after) => Message::new(self.type_set).with_document("customFields", after)?,
            None => Message::new(self.type_removed),
        };
        let previous = before.map(|before| before.type_reference.id.clone());
        Ok(Some(message.with(self.previous_type, previous)))
    }

    /// What `setCustomField` changed, if anything.
    pub(crate) fn of_field(
        &self,
        name: &str,
        before: Option<&CustomFields>,
        after: Option<&CustomFields>,
    ) -> Option<Message> {
        let value = |custom: Option<&CustomFields>| custom?.fields.get(name).cloned();
        match (value(before), value(after)) {
            (None, None) => None,
            (None, Some(new)) => {
                let message = Message::new(self.field_added).with("name", name);
                Some(message.with("value", new))
            }
            (Some(_), None) => Some(Message::new(self.field_removed).with("name", name)),
            (Some(old), Some(new)) if old == new => None,
            (Some(old), Some(new)) => {
                let message = Message::new(self.field_changed)
                    .with("name", name)
                    .with("value", new);
                Some(match self.previous_value {
                    Some(member) => message.with(member, old),
                    None => message,
                })
            }
        }
    }
}
