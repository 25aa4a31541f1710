//! Definitions of custom fields: the parts of a [`TypeDefinition`](super::type_definition::TypeDefinition).

use serde::{Deserialize, Serialize};

use super::field_type_wire::WireType;
use crate::{
    catalog::shape::check_required_localized, error::DomainError, localized::LocalizedString,
};

/// What custom field references may point to.
const REFERENCE_TYPE_IDS: [&str; 19] = [
    "approval-flow",
    "approval-rule",
    "associate-role",
    "business-unit",
    "cart",
    "cart-discount",
    "category",
    "channel",
    "customer",
    "customer-group",
    "key-value-document",
    "order",
    "product",
    "product-type",
    "review",
    "state",
    "shipping-method",
    "variant",
    "zone",
];

/// How a text field is edited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TypeTextInputHint {
    /// In one line.
    #[default]
    SingleLine,
    /// In several lines.
    MultiLine,
}

/// A value of an enumeration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnumValue {
    /// What is stored.
    pub key: String,
    /// What is shown.
    pub label: String,
}

/// A value of an enumeration with labels in several languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalizedEnumValue {
    /// What is stored.
    pub key: String,
    /// What is shown.
    pub label: LocalizedString,
}

/// What values a field takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WireType", into = "WireType")]
pub enum FieldType {
    /// `true` or `false`.
    Boolean {},
    /// A text.
    String {},
    /// A text in several languages.
    LocalizedString {},
    /// The key of one of `values`.
    Enum { values: Vec<EnumValue> },
    /// The key of one of `values`.
    LocalizedEnum { values: Vec<LocalizedEnumValue> },
    /// A number.
    Number {},
    /// An amount of money.
    Money {},
    /// A day, `YYYY-MM-DD`.
    Date {},
    /// A time of day, `HH:mm:ss.SSS`.
    Time {},
    /// A point in time.
    DateTime {},
    /// A reference to a resource of one type.
    Reference { reference_type_id: String },
    /// Any number of different values.
    Set { element_type: Box<Self> },
}

impl FieldType {
    /// Whether both take values of the same kind; the values of enumerations may differ.
    #[must_use]
    pub fn is_same_kind(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Enum { .. }, Self::Enum { .. })
            | (Self::LocalizedEnum { .. }, Self::LocalizedEnum { .. }) => true,
            (Self::Set { element_type: one }, Self::Set { element_type: two }) => {
                one.is_same_kind(two)
            }
            (one, two) => one == two,
        }
    }

    /// The values if it is an enumeration or a set of one.
    pub(super) fn enum_values(&mut self) -> Option<&mut Vec<EnumValue>> {
        match self {
            Self::Enum { values } => Some(values),
            Self::Set { element_type } => element_type.enum_values(),
            _ => None,
        }
    }

    /// The values if it is an enumeration with localized labels or a set of one.
    pub(super) fn localized_enum_values(&mut self) -> Option<&mut Vec<LocalizedEnumValue>> {
        match self {
            Self::LocalizedEnum { values } => Some(values),
            Self::Set { element_type } => element_type.localized_enum_values(),
            _ => None,
        }
    }

    fn check(&self, field: &str) -> Result<(), DomainError> {
        match self {
            Self::Enum { values } => check_unique(values.iter().map(|value| value.key.as_str())),
            Self::LocalizedEnum { values } => {
                check_unique(values.iter().map(|value| value.key.as_str()))
            }
            Self::Reference { reference_type_id } => {
                if REFERENCE_TYPE_IDS.contains(&reference_type_id.as_str()) {
                    Ok(())
                } else {
                    Err(DomainError::InvalidField {
                        field: "referenceTypeId".to_owned(),
                        value: reference_type_id.as_str().into(),
                        allowed: REFERENCE_TYPE_IDS.map(Into::into).to_vec(),
                    })
                }
            }
            Self::Set { element_type } => match **element_type {
                Self::Set { .. } => Err(DomainError::input(format!(
                    "field definition `{field}`: a set cannot contain sets"
                ))),
                _ => element_type.check(field),
            },
            Self::Boolean {}
            | Self::String {}
            | Self::LocalizedString {}
            | Self::Number {}
            | Self::Money {}
            | Self::Date {}
            | Self::Time {}
            | Self::DateTime {} => Ok(()),
        }
    }
}

/// One custom field of a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldDefinition {
    /// What values it takes.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// 2–256 characters of `[A-Za-z0-9_-]`, unique in the type.
    pub name: String,
    /// What it is called.
    pub label: LocalizedString,
    /// Whether it must have a value.
    pub required: bool,
    /// How it is edited.
    #[serde(default)]
    pub input_hint: TypeTextInputHint,
}

impl FieldDefinition {
    /// Checks name, label and values.
    ///
    /// # Errors
    /// [`DomainError::InvalidField`] for the name, a locale or a reference type; [`DomainError::DuplicateField`] for
    /// two enumeration values with one key; [`DomainError::RequiredField`] for an empty label.
    pub fn check(&self) -> Result<(), DomainError> {
        let shaped = (2..=256).contains(&self.name.len())
            && self
                .name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        if !shaped {
            return Err(DomainError::field(
                "fieldDefinitions.name",
                self.name.as_str(),
            ));
        }
        check_required_localized("fieldDefinitions.label", &self.label)?;
        self.field_type.check(&self.name)
    }
}

fn check_unique<'a>(keys: impl Iterator<Item = &'a str>) -> Result<(), DomainError> {
    let mut seen = std::collections::BTreeSet::new();
    for key in keys {
        if !seen.insert(key) {
            return Err(DomainError::DuplicateField {
                field: "values.key".to_owned(),
                value: key.into(),
            });
        }
    }
    Ok(())
}
