//! One state of a product, as shops read it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    catalog::store::Store,
    localized::LocalizedString,
    pricing::{PriceScope, select_price},
    product::{Attribute, Price, PriceMode, Product, ProductVariant, ScopedPrice, SearchKeywords},
    reference::Reference,
    timestamp::Timestamp,
};

/// Which state of a product is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProjectionState {
    Current,
    Staged,
}

/// A product with the data of one state.
///
/// Source: <https://docs.commercetools.com/api/projects/productProjections>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductProjection {
    pub id: String,
    pub version: i64,
    pub created_at: Timestamp,
    pub last_modified_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    pub product_type: Reference,
    pub name: LocalizedString,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<LocalizedString>,
    pub slug: LocalizedString,
    pub categories: Vec<Reference>,
    pub category_order_hints: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_title: Option<LocalizedString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_description: Option<LocalizedString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_keywords: Option<LocalizedString>,
    pub search_keywords: SearchKeywords,
    pub has_staged_changes: bool,
    pub published: bool,
    pub master_variant: ProductVariant,
    pub variants: Vec<ProductVariant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_category: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Reference>,
    pub price_mode: PriceMode,
    pub attributes: Vec<Attribute>,
}

impl Product {
    /// The product with the data of one state, whether it is published or not.
    #[must_use]
    pub fn projection(&self, state: ProjectionState) -> ProductProjection {
        let data = match state {
            ProjectionState::Current => &self.master_data.current,
            ProjectionState::Staged => &self.master_data.staged,
        }
        .clone();
        ProductProjection {
            id: self.id.clone(),
            version: self.version,
            created_at: self.created_at,
            last_modified_at: self.last_modified_at,
            key: self.key.clone(),
            product_type: self.product_type.clone(),
            name: data.name,
            description: data.description,
            slug: data.slug,
            categories: data.categories,
            category_order_hints: data.category_order_hints,
            meta_title: data.meta_title,
            meta_description: data.meta_description,
            meta_keywords: data.meta_keywords,
            search_keywords: data.search_keywords,
            has_staged_changes: self.master_data.has_staged_changes,
            published: self.master_data.published,
            master_variant: data.master_variant,
            variants: data.variants,
            tax_category: self.tax_category.clone(),
            state: self.state.clone(),
            price_mode: self.price_mode,
            attributes: data.attributes,
        }
    }

    /// What shops may read: the current data if it is published.
    #[must_use]
    pub fn published_projection(&self) -> Option<ProductProjection> {
        self.master_data
            .published
            .then(|| self.projection(ProjectionState::Current))
    }

    /// Selects the price of each variant in both states, as [`ProductProjection::select_prices`] does.
    pub fn select_prices(&mut self, scope: &PriceScope, now: Timestamp) {
        let data = &mut self.master_data;
        for variant in data
            .current
            .all_variants_mut()
            .chain(data.staged.all_variants_mut())
        {
            variant.select_price(scope, now);
        }
    }
}

impl ProductVariant {
    fn select_price(&mut self, scope: &PriceScope, now: Timestamp) {
        self.price = select_price(&self.prices, scope, now).cloned();
    }
}

impl ProductProjection {
    /// The master variant, then the others in their order.
    pub fn all_variants(&self) -> impl Iterator<Item = &ProductVariant> {
        std::iter::once(&self.master_variant).chain(&self.variants)
    }

    /// As [`Self::all_variants`], to change them.
    pub fn all_variants_mut(&mut self) -> impl Iterator<Item = &mut ProductVariant> {
        std::iter::once(&mut self.master_variant).chain(&mut self.variants)
    }

    /// Sets `price` of each variant to the price that applies, or to none.
    pub fn select_prices(&mut self, scope: &PriceScope, now: Timestamp) {
        for variant in self.all_variants_mut() {
            variant.select_price(scope, now);
        }
    }

    /// As [`Self::select_prices`], and sets `scopedPrice` too, as search results have it.
    pub fn select_scoped_prices(&mut self, scope: &PriceScope, now: Timestamp) {
        for variant in self.all_variants_mut() {
            variant.select_price(scope, now);
            variant.scoped_price = variant.price.as_ref().map(ScopedPrice::of);
            variant.scoped_price_discounted = variant
                .price
                .as_ref()
                .map(|price| price.discounted.is_some());
        }
    }

    /// Keeps only these locales in localized texts, also of assets; keeps all if none is named.
    pub fn project_locales(&mut self, locales: &[String]) {
        if locales.is_empty() {
            return;
        }
        for text in [&mut self.name, &mut self.slug] {
            text.retain(|locale, _| locales.contains(locale));
        }
        self.search_keywords
            .retain(|locale, _| locales.contains(locale));
        for text in [
            &mut self.description,
            &mut self.meta_title,
            &mut self.meta_description,
            &mut self.meta_keywords,
        ]
        .into_iter()
        .flatten()
        {
            text.retain(|locale, _| locales.contains(locale));
        }
        for asset in self
            .all_variants_mut()
            .flat_map(|variant| &mut variant.assets)
        {
            asset.name.retain(|locale, _| locales.contains(locale));
            if let Some(description) = &mut asset.description {
                description.retain(|locale, _| locales.contains(locale));
            }
        }
    }

    /// Shows the product as a store sells it: in its languages, with prices and stock of its channels.
    pub fn project_store(&mut self, store: &Store) {
        self.project_locales(&store.languages);
        let sold_here = |price: &Price| {
            price
                .channel
                .as_ref()
                .is_none_or(|channel| store.distribution_channels.contains(channel))
        };
        for variant in self.all_variants_mut() {
            if !store.distribution_channels.is_empty() {
                variant.prices.retain(sold_here);
            }
            if !store.supply_channels.is_empty()
                && let Some(availability) = &mut variant.availability
            {
                availability
                    .channels
                    .retain(|id, _| store.supply_channels.iter().any(|one| one.id == *id));
            }
        }
    }
}

impl ScopedPrice {
    /// A price as search results show it.
    #[must_use]
    pub fn of(price: &Price) -> Self {
        Self {
            id: price.id.clone(),
            value: price.value.clone(),
            current_value: price
                .discounted
                .as_ref()
                .map_or(&price.value, |discounted| &discounted.value)
                .clone(),
            country: price.country.clone(),
            customer_group: price.customer_group.clone(),
            channel: price.channel.clone(),
            valid_from: price.valid_from,
            valid_until: price.valid_until,
            discounted: price.discounted.clone(),
            custom: price.custom.clone(),
        }
    }
}
