//! Actions on the values of enumerations.

use super::{TypeDefinition, reorder};
use crate::{
    catalog::field_definition::{EnumValue, LocalizedEnumValue},
    error::DomainError,
};

impl TypeDefinition {
    pub(super) fn add_enum_value(
        &mut self,
        field: &str,
        value: EnumValue,
    ) -> Result<(), DomainError> {
        let values = self.enum_values(field)?;
        check_new(values.iter().map(|old| &old.key), &value.key)?;
        values.push(value);
        Ok(())
    }

    pub(super) fn change_enum_label(
        &mut self,
        field: &str,
        value: EnumValue,
    ) -> Result<(), DomainError> {
        let values = self.enum_values(field)?;
        let old = values.iter_mut().find(|old| old.key == value.key);
        old.ok_or_else(|| no_value(&value.key))?.label = value.label;
        Ok(())
    }

    pub(super) fn change_enum_order(
        &mut self,
        field: &str,
        keys: &[String],
    ) -> Result<(), DomainError> {
        reorder(self.enum_values(field)?, keys, "keys", |value| &value.key)
    }

    pub(super) fn add_localized_enum_value(
        &mut self,
        field: &str,
        value: LocalizedEnumValue,
    ) -> Result<(), DomainError> {
        let values = self.localized_enum_values(field)?;
        check_new(values.iter().map(|old| &old.key), &value.key)?;
        values.push(value);
        Ok(())
    }

    pub(super) fn change_localized_enum_label(
        &mut self,
        field: &str,
        value: LocalizedEnumValue,
    ) -> Result<(), DomainError> {
        let values = self.localized_enum_values(field)?;
        let old = values.iter_mut().find(|old| old.key == value.key);
        old.ok_or_else(|| no_value(&value.key))?.label = value.label;
        Ok(())
    }

    pub(super) fn change_localized_enum_order(
        &mut self,
        field: &str,
        keys: &[String],
    ) -> Result<(), DomainError> {
        reorder(self.localized_enum_values(field)?, keys, "keys", |value| {
            &value.key
        })
    }

    fn enum_values(&mut self, field: &str) -> Result<&mut Vec<EnumValue>, DomainError> {
        self.field(field)?.field_type.enum_values().ok_or_else(|| {
            DomainError::operation(format!("the field `{field}` is not of type `Enum`"))
        })
    }

    fn localized_enum_values(
        &mut self,
        field: &str,
    ) -> Result<&mut Vec<LocalizedEnumValue>, DomainError> {
        let values = self.field(field)?.field_type.localized_enum_values();
        values.ok_or_else(|| {
            DomainError::operation(format!(
                "the field `{field}` is not of type `LocalizedEnum`"
            ))
        })
    }
}

fn check_new<'a>(mut keys: impl Iterator<Item = &'a String>, key: &str) -> Result<(), DomainError> {
    if keys.any(|old| old == key) {
        return Err(DomainError::DuplicateField {
            field: "value.key".to_owned(),
            value: key.into(),
        });
    }
    Ok(())
}

fn no_value(key: &str) -> DomainError {
    DomainError::operation(format!("the enumeration has no value `{key}`"))
}
