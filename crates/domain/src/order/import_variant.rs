//! Which variant a line of an order that was placed elsewhere is for.

use std::sync::Arc;

use serde::Deserialize;

use crate::{
    catalog::product_type::{AttributeLevel, ProductType},
    context::Context,
    error::DomainError,
    product::{Attribute, Image, PriceDraft, Product, ProductVariant, attributes},
    reference::ResourceIdentifier,
    world::By,
};

/// The variant of an imported line. Prices, attributes and images that are given take the place of the variant's own on
/// the line.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VariantImportDraft {
    pub id: Option<i64>,
    pub sku: Option<String>,
    pub prices: Option<Vec<PriceDraft>>,
    pub attributes: Option<Vec<Attribute>>,
    pub images: Option<Vec<Image>>,
}

impl VariantImportDraft {
    /// The product, and its variant as it is to be stored on the line.
    pub(super) fn resolve(
        self,
        product_id: Option<&str>,
        context: &mut Context<'_>,
    ) -> Result<(Arc<Product>, ProductVariant), DomainError> {
        let product = match (product_id, &self.sku) {
            (Some(id), _) => context
                .world
                .require::<Product>(&ResourceIdentifier::by_id(id))?,
            (None, Some(sku)) => context
                .world
                .get::<Product>(By::Unique("sku", sku))?
                .ok_or_else(|| DomainError::field("variant.sku", sku.as_str()))?,
            (None, None) => return Err(DomainError::required("variant.sku")),
        };
        let data = &product.master_data.current;
        let known = match (&self.sku, self.id) {
            (Some(sku), _) => data
                .find_variant_by_sku(sku)
                .ok_or_else(|| DomainError::field("variant.sku", sku.as_str()))?,
            (None, id) => {
                let id = id.unwrap_or(1);
                data.find_variant(id)
                    .ok_or_else(|| DomainError::field("variant.id", id))?
            }
        };
        if let Some(other) = self.id.filter(|id| *id != known.id) {
            return Err(DomainError::field("variant.id", other));
        }
        let mut variant = known.clone();
        self.override_content(&mut variant, &product, context)?;
        Ok((product, variant))
    }

    fn override_content(
        self,
        variant: &mut ProductVariant,
        product: &Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        if let Some(prices) = self.prices {
            variant.prices = prices
                .into_iter()
                .map(|price| price.resolve(context))
                .collect::<Result<_, _>>()?;
        }
        if let Some(given) = self.attributes {
            let named = ResourceIdentifier::by_id(product.product_type.id.as_str());
            let product_type = context.world.require::<ProductType>(&named)?;
            variant.attributes =
                attributes::resolve(given, AttributeLevel::Variant, &product_type, context)?;
        }
        if let Some(images) = self.images {
            variant.images = images;
        }
        Ok(())
    }
}
