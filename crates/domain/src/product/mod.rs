//! Products: what is sold, in a published and a staged state.

pub mod actions;
pub mod attributes;
pub mod draft;
pub mod model;
pub mod price;
pub mod projection;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    catalog::{
        product_type::ProductType,
        shape::{check_count, constraint},
    },
    context::{Author, Context},
    error::{DomainError, WorldError},
    kind::Kind,
    message::Message,
    reference::{Reference, ResourceIdentifier},
    resource::{Index, Resource, Unique},
    timestamp::Timestamp,
    world::By,
};

pub use actions::ProductAction;
pub use draft::{ProductDraft, ProductVariantDraft};
pub use model::{
    Attribute, ChannelAvailability, Image, ImageDimensions, PriceMode, ProductCatalogData,
    ProductData, ProductVariant, ScopedPrice, SearchKeywords, VariantAvailability,
};
pub use price::{DiscountedPrice, Price, PriceDraft, PriceTier};
pub use projection::{ProductProjection, ProjectionState};

/// Most variants of a product, the master variant among them.
pub const MAX_VARIANTS: usize = 100;

/// A product with its published and staged data.
///
/// Source: <https://docs.commercetools.com/api/projects/products>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    pub id: String,
    pub version: i64,
    pub created_at: Timestamp,
    pub last_modified_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Author>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<Author>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    pub product_type: Reference,
    pub master_data: ProductCatalogData,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_category: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Reference>,
    #[serde(default)]
    pub price_mode: PriceMode,
    /// The highest variant id ever given, kept only while no variant has it or a higher one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_variant_id: Option<i64>,
}

crate::envelope!(Product, optional_key);

impl Product {
    /// The published variant with this id.
    #[must_use]
    pub fn find_variant(&self, id: i64) -> Option<&ProductVariant> {
        self.master_data.current.find_variant(id)
    }

    /// The published variant with this sku.
    #[must_use]
    pub fn find_variant_by_sku(&self, sku: &str) -> Option<&ProductVariant> {
        self.master_data.current.find_variant_by_sku(sku)
    }

    /// Its product type.
    ///
    /// # Errors
    /// [`DomainError::ReferencedResourceNotFound`] if it is gone.
    pub fn product_type(&self, context: &mut Context<'_>) -> Result<Arc<ProductType>, DomainError> {
        let id = &self.product_type.id;
        context
            .world
            .get::<ProductType>(By::Id(id))?
            .ok_or_else(|| DomainError::ReferencedResourceNotFound {
                kind: Kind::ProductType,
                identifier: ResourceIdentifier::by_id(id),
            })
    }

    /// An id that no variant of this product ever had.
    fn next_variant_id(&self) -> i64 {
        self.highest_variant_id().saturating_add(1)
    }

    fn highest_variant_id(&self) -> i64 {
        let data = &self.master_data;
        data.staged
            .highest_variant_id()
            .max(data.current.highest_variant_id())
            .max(self.last_variant_id.unwrap_or(0))
    }

    /// Keeps the ids of variants that are about to vanish from being given again.
    fn remember_variant_ids(&mut self) {
        self.last_variant_id = Some(self.highest_variant_id());
    }

    /// Drops what [`Self::remember_variant_ids`] kept, unless it is still needed.
    fn forget_variant_ids(&mut self) {
        let data = &self.master_data;
        let present = data
            .staged
            .highest_variant_id()
            .max(data.current.highest_variant_id());
        self.last_variant_id = self.last_variant_id.filter(|last| *last > present);
    }

    /// Brings derived members up to date and checks what concerns several variants at once.
    fn check(&mut self, context: &mut Context<'_>) -> Result<(), DomainError> {
        self.forget_variant_ids();
        self.master_data.has_staged_changes = self.master_data.staged != self.master_data.current;
        let product_type = self.product_type(context)?;
        check_data(&self.master_data.staged, &product_type)?;
        if self.master_data.has_staged_changes {
            check_data(&self.master_data.current, &product_type)?;
        }
        Ok(())
    }
}

