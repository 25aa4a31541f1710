//! Product types: which attributes products may have.

use serde::{Deserialize, Serialize};

pub use super::attribute_definition::{
    AttributeConstraint, AttributeDefinition, AttributeLevel, AttributeType, TextInputHint,
};
use crate::{
    catalog::{
        enum_values::{add_value, enum_key_exists, relabel, reorder, unknown_enum_key},
        field_definition::{EnumValue, LocalizedEnumValue},
        shape::{check_key, check_optional_key, check_required_localized, check_text, constraint},
    },
    context::{Author, Context},
    error::DomainError,
    kind::Kind,
    resource::{Resource, unborn},
    timestamp::Timestamp,
};

mod action;

pub use action::ProductTypeAction;

/// A set of attribute definitions.
///
/// Source: <https://docs.commercetools.com/api/projects/productTypes>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductType {
    pub id: String,
    pub version: i64,
    pub created_at: Timestamp,
    pub last_modified_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Author>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<Author>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    pub name: String,
    pub description: String,
    #[serde(default)]
    pub attributes: Vec<AttributeDefinition>,
}

crate::envelope!(ProductType, optional_key);

/// What a client sends to create a product type.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductTypeDraft {
    pub key: Option<String>,
    pub name: String,
    pub description: String,
    #[serde(default)]
    pub attributes: Vec<AttributeDefinition>,
}

impl ProductType {
    /// The definition of an attribute.
    #[must_use]
    pub fn find_attribute(&self, name: &str) -> Option<&AttributeDefinition> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }

    fn attribute(&mut self, name: &str) -> Result<&mut AttributeDefinition, DomainError> {
        self.attributes
            .iter_mut()
            .find(|attribute| attribute.name == name)
            .ok_or_else(|| unknown_attribute(name))
    }

    fn plain_values(&mut self, name: &str) -> Result<&mut Vec<EnumValue>, DomainError> {
        let definition = self.attribute(name)?;
        definition
            .attribute_type
            .plain_values_mut()
            .ok_or_else(|| not_of_type(name, "enum"))
    }

    fn localized_values(
        &mut self,
        name: &str,
    ) -> Result<&mut Vec<LocalizedEnumValue>, DomainError> {
        let definition = self.attribute(name)?;
        definition
            .attribute_type
            .localized_values_mut()
            .ok_or_else(|| not_of_type(name, "lenum"))
    }

    fn add_attribute(
        &mut self,
        attribute: AttributeDefinition,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        attribute.check()?;
        if self.find_attribute(&attribute.name).is_some() {
            return Err(self.conflict(
                "AttributeDefinitionAlreadyExists",
                format!(
                    "An attribute definition with name '{}' already exists on product type '{}'.",
                    attribute.name, self.name
                ),
                &attribute.name,
            ));
        }
        for other in context.world.all::<Self>()? {
            let conflict = other.find_attribute(&attribute.name).is_some_and(|known| {
                other.id != self.id && !known.attribute_type.agrees_with(&attribute.attribute_type)
            });
            if conflict {
                return Err(other.conflict(
                    "AttributeDefinitionTypeConflict",
                    format!(
                        "The attribute with name '{}' has a different type on product type '{}'.",
                        attribute.name, other.name
                    ),
                    &attribute.name,
                ));
            }
        }
        self.attributes.push(attribute);
        Ok(())
    }

    fn conflict(&self, code: &'static str, message: String, attribute: &str) -> DomainError {
        constraint(
            code,
            message,
            vec![
                ("conflictingProductTypeId", self.id.as_str().into()),
                ("conflictingProductTypeName", self.name.as_str().into()),
                ("conflictingAttributeName", attribute.into()),
            ],
        )
    }

    fn rename_attribute(&mut self, name: &str, new_name: String) -> Result<(), DomainError> {
        check_key("newAttributeName", &new_name)?;
        if name != new_name && self.find_attribute(&new_name).is_some() {
            return Err(self.conflict(
                "AttributeDefinitionAlreadyExists",
                format!(
                    "An attribute definition with name '{new_name}' already exists on product type '{}'.",
                    self.name
                ),
                &new_name,
            ));
        }
        self.attribute(name)?.name = new_name;
        Ok(())
    }

    fn reorder_attributes(&mut self, names: &[String]) -> Result<(), DomainError> {
        let place = |name: &str| names.iter().position(|named| named == name);
        let complete = names.len() == self.attributes.len()
            && self.attributes.iter().all(|one| place(&one.name).is_some());
        if !complete {
            return Err(DomainError::input(
                "the order must name each attribute of the product type once",
            ));
        }
        self.attributes.sort_by_key(|one| place(&one.name));
        Ok(())
    }

    fn change_constraint(
        &mut self,
        name: &str,
        wanted: AttributeConstraint,
    ) -> Result<(), DomainError> {
        let definition = self.attribute(name)?;
        let present = definition.attribute_constraint;
        // Only loosening is allowed: products that exist could break a new constraint.
        if present != wanted && wanted != AttributeConstraint::None {
            return Err(DomainError::operation(format!(
                "The attribute constraint of '{name}' can only be changed to 'None'."
            )));
        }
        definition.attribute_constraint = wanted;
        Ok(())
    }

    fn change_enum_key(&mut self, name: &str, key: &str, new: String) -> Result<(), DomainError> {
        check_text("newKey", &new)?;
        let definition = self.attribute(name)?;
        let keys = enum_keys(definition)?;
        if key != new && keys.contains(&new) {
            return Err(enum_key_exists(name, &new));
        }
        if !keys.iter().any(|known| known == key) {
            return Err(unknown_enum_key(name, key));
        }
        let attribute_type = &mut definition.attribute_type;
        for value in attribute_type.plain_values_mut().into_iter().flatten() {
            if value.key == key {
                value.key.clone_from(&new);
            }
        }
        for value in attribute_type.localized_values_mut().into_iter().flatten() {
            if value.key == key {
                value.key.clone_from(&new);
            }
        }
        Ok(())
    }

    fn remove_enum_values(&mut self, name: &str, keys: &[String]) -> Result<(), DomainError> {
        let definition = self.attribute(name)?;
        let known = enum_keys(definition)?;
        if let Some(unknown) = keys.iter().find(|key| !known.contains(key)) {
            return Err(unknown_enum_key(name, unknown));
        }
        if let Some(values) = definition.attribute_type.plain_values_mut() {
            values.retain(|value| !keys.contains(&value.key));
        }
        if let Some(values) = definition.attribute_type.localized_values_mut() {
            values.retain(|value| !keys.contains(&value.key));
        }
        Ok(())
    }
}

