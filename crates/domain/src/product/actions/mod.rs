//! What a client may do to a product: one struct per action, which knows how it is applied.
//!
//! Actions with `staged` (the default) change the staged data only; with `"staged": false` the published data too.

pub mod assets;
pub mod attributes;
pub mod categories;
pub mod images;
pub mod prices;
pub mod publication;
pub mod settings;
pub mod texts;
pub mod variants;

use serde::Deserialize;

use crate::{
    context::Context,
    error::DomainError,
    product::{Price, Product, ProductCatalogData, ProductData, ProductVariant},
};

macro_rules! product_actions {
    ($($(#[$meta:meta])* $action:ident($($place:ident)::+);)+) => {
        /// An action on a product.
        #[derive(Clone, Debug, PartialEq, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum ProductAction { $($(#[$meta])* $action($($place)::+::$action),)+ }

        impl ProductAction {
            /// Applies it.
            ///
            /// # Errors
            /// Any rule that it breaks.
            pub fn apply(self, product: &mut Product, context: &mut Context<'_>) -> Result<(), DomainError> {
                match self { $(Self::$action(action) => action.apply(product, context),)+ }
            }
        }
    };
}

product_actions! {
    Publish(publication);
    Unpublish(publication);
    RevertStagedChanges(publication);
    RevertStagedVariantChanges(publication);
    TransitionState(publication);
    SetKey(settings);
    SetTaxCategory(settings);
    SetPriceMode(settings);
    ChangeName(texts);
    SetDescription(texts);
    ChangeSlug(texts);
    SetMetaTitle(texts);
    SetMetaDescription(texts);
    SetMetaKeywords(texts);
    SetSearchKeywords(texts);
    AddToCategory(categories);
    RemoveFromCategory(categories);
    SetCategoryOrderHint(categories);
    AddVariant(variants);
    RemoveVariant(variants);
    ChangeMasterVariant(variants);
    #[serde(alias = "setSKU")]
    SetSku(variants);
    SetProductVariantKey(variants);
    SetAttribute(attributes);
    SetAttributeInAllVariants(attributes);
    SetProductAttribute(attributes);
    AddPrice(prices);
    ChangePrice(prices);
    RemovePrice(prices);
    SetPrices(prices);
    SetPriceKey(prices);
    SetDiscountedPrice(prices);
    SetProductPriceCustomType(prices);
    SetProductPriceCustomField(prices);
    AddExternalImage(images);
    RemoveImage(images);
    MoveImageToPosition(images);
    SetImageLabel(images);
    AddAsset(assets);
    RemoveAsset(assets);
    ChangeAssetName(assets);
    ChangeAssetOrder(assets);
    SetAssetKey(assets);
    SetAssetDescription(assets);
    SetAssetTags(assets);
    SetAssetSources(assets);
    SetAssetCustomType(assets);
    SetAssetCustomField(assets);
}

/// `staged` is `true` where an action leaves it out.
const fn staged_by_default() -> bool {
    true
}

/// Which variants an action is for: one variant, in the staged data or in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantTarget {
    pub variant_id: Option<i64>,
    pub sku: Option<String>,
    pub staged: bool,
}

/// A struct for an action on one variant, with `variantId`, `sku` and `staged` beside its own members.
macro_rules! variant_action {
    ($(#[$doc:meta])+ $name:ident { $($(#[$meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])+
        #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            pub variant_id: Option<i64>,
            pub sku: Option<String>,
            #[serde(default = "crate::product::actions::staged_by_default")]
            pub staged: bool,
            $($(#[$meta])* pub $field: $type,)*
        }

        impl $name {
            fn target(&self) -> crate::product::actions::VariantTarget {
                crate::product::actions::VariantTarget {
                    variant_id: self.variant_id,
                    sku: self.sku.clone(),
                    staged: self.staged,
                }
            }
        }
    };
}
use variant_action;

impl ProductCatalogData {
    /// The data an action changes: staged, and current if it is not only for staged.
    pub(crate) fn states(&mut self, staged: bool) -> impl Iterator<Item = &mut ProductData> {
        std::iter::once(&mut self.staged).chain((!staged).then_some(&mut self.current))
    }

    /// The target's variant wherever it exists, at least once.
    ///
    /// # Errors
    /// [`DomainError::InvalidInput`] if neither id nor sku is given, [`DomainError::InvalidOperation`] if there is no such
    /// variant.
    pub(crate) fn variants(
        &mut self,
        target: &VariantTarget,
    ) -> Result<Vec<&mut ProductVariant>, DomainError> {
        let id = self.variant_id(target)?;
        let found: Vec<&mut ProductVariant> = self
            .states(target.staged)
            .flat_map(|data| data.all_variants_mut().filter(|variant| variant.id == id))
            .collect();
        if found.is_empty() {
            return Err(missing_variant(&format!("ID '{id}'")));
        }
        Ok(found)
    }

    /// The id of the target's variant, which need not exist where only an id is given.
    pub(crate) fn variant_id(&self, target: &VariantTarget) -> Result<i64, DomainError> {
        if let Some(id) = target.variant_id {
            return Ok(id);
        }
        let Some(sku) = &target.sku else {
            return Err(DomainError::input(
                "one of `variantId` and `sku` must be given",
            ));
        };
        let in_current = || {
            (!target.staged)
                .then(|| self.current.find_variant_by_sku(sku))
                .flatten()
        };
        self.staged
            .find_variant_by_sku(sku)
            .or_else(in_current)
            .map(|variant| variant.id)
            .ok_or_else(|| missing_variant(&format!("SKU '{sku}'")))
    }

    /// The price wherever it exists, at least once.
    ///
    /// # Errors
    /// [`DomainError::InvalidOperation`] if there is no such price.
    pub(crate) fn prices(
        &mut self,
        price_id: &str,
        staged: bool,
    ) -> Result<Vec<&mut Price>, DomainError> {
        let found: Vec<&mut Price> = self
            .states(staged)
            .flat_map(ProductData::all_variants_mut)
            .flat_map(|variant| &mut variant.prices)
            .filter(|price| price.id == price_id)
            .collect();
        if found.is_empty() {
            return Err(missing_price(price_id));
        }
        Ok(found)
    }
}

fn missing_variant(shown: &str) -> DomainError {
    DomainError::operation(format!("The product has no variant with {shown}."))
}

fn missing_price(id: &str) -> DomainError {
    DomainError::operation(format!("The product has no price with ID '{id}'."))
}
