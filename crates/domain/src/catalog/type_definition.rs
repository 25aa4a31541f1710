//! Types: which custom fields resources may have.

mod values;

use serde::{Deserialize, Serialize};

use crate::{
    catalog::{
        field_definition::{EnumValue, FieldDefinition, LocalizedEnumValue, TypeTextInputHint},
        shape::{check_key, check_localized, check_required_localized, without_repetitions},
    },
    context::{Author, Context},
    error::DomainError,
    kind::Kind,
    localized::LocalizedString,
    resource::{Resource, unborn},
    timestamp::Timestamp,
};

/// What can have custom fields.
pub const RESOURCE_TYPE_IDS: [&str; 38] = [
    "address",
    "asset",
    "approval-flow",
    "approval-rule",
    "associate-role",
    "business-unit",
    "cart-discount",
    "category",
    "channel",
    "customer",
    "customer-group",
    "custom-line-item",
    "discount-code",
    "inventory-entry",
    "line-item",
    "order",
    "order-edit",
    "order-delivery",
    "order-parcel",
    "order-return-item",
    "payment",
    "payment-interface-interaction",
    "payment-method",
    "payment-method-info",
    "product-price",
    "product-selection",
    "product-tailoring",
    "quote",
    "reservation",
    "review",
    "recurring-order",
    "shipping",
    "shipping-method",
    "shopping-list",
    "shopping-list-text-line-item",
    "standalone-price",
    "store",
    "transaction",
];

/// The resource `types` of the API: a set of custom field definitions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TypeDefinition {
    /// Server-made id.
    pub id: String,
    /// Starts at 1.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub last_modified_at: Timestamp,
    /// Who created it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Author>,
    /// Who changed it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<Author>,
    /// User-defined identifier.
    pub key: String,
    /// Its name.
    pub name: LocalizedString,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<LocalizedString>,
    /// What may have fields of this type; cannot be changed.
    pub resource_type_ids: Vec<String>,
    /// Its fields, in the order they are edited.
    pub field_definitions: Vec<FieldDefinition>,
}

crate::envelope!(TypeDefinition, required_key);

/// What a client sends to create a type.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TypeDraft {
    /// User-defined identifier.
    pub key: String,
    /// Its name.
    pub name: LocalizedString,
    /// What it is for.
    pub description: Option<LocalizedString>,
    /// What may have fields of this type.
    pub resource_type_ids: Vec<String>,
    /// Its fields.
    #[serde(default)]
    pub field_definitions: Vec<FieldDefinition>,
}

/// What a client may do to a type.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum TypeAction {
    /// Appends a value to an enumeration.
    AddEnumValue {
        field_name: String,
        value: EnumValue,
    },
    /// Appends a field.
    AddFieldDefinition { field_definition: FieldDefinition },
    /// Appends a value to an enumeration with localized labels.
    AddLocalizedEnumValue {
        field_name: String,
        value: LocalizedEnumValue,
    },
    /// Changes the label of the value with the same key.
    ChangeEnumValueLabel {
        field_name: String,
        value: EnumValue,
    },
    /// Reorders the values of an enumeration; names every key once.
    ChangeEnumValueOrder {
        field_name: String,
        keys: Vec<String>,
    },
    /// Changes the label of a field; the older name of `changeLabel`.
    ChangeFieldDefinitionLabel {
        field_name: String,
        label: LocalizedString,
    },
    /// Reorders the fields; names every field once.
    ChangeFieldDefinitionOrder { field_names: Vec<String> },
    /// Changes how a field is edited.
    ChangeInputHint {
        field_name: String,
        input_hint: TypeTextInputHint,
    },
    /// Changes the key.
    ChangeKey { key: String },
    /// Changes the label of a field.
    ChangeLabel {
        field_name: String,
        label: LocalizedString,
    },
    /// Changes the label of the value with the same key.
    ChangeLocalizedEnumValueLabel {
        field_name: String,
        value: LocalizedEnumValue,
    },
    /// Reorders the values of an enumeration with localized labels; names every key once.
    ChangeLocalizedEnumValueOrder {
        field_name: String,
        keys: Vec<String>,
    },
    /// Renames it.
    ChangeName { name: LocalizedString },
    /// Removes a field.
    RemoveFieldDefinition { field_name: String },
    /// Sets or removes the description.
    SetDescription {
        description: Option<LocalizedString>,
    },
}

impl Resource for TypeDefinition {
    const KIND: Kind = Kind::Type;
    type Draft = TypeDraft;
    type Action = TypeAction;

    fn create(draft: Self::Draft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        check_key("key", &draft.key)?;
        check_required_localized("name", &draft.name)?;
        if let Some(description) = &draft.description {
            check_localized("description", description)?;
        }
        check_resource_type_ids(&draft.resource_type_ids)?;
        let mut definition = Self {
            id: String::new(),
            version: 0,
            created_at: unborn(),
            last_modified_at: unborn(),
            created_by: None,
            last_modified_by: None,
            key: draft.key,
            name: draft.name,
            description: draft.description,
            resource_type_ids: without_repetitions(draft.resource_type_ids),
            field_definitions: Vec::new(),
        };
        for field in draft.field_definitions {
            definition.add(field, context)?;
        }
        Ok(definition)
    }

