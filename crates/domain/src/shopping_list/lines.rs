//! Lines for products.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    MAX_LINE_ITEMS, ShoppingList,
    named::{self, Named, Part},
};
use crate::{
    catalog::shape::check_count,
    context::Context,
    custom_fields::{self, CustomFields, CustomFieldsDraft},
    error::DomainError,
    localized::LocalizedString,
    message::Message,
    product::Product,
    reference::{Reference, ResourceIdentifier},
    timestamp::Timestamp,
    world::By,
};

/// A line for a product, without a price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShoppingListLineItem {
    /// Server-made id.
    pub id: String,
    /// User-defined key, unique in the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The product.
    pub product_id: String,
    /// The variant; absent if the client named the product only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant_id: Option<i64>,
    /// The product's type.
    pub product_type: Reference,
    /// The product's name.
    pub name: LocalizedString,
    /// Whether the product is published.
    pub published: bool,
    /// Since when the product is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deactivated_at: Option<Timestamp>,
    /// At least 1.
    pub quantity: i64,
    /// When it was put on the list.
    pub added_at: Timestamp,
    /// Custom fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
}

/// A line to add: by `sku`, or by `product_id` and perhaps `variant_id`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShoppingListLineItemDraft {
    /// User-defined key.
    pub key: Option<String>,
    /// The product.
    pub product_id: Option<String>,
    /// Its variant.
    pub variant_id: Option<i64>,
    /// The variant, instead of the two.
    pub sku: Option<String>,
    /// When it was put on the list; now if left out.
    pub added_at: Option<Timestamp>,
    /// Custom fields.
    pub custom: Option<CustomFieldsDraft>,
    /// At least 1; 1 if left out.
    pub quantity: Option<i64>,
}

impl Part for ShoppingListLineItem {
    const ID_FIELD: &'static str = "lineItemId";
    const KEY_FIELD: &'static str = "lineItemKey";

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

/// `resourceTypeId` of custom fields of a line.
const CUSTOM_TARGET: &str = "line-item";

/// Puts a line on the list, or more of it onto the line that is there; returns its position.
pub(super) fn put(
    list: &mut ShoppingList,
    draft: ShoppingListLineItemDraft,
    context: &mut Context<'_>,
) -> Result<usize, DomainError> {
    let quantity = named::added_quantity(draft.quantity)?;
    let (product, variant_id) = product_of(&draft, context)?;
    let custom = draft
        .custom
        .map(|custom| custom.resolve(CUSTOM_TARGET, context))
        .transpose()?;
    // A line without variant is not the same as one that names the master variant.
    let same = |line: &ShoppingListLineItem| {
        line.product_id == product.id
            && line.variant_id == variant_id
            && line.custom == custom
            && (draft.key.is_none() || draft.key == line.key)
    };
    if let Some((position, line)) = list
        .line_items
        .iter_mut()
        .enumerate()
        .find(|(_, line)| same(line))
    {
        named::add_quantity(line, quantity)?;
        return Ok(position);
    }
    named::check_new_key(&list.line_items, draft.key.as_deref())?;
    let position = list.line_items.len();
    check_count("line items", position.saturating_add(1), MAX_LINE_ITEMS)?;
    list.line_items.push(ShoppingListLineItem {
        id: context.ids.uuid(),
        key: draft.key,
        product_id: product.id.clone(),
        variant_id,
        product_type: product.product_type.clone(),
        name: product.master_data.current.name.clone(),
        published: product.master_data.published,
        deactivated_at: None,
        quantity,
        added_at: draft.added_at.unwrap_or(context.now),
        custom,
    });
    Ok(position)
}

fn product_of(
    draft: &ShoppingListLineItemDraft,
    context: &mut Context<'_>,
) -> Result<(Arc<Product>, Option<i64>), DomainError> {
    match (&draft.sku, &draft.product_id) {
        (Some(sku), None) => by_sku(sku, context),
        (None, Some(id)) => {
            let product = context
                .world
                .require::<Product>(&ResourceIdentifier::by_id(id.as_str()))?;
            if let Some(variant_id) = draft.variant_id
                && !has_variant(&product, variant_id)
            {
                return Err(DomainError::field("variantId", variant_id));
            }
            Ok((product, draft.variant_id))
        }
        (Some(_), Some(_)) | (None, None) => Err(DomainError::input(
            "a line item needs exactly one of sku and productId",
        )),
    }
}

fn has_variant(product: &Product, id: i64) -> bool {
    let data = &product.master_data;
    data.current.find_variant(id).is_some() || data.staged.find_variant(id).is_some()
}

fn by_sku(
    sku: &str,
    context: &mut Context<'_>,
) -> Result<(Arc<Product>, Option<i64>), DomainError> {
    let unknown = || DomainError::field("sku", sku);
    let product = context
        .world
        .get_named::<Product>(By::Unique("sku", sku))?
        .ok_or_else(unknown)?;
    let data = &product.master_data;
    let variant_id = data
        .current
        .find_variant_by_sku(sku)
        .or_else(|| data.staged.find_variant_by_sku(sku))
        .map(|variant| variant.id)
        .ok_or_else(unknown)?;
    Ok((product, Some(variant_id)))
}

/// Shows of every product what it is now; a product that is gone leaves what it was.
pub(super) fn refresh(
    lines: &mut [ShoppingListLineItem],
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    for line in lines {
        match context.world.get::<Product>(By::Id(&line.product_id))? {
            Some(product) => {
                line.product_type = product.product_type.clone();
                line.name = product.master_data.current.name.clone();
                line.published = product.master_data.published;
                line.deactivated_at = None;
            }
            None => {
                line.published = false;
                line.deactivated_at.get_or_insert(context.now);
            }
        }
    }
    Ok(())
}

pub(super) fn add(
    list: &mut ShoppingList,
    draft: ShoppingListLineItemDraft,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let position = put(list, draft, context)?;
    let line = list.line_items.get(position);
    context.emit(Message::new("ShoppingListLineItemAdded").with_document("lineItem", &line)?);
    Ok(())
}

pub(super) fn remove(
    list: &mut ShoppingList,
    name: &Named,
    quantity: Option<i64>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let line = named::remove(&mut list.line_items, name, quantity)?;
    context.emit(Message::new("ShoppingListLineItemRemoved").with_document("lineItem", &line)?);
    Ok(())
}

pub(super) fn change_quantity(
    list: &mut ShoppingList,
    name: &Named,
    quantity: i64,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let removed = named::change_quantity(&mut list.line_items, name, quantity)?;
    if let Some(line) = removed {
        let message = Message::new("ShoppingListLineItemRemoved");
        context.emit(message.with_document("lineItem", &line)?);
    }
    Ok(())
}

pub(super) fn change_order(list: &mut ShoppingList, order: &[String]) -> Result<(), DomainError> {
    named::reorder(&mut list.line_items, "lineItemOrder", order)
}

pub(super) fn set_custom_type(
    list: &mut ShoppingList,
    name: &Named,
    type_: Option<ResourceIdentifier>,
    fields: Option<Map<String, Value>>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let line = named::find_mut(&mut list.line_items, name)?;
    custom_fields::set_type(&mut line.custom, type_, fields, CUSTOM_TARGET, context)
}

pub(super) fn set_custom_field(
    list: &mut ShoppingList,
    name: &Named,
    field: &str,
    value: Option<Value>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let line = named::find_mut(&mut list.line_items, name)?;
    custom_fields::set_field(&mut line.custom, field, value, context)
}
