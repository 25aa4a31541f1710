//! How field types are written: an object whose `name` tells which of the other members there are.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    attribute_definition::{localized_value, plain_value, values},
    field_definition::FieldType,
};

/// The API's shape of a field type.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireType {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    values: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference_type_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    element_type: Option<Box<FieldType>>,
}

impl TryFrom<WireType> for FieldType {
    type Error = String;

    fn try_from(wire: WireType) -> Result<Self, String> {
        let missing = |member: &str| format!("`{}` needs `{member}`", wire.name);
        Ok(match wire.name.as_str() {
            "Boolean" => Self::Boolean {},
            "String" => Self::String {},
            "LocalizedString" => Self::LocalizedString {},
            "Enum" => Self::Enum {
                values: values(wire.values.ok_or_else(|| missing("values"))?)?,
            },
            "LocalizedEnum" => Self::LocalizedEnum {
                values: values(wire.values.ok_or_else(|| missing("values"))?)?,
            },
            "Number" => Self::Number {},
            "Money" => Self::Money {},
            "Date" => Self::Date {},
            "Time" => Self::Time {},
            "DateTime" => Self::DateTime {},
            "Reference" => Self::Reference {
                reference_type_id: wire
                    .reference_type_id
                    .ok_or_else(|| missing("referenceTypeId"))?,
            },
            "Set" => Self::Set {
                element_type: wire.element_type.ok_or_else(|| missing("elementType"))?,
            },
            other => return Err(format!("`{other}` is not a field type")),
        })
    }
}

impl From<FieldType> for WireType {
    fn from(field_type: FieldType) -> Self {
        let named = |name: &str| Self {
            name: name.to_owned(),
            ..Self::default()
        };
        match field_type {
            FieldType::Boolean {} => named("Boolean"),
            FieldType::String {} => named("String"),
            FieldType::LocalizedString {} => named("LocalizedString"),
            FieldType::Enum { values } => Self {
                values: Some(values.iter().map(plain_value).collect()),
                ..named("Enum")
            },
            FieldType::LocalizedEnum { values } => Self {
                values: Some(values.iter().map(localized_value).collect()),
                ..named("LocalizedEnum")
            },
            FieldType::Number {} => named("Number"),
            FieldType::Money {} => named("Money"),
            FieldType::Date {} => named("Date"),
            FieldType::Time {} => named("Time"),
            FieldType::DateTime {} => named("DateTime"),
            FieldType::Reference { reference_type_id } => Self {
                reference_type_id: Some(reference_type_id),
                ..named("Reference")
            },
            FieldType::Set { element_type } => Self {
                element_type: Some(element_type),
                ..named("Set")
            },
        }
    }
}
