//! Lines of orders that were placed elsewhere.

use std::sync::Arc;

use serde::Deserialize;

use crate::{
    cart::{
        CustomLineItem, CustomLineItemPriceMode, InventoryMode, ItemState, LineItem, LineItemMode,
        LineItemPriceMode,
    },
    catalog::shape::{check_key, check_optional_key},
    context::Context,
    custom_fields::CustomFieldsDraft,
    error::DomainError,
    kind::Kind,
    localized::LocalizedString,
    money::{CentAmount, Currency, Money, RoundingMode, TypedMoney},
    order::item_states::check_sum,
    product::{PriceDraft, Product},
    reference::ResourceIdentifier,
    tax::TaxRate,
    world::By,
};

/// A line of an imported order; the product must exist, named by `productId` or the variant's sku.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineItemImportDraft {
    pub name: LocalizedString,
    pub key: Option<String>,
    pub variant: VariantImportDraft,
    pub product_id: Option<String>,
    pub quantity: i64,
    pub price: PriceDraft,
    pub tax_rate: Option<TaxRate>,
    pub distribution_channel: Option<ResourceIdentifier>,
    pub supply_channel: Option<ResourceIdentifier>,
    pub inventory_mode: Option<InventoryMode>,
    pub state: Option<Vec<ItemState>>,
    pub custom: Option<CustomFieldsDraft>,
}

/// The variant of an imported line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VariantImportDraft {
    pub id: Option<i64>,
    pub sku: Option<String>,
}

/// A custom line of an imported order.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomLineItemImportDraft {
    pub name: LocalizedString,
    pub key: Option<String>,
    pub slug: String,
    pub quantity: i64,
    pub money: Money,
    pub tax_rate: Option<TaxRate>,
    pub tax_category: Option<ResourceIdentifier>,
    #[serde(default)]
    pub price_mode: CustomLineItemPriceMode,
    pub state: Option<Vec<ItemState>>,
    pub custom: Option<CustomFieldsDraft>,
}

impl LineItemImportDraft {
    fn product(&self, context: &mut Context<'_>) -> Result<(Arc<Product>, i64), DomainError> {
        let product = match (&self.product_id, &self.variant.sku) {
            (Some(id), _) => context
                .world
                .require::<Product>(&ResourceIdentifier::by_id(id.as_str()))?,
            (None, Some(sku)) => context
                .world
                .get::<Product>(By::Unique("sku", sku))?
                .ok_or_else(|| DomainError::field("variant.sku", sku.as_str()))?,
            (None, None) => return Err(DomainError::required("variant.sku")),
        };
        let by_sku = self
            .variant
            .sku
            .as_deref()
            .and_then(|sku| product.master_data.current.find_variant_by_sku(sku))
            .map(|variant| variant.id);
        let id = by_sku.or(self.variant.id).unwrap_or(1);
        Ok((product, id))
    }

    pub(super) fn resolve(
        self,
        currency: Currency,
        rounding: RoundingMode,
        context: &mut Context<'_>,
    ) -> Result<LineItem, DomainError> {
        check_optional_key("key", self.key.as_deref())?;
        let (product, variant_id) = self.product(context)?;
        let data = &product.master_data.current;
        let variant = data
            .find_variant(variant_id)
            .ok_or_else(|| DomainError::field("variant.id", variant_id))?;
        let price = self.price.resolve(context)?;
        let total = imported_total(&price.value, self.quantity, currency, rounding)?;
        let channel = |named: Option<ResourceIdentifier>, context: &mut Context<'_>| {
            named
                .map(|named| context.world.reference(Kind::Channel, &named))
                .transpose()
        };
        Ok(LineItem {
            id: context.ids.uuid(),
            key: self.key,
            product_id: product.id.clone(),
            product_key: product.key.clone(),
            name: self.name,
            product_slug: Some(data.slug.clone()),
            product_type: product.product_type.clone(),
            variant: Arc::new(variant.clone()),
            price,
            quantity: self.quantity,
            total_price: TypedMoney::cents(currency, total),
            discounted_price_per_quantity: Vec::new(),
            taxed_price: None,
            taxed_price_portions: Vec::new(),
            state: imported_state(self.state, self.quantity)?,
            tax_rate: self.tax_rate,
            per_method_tax_rate: Vec::new(),
            supply_channel: channel(self.supply_channel, context)?,
            distribution_channel: channel(self.distribution_channel, context)?,
            price_mode: LineItemPriceMode::Platform,
            line_item_mode: LineItemMode::Standard,
            inventory_mode: self.inventory_mode,
            shipping_details: None,
            custom: self
                .custom
                .map(|custom| custom.resolve("line-item", context))
                .transpose()?,
            added_at: Some(context.now),
            last_modified_at: Some(context.now),
        })
    }
}

impl CustomLineItemImportDraft {
    pub(super) fn resolve(
        self,
        currency: Currency,
        rounding: RoundingMode,
        context: &mut Context<'_>,
    ) -> Result<CustomLineItem, DomainError> {
        check_optional_key("key", self.key.as_deref())?;
        check_key("slug", &self.slug)?;
        let money = self.money.typed()?;
        let total = imported_total(&money, self.quantity, currency, rounding)?;
        Ok(CustomLineItem {
            id: context.ids.uuid(),
            key: self.key,
            name: self.name,
            money,
            taxed_price: None,
            taxed_price_portions: Vec::new(),
            total_price: TypedMoney::cents(currency, total),
            slug: self.slug,
            quantity: self.quantity,
            state: imported_state(self.state, self.quantity)?,
            tax_category: self
                .tax_category
                .map(|named| context.world.reference(Kind::TaxCategory, &named))
                .transpose()?,
            tax_rate: self.tax_rate,
            per_method_tax_rate: Vec::new(),
            discounted_price_per_quantity: Vec::new(),
            custom: self
                .custom
                .map(|custom| custom.resolve("custom-line-item", context))
                .transpose()?,
            shipping_details: None,
            price_mode: self.price_mode,
        })
    }
}

fn imported_total(
    unit: &TypedMoney,
    quantity: i64,
    currency: Currency,
    rounding: RoundingMode,
) -> Result<CentAmount, DomainError> {
    if quantity < 1 {
        return Err(DomainError::field("quantity", quantity));
    }
    Ok(unit
        .clone()
        .in_currency(currency)?
        .times(quantity, rounding)?)
}

fn imported_state(
    states: Option<Vec<ItemState>>,
    quantity: i64,
) -> Result<Vec<ItemState>, DomainError> {
    let Some(states) = states else {
        return Ok(ItemState::initial(quantity));
    };
    check_sum(&states, quantity)?;
    Ok(states)
}
