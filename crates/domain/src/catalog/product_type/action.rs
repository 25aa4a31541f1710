//! What a client may do to a product type.

use serde::Deserialize;

use crate::{
    catalog::{
        attribute_definition::{AttributeConstraint, AttributeDefinition, TextInputHint},
        field_definition::{EnumValue, LocalizedEnumValue},
    },
    localized::LocalizedString,
};

/// What a client may do to a product type.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ProductTypeAction {
    SetKey {
        key: Option<String>,
    },
    ChangeName {
        name: String,
    },
    ChangeDescription {
        description: String,
    },
    AddAttributeDefinition {
        attribute: AttributeDefinition,
    },
    RemoveAttributeDefinition {
        name: String,
    },
    ChangeAttributeName {
        attribute_name: String,
        new_attribute_name: String,
    },
    ChangeAttributeOrder {
        attributes: Vec<AttributeDefinition>,
    },
    ChangeAttributeOrderByName {
        attribute_names: Vec<String>,
    },
    ChangeAttributeConstraint {
        attribute_name: String,
        new_value: AttributeConstraint,
    },
    ChangeLabel {
        attribute_name: String,
        label: LocalizedString,
    },
    SetInputTip {
        attribute_name: String,
        input_tip: Option<LocalizedString>,
    },
    ChangeInputHint {
        attribute_name: String,
        new_value: TextInputHint,
    },
    ChangeIsSearchable {
        attribute_name: String,
        is_searchable: bool,
    },
    AddPlainEnumValue {
        attribute_name: String,
        value: EnumValue,
    },
    AddLocalizedEnumValue {
        attribute_name: String,
        value: LocalizedEnumValue,
    },
    ChangeEnumKey {
        attribute_name: String,
        key: String,
        new_key: String,
    },
    RemoveEnumValues {
        attribute_name: String,
        keys: Vec<String>,
    },
    ChangePlainEnumValueLabel {
        attribute_name: String,
        new_value: EnumValue,
    },
    ChangeLocalizedEnumValueLabel {
        attribute_name: String,
        new_value: LocalizedEnumValue,
    },
    ChangePlainEnumValueOrder {
        attribute_name: String,
        values: Vec<EnumValue>,
    },
    ChangeLocalizedEnumValueOrder {
        attribute_name: String,
        values: Vec<LocalizedEnumValue>,
    },
}
