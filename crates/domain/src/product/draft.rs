//! What a client sends to create a product.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    catalog::{
        asset::{AssetDraft, resolve_assets},
        product_type::{AttributeLevel, ProductType},
        shape::{
            check_localized, check_optional_key, check_order_hint, check_required_localized,
            check_slug, without_repetitions,
        },
    },
    context::Context,
    error::DomainError,
    kind::Kind,
    localized::LocalizedString,
    product::{
        Attribute, Image, PriceDraft, PriceMode, Product, ProductCatalogData, ProductData,
        ProductVariant, SearchKeywords, actions::publication::product_state, attributes,
    },
    reference::{Reference, ResourceIdentifier},
    resource::unborn,
};

/// What a client sends to create a product.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductDraft {
    pub product_type: ResourceIdentifier,
    pub name: LocalizedString,
    pub slug: LocalizedString,
    pub key: Option<String>,
    pub description: Option<LocalizedString>,
    #[serde(default)]
    pub categories: Vec<ResourceIdentifier>,
    #[serde(default)]
    pub category_order_hints: BTreeMap<String, String>,
    pub meta_title: Option<LocalizedString>,
    pub meta_description: Option<LocalizedString>,
    pub meta_keywords: Option<LocalizedString>,
    pub master_variant: Option<ProductVariantDraft>,
    #[serde(default)]
    pub variants: Vec<ProductVariantDraft>,
    pub tax_category: Option<ResourceIdentifier>,
    #[serde(default)]
    pub search_keywords: SearchKeywords,
    pub state: Option<ResourceIdentifier>,
    #[serde(default)]
    pub publish: bool,
    #[serde(default)]
    pub price_mode: PriceMode,
    #[serde(default)]
    pub attributes: Vec<Attribute>,
}

/// What a client sends for a variant.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductVariantDraft {
    pub sku: Option<String>,
    pub key: Option<String>,
    #[serde(default)]
    pub prices: Vec<PriceDraft>,
    #[serde(default)]
    pub attributes: Vec<Attribute>,
    #[serde(default)]
    pub images: Vec<Image>,
    #[serde(default)]
    pub assets: Vec<AssetDraft>,
}

impl ProductDraft {
    /// The product with both states alike; what concerns several variants is not checked yet.
    ///
    /// # Errors
    /// A shape that is wrong, a reference that does not exist, an attribute that does not fit the product type.
    pub fn resolve(self, context: &mut Context<'_>) -> Result<Product, DomainError> {
        self.check_shape()?;
        let product_type = context.world.require::<ProductType>(&self.product_type)?;
        let tax_category = self
            .tax_category
            .as_ref()
            .map(|named| context.world.reference(Kind::TaxCategory, named))
            .transpose()?;
        let state = self
            .state
            .as_ref()
            .map(|named| product_state(named, context))
            .transpose()?
            .map(|state| Reference::new(Kind::State, state.id.clone()));
        let (key, publish, price_mode) = (self.key.clone(), self.publish, self.price_mode);
        let data = self.resolve_data(&product_type, context)?;
        Ok(Product {
            id: String::new(),
            version: 0,
            created_at: unborn(),
            last_modified_at: unborn(),
            created_by: None,
            last_modified_by: None,
            key,
            product_type: Reference::new(Kind::ProductType, product_type.id.clone()),
            master_data: ProductCatalogData {
                published: publish,
                current: data.clone(),
                staged: data,
                has_staged_changes: false,
            },
            tax_category,
            state,
            price_mode,
            last_variant_id: None,
        })
    }

    fn check_shape(&self) -> Result<(), DomainError> {
        check_optional_key("key", self.key.as_deref())?;
        check_required_localized("name", &self.name)?;
        check_slug(&self.slug)?;
        let texts = [
            ("description", &self.description),
            ("metaTitle", &self.meta_title),
            ("metaDescription", &self.meta_description),
            ("metaKeywords", &self.meta_keywords),
        ];
        for (field, text) in texts {
            text.as_ref()
                .map_or(Ok(()), |text| check_localized(field, text))?;
        }
        self.category_order_hints
            .values()
            .try_for_each(|hint| check_order_hint("categoryOrderHints", hint))
    }

    fn resolve_data(
        self,
        product_type: &ProductType,
        context: &mut Context<'_>,
    ) -> Result<ProductData, DomainError> {
        let mut categories = Vec::with_capacity(self.categories.len());
        for category in &self.categories {
            categories.push(context.world.reference(Kind::Category, category)?);
        }
        let master_variant = match self.master_variant {
            Some(draft) => draft.resolve(1, product_type, context)?,
            None => ProductVariant::empty(1),
        };
        let mut variants = Vec::with_capacity(self.variants.len());
        for (id, draft) in (2..).zip(self.variants) {
            variants.push(draft.resolve(id, product_type, context)?);
        }
        let level = AttributeLevel::Product;
        Ok(ProductData {
            name: self.name,
            categories: without_repetitions(categories),
            category_order_hints: self.category_order_hints,
            description: self.description,
            slug: self.slug,
            meta_title: self.meta_title,
            meta_description: self.meta_description,
            meta_keywords: self.meta_keywords,
            master_variant,
            variants,
            search_keywords: self.search_keywords,
            attributes: attributes::resolve(self.attributes, level, product_type, context)?,
        })
    }
}

impl ProductVariantDraft {
    /// The variant with this id.
    ///
    /// # Errors
    /// A shape that is wrong, a reference that does not exist, an attribute that does not fit the product type.
    pub fn resolve(
        self,
        id: i64,
        product_type: &ProductType,
        context: &mut Context<'_>,
    ) -> Result<ProductVariant, DomainError> {
        check_sku(self.sku.as_deref())?;
        check_optional_key("variants.key", self.key.as_deref())?;
        let mut prices = Vec::with_capacity(self.prices.len());
        for draft in self.prices {
            prices.push(draft.resolve(context)?);
        }
        let level = AttributeLevel::Variant;
        Ok(ProductVariant {
            sku: self.sku,
            key: self.key,
            prices,
            attributes: attributes::resolve(self.attributes, level, product_type, context)?,
            images: self.images,
            assets: resolve_assets(self.assets, context)?,
            ..ProductVariant::empty(id)
        })
    }
}

impl ProductVariant {
    /// A variant with an id and nothing else.
    #[must_use]
    pub const fn empty(id: i64) -> Self {
        Self {
            id,
            sku: None,
            key: None,
            prices: Vec::new(),
            attributes: Vec::new(),
            images: Vec::new(),
            assets: Vec::new(),
            price: None,
            availability: None,
            is_matching_variant: None,
            scoped_price: None,
            scoped_price_discounted: None,
        }
    }
}

/// Accepts a sku: anything but an empty text.
///
/// # Errors
/// [`DomainError::InvalidField`].
pub fn check_sku(sku: Option<&str>) -> Result<(), DomainError> {
    match sku {
        Some("") => Err(DomainError::field("sku", "")),
        Some(_) | None => Ok(()),
    }
}
