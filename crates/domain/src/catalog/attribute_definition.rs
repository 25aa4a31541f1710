//! Definitions of product attributes: the parts of a [`ProductType`](super::product_type::ProductType).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    catalog::{
        field_definition::{EnumValue, LocalizedEnumValue},
        shape::{check_key, check_required_localized, constraint, without_repetitions},
    },
    error::DomainError,
    localized::LocalizedString,
    reference::Reference,
    strict,
};

/// What product attributes may refer to.
const REFERENCE_TYPE_IDS: [&str; 17] = [
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
    "shipping-method",
    "state",
    "variant",
    "zone",
];

/// An attribute that products of a type may have.
///
/// Source: <https://docs.commercetools.com/api/projects/productTypes#attributedefinition>.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributeDefinition {
    #[serde(rename = "type")]
    pub attribute_type: AttributeType,
    /// 2–256 characters of `[A-Za-z0-9_-]`, unique within the product type.
    pub name: String,
    pub label: LocalizedString,
    /// Whether a new variant must have it.
    pub is_required: bool,
    #[serde(default)]
    pub level: AttributeLevel,
    #[serde(default)]
    pub attribute_constraint: AttributeConstraint,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_tip: Option<LocalizedString>,
    #[serde(default)]
    pub input_hint: TextInputHint,
    #[serde(default = "searchable")]
    pub is_searchable: bool,
}

const fn searchable() -> bool {
    true
}

/// Whether an attribute belongs to the product or to each variant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttributeLevel {
    Product,
    #[default]
    Variant,
}

/// How values of an attribute relate between the variants of a product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttributeConstraint {
    #[default]
    None,
    /// Each variant has another value.
    Unique,
    /// Each variant has another combination of all attributes with this constraint.
    CombinationUnique,
    /// All variants have the same value.
    SameForAll,
}

/// How a text is edited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextInputHint {
    #[default]
    SingleLine,
    MultiLine,
}

/// What values an attribute has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WireType", into = "WireType")]
pub enum AttributeType {
    Boolean,
    Text,
    LocalizedText,
    Enum(Vec<EnumValue>),
    LocalizedEnum(Vec<LocalizedEnumValue>),
    Number,
    Money,
    Date,
    Time,
    DateTime,
    /// A reference to a resource with this type id.
    Reference(String),
    Set(Box<Self>),
    /// A list of attributes of another product type.
    Nested(Reference),
}

/// The API's shape of an attribute type: `name` tells which of the other members there are.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireType {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    values: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    element_type: Option<Box<AttributeType>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    type_reference: Option<Reference>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference_type_id: Option<String>,
}

impl TryFrom<WireType> for AttributeType {
    type Error = String;

    fn try_from(wire: WireType) -> Result<Self, String> {
        let missing = |member: &str| format!("`{}` needs `{member}`", wire.name);
        Ok(match wire.name.as_str() {
            "boolean" => Self::Boolean,
            "text" => Self::Text,
            "ltext" => Self::LocalizedText,
            "enum" => Self::Enum(values(wire.values.ok_or_else(|| missing("values"))?)?),
            "lenum" => Self::LocalizedEnum(values(wire.values.ok_or_else(|| missing("values"))?)?),
            "number" => Self::Number,
            "money" => Self::Money,
            "date" => Self::Date,
            "time" => Self::Time,
            "datetime" => Self::DateTime,
            "reference" => Self::Reference(
                wire.reference_type_id
                    .ok_or_else(|| missing("referenceTypeId"))?,
            ),
            "set" => Self::Set(wire.element_type.ok_or_else(|| missing("elementType"))?),
            "nested" => Self::Nested(
                wire.type_reference
                    .ok_or_else(|| missing("typeReference"))?,
            ),
            other => return Err(format!("`{other}` is not an attribute type")),
        })
    }
}

/// The values of an enumeration.
///
/// # Errors
/// What does not fit.
pub(super) fn values<T: serde::de::DeserializeOwned>(values: Value) -> Result<Vec<T>, String> {
    strict::from_value(values).map_err(|error| format!("`values`: {error}"))
}

impl From<AttributeType> for WireType {
    fn from(attribute_type: AttributeType) -> Self {
        let name = attribute_type.name().to_owned();
        let empty = Self {
            name,
            ..Self::default()
        };
        match attribute_type {
            AttributeType::Boolean
            | AttributeType::Text
            | AttributeType::LocalizedText
            | AttributeType::Number
            | AttributeType::Money
            | AttributeType::Date
            | AttributeType::Time
            | AttributeType::DateTime => empty,
            AttributeType::Enum(values) => Self {
                values: Some(values.iter().map(plain_value).collect()),
                ..empty
            },
            AttributeType::LocalizedEnum(values) => Self {
                values: Some(values.iter().map(localized_value).collect()),
                ..empty
            },
            AttributeType::Reference(type_id) => Self {
                reference_type_id: Some(type_id),
                ..empty
            },
            AttributeType::Set(element_type) => Self {
                element_type: Some(element_type),
                ..empty
            },
            AttributeType::Nested(reference) => Self {
                type_reference: Some(reference),
                ..empty
            },
        }
    }
}

