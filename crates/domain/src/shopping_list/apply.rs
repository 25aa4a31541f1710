//! One line per shopping list action; lines and lines of text have files of their own.

use serde_json::{Map, Value};

use super::{ShoppingList, ShoppingListAction, lines, named::Named, text_lines};
use crate::{
    catalog::{
        shape::{
            check_localized, check_optional_key, check_range, check_required_localized, check_slug,
        },
        store::binding,
    },
    context::Context,
    custom_fields,
    customer::owner,
    error::DomainError,
    localized::LocalizedString,
    project::EXPIRY_DAYS,
    reference::ResourceIdentifier,
};

#[expect(
    clippy::too_many_lines,
    reason = "one arm per action; the compiler lists the missing ones"
)]
pub(super) fn apply(
    list: &mut ShoppingList,
    action: ShoppingListAction,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    use ShoppingListAction as A;
    match action {
        A::AddLineItem(draft) => lines::add(list, draft, context)?,
        A::AddTextLineItem(draft) => text_lines::add(list, draft, context)?,
        A::ChangeLineItemQuantity {
            line_item_id,
            line_item_key,
            quantity,
        } => lines::change_quantity(
            list,
            &Named::new(line_item_id, line_item_key),
            quantity,
            context,
        )?,
        A::ChangeLineItemsOrder { line_item_order } => lines::change_order(list, &line_item_order)?,
        A::ChangeName { name } => change_name(list, name)?,
        A::ChangeTextLineItemName {
            text_line_item_id,
            text_line_item_key,
            name,
        } => text_lines::change_name(
            list,
            &Named::new(text_line_item_id, text_line_item_key),
            name,
        )?,
        A::ChangeTextLineItemQuantity {
            text_line_item_id,
            text_line_item_key,
            quantity,
        } => text_lines::change_quantity(
            list,
            &Named::new(text_line_item_id, text_line_item_key),
            quantity,
        )?,
        A::ChangeTextLineItemsOrder {
            text_line_item_order,
        } => text_lines::change_order(list, &text_line_item_order)?,
        A::RemoveLineItem {
            line_item_id,
            line_item_key,
            quantity,
        } => lines::remove(
            list,
            &Named::new(line_item_id, line_item_key),
            quantity,
            context,
        )?,
        A::RemoveTextLineItem {
            text_line_item_id,
            text_line_item_key,
            quantity,
        } => text_lines::remove(
            list,
            &Named::new(text_line_item_id, text_line_item_key),
            quantity,
        )?,
        A::SetAnonymousId { anonymous_id } => set_anonymous_id(list, anonymous_id)?,
        A::SetCustomField { name, value } => {
            custom_fields::set_field(&mut list.custom, &name, value, context)?
        }
        A::SetCustomType { type_, fields } => set_custom_type(list, type_, fields, context)?,
        A::SetCustomer { customer } => list.customer = owner::existing(customer.as_ref(), context)?,
        A::SetDeleteDaysAfterLastModification {
            delete_days_after_last_modification,
        } => set_days(list, delete_days_after_last_modification, context)?,
        A::SetDescription { description } => set_description(list, description)?,
        A::SetKey { key } => set_key(list, key)?,
        A::SetLineItemCustomField {
            line_item_id,
            line_item_key,
            name,
            value,
        } => lines::set_custom_field(
            list,
            &Named::new(line_item_id, line_item_key),
            &name,
            value,
            context,
        )?,
        A::SetLineItemCustomType {
            line_item_id,
            line_item_key,
            type_,
            fields,
        } => lines::set_custom_type(
            list,
            &Named::new(line_item_id, line_item_key),
            type_,
            fields,
            context,
        )?,
        A::SetSlug { slug } => set_slug(list, slug)?,
        A::SetStore { store } => set_store(list, store.as_ref(), context)?,
        A::SetTextLineItemCustomField {
            text_line_item_id,
            text_line_item_key,
            name,
            value,
        } => text_lines::set_custom_field(
            list,
            &Named::new(text_line_item_id, text_line_item_key),
            &name,
            value,
            context,
        )?,
        A::SetTextLineItemCustomType {
            text_line_item_id,
            text_line_item_key,
            type_,
            fields,
        } => text_lines::set_custom_type(
            list,
            &Named::new(text_line_item_id, text_line_item_key),
            type_,
            fields,
            context,
        )?,
        A::SetTextLineItemDescription {
            text_line_item_id,
            text_line_item_key,
            description,
        } => text_lines::set_description(
            list,
            &Named::new(text_line_item_id, text_line_item_key),
            description,
        )?,
    }
    Ok(())
}

/// The days after which lists vanish in this project.
pub(super) fn default_days(context: &Context<'_>) -> i64 {
    context
        .project
        .shopping_lists
        .delete_days_after_last_modification
}

pub(super) fn check_days(days: i64) -> Result<(), DomainError> {
    check_range("deleteDaysAfterLastModification", days, EXPIRY_DAYS)
}

fn set_days(
    list: &mut ShoppingList,
    days: Option<i64>,
    context: &Context<'_>,
) -> Result<(), DomainError> {
    let days = days.unwrap_or_else(|| default_days(context));
    check_days(days)?;
    list.delete_days_after_last_modification = Some(days);
    Ok(())
}

fn change_name(list: &mut ShoppingList, name: LocalizedString) -> Result<(), DomainError> {
    check_required_localized("name", &name)?;
    list.name = name;
    Ok(())
}

fn set_anonymous_id(list: &mut ShoppingList, id: Option<String>) -> Result<(), DomainError> {
    owner::check_anonymous_id(id.as_deref(), list.customer.as_ref())?;
    list.anonymous_id = id;
    Ok(())
}

fn set_custom_type(
    list: &mut ShoppingList,
    type_: Option<ResourceIdentifier>,
    fields: Option<Map<String, Value>>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    custom_fields::set_type(&mut list.custom, type_, fields, "shopping-list", context)
}

fn set_description(
    list: &mut ShoppingList,
    description: Option<LocalizedString>,
) -> Result<(), DomainError> {
    if let Some(text) = &description {
        check_localized("description", text)?;
    }
    list.description = description;
    Ok(())
}

fn set_key(list: &mut ShoppingList, key: Option<String>) -> Result<(), DomainError> {
    check_optional_key("key", key.as_deref())?;
    list.key = key;
    Ok(())
}

fn set_slug(list: &mut ShoppingList, slug: Option<LocalizedString>) -> Result<(), DomainError> {
    slug.as_ref().map_or(Ok(()), check_slug)?;
    list.slug = slug;
    Ok(())
}

fn set_store(
    list: &mut ShoppingList,
    named: Option<&ResourceIdentifier>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    list.store = binding::of_moved(named, context)?;
    Ok(())
}
