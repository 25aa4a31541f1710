//! Custom fields of resources, checked against their type.

mod value;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    catalog::type_definition::TypeDefinition,
    context::Context,
    error::DomainError,
    kind::Kind,
    reference::{Reference, ResourceIdentifier},
    world::By,
};

/// Custom fields as they are stored and shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CustomFields {
    /// The type that defines them.
    #[serde(rename = "type")]
    pub type_reference: Reference,
    /// Values by field name.
    pub fields: Map<String, Value>,
}

/// Custom fields as a client sends them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CustomFieldsDraft {
    /// The type, by id or key.
    #[serde(rename = "type")]
    pub type_identifier: ResourceIdentifier,
    /// Values by field name.
    #[serde(default)]
    pub fields: Map<String, Value>,
}

impl CustomFieldsDraft {
    /// The custom fields to store on a `target`, such as `order` (also for carts) or `line-item`.
    ///
    /// Values are brought into the form in which they are stored: money with its digits, times in UTC, references by
    /// id, sets without repetitions.
    ///
    /// # Errors
    /// [`DomainError::ReferencedResourceNotFound`] for an unknown type or reference, [`DomainError::InvalidOperation`]
    /// if the type is not for the target, [`DomainError::InvalidField`] for an unknown field or a value of another
    /// type, [`DomainError::RequiredField`] for a missing one.
    pub fn resolve(
        self,
        target: &'static str,
        context: &mut Context<'_>,
    ) -> Result<CustomFields, DomainError> {
        let definition = context
            .world
            .require::<TypeDefinition>(&self.type_identifier)?;
        if !definition.resource_type_ids.iter().any(|id| id == target) {
            return Err(DomainError::operation(format!(
                "the type `{}` is not for `{target}`, only for {}",
                definition.key,
                definition.resource_type_ids.join(", ")
            )));
        }
        let mut fields = Map::new();
        for (name, given) in self.fields {
            if !given.is_null() {
                let stored = checked(&definition, &name, given, context)?;
                fields.insert(name, stored);
            }
        }
        let missing = definition
            .field_definitions
            .iter()
            .find(|field| field.required && !fields.contains_key(&field.name));
        if let Some(field) = missing {
            return Err(DomainError::required(field.name.as_str()));
        }
        Ok(CustomFields {
            type_reference: Reference::new(Kind::Type, definition.id.as_str()),
            fields,
        })
    }
}

/// Action `setCustomType`: replaces all custom fields, or removes them if no type is given.
///
/// # Errors
/// As [`CustomFieldsDraft::resolve`].
pub fn set_type(
    custom: &mut Option<CustomFields>,
    type_identifier: Option<ResourceIdentifier>,
    fields: Option<Map<String, Value>>,
    target: &'static str,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    *custom = match type_identifier {
        Some(type_identifier) => {
            let draft = CustomFieldsDraft {
                type_identifier,
                fields: fields.unwrap_or_default(),
            };
            Some(draft.resolve(target, context)?)
        }
        None => None,
    };
    Ok(())
}

/// Action `setCustomField`: sets one value, or removes it if none is given.
///
/// # Errors
/// [`DomainError::InvalidOperation`] if there is no type, [`DomainError::InvalidField`] for an unknown field or a value
/// of another type, [`DomainError::RequiredField`] if a required field would be removed.
pub fn set_field(
    custom: &mut Option<CustomFields>,
    name: &str,
    value: Option<Value>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let Some(custom) = custom else {
        return Err(DomainError::operation(format!(
            "the custom field `{name}` cannot be set because no type is set; use `setCustomType` first"
        )));
    };
    let definition = type_of(custom, context)?;
    match value.filter(|value| !value.is_null()) {
        Some(given) => {
            let stored = checked(&definition, name, given, context)?;
            custom.fields.insert(name.to_owned(), stored);
        }
        None => {
            let field = definition
                .find_field(name)
                .ok_or_else(|| DomainError::field(name, Value::Null))?;
            if field.required {
                return Err(DomainError::required(name));
            }
            custom.fields.shift_remove(name);
        }
    }
    Ok(())
}

fn type_of(
    custom: &CustomFields,
    context: &mut Context<'_>,
) -> Result<Arc<TypeDefinition>, DomainError> {
    let id = custom.type_reference.id.as_str();
    context
        .world
        .get::<TypeDefinition>(By::Id(id))?
        .ok_or_else(|| DomainError::ReferencedResourceNotFound {
            kind: Kind::Type,
            identifier: ResourceIdentifier::by_id(id),
        })
}

fn checked(
    definition: &TypeDefinition,
    name: &str,
    given: Value,
    context: &mut Context<'_>,
) -> Result<Value, DomainError> {
    match definition.find_field(name) {
        Some(field) => value::stored(name, &field.field_type, given, context),
        None => Err(DomainError::InvalidField {
            field: name.to_owned(),
            value: given,
            allowed: Vec::new(),
        }),
    }
}

#[cfg(test)]
mod tests;