fn check_data(data: &ProductData, product_type: &ProductType) -> Result<(), DomainError> {
    let count = data.variants.len().saturating_add(1);
    check_count("variants of a product", count, MAX_VARIANTS)?;
    check_names(data, "sku", |variant| variant.sku.as_deref())?;
    check_names(data, "key", |variant| variant.key.as_deref())?;
    for variant in data.all_variants() {
        price::check_prices(&variant.prices)?;
    }
    check_variants_differ(data)?;
    attributes::check_constraints(data, product_type)
}

fn check_names<'a>(
    data: &'a ProductData,
    field: &str,
    name: fn(&'a ProductVariant) -> Option<&'a str>,
) -> Result<(), DomainError> {
    let mut names: Vec<&str> = data.all_variants().filter_map(name).collect();
    names.sort_unstable();
    match names.iter().zip(names.iter().skip(1)).find(|(a, b)| a == b) {
        Some((twice, _)) => Err(DomainError::DuplicateField {
            field: field.to_owned(),
            value: (*twice).into(),
        }),
        None => Ok(()),
    }
}

/// Two variants may not agree in everything that tells variants apart.
fn check_variants_differ(data: &ProductData) -> Result<(), DomainError> {
    // Skus and keys differ where they are set, so only variants without either can be alike.
    let nameless: Vec<&ProductVariant> = data
        .all_variants()
        .filter(|variant| variant.sku.is_none() && variant.key.is_none())
        .collect();
    for (at, variant) in nameless.iter().enumerate() {
        if let Some(twin) = nameless.iter().take(at).find(|other| alike(variant, other)) {
            return Err(constraint(
                "DuplicateVariantValues",
                "A duplicate combination of the variant values (sku, key, images, prices, attributes) exists."
                    .to_owned(),
                vec![(
                    "variantValues",
                    serde_json::json!({
                        "prices": shown(&twin.prices)?, "attributes": shown(&twin.attributes)?
                    }),
                )],
            ));
        }
    }
    Ok(())
}

fn alike(one: &ProductVariant, other: &ProductVariant) -> bool {
    let same_prices = one.prices.len() == other.prices.len()
        && one.prices.iter().zip(&other.prices).all(|(a, b)| {
            let renamed = Price {
                id: a.id.clone(),
                ..b.clone()
            };
            *a == renamed
        });
    same_prices && one.attributes == other.attributes && one.images == other.images
}

/// A value as the API shows it, for messages and errors.
fn shown<T: Serialize>(value: &T) -> Result<Value, DomainError> {
    serde_json::to_value(value).map_err(|error| DomainError::World(WorldError(Box::new(error))))
}

impl Resource for Product {
    const KIND: Kind = Kind::Product;
    type Draft = ProductDraft;
    type Action = ProductAction;

    fn create(draft: ProductDraft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        let mut product = draft.resolve(context)?;
        product.check(context)?;
        context.emit(Message::new("ProductCreated").with_document(
            "productProjection",
            &product.projection(ProjectionState::Staged),
        )?);
        if product.master_data.published {
            actions::publication::emit_published(&product, context)?;
        }
        Ok(product)
    }

    fn apply(
        &mut self,
        action: ProductAction,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        action.apply(self, context)
    }

    fn settle(&mut self, context: &mut Context<'_>) -> Result<(), DomainError> {
        self.check(context)
    }

    fn check_delete(&self, context: &mut Context<'_>) -> Result<(), DomainError> {
        if self.master_data.published {
            return Err(DomainError::operation(format!(
                "The product '{}' is published and cannot be deleted. Unpublish it first.",
                self.id
            )));
        }
        context.emit(
            Message::new("ProductDeleted")
                .with("removedImageUrls", Value::Array(Vec::new()))
                .with_document(
                    "currentProjection",
                    &self.projection(ProjectionState::Current),
                )?,
        );
        Ok(())
    }

    fn index(&self) -> Index {
        let mut unique = Vec::new();
        let states = [&self.master_data.staged, &self.master_data.current];
        for data in states {
            for variant in data.all_variants() {
                unique.extend(
                    variant
                        .sku
                        .as_deref()
                        .map(|sku| Unique::new("sku", "sku", sku)),
                );
            }
            for (locale, slug) in &data.slug {
                unique.push(Unique::new(format!("product-slug:{locale}"), "slug", slug));
            }
        }
        unique.sort();
        unique.dedup();
        Index {
            unique,
            ..Index::default()
        }
    }
}

#[cfg(test)]
mod tests;
