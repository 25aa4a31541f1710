//! What a backend may do to a shopping list.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{ShoppingListLineItemDraft, TextLineItemDraft};
use crate::{localized::LocalizedString, reference::ResourceIdentifier};

/// The update actions of a shopping list.
///
/// Source: <https://docs.commercetools.com/api/projects/shoppingLists#update-actions>.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ShoppingListAction {
    /// Adds a line for a product, or more to the line that is there.
    AddLineItem(ShoppingListLineItemDraft),
    /// Adds a line of text.
    AddTextLineItem(TextLineItemDraft),
    /// Sets the quantity of a line; 0 removes it.
    ChangeLineItemQuantity {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        quantity: i64,
    },
    /// Puts the lines into another order.
    ChangeLineItemsOrder { line_item_order: Vec<String> },
    /// Another name.
    ChangeName { name: LocalizedString },
    /// Another text.
    ChangeTextLineItemName {
        text_line_item_id: Option<String>,
        text_line_item_key: Option<String>,
        name: LocalizedString,
    },
    /// Sets the quantity of a line of text; 0 removes it.
    ChangeTextLineItemQuantity {
        text_line_item_id: Option<String>,
        text_line_item_key: Option<String>,
        quantity: i64,
    },
    /// Puts the lines of text into another order.
    ChangeTextLineItemsOrder { text_line_item_order: Vec<String> },
    /// Removes a line, or some of its quantity.
    RemoveLineItem {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        quantity: Option<i64>,
    },
    /// Removes a line of text, or some of its quantity.
    RemoveTextLineItem {
        text_line_item_id: Option<String>,
        text_line_item_key: Option<String>,
        quantity: Option<i64>,
    },
    /// Sets or removes the anonymous session, while there is no customer.
    SetAnonymousId { anonymous_id: Option<String> },
    /// Sets or removes one custom field.
    SetCustomField { name: String, value: Option<Value> },
    /// Sets or removes all custom fields.
    SetCustomType {
        #[serde(rename = "type")]
        type_: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    /// Sets or removes the customer; the anonymous session stays.
    SetCustomer {
        customer: Option<ResourceIdentifier>,
    },
    /// Sets the days until it vanishes; the project's if left out.
    SetDeleteDaysAfterLastModification {
        delete_days_after_last_modification: Option<i64>,
    },
    /// Sets or removes the description.
    SetDescription {
        description: Option<LocalizedString>,
    },
    /// Sets or removes the key.
    SetKey { key: Option<String> },
    /// Sets or removes one custom field of a line.
    SetLineItemCustomField {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        name: String,
        value: Option<Value>,
    },
    /// Sets or removes all custom fields of a line.
    SetLineItemCustomType {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        #[serde(rename = "type")]
        type_: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    /// Sets or removes the name in URLs.
    SetSlug { slug: Option<LocalizedString> },
    /// Sets or removes the store.
    SetStore { store: Option<ResourceIdentifier> },
    /// Sets or removes one custom field of a line of text.
    SetTextLineItemCustomField {
        text_line_item_id: Option<String>,
        text_line_item_key: Option<String>,
        name: String,
        value: Option<Value>,
    },
    /// Sets or removes all custom fields of a line of text.
    SetTextLineItemCustomType {
        text_line_item_id: Option<String>,
        text_line_item_key: Option<String>,
        #[serde(rename = "type")]
        type_: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    /// Sets or removes the description of a line of text.
    SetTextLineItemDescription {
        text_line_item_id: Option<String>,
        text_line_item_key: Option<String>,
        description: Option<LocalizedString>,
    },
}
