//! Shopping lists: what somebody may want to buy, without prices.

mod action;
mod apply;
mod draft;
mod lines;
mod my_action;
mod named;
mod text_lines;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use self::{
    action::ShoppingListAction,
    draft::{MyShoppingListDraft, ShoppingListDraft},
    lines::{ShoppingListLineItem, ShoppingListLineItemDraft},
    my_action::MyShoppingListAction,
    text_lines::{TextLineItem, TextLineItemDraft},
};
use crate::{
    context::{Author, Context},
    custom_fields::CustomFields,
    error::DomainError,
    identity::ids::CustomerId,
    kind::Kind,
    localized::LocalizedString,
    reference::{KeyReference, Reference},
    resource::{Index, Resource, Unique},
    timestamp::Timestamp,
};

/// Most line items of one list, and most text line items.
pub const MAX_LINE_ITEMS: usize = 250;

/// A shopping list in the shape of the commercetools API.
///
/// Source: <https://docs.commercetools.com/api/projects/shoppingLists#shoppinglist>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShoppingList {
    /// Server-made id.
    pub id: String,
    /// Grows with every change.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub last_modified_at: Timestamp,
    /// Its name.
    pub name: LocalizedString,
    /// User-defined key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The customer it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Reference>,
    /// Its name in URLs, unique in the project by locale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<LocalizedString>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<LocalizedString>,
    /// Products, at most [`MAX_LINE_ITEMS`].
    #[serde(default)]
    pub line_items: Vec<ShoppingListLineItem>,
    /// Anything else.
    #[serde(default)]
    pub text_line_items: Vec<TextLineItem>,
    /// Days after the last change until it vanishes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_days_after_last_modification: Option<i64>,
    /// The anonymous session it was made in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymous_id: Option<String>,
    /// The store it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<KeyReference>,
    /// Custom fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
    /// Who changed it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<Author>,
    /// Who created it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Author>,
}

crate::envelope!(ShoppingList, optional_key);

impl ShoppingList {
    /// Gives it to the customer into whom its guest turned; the anonymous session stays on record.
    pub fn assign_to(&mut self, customer: &CustomerId) {
        self.customer = Some(Reference::new(Kind::Customer, customer.as_str()));
    }

    /// Namespace of the slugs; the value is `{locale}/{slug}`.
    pub const SLUGS: &'static str = "shopping-list-slug";

    fn unique_slugs(&self) -> Vec<Unique> {
        self.slug
            .iter()
            .flatten()
            .map(|(locale, slug)| Unique {
                namespace: Self::SLUGS.to_owned(),
                value: format!("{locale}/{slug}"),
                field: "slug",
                shown: slug.clone(),
            })
            .collect()
    }
}

impl Resource for ShoppingList {
    const KIND: Kind = Kind::ShoppingList;
    type Draft = ShoppingListDraft;
    type Action = ShoppingListAction;

    fn create(draft: Self::Draft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        draft::create(draft, context)
    }

    fn apply(
        &mut self,
        action: Self::Action,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        apply::apply(self, action, context)
    }

    /// What the lines show of their products is brought up to date.
    fn settle(&mut self, context: &mut Context<'_>) -> Result<(), DomainError> {
        lines::refresh(&mut self.line_items, context)
    }

    fn index(&self) -> Index {
        Index {
            customer_id: self.customer.as_ref().map(|customer| customer.id.clone()),
            anonymous_id: self.anonymous_id.clone(),
            state: None,
            store_key: self.store.as_ref().map(|store| store.key.clone()),
            expires_at: self
                .delete_days_after_last_modification
                .map(|days| self.last_modified_at.plus_days(days)),
            unique: self.unique_slugs(),
        }
    }
}
