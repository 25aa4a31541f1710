//! What a client sends to create a shopping list.

use serde::Deserialize;

use super::{
    ShoppingList, ShoppingListLineItemDraft, TextLineItemDraft,
    apply::{check_days, default_days},
    lines, text_lines,
};
use crate::{
    catalog::{
        shape::{check_localized, check_optional_key, check_required_localized, check_slug},
        store::binding,
    },
    context::Context,
    custom_fields::CustomFieldsDraft,
    customer::owner::Owner,
    error::DomainError,
    localized::LocalizedString,
    reference::ResourceIdentifier,
    resource::unborn,
};

/// What a backend sends to create a shopping list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShoppingListDraft {
    /// Its name.
    pub name: LocalizedString,
    /// Its name in URLs.
    pub slug: Option<LocalizedString>,
    /// The customer it belongs to.
    pub customer: Option<ResourceIdentifier>,
    /// User-defined key.
    pub key: Option<String>,
    /// What it is for.
    pub description: Option<LocalizedString>,
    /// The anonymous session it belongs to.
    pub anonymous_id: Option<String>,
    /// Days after the last change until it vanishes; the project's if left out.
    pub delete_days_after_last_modification: Option<i64>,
    /// Products.
    #[serde(default)]
    pub line_items: Vec<ShoppingListLineItemDraft>,
    /// Anything else.
    #[serde(default)]
    pub text_line_items: Vec<TextLineItemDraft>,
    /// The store; on an in-store endpoint it is that store.
    pub store: Option<ResourceIdentifier>,
    /// Custom fields.
    pub custom: Option<CustomFieldsDraft>,
}

/// What a customer or guest sends to create a shopping list.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MyShoppingListDraft {
    /// Its name.
    pub name: LocalizedString,
    /// What it is for.
    pub description: Option<LocalizedString>,
    /// Products.
    #[serde(default)]
    pub line_items: Vec<ShoppingListLineItemDraft>,
    /// Anything else.
    #[serde(default)]
    pub text_line_items: Vec<TextLineItemDraft>,
    /// Custom fields.
    pub custom: Option<CustomFieldsDraft>,
    /// Days after the last change until it vanishes.
    pub delete_days_after_last_modification: Option<i64>,
    /// The store.
    pub store: Option<ResourceIdentifier>,
}

impl From<MyShoppingListDraft> for ShoppingListDraft {
    fn from(mine: MyShoppingListDraft) -> Self {
        Self {
            name: mine.name,
            description: mine.description,
            line_items: mine.line_items,
            text_line_items: mine.text_line_items,
            custom: mine.custom,
            delete_days_after_last_modification: mine.delete_days_after_last_modification,
            store: mine.store,
            ..Self::default()
        }
    }
}

pub(super) fn create(
    draft: ShoppingListDraft,
    context: &mut Context<'_>,
) -> Result<ShoppingList, DomainError> {
    check_optional_key("key", draft.key.as_deref())?;
    check_required_localized("name", &draft.name)?;
    draft.slug.as_ref().map_or(Ok(()), check_slug)?;
    if let Some(description) = &draft.description {
        check_localized("description", description)?;
    }
    let days = draft
        .delete_days_after_last_modification
        .unwrap_or_else(|| default_days(context));
    check_days(days)?;
    let owner = Owner::of_new(draft.customer.as_ref(), draft.anonymous_id, context)?;
    let custom = draft
        .custom
        .map(|custom| custom.resolve("shopping-list", context))
        .transpose()?;
    let mut list = ShoppingList {
        id: String::new(),
        version: 0,
        created_at: unborn(),
        last_modified_at: unborn(),
        name: draft.name,
        key: draft.key,
        customer: owner.customer,
        slug: draft.slug,
        description: draft.description,
        line_items: Vec::new(),
        text_line_items: Vec::new(),
        delete_days_after_last_modification: Some(days),
        anonymous_id: owner.anonymous_id,
        store: binding::of_new(draft.store.as_ref(), context)?,
        custom,
        last_modified_by: None,
        created_by: None,
    };
    for line in draft.line_items {
        lines::put(&mut list, line, context)?;
    }
    for line in draft.text_line_items {
        text_lines::add(&mut list, line, context)?;
    }
    Ok(list)
}
