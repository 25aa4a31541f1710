//! Adding, removing and naming variants.

use serde::Deserialize;

use crate::{
    catalog::{asset::AssetDraft, shape::check_optional_key},
    context::Context,
    error::DomainError,
    message::Message,
    product::{
        Attribute, Image, PriceDraft, Product, ProductData, ProductVariantDraft,
        actions::{VariantTarget, missing_variant, staged_by_default, variant_action},
        draft::check_sku,
    },
};

/// Adds a variant under a new id.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddVariant {
    pub sku: Option<String>,
    pub key: Option<String>,
    #[serde(default)]
    pub prices: Vec<PriceDraft>,
    #[serde(default)]
    pub images: Vec<Image>,
    #[serde(default)]
    pub attributes: Vec<Attribute>,
    #[serde(default)]
    pub assets: Vec<AssetDraft>,
    #[serde(default = "staged_by_default")]
    pub staged: bool,
}

impl AddVariant {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let draft = ProductVariantDraft {
            sku: self.sku,
            key: self.key,
            prices: self.prices,
            attributes: self.attributes,
            images: self.images,
            assets: self.assets,
        };
        let product_type = product.product_type(context)?;
        let variant = draft.resolve(product.next_variant_id(), &product_type, context)?;
        context.emit(
            Message::new("ProductVariantAdded")
                .with_document("variant", &variant)?
                .with("staged", self.staged),
        );
        for data in product.master_data.states(self.staged) {
            data.variants.push(variant.clone());
        }
        Ok(())
    }
}

/// Removes a variant; the master variant stays.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoveVariant {
    pub id: Option<i64>,
    pub sku: Option<String>,
    #[serde(default = "staged_by_default")]
    pub staged: bool,
}

impl RemoveVariant {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let target = VariantTarget {
            variant_id: self.id,
            sku: self.sku,
            staged: self.staged,
        };
        product.remember_variant_ids();
        let data = &mut product.master_data;
        let id = data.variant_id(&target)?;
        let mut removed = None;
        for data in data.states(target.staged) {
            if data.master_variant.id == id {
                return Err(DomainError::operation(format!(
                    "The variant with ID '{id}' is the master variant and cannot be removed."
                )));
            }
            if let Some(at) = data.variants.iter().position(|variant| variant.id == id) {
                removed = Some(data.variants.remove(at));
            }
        }
        let variant = removed.ok_or_else(|| missing_variant(&format!("ID '{id}'")))?;
        context.emit(
            Message::new("ProductVariantDeleted")
                .with_document("variant", &variant)?
                .with("removedImageUrls", serde_json::Value::Array(Vec::new()))
                .with("staged", target.staged),
        );
        Ok(())
    }
}

variant_action! {
    /// Makes another variant the master variant; ids stay.
    ChangeMasterVariant {}
}

impl ChangeMasterVariant {
    pub(super) fn apply(
        self,
        product: &mut Product,
        _context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let data = &mut product.master_data;
        let id = data.variant_id(&self.target())?;
        data.states(self.staged)
            .try_for_each(|data| change_master(data, id))
    }
}

fn change_master(data: &mut ProductData, id: i64) -> Result<(), DomainError> {
    if data.master_variant.id == id {
        return Ok(());
    }
    let variant = data
        .variants
        .iter_mut()
        .find(|variant| variant.id == id)
        .ok_or_else(|| missing_variant(&format!("ID '{id}'")))?;
    std::mem::swap(&mut data.master_variant, variant);
    data.variants.sort_by_key(|variant| variant.id);
    Ok(())
}

/// Sets or removes the sku of a variant.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetSku {
    pub variant_id: i64,
    pub sku: Option<String>,
    #[serde(default = "staged_by_default")]
    pub staged: bool,
}

impl SetSku {
    pub(super) fn apply(
        self,
        product: &mut Product,
        _context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        check_sku(self.sku.as_deref())?;
        let target = VariantTarget {
            variant_id: Some(self.variant_id),
            sku: None,
            staged: self.staged,
        };
        for variant in product.master_data.variants(&target)? {
            variant.sku.clone_from(&self.sku);
        }
        Ok(())
    }
}

variant_action! {
    /// Sets or removes the key of a variant.
    SetProductVariantKey {
        key: Option<String>,
    }
}

impl SetProductVariantKey {
    pub(super) fn apply(
        self,
        product: &mut Product,
        _context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        check_optional_key("key", self.key.as_deref())?;
        for variant in product.master_data.variants(&self.target())? {
            variant.key.clone_from(&self.key);
        }
        Ok(())
    }
}