    fn apply(
        &mut self,
        action: Self::Action,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        use TypeAction as A;
        match action {
            A::AddFieldDefinition { field_definition } => self.add(field_definition, context),
            A::RemoveFieldDefinition { field_name } => {
                self.field(&field_name)?;
                self.field_definitions
                    .retain(|field| field.name != field_name);
                Ok(())
            }
            A::ChangeFieldDefinitionOrder { field_names: names } => {
                let fields = &mut self.field_definitions;
                reorder(fields, &names, "fieldNames", |field| &field.name)
            }
            A::ChangeFieldDefinitionLabel { field_name, label }
            | A::ChangeLabel { field_name, label } => self.change_label(&field_name, label),
            A::ChangeInputHint {
                field_name,
                input_hint,
            } => {
                self.field(&field_name)?.input_hint = input_hint;
                Ok(())
            }
            A::ChangeKey { key } => {
                check_key("key", &key)?;
                self.key = key;
                Ok(())
            }
            A::ChangeName { name } => {
                check_required_localized("name", &name)?;
                self.name = name;
                Ok(())
            }
            A::SetDescription { description } => {
                if let Some(description) = &description {
                    check_localized("description", description)?;
                }
                self.description = description;
                Ok(())
            }
            A::AddEnumValue { field_name, value } => self.add_enum_value(&field_name, value),
            A::AddLocalizedEnumValue { field_name, value } => {
                self.add_localized_enum_value(&field_name, value)
            }
            A::ChangeEnumValueLabel { field_name, value } => {
                self.change_enum_label(&field_name, value)
            }
            A::ChangeLocalizedEnumValueLabel { field_name, value } => {
                self.change_localized_enum_label(&field_name, value)
            }
            A::ChangeEnumValueOrder { field_name, keys } => {
                self.change_enum_order(&field_name, &keys)
            }
            A::ChangeLocalizedEnumValueOrder { field_name, keys } => {
                self.change_localized_enum_order(&field_name, &keys)
            }
        }
    }
}

impl TypeDefinition {
    /// The definition of the field `name`.
    #[must_use]
    pub fn find_field(&self, name: &str) -> Option<&FieldDefinition> {
        self.field_definitions
            .iter()
            .find(|field| field.name == name)
    }

    fn field(&mut self, name: &str) -> Result<&mut FieldDefinition, DomainError> {
        self.field_definitions
            .iter_mut()
            .find(|field| field.name == name)
            .ok_or_else(|| {
                DomainError::operation(format!("the type has no field definition `{name}`"))
            })
    }

    fn change_label(&mut self, field: &str, label: LocalizedString) -> Result<(), DomainError> {
        check_required_localized("label", &label)?;
        self.field(field)?.label = label;
        Ok(())
    }

    fn add(
        &mut self,
        field: FieldDefinition,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        field.check()?;
        if self.find_field(&field.name).is_some() {
            return Err(DomainError::DuplicateField {
                field: "fieldDefinitions.name".to_owned(),
                value: field.name.into(),
            });
        }
        // Queries name a field without its type, so it must have one meaning on each kind of resource.
        for other in context.world.all::<Self>()? {
            let shared = other
                .resource_type_ids
                .iter()
                .find(|id| self.resource_type_ids.contains(id));
            let (Some(shared), Some(namesake)) = (shared, other.find_field(&field.name)) else {
                continue;
            };
            if other.id != self.id && !namesake.field_type.is_same_kind(&field.field_type) {
                return Err(DomainError::operation(format!(
                    "the field `{}` has another type in the type `{}`, which is also for `{shared}`",
                    field.name, other.key
                )));
            }
        }
        self.field_definitions.push(field);
        Ok(())
    }
}

fn check_resource_type_ids(ids: &[String]) -> Result<(), DomainError> {
    if ids.is_empty() {
        return Err(DomainError::required("resourceTypeIds"));
    }
    match ids
        .iter()
        .find(|id| !RESOURCE_TYPE_IDS.contains(&id.as_str()))
    {
        Some(unknown) => Err(DomainError::InvalidField {
            field: "resourceTypeIds".to_owned(),
            value: unknown.as_str().into(),
            allowed: RESOURCE_TYPE_IDS.map(Into::into).to_vec(),
        }),
        None => Ok(()),
    }
}

/// Puts the elements into the order of `names`, which must name each of them once.
fn reorder<T: Clone>(
    elements: &mut Vec<T>,
    names: &[String],
    member: &str,
    name_of: impl Fn(&T) -> &String,
) -> Result<(), DomainError> {
    let ordered: Vec<T> = names
        .iter()
        .filter_map(|name| elements.iter().find(|element| name_of(element) == name))
        .cloned()
        .collect();
    let distinct = without_repetitions(names).len();
    if ordered.len() != elements.len() || distinct != elements.len() || names.len() != distinct {
        return Err(DomainError::operation(format!(
            "`{member}` must name each of the {} existing elements once",
            elements.len()
        )));
    }
    *elements = ordered;
    Ok(())
}

#[cfg(test)]
mod tests;