/// A value of an enumeration as products show it: `{ "key", "label" }`.
#[must_use]
pub fn plain_value(value: &EnumValue) -> Value {
    serde_json::json!({ "key": value.key, "label": value.label })
}

/// A value of a localized enumeration as products show it: `{ "key", "label": { … } }`.
#[must_use]
pub fn localized_value(value: &LocalizedEnumValue) -> Value {
    serde_json::json!({ "key": value.key, "label": value.label })
}

impl AttributeType {
    /// The name the API uses.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Text => "text",
            Self::LocalizedText => "ltext",
            Self::Enum(_) => "enum",
            Self::LocalizedEnum(_) => "lenum",
            Self::Number => "number",
            Self::Money => "money",
            Self::Date => "date",
            Self::Time => "time",
            Self::DateTime => "datetime",
            Self::Reference(_) => "reference",
            Self::Set(_) => "set",
            Self::Nested(_) => "nested",
        }
    }

    /// Whether two product types may use one attribute name with these types: equal but for values of enumerations.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Enum(_), Self::Enum(_)) | (Self::LocalizedEnum(_), Self::LocalizedEnum(_)) => {
                true
            }
            (Self::Set(one), Self::Set(other)) => one.agrees_with(other),
            (one, other) => one == other,
        }
    }

    /// The values of an enumeration, also of a set of it, to change them.
    pub(super) fn plain_values_mut(&mut self) -> Option<&mut Vec<EnumValue>> {
        match self {
            Self::Enum(values) => Some(values),
            Self::Set(element_type) => element_type.plain_values_mut(),
            _ => None,
        }
    }

    /// The values of a localized enumeration, also of a set of it, to change them.
    pub(super) fn localized_values_mut(&mut self) -> Option<&mut Vec<LocalizedEnumValue>> {
        match self {
            Self::LocalizedEnum(values) => Some(values),
            Self::Set(element_type) => element_type.localized_values_mut(),
            _ => None,
        }
    }

    fn check(&self) -> Result<(), DomainError> {
        match self {
            Self::Boolean
            | Self::Text
            | Self::LocalizedText
            | Self::Number
            | Self::Money
            | Self::Date
            | Self::Time
            | Self::DateTime
            | Self::Nested(_) => Ok(()),
            Self::Enum(values) => check_enum_keys(values.iter().map(|value| &value.key)),
            Self::LocalizedEnum(values) => check_enum_keys(values.iter().map(|value| &value.key)),
            Self::Reference(type_id) if REFERENCE_TYPE_IDS.contains(&type_id.as_str()) => Ok(()),
            Self::Reference(type_id) => Err(DomainError::InvalidField {
                field: "attributes.type.referenceTypeId".to_owned(),
                value: type_id.as_str().into(),
                allowed: REFERENCE_TYPE_IDS.map(Value::from).to_vec(),
            }),
            Self::Set(element_type) => match **element_type {
                Self::Set(_) => Err(DomainError::input(
                    "`elementType` of a set must not be a set",
                )),
                _ => element_type.check(),
            },
        }
    }
}

fn check_enum_keys<'a>(keys: impl Iterator<Item = &'a String>) -> Result<(), DomainError> {
    let keys: Vec<&String> = keys.collect();
    let duplicates: Vec<Value> = keys
        .iter()
        .enumerate()
        .filter(|(at, key)| keys.iter().take(*at).any(|earlier| earlier == *key))
        .map(|(_, key)| key.as_str().into())
        .collect();
    if duplicates.is_empty() {
        return Ok(());
    }
    Err(constraint(
        "DuplicateEnumValues",
        "The enum values contain duplicate keys.".to_owned(),
        vec![("duplicates", Value::Array(without_repetitions(duplicates)))],
    ))
}

impl AttributeDefinition {
    /// Accepts a definition on its own.
    ///
    /// # Errors
    /// A name or label of the wrong shape, enumeration keys that occur twice, a set of sets, a constraint on an attribute of
    /// the product.
    pub fn check(&self) -> Result<(), DomainError> {
        check_key("attributes.name", &self.name)?;
        check_required_localized("attributes.label", &self.label)?;
        self.attribute_type.check()?;
        // Constraints compare variants, and an attribute of the product has one value only.
        let is_constrained = self.attribute_constraint != AttributeConstraint::None;
        if self.level == AttributeLevel::Product && is_constrained {
            return Err(DomainError::input(format!(
                "the attribute `{}` has the level `Product`, so its `attributeConstraint` must be `None`",
                self.name
            )));
        }
        Ok(())
    }
}
