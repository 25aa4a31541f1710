//! Attributes of variants and of the product.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    catalog::product_type::AttributeLevel,
    context::Context,
    error::DomainError,
    product::{
        Attribute, Product, ProductData,
        actions::{staged_by_default, variant_action},
        attributes::{put, resolve_one},
    },
};

variant_action! {
    /// Sets or removes an attribute of a variant.
    SetAttribute {
        name: String,
        value: Option<Value>,
    }
}

impl SetAttribute {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let target = self.target();
        let level = AttributeLevel::Variant;
        let attribute = resolved(product, &self.name, self.value, level, context)?;
        for variant in product.master_data.variants(&target)? {
            put(&mut variant.attributes, &self.name, attribute.clone());
        }
        Ok(())
    }
}

/// Sets or removes an attribute of all variants at once.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetAttributeInAllVariants {
    pub name: String,
    pub value: Option<Value>,
    #[serde(default = "staged_by_default")]
    pub staged: bool,
}

impl SetAttributeInAllVariants {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let level = AttributeLevel::Variant;
        let attribute = resolved(product, &self.name, self.value, level, context)?;
        for variant in product
            .master_data
            .states(self.staged)
            .flat_map(ProductData::all_variants_mut)
        {
            put(&mut variant.attributes, &self.name, attribute.clone());
        }
        Ok(())
    }
}

/// Sets or removes an attribute of the product as a whole.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetProductAttribute {
    pub name: String,
    pub value: Option<Value>,
    #[serde(default = "staged_by_default")]
    pub staged: bool,
}

impl SetProductAttribute {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let level = AttributeLevel::Product;
        let attribute = resolved(product, &self.name, self.value, level, context)?;
        for data in product.master_data.states(self.staged) {
            put(&mut data.attributes, &self.name, attribute.clone());
        }
        Ok(())
    }
}

fn resolved(
    product: &Product,
    name: &str,
    value: Option<Value>,
    level: AttributeLevel,
    context: &mut Context<'_>,
) -> Result<Option<Attribute>, DomainError> {
    let product_type = product.product_type(context)?;
    resolve_one(name, value, level, &product_type, context)
}
