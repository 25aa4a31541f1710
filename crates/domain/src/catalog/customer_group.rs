//! Customer groups: prices and discounts may be for a group only.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    catalog::shape::{check_optional_key, check_text},
    context::{Author, Context},
    custom_fields::{self, CustomFields, CustomFieldsDraft},
    error::DomainError,
    kind::Kind,
    reference::ResourceIdentifier,
    resource::{Index, Resource, Unique, unborn},
    timestamp::Timestamp,
};

/// A group of customers.
///
/// Source: <https://docs.commercetools.com/api/projects/customerGroups>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerGroup {
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
    /// Unique in the project.
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
}

crate::envelope!(CustomerGroup, optional_key);

/// What a client sends to create a customer group; the name is called `groupName` here.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerGroupDraft {
    pub key: Option<String>,
    pub group_name: String,
    pub custom: Option<CustomFieldsDraft>,
}

/// What a client may do to a customer group.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum CustomerGroupAction {
    ChangeName {
        name: String,
    },
    SetKey {
        key: Option<String>,
    },
    SetCustomType {
        #[serde(rename = "type")]
        type_identifier: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    SetCustomField {
        name: String,
        value: Option<Value>,
    },
}

impl Resource for CustomerGroup {
    const KIND: Kind = Kind::CustomerGroup;
    type Draft = CustomerGroupDraft;
    type Action = CustomerGroupAction;

    fn create(draft: CustomerGroupDraft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        check_optional_key("key", draft.key.as_deref())?;
        check_text("groupName", &draft.group_name)?;
        Ok(Self {
            id: String::new(),
            version: 0,
            created_at: unborn(),
            last_modified_at: unborn(),
            created_by: None,
            last_modified_by: None,
            key: draft.key,
            name: draft.group_name,
            custom: draft
                .custom
                .map(|custom| custom.resolve("customer-group", context))
                .transpose()?,
        })
    }

    fn apply(
        &mut self,
        action: CustomerGroupAction,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        use CustomerGroupAction as A;
        match action {
            A::ChangeName { name } => {
                check_text("name", &name)?;
                self.name = name;
            }
            A::SetKey { key } => {
                check_optional_key("key", key.as_deref())?;
                self.key = key;
            }
            A::SetCustomType {
                type_identifier,
                fields,
            } => {
                let custom = &mut self.custom;
                custom_fields::set_type(
                    custom,
                    type_identifier,
                    fields,
                    "customer-group",
                    context,
                )?;
            }
            A::SetCustomField { name, value } => {
                custom_fields::set_field(&mut self.custom, &name, value, context)?;
            }
        }
        Ok(())
    }

    fn index(&self) -> Index {
        Index {
            unique: vec![Unique::new("customer-group-name", "name", &self.name)],
            ..Index::default()
        }
    }
}
