//! Rules for the values of enumerations in product types.

use serde_json::Value;

use crate::{
    catalog::{
        field_definition::{EnumValue, LocalizedEnumValue},
        shape::{check_required_localized, check_text, constraint},
    },
    error::DomainError,
};

/// A value of an enumeration, so that both sorts share their rules.
pub(super) trait EnumMember: Clone + PartialEq {
    fn key(&self) -> &str;
    fn check_label(&self) -> Result<(), DomainError>;
}

impl EnumMember for EnumValue {
    fn key(&self) -> &str {
        &self.key
    }

    fn check_label(&self) -> Result<(), DomainError> {
        Ok(())
    }
}

impl EnumMember for LocalizedEnumValue {
    fn key(&self) -> &str {
        &self.key
    }

    fn check_label(&self) -> Result<(), DomainError> {
        check_required_localized("value.label", &self.label)
    }
}

pub(super) fn add_value<V: EnumMember>(
    values: &mut Vec<V>,
    name: &str,
    value: V,
) -> Result<(), DomainError> {
    check_text("value.key", value.key())?;
    value.check_label()?;
    if values.iter().any(|known| known.key() == value.key()) {
        return Err(enum_key_exists(name, value.key()));
    }
    values.push(value);
    Ok(())
}

pub(super) fn relabel<V: EnumMember>(
    values: &mut [V],
    name: &str,
    value: V,
) -> Result<(), DomainError> {
    value.check_label()?;
    match values.iter_mut().find(|known| known.key() == value.key()) {
        Some(known) => {
            *known = value;
            Ok(())
        }
        None => Err(unknown_enum_key(name, value.key())),
    }
}

pub(super) fn reorder<V: EnumMember>(
    values: &mut Vec<V>,
    ordered: Vec<V>,
) -> Result<(), DomainError> {
    let same = ordered.len() == values.len() && values.iter().all(|known| ordered.contains(known));
    if !same {
        return Err(constraint(
            "EnumValuesMustMatch",
            "The enum values must be equal to the existing enum values.".to_owned(),
            Vec::new(),
        ));
    }
    *values = ordered;
    Ok(())
}

pub(super) fn enum_key_exists(name: &str, key: &str) -> DomainError {
    enum_error(
        "EnumKeyAlreadyExists",
        format!(
            "The '{name}' attribute definition already contains an enum value with key '{key}'."
        ),
        name,
        key,
    )
}

pub(super) fn unknown_enum_key(name: &str, key: &str) -> DomainError {
    enum_error(
        "EnumKeyDoesNotExist",
        format!(
            "The '{name}' attribute definition does not contain an enum value with key '{key}'."
        ),
        name,
        key,
    )
}

fn enum_error(code: &'static str, message: String, name: &str, key: &str) -> DomainError {
    constraint(
        code,
        message,
        vec![
            ("conflictingEnumKey", Value::from(key)),
            ("conflictingAttributeName", Value::from(name)),
        ],
    )
}
