//! Key, tax category and price mode: members that both states share.

use serde::Deserialize;

use crate::{
    catalog::shape::check_optional_key,
    context::Context,
    error::DomainError,
    kind::Kind,
    message::Message,
    product::{PriceMode, Product},
    reference::ResourceIdentifier,
};

/// Sets or removes the key.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetKey {
    pub key: Option<String>,
}

impl SetKey {
    pub(super) fn apply(
        self,
        product: &mut Product,
        _context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        check_optional_key("key", self.key.as_deref())?;
        product.key = self.key;
        Ok(())
    }
}

/// Sets or removes the tax category.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetTaxCategory {
    pub tax_category: Option<ResourceIdentifier>,
}

impl SetTaxCategory {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        product.tax_category = self
            .tax_category
            .map(|named| context.world.reference(Kind::TaxCategory, &named))
            .transpose()?;
        Ok(())
    }
}

/// Sets where prices come from; from the variants if absent.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetPriceMode {
    #[serde(default)]
    pub price_mode: PriceMode,
}

impl SetPriceMode {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        if product.price_mode != self.price_mode {
            product.price_mode = self.price_mode;
            context
                .emit(Message::new("ProductPriceModeSet").with_document("to", &self.price_mode)?);
        }
        Ok(())
    }
}
