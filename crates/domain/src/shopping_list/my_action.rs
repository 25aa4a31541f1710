//! What owners may do to their shopping lists: what is not here cannot be decoded.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{ShoppingListAction, ShoppingListLineItemDraft, TextLineItemDraft};
use crate::{localized::LocalizedString, reference::ResourceIdentifier};

/// The update actions of an owner; each does what the [`ShoppingListAction`] of its name does.
///
/// Source: <https://docs.commercetools.com/api/projects/me-shoppingLists#update-actions>.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum MyShoppingListAction {
    AddLineItem(ShoppingListLineItemDraft),
    AddTextLineItem(TextLineItemDraft),
    ChangeLineItemQuantity {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        quantity: i64,
    },
    ChangeLineItemsOrder {
        line_item_order: Vec<String>,
    },
    ChangeName {
        name: LocalizedString,
    },
    ChangeTextLineItemName {
        text_line_item_id: Option<String>,
        text_line_item_key: Option<String>,
        name: LocalizedString,
    },
    ChangeTextLineItemQuantity {
        text_line_item_id: Option<String>,
        text_line_item_key: Option<String>,
        quantity: i64,
    },
    ChangeTextLineItemsOrder {
        text_line_item_order: Vec<String>,
    },
    RemoveLineItem {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        quantity: Option<i64>,
    },
    RemoveTextLineItem {
        text_line_item_id: Option<String>,
        text_line_item_key: Option<String>,
        quantity: Option<i64>,
    },
    SetCustomField {
        name: String,
        value: Option<Value>,
    },
    SetCustomType {
        #[serde(rename = "type")]
        type_: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    SetDeleteDaysAfterLastModification {
        delete_days_after_last_modification: Option<i64>,
    },
    SetDescription {
        description: Option<LocalizedString>,
    },
    SetLineItemCustomField {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        name: String,
        value: Option<Value>,
    },
    SetLineItemCustomType {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        #[serde(rename = "type")]
        type_: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    SetTextLineItemCustomField {
        text_line_item_id: Option<String>,
        text_line_item_key: Option<String>,
        name: String,
        value: Option<Value>,
    },
    SetTextLineItemCustomType {
        text_line_item_id: Option<String>,
        text_line_item_key: Option<String>,
        #[serde(rename = "type")]
        type_: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    SetTextLineItemDescription {
        text_line_item_id: Option<String>,
        text_line_item_key: Option<String>,
        description: Option<LocalizedString>,
    },
}

impl From<MyShoppingListAction> for ShoppingListAction {
    #[expect(
        clippy::too_many_lines,
        reason = "one arm per action; the compiler lists the missing ones"
    )]
    fn from(action: MyShoppingListAction) -> Self {
        use MyShoppingListAction as My;
        match action {
            My::AddLineItem(draft) => Self::AddLineItem(draft),
            My::AddTextLineItem(draft) => Self::AddTextLineItem(draft),
            My::ChangeLineItemQuantity {
                line_item_id,
                line_item_key,
                quantity,
            } => Self::ChangeLineItemQuantity {
                line_item_id,
                line_item_key,
                quantity,
            },
            My::ChangeLineItemsOrder { line_item_order } => {
                Self::ChangeLineItemsOrder { line_item_order }
            }
            My::ChangeName { name } => Self::ChangeName { name },
            My::ChangeTextLineItemName {
                text_line_item_id,
                text_line_item_key,
                name,
            } => Self::ChangeTextLineItemName {
                text_line_item_id,
                text_line_item_key,
                name,
            },
            My::ChangeTextLineItemQuantity {
                text_line_item_id,
                text_line_item_key,
                quantity,
            } => Self::ChangeTextLineItemQuantity {
                text_line_item_id,
                text_line_item_key,
                quantity,
            },
            My::ChangeTextLineItemsOrder {
                text_line_item_order,
            } => Self::ChangeTextLineItemsOrder {
                text_line_item_order,
            },
            My::RemoveLineItem {
                line_item_id,
                line_item_key,
                quantity,
            } => Self::RemoveLineItem {
                line_item_id,
                line_item_key,
                quantity,
            },
            My::RemoveTextLineItem {
                text_line_item_id,
                text_line_item_key,
                quantity,
            } => Self::RemoveTextLineItem {
                text_line_item_id,
                text_line_item_key,
                quantity,
            },
            My::SetCustomField { name, value } => Self::SetCustomField { name, value },
            My::SetCustomType { type_, fields } => Self::SetCustomType { type_, fields },
            My::SetDeleteDaysAfterLastModification {
                delete_days_after_last_modification,
            } => Self::SetDeleteDaysAfterLastModification {
                delete_days_after_last_modification,
            },
            My::SetDescription { description } => Self::SetDescription { description },
            My::SetLineItemCustomField {
                line_item_id,
                line_item_key,
                name,
                value,
            } => Self::SetLineItemCustomField {
                line_item_id,
                line_item_key,
                name,
                value,
            },
            My::SetLineItemCustomType {
                line_item_id,
                line_item_key,
                type_,
                fields,
            } => Self::SetLineItemCustomType {
                line_item_id,
                line_item_key,
                type_,
                fields,
            },
            My::SetTextLineItemCustomField {
                text_line_item_id,
                text_line_item_key,
                name,
                value,
            } => Self::SetTextLineItemCustomField {
                text_line_item_id,
                text_line_item_key,
                name,
                value,
            },
            My::SetTextLineItemCustomType {
                text_line_item_id,
                text_line_item_key,
                type_,
                fields,
            } => Self::SetTextLineItemCustomType {
                text_line_item_id,
                text_line_item_key,
                type_,
                fields,
            },
            My::SetTextLineItemDescription {
                text_line_item_id,
                text_line_item_key,
                description,
            } => Self::SetTextLineItemDescription {
                text_line_item_id,
                text_line_item_key,
                description,
            },
        }
    }
}
