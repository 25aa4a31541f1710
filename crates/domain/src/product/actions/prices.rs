//! Embedded prices.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    catalog::shape::check_optional_key,
    context::Context,
    custom_fields,
    error::DomainError,
    message::Message,
    product::{
        Price, PriceDraft, Product, ProductCatalogData, ProductData,
        actions::{missing_price, staged_by_default, variant_action},
        price::DiscountedPriceDraft,
    },
    reference::ResourceIdentifier,
};

variant_action! {
    /// Adds a price under a new id.
    AddPrice {
        price: PriceDraft,
    }
}

impl AddPrice {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let target = self.target();
        let price = self.price.resolve(context)?;
        let mut variant_id = 0;
        for variant in product.master_data.variants(&target)? {
            variant_id = variant.id;
            variant.prices.push(price.clone());
        }
        context.emit(
            Message::new("ProductPriceAdded")
                .with("variantId", variant_id)
                .with_document("price", &price)?
                .with("staged", target.staged),
        );
        Ok(())
    }
}

variant_action! {
    /// Replaces all prices of a variant; they get new ids.
    SetPrices {
        prices: Vec<PriceDraft>,
    }
}

impl SetPrices {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let target = self.target();
        let mut prices = Vec::with_capacity(self.prices.len());
        for draft in self.prices {
            prices.push(draft.resolve(context)?);
        }
        let mut variant_id = 0;
        for variant in product.master_data.variants(&target)? {
            variant_id = variant.id;
            variant.prices.clone_from(&prices);
        }
        context.emit(
            Message::new("ProductPricesSet")
                .with("variantId", variant_id)
                .with_document("prices", &prices)?
                .with("staged", target.staged),
        );
        Ok(())
    }
}

/// Replaces a price; its id stays.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangePrice {
    pub price_id: String,
    pub price: PriceDraft,
    #[serde(default = "staged_by_default")]
    pub staged: bool,
}

impl ChangePrice {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let price = self.price.resolve_as(self.price_id.clone(), context)?;
        let variant_id = variant_of(&product.master_data, &self.price_id);
        let mut old = None;
        for present in product.master_data.prices(&self.price_id, self.staged)? {
            if *present != price {
                old.get_or_insert_with(|| present.clone());
                present.clone_from(&price);
            }
        }
        if old.is_none() {
            return Ok(());
        }
        context.emit(
            Message::new("ProductPriceChanged")
                .with("variantId", variant_id)
                .with_document("oldPrice", &old)?
                .with_document("newPrice", &price)?
                .with("staged", self.staged),
        );
        Ok(())
    }
}

/// Removes a price.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemovePrice {
    pub price_id: String,
    #[serde(default = "staged_by_default")]
    pub staged: bool,
}

impl RemovePrice {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let variant_id = variant_of(&product.master_data, &self.price_id);
        let mut removed: Option<Price> = None;
        for variant in product
            .master_data
            .states(self.staged)
            .flat_map(ProductData::all_variants_mut)
        {
            if let Some(at) = variant
                .prices
                .iter()
                .position(|one| one.id == self.price_id)
            {
                removed = Some(variant.prices.remove(at));
            }
        }
        let price = removed.ok_or_else(|| missing_price(&self.price_id))?;
        context.emit(
            Message::new("ProductPriceRemoved")
                .with("variantId", variant_id)
                .with_document("price", &price)?
                .with("staged", self.staged),
        );
        Ok(())
    }
}

/// Sets or removes the key of a price.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetPriceKey {
    pub price_id: String,
    pub key: Option<String>,
    #[serde(default = "staged_by_default")]
    pub staged: bool,
}

impl SetPriceKey {
    pub(super) fn apply(
        self,
        product: &mut Product,
        _context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        check_optional_key("key", self.key.as_deref())?;
        for price in product.master_data.prices(&self.price_id, self.staged)? {
            price.key.clone_from(&self.key);
        }
        Ok(())
    }
}

/// Sets or removes the discounted value of a price.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetDiscountedPrice {
    pub price_id: String,
    pub discounted: Option<DiscountedPriceDraft>,
    #[serde(default = "staged_by_default")]
    pub staged: bool,
}

impl SetDiscountedPrice {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        for price in product.master_data.prices(&self.price_id, self.staged)? {
            price.discounted = self
                .discounted
                .clone()
                .map(|draft| draft.resolve(&price.value, context))
                .transpose()?;
        }
        Ok(())
    }
}

/// Sets, replaces or removes the type of a price's custom fields.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetProductPriceCustomType {
    pub price_id: String,
    #[serde(rename = "type")]
    pub type_identifier: Option<ResourceIdentifier>,
    pub fields: Option<Map<String, Value>>,
    #[serde(default = "staged_by_default")]
    pub staged: bool,
}

impl SetProductPriceCustomType {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        for price in product.master_data.prices(&self.price_id, self.staged)? {
            custom_fields::set_type(
                &mut price.custom,
                self.type_identifier.clone(),
                self.fields.clone(),
                "product-price",
                context,
            )?;
        }
        Ok(())
    }
}

/// Sets or removes a custom field of a price.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetProductPriceCustomField {
    pub price_id: String,
    pub name: String,
    pub value: Option<Value>,
    #[serde(default = "staged_by_default")]
    pub staged: bool,
}

impl SetProductPriceCustomField {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        for price in product.master_data.prices(&self.price_id, self.staged)? {
            custom_fields::set_field(&mut price.custom, &self.name, self.value.clone(), context)?;
        }
        Ok(())
    }
}

/// The variant whose price this is, for the message.
fn variant_of(data: &ProductCatalogData, price_id: &str) -> Option<i64> {
    data.staged
        .all_variants()
        .chain(data.current.all_variants())
        .find(|variant| variant.find_price(price_id).is_some())
        .map(|variant| variant.id)
}
