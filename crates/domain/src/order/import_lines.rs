//! Lines of orders that were placed elsewhere.

use std::sync::Arc;

use serde::Deserialize;

use crate::{
    cart::{
        CustomLineItem, CustomLineItemPriceMode, InventoryMode, ItemShippingDetails,
        ItemShippingDetailsDraft, ItemState, LineItem, LineItemMode, LineItemPriceMode,
        refuse_reservation,
    },
    catalog::shape::{check_key, check_optional_key},
    context::Context,
    custom_fields::CustomFieldsDraft,
    error::DomainError,
    kind::Kind,
    localized::LocalizedString,
    money::{Money, TypedMoney},
    order::{
        Order,
        import_tax::{TaxedPriceDraft, Terms},
        import_variant::VariantImportDraft,
        item_states::check_sum,
    },
    product::PriceDraft,
    reference::ResourceIdentifier,
    tax::TaxRate,
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
    /// Computed with `tax_rate` if absent.
    pub taxed_price: Option<TaxedPriceDraft>,
    pub distribution_channel: Option<ResourceIdentifier>,
    pub supply_channel: Option<ResourceIdentifier>,
    pub inventory_mode: Option<InventoryMode>,
    pub shipping_details: Option<ItemShippingDetailsDraft>,
    pub state: Option<Vec<ItemState>>,
    pub custom: Option<CustomFieldsDraft>,
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
    /// Computed with `tax_rate` if absent.
    pub taxed_price: Option<TaxedPriceDraft>,
    pub tax_category: Option<ResourceIdentifier>,
    #[serde(default)]
    pub price_mode: CustomLineItemPriceMode,
    pub shipping_details: Option<ItemShippingDetailsDraft>,
    pub state: Option<Vec<ItemState>>,
    pub custom: Option<CustomFieldsDraft>,
}

impl LineItemImportDraft {
    /// The line, as a part of the order as it is so far.
    pub(super) fn resolve(
        self,
        order: &Order,
        terms: Terms,
        context: &mut Context<'_>,
    ) -> Result<LineItem, DomainError> {
        check_optional_key("key", self.key.as_deref())?;
        if let Some(mode) = self.inventory_mode {
            refuse_reservation(mode)?;
        }
        let (product, variant) = self.variant.resolve(self.product_id.as_deref(), context)?;
        let price = self.price.resolve(context)?;
        let channel = |named: Option<ResourceIdentifier>, context: &mut Context<'_>| {
            named
                .map(|named| context.world.reference(Kind::Channel, &named))
                .transpose()
        };
        let mut line = LineItem {
            id: context.ids.uuid(),
            key: self.key,
            product_id: product.id.clone(),
            product_key: product.key.clone(),
            name: self.name,
            product_slug: Some(product.master_data.current.slug.clone()),
            product_type: product.product_type.clone(),
            variant: Arc::new(variant),
            price,
            quantity: self.quantity,
            total_price: TypedMoney::zero(terms.currency),
            discounted_price_per_quantity: Vec::new(),
            taxed_price: None,
            taxed_price_portions: Vec::new(),
            state: imported_state(self.state, self.quantity)?,
            tax_rate: self.tax_rate.map(TaxRate::checked).transpose()?,
            per_method_tax_rate: Vec::new(),
            supply_channel: channel(self.supply_channel, context)?,
            distribution_channel: channel(self.distribution_channel, context)?,
            price_mode: LineItemPriceMode::Platform,
            line_item_mode: LineItemMode::Standard,
            inventory_mode: self
                .inventory_mode
                .filter(|mode| *mode != order.inventory_mode),
            shipping_details: shipping_details(self.shipping_details, self.quantity, order)?,
            custom: self
                .custom
                .map(|custom| custom.resolve("line-item", context))
                .transpose()?,
            added_at: Some(context.now),
            last_modified_at: Some(context.now),
        };
        line.total_price = imported_total(line.unit_price(), line.quantity, terms)?;
        let total = line.total_price.cent_amount;
        let rate = required_with(line.tax_rate.as_ref(), self.taxed_price.as_ref())?;
        line.taxed_price = terms.taxed(self.taxed_price, rate, total, &line.unit_portions())?;
        Ok(line)
    }
}

impl CustomLineItemImportDraft {
    /// The line, as a part of the order as it is so far.
    pub(super) fn resolve(
        self,
        order: &Order,
        terms: Terms,
        context: &mut Context<'_>,
    ) -> Result<CustomLineItem, DomainError> {
        check_optional_key("key", self.key.as_deref())?;
        check_key("slug", &self.slug)?;
        let money = self.money.typed()?;
        let mut line = CustomLineItem {
            id: context.ids.uuid(),
            key: self.key,
            name: self.name,
            taxed_price: None,
            taxed_price_portions: Vec::new(),
            total_price: imported_total(&money, self.quantity, terms)?,
            money,
            slug: self.slug,
            quantity: self.quantity,
            state: imported_state(self.state, self.quantity)?,
            tax_category: self
                .tax_category
                .map(|named| context.world.reference(Kind::TaxCategory, &named))
                .transpose()?,
            tax_rate: self.tax_rate.map(TaxRate::checked).transpose()?,
            per_method_tax_rate: Vec::new(),
            discounted_price_per_quantity: Vec::new(),
            custom: self
                .custom
                .map(|custom| custom.resolve("custom-line-item", context))
                .transpose()?,
            shipping_details: shipping_details(self.shipping_details, self.quantity, order)?,
            price_mode: self.price_mode,
        };
        let total = line.total_price.cent_amount;
        let rate = required_with(line.tax_rate.as_ref(), self.taxed_price.as_ref())?;
        line.taxed_price = terms.taxed(self.taxed_price, rate, total, &line.unit_portions())?;
        Ok(line)
    }
}

/// A taxed price of a line says nothing without its rate.
fn required_with<'a>(
    rate: Option<&'a TaxRate>,
    taxed: Option<&TaxedPriceDraft>,
) -> Result<Option<&'a TaxRate>, DomainError> {
    match (rate, taxed) {
        (None, Some(_)) => Err(DomainError::required("taxRate")),
        (rate, _) => Ok(rate),
    }
}

/// What the line costs. Returns and the like are imported with negative quantities.
fn imported_total(
    unit: &TypedMoney,
    quantity: i64,
    terms: Terms,
) -> Result<TypedMoney, DomainError> {
    let unit = unit.clone().in_currency(terms.currency)?;
    let total = unit.times(quantity, terms.price_rounding)?;
    Ok(TypedMoney::cents(terms.currency, total))
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

/// Targets name addresses of the order.
fn shipping_details(
    draft: Option<ItemShippingDetailsDraft>,
    quantity: i64,
    order: &Order,
) -> Result<Option<ItemShippingDetails>, DomainError> {
    let Some(draft) = draft else { return Ok(None) };
    draft.check(&order.item_shipping_addresses)?;
    Ok(Some(draft.details(quantity)))
}
