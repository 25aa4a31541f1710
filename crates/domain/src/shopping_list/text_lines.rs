//! Lines of text, for what is no product.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    MAX_LINE_ITEMS, ShoppingList,
    named::{self, Named, Part},
};
use crate::{
    catalog::shape::{check_count, check_localized, check_required_localized},
    context::Context,
    custom_fields::{self, CustomFields, CustomFieldsDraft},
    error::DomainError,
    localized::LocalizedString,
    reference::ResourceIdentifier,
    timestamp::Timestamp,
};

/// A line of text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TextLineItem {
    /// Server-made id.
    pub id: String,
    /// User-defined key, unique in the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What is wanted.
    pub name: LocalizedString,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<LocalizedString>,
    /// At least 1.
    pub quantity: i64,
    /// When it was put on the list.
    pub added_at: Timestamp,
    /// Custom fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
}

/// A line of text to add.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TextLineItemDraft {
    /// User-defined key.
    pub key: Option<String>,
    /// When it was put on the list; now if left out.
    pub added_at: Option<Timestamp>,
    /// Custom fields.
    pub custom: Option<CustomFieldsDraft>,
    /// More about it.
    pub description: Option<LocalizedString>,
    /// What is wanted.
    pub name: LocalizedString,
    /// At least 1; 1 if left out.
    pub quantity: Option<i64>,
}

impl Part for TextLineItem {
    const ID_FIELD: &'static str = "textLineItemId";
    const KEY_FIELD: &'static str = "textLineItemKey";

    fn id(&self) -> &str {
        &self.id
    }

    fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    fn quantity_mut(&mut self) -> &mut i64 {
        &mut self.quantity
    }
}

/// `resourceTypeId` of custom fields of a line of text.
const CUSTOM_TARGET: &str = "shopping-list-text-line-item";

pub(super) fn add(
    list: &mut ShoppingList,
    draft: TextLineItemDraft,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    check_required_localized("name", &draft.name)?;
    check_description(draft.description.as_ref())?;
    named::check_new_key(&list.text_line_items, draft.key.as_deref())?;
    let count = list.text_line_items.len().saturating_add(1);
    check_count("text line items", count, MAX_LINE_ITEMS)?;
    let custom = draft
        .custom
        .map(|custom| custom.resolve(CUSTOM_TARGET, context))
        .transpose()?;
    list.text_line_items.push(TextLineItem {
        id: context.ids.uuid(),
        key: draft.key,
        name: draft.name,
        description: draft.description,
        quantity: named::added_quantity(draft.quantity)?,
        added_at: draft.added_at.unwrap_or(context.now),
        custom,
    });
    Ok(())
}

fn check_description(description: Option<&LocalizedString>) -> Result<(), DomainError> {
    description.map_or(Ok(()), |text| check_localized("description", text))
}

pub(super) fn remove(
    list: &mut ShoppingList,
    name: &Named,
    quantity: Option<i64>,
) -> Result<(), DomainError> {
    named::remove(&mut list.text_line_items, name, quantity)?;
    Ok(())
}

pub(super) fn change_quantity(
    list: &mut ShoppingList,
    name: &Named,
    quantity: i64,
) -> Result<(), DomainError> {
    named::change_quantity(&mut list.text_line_items, name, quantity)?;
    Ok(())
}

pub(super) fn change_order(list: &mut ShoppingList, order: &[String]) -> Result<(), DomainError> {
    named::reorder(&mut list.text_line_items, "textLineItemOrder", order)
}

pub(super) fn change_name(
    list: &mut ShoppingList,
    name: &Named,
    text: LocalizedString,
) -> Result<(), DomainError> {
    check_required_localized("name", &text)?;
    named::find_mut(&mut list.text_line_items, name)?.name = text;
    Ok(())
}

pub(super) fn set_description(
    list: &mut ShoppingList,
    name: &Named,
    text: Option<LocalizedString>,
) -> Result<(), DomainError> {
    check_description(text.as_ref())?;
    named::find_mut(&mut list.text_line_items, name)?.description = text;
    Ok(())
}

pub(super) fn set_custom_type(
    list: &mut ShoppingList,
    name: &Named,
    type_: Option<ResourceIdentifier>,
    fields: Option<Map<String, Value>>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let line = named::find_mut(&mut list.text_line_items, name)?;
    custom_fields::set_type(&mut line.custom, type_, fields, CUSTOM_TARGET, context)
}

pub(super) fn set_custom_field(
    list: &mut ShoppingList,
    name: &Named,
    field: &str,
    value: Option<Value>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let line = named::find_mut(&mut list.text_line_items, name)?;
    custom_fields::set_field(&mut line.custom, field, value, context)
}