fn enum_keys(definition: &mut AttributeDefinition) -> Result<Vec<String>, DomainError> {
    if let Some(values) = definition.attribute_type.plain_values_mut() {
        return Ok(values.iter().map(|value| value.key.clone()).collect());
    }
    definition
        .attribute_type
        .localized_values_mut()
        .map(|values| values.iter().map(|value| value.key.clone()).collect())
        .ok_or_else(|| not_of_type(&definition.name, "enum"))
}

fn unknown_attribute(name: &str) -> DomainError {
    constraint(
        "AttributeNameDoesNotExist",
        format!("The attribute definition with name '{name}' does not exist on this product type."),
        vec![("invalidAttributeName", name.into())],
    )
}

fn not_of_type(name: &str, expected: &str) -> DomainError {
    DomainError::operation(format!(
        "The attribute '{name}' is not of the type '{expected}' or a set of it."
    ))
}

impl Resource for ProductType {
    const KIND: Kind = Kind::ProductType;
    type Draft = ProductTypeDraft;
    type Action = ProductTypeAction;

    fn create(draft: ProductTypeDraft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        check_optional_key("key", draft.key.as_deref())?;
        check_text("name", &draft.name)?;
        let mut product_type = Self {
            id: String::new(),
            version: 0,
            created_at: unborn(),
            last_modified_at: unborn(),
            created_by: None,
            last_modified_by: None,
            key: draft.key,
            name: draft.name,
            description: draft.description,
            attributes: Vec::with_capacity(draft.attributes.len()),
        };
        for attribute in draft.attributes {
            product_type.add_attribute(attribute, context)?;
        }
        Ok(product_type)
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm per action; the compiler lists the missing ones"
    )]
    fn apply(
        &mut self,
        action: ProductTypeAction,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        use ProductTypeAction as A;
        match action {
            A::SetKey { key } => {
                check_optional_key("key", key.as_deref())?;
                self.key = key;
                Ok(())
            }
            A::ChangeName { name } => {
                check_text("name", &name)?;
                self.name = name;
                Ok(())
            }
            A::ChangeDescription { description } => {
                self.description = description;
                Ok(())
            }
            A::AddAttributeDefinition { attribute } => self.add_attribute(attribute, context),
            A::RemoveAttributeDefinition { name } => {
                self.attribute(&name)?;
                self.attributes.retain(|attribute| attribute.name != name);
                Ok(())
            }
            A::ChangeAttributeName {
                attribute_name: name,
                new_attribute_name,
            } => self.rename_attribute(&name, new_attribute_name),
            A::ChangeAttributeOrder { attributes } => {
                let names: Vec<String> = attributes.into_iter().map(|one| one.name).collect();
                self.reorder_attributes(&names)
            }
            A::ChangeAttributeOrderByName { attribute_names } => {
                self.reorder_attributes(&attribute_names)
            }
            A::ChangeAttributeConstraint {
                attribute_name: name,
                new_value,
            } => self.change_constraint(&name, new_value),
            A::ChangeLabel {
                attribute_name: name,
                label,
            } => {
                check_required_localized("label", &label)?;
                self.attribute(&name)?.label = label;
                Ok(())
            }
            A::SetInputTip {
                attribute_name: name,
                input_tip,
            } => {
                self.attribute(&name)?.input_tip = input_tip;
                Ok(())
            }
            A::ChangeInputHint {
                attribute_name: name,
                new_value,
            } => {
                self.attribute(&name)?.input_hint = new_value;
                Ok(())
            }
            A::ChangeIsSearchable {
                attribute_name: name,
                is_searchable,
            } => {
                self.attribute(&name)?.is_searchable = is_searchable;
                Ok(())
            }
            A::AddPlainEnumValue {
                attribute_name: name,
                value,
            } => add_value(self.plain_values(&name)?, &name, value),
            A::AddLocalizedEnumValue {
                attribute_name: name,
                value,
            } => add_value(self.localized_values(&name)?, &name, value),
            A::ChangeEnumKey {
                attribute_name: name,
                key,
                new_key,
            } => self.change_enum_key(&name, &key, new_key),
            A::RemoveEnumValues {
                attribute_name: name,
                keys,
            } => self.remove_enum_values(&name, &keys),
            A::ChangePlainEnumValueLabel {
                attribute_name: name,
                new_value,
            } => relabel(self.plain_values(&name)?, &name, new_value),
            A::ChangeLocalizedEnumValueLabel {
                attribute_name: name,
                new_value,
            } => relabel(self.localized_values(&name)?, &name, new_value),
            A::ChangePlainEnumValueOrder {
                attribute_name: name,
                values,
            } => reorder(self.plain_values(&name)?, values),
            A::ChangeLocalizedEnumValueOrder {
                attribute_name: name,
                values,
            } => reorder(self.localized_values(&name)?, values),
        }
    }
}
