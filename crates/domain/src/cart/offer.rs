//! What can be put into a cart: a published product with one of its variants.

use std::sync::Arc;

use crate::{
    cart::{LineItem, LineItemDraft},
    context::Context,
    error::DomainError,
    product::{Product, ProductData, ProductVariant},
    reference::ResourceIdentifier,
    world::By,
};

/// A published product with one of its variants.
pub(super) struct Offer {
    pub product: Arc<Product>,
    pub variant_id: i64,
}

impl Offer {
    /// What the product says now.
    pub(super) fn data(&self) -> &ProductData {
        &self.product.master_data.current
    }

    /// The variant.
    pub(super) fn variant(&self) -> Result<&ProductVariant, DomainError> {
        self.data()
            .find_variant(self.variant_id)
            .ok_or_else(|| unknown_variant(&self.product.id, self.variant_id))
    }

    /// What a draft names, if it can be sold.
    pub(super) fn of(
        draft: &LineItemDraft,
        context: &mut Context<'_>,
    ) -> Result<Self, DomainError> {
        let offer = match (&draft.sku, &draft.product_id) {
            (Some(sku), _) => Self::by_sku(sku, context)?,
            (None, Some(id)) => {
                let identifier = ResourceIdentifier::by_id(id.as_str());
                Self {
                    product: context.world.require::<Product>(&identifier)?,
                    variant_id: draft.variant_id.unwrap_or(1),
                }
            }
            (None, None) => {
                return Err(DomainError::input(
                    "a line item needs either `sku`, or `productId` and `variantId`",
                ));
            }
        };
        if !offer.product.master_data.published {
            return Err(DomainError::operation(format!(
                "the product `{}` is not published",
                offer.product.id
            )));
        }
        offer.variant()?;
        Ok(offer)
    }

    fn by_sku(sku: &str, context: &mut Context<'_>) -> Result<Self, DomainError> {
        let unknown = || DomainError::field("sku", sku);
        let product = context
            .world
            .get_named::<Product>(By::Unique("sku", sku))?
            .ok_or_else(unknown)?;
        let variant_id = product
            .master_data
            .current
            .find_variant_by_sku(sku)
            .ok_or_else(unknown)?
            .id;
        Ok(Self {
            product,
            variant_id,
        })
    }

    /// What a line stands for, if it can still be sold.
    pub(super) fn still(
        line: &LineItem,
        context: &mut Context<'_>,
    ) -> Result<Option<Self>, DomainError> {
        let product = context.world.get::<Product>(By::Id(&line.product_id))?;
        Ok(product
            .filter(|product| product.master_data.published)
            .map(|product| Self {
                product,
                variant_id: line.variant.id,
            })
            .filter(|offer| offer.variant().is_ok()))
    }
}

fn unknown_variant(product: &str, variant: i64) -> DomainError {
    DomainError::input(format!(
        "the product `{product}` has no variant with the id {variant}"
    ))
}
