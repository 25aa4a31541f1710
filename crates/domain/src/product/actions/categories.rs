//! The categories a product is in, and its place there.

use serde::Deserialize;

use crate::{
    catalog::shape::check_order_hint,
    context::Context,
    error::DomainError,
    kind::Kind,
    message::Message,
    product::{Product, actions::staged_by_default},
    reference::ResourceIdentifier,
};

/// Puts the product into a category.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddToCategory {
    pub category: ResourceIdentifier,
    /// A decimal between 0 and 1.
    pub order_hint: Option<String>,
    #[serde(default = "staged_by_default")]
    pub staged: bool,
}

impl AddToCategory {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        if let Some(hint) = &self.order_hint {
            check_order_hint("orderHint", hint)?;
        }
        let category = context.world.reference(Kind::Category, &self.category)?;
        let mut changed = false;
        for data in product.master_data.states(self.staged) {
            if !data.categories.contains(&category) {
                changed = true;
                data.categories.push(category.clone());
            }
            if let Some(hint) = &self.order_hint {
                data.category_order_hints
                    .insert(category.id.clone(), hint.clone());
            }
        }
        if changed {
            context.emit(
                Message::new("ProductAddedToCategory")
                    .with_document("category", &category)?
                    .with("staged", self.staged),
            );
        }
        Ok(())
    }
}

/// Takes the product out of a category.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoveFromCategory {
    pub category: ResourceIdentifier,
    #[serde(default = "staged_by_default")]
    pub staged: bool,
}

impl RemoveFromCategory {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let category = context.world.reference(Kind::Category, &self.category)?;
        let mut changed = false;
        for data in product.master_data.states(self.staged) {
            changed |= data.categories.contains(&category);
            data.categories.retain(|one| *one != category);
            data.category_order_hints.remove(&category.id);
        }
        if changed {
            context.emit(
                Message::new("ProductRemovedFromCategory")
                    .with_document("category", &category)?
                    .with("staged", self.staged),
            );
        }
        Ok(())
    }
}

/// Sets or removes the product's place in a category it is in.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetCategoryOrderHint {
    pub category_id: String,
    /// A decimal between 0 and 1.
    pub order_hint: Option<String>,
    #[serde(default = "staged_by_default")]
    pub staged: bool,
}

impl SetCategoryOrderHint {
    pub(super) fn apply(
        self,
        product: &mut Product,
        _context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        if let Some(hint) = &self.order_hint {
            check_order_hint("orderHint", hint)?;
        }
        for data in product.master_data.states(self.staged) {
            if !data.categories.iter().any(|one| one.id == self.category_id) {
                return Err(DomainError::operation(format!(
                    "The product is not in the category '{}'.",
                    self.category_id
                )));
            }
            match &self.order_hint {
                Some(hint) => {
                    data.category_order_hints
                        .insert(self.category_id.clone(), hint.clone());
                }
                None => {
                    data.category_order_hints.remove(&self.category_id);
                }
            }
        }
        Ok(())
    }
}
