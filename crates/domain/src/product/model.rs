//! The parts of a product, in the shape they are stored and sent in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    catalog::asset::Asset, localized::LocalizedString, product::price::Price, reference::Reference,
    timestamp::Timestamp,
};

/// Where a product's prices come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PriceMode {
    /// From its variants.
    #[default]
    Embedded,
    /// From standalone prices of its skus.
    Standalone,
}

/// Both states of a product: what is published and what is being worked on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductCatalogData {
    pub published: bool,
    pub current: ProductData,
    pub staged: ProductData,
    /// Whether `staged` differs from `current`.
    pub has_staged_changes: bool,
}

/// One state of a product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductData {
    pub name: LocalizedString,
    pub categories: Vec<Reference>,
    /// Order hints by category id.
    #[serde(default)]
    pub category_order_hints: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<LocalizedString>,
    pub slug: LocalizedString,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_title: Option<LocalizedString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_description: Option<LocalizedString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_keywords: Option<LocalizedString>,
    pub master_variant: ProductVariant,
    /// The other variants, at most 100.
    pub variants: Vec<ProductVariant>,
    pub search_keywords: SearchKeywords,
    /// Attributes of the product as a whole (`level: Product` of the product type).
    pub attributes: Vec<Attribute>,
}

/// One thing that can be put into a cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductVariant {
    /// Ascending from 1 within the product, never used again.
    pub id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// At most 100.
    pub prices: Vec<Price>,
    pub attributes: Vec<Attribute>,
    pub images: Vec<Image>,
    pub assets: Vec<Asset>,
    /// The selected price: only in projections and carts, never stored with the product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// Stock: only in projections and carts, never stored with the product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability: Option<VariantAvailability>,
    /// Whether a search matched this variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_matching_variant: Option<bool>,
    /// The selected price in search results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scoped_price: Option<ScopedPrice>,
    /// Whether the selected price in search results has a product discount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scoped_price_discounted: Option<bool>,
}

/// A named value, checked against the product type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    pub name: String,
    pub value: Value,
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    pub url: String,
    pub dimensions: ImageDimensions,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageDimensions {
    pub w: i64,
    pub h: i64,
}

/// Keywords by locale.
pub type SearchKeywords = BTreeMap<String, Vec<SearchKeyword>>;

/// One keyword of the suggestions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchKeyword {
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggest_tokenizer: Option<SuggestTokenizer>,
}

/// How a keyword is taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SuggestTokenizer {
    #[serde(rename = "type")]
    pub kind: TokenizerKind,
    /// The words of `custom`, absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<Vec<String>>,
}

/// The ways to take a keyword apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TokenizerKind {
    Whitespace,
    Custom,
}

/// Stock of a variant: of the entry without supply channel, and by supply channel id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VariantAvailability {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub channels: BTreeMap<String, ChannelAvailability>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_on_stock: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restockable_in_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_quantity: Option<i64>,
    /// Id of the inventory entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Version of the inventory entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// Stock of a variant at one supply channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelAvailability {
    pub is_on_stock: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restockable_in_days: Option<i64>,
    pub available_quantity: i64,
    /// Id of the inventory entry.
    pub id: String,
    /// Version of the inventory entry.
    pub version: i64,
}

/// The selected price in search results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScopedPrice {
    pub id: String,
    pub value: crate::money::TypedMoney,
    /// The discounted value if there is one, else the value.
    pub current_value: crate::money::TypedMoney,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_group: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discounted: Option<crate::product::price::DiscountedPrice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<crate::custom_fields::CustomFields>,
}

impl ProductData {
    /// The master variant, then the others in their order.
    pub fn all_variants(&self) -> impl Iterator<Item = &ProductVariant> {
        std::iter::once(&self.master_variant).chain(&self.variants)
    }

    /// As [`Self::all_variants`], to change them.
    pub fn all_variants_mut(&mut self) -> impl Iterator<Item = &mut ProductVariant> {
        std::iter::once(&mut self.master_variant).chain(&mut self.variants)
    }

    /// The variant with this id.
    #[must_use]
    pub fn find_variant(&self, id: i64) -> Option<&ProductVariant> {
        self.all_variants().find(|variant| variant.id == id)
    }

    /// The variant with this sku.
    #[must_use]
    pub fn find_variant_by_sku(&self, sku: &str) -> Option<&ProductVariant> {
        self.all_variants()
            .find(|variant| variant.sku.as_deref() == Some(sku))
    }

    /// The highest variant id.
    #[must_use]
    pub fn highest_variant_id(&self) -> i64 {
        self.all_variants()
            .map(|variant| variant.id)
            .max()
            .unwrap_or(0)
    }
}

impl ProductVariant {
    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
            .map(|attribute| &attribute.value)
    }

    /// The embedded price with this id.
    #[must_use]
    pub fn find_price(&self, id: &str) -> Option<&Price> {
        self.prices.iter().find(|price| price.id == id)
    }
}
