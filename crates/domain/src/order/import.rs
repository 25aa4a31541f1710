//! Orders that were placed elsewhere.

use std::sync::Arc;

use serde::Deserialize;

use crate::{
    address::AddressDraft,
    cart::{
        CartOrigin, CustomLineItem, CustomLineItemPriceMode, InventoryMode, ItemState, LineItem,
        LineItemMode, LineItemPriceMode, PaymentInfo, ShippingMode,
    },
    catalog::shape::{check_country, check_key, check_optional_key},
    context::Context,
    custom_fields::CustomFieldsDraft,
    customer::Customer,
    error::DomainError,
    kind::Kind,
    localized::LocalizedString,
    message::Message,
    money::{CentAmount, Currency, Money, RoundingMode, TypedMoney},
    order::{
        Order, OrderState, PaymentState, ShipmentState, from_cart::check_order_number,
        item_states::check_sum,
    },
    product::{PriceDraft, Product},
    reference::{Reference, ResourceIdentifier},
    resource::unborn,
    tax::{TaxCalculationMode, TaxMode, TaxPortion, TaxRate, TaxedPrice},
    timestamp::Timestamp,
    world::By,
};

/// An order to import. Nothing is computed: what is given is what was paid, and prices may be negative.
///
/// Source: <https://docs.commercetools.com/api/projects/order-import>.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderImportDraft {
    pub order_number: Option<String>,
    pub purchase_order_number: Option<String>,
    pub customer_id: Option<String>,
    pub customer_email: Option<String>,
    pub customer_group: Option<ResourceIdentifier>,
    pub store: Option<ResourceIdentifier>,
    #[serde(default)]
    pub line_items: Vec<LineItemImportDraft>,
    #[serde(default)]
    pub custom_line_items: Vec<CustomLineItemImportDraft>,
    pub total_price: Money,
    pub taxed_price: Option<TaxedPriceDraft>,
    #[serde(default)]
    pub price_rounding_mode: RoundingMode,
    #[serde(default)]
    pub tax_rounding_mode: RoundingMode,
    #[serde(default)]
    pub tax_calculation_mode: TaxCalculationMode,
    #[serde(default)]
    pub inventory_mode: InventoryMode,
    pub billing_address: Option<AddressDraft>,
    pub shipping_address: Option<AddressDraft>,
    #[serde(default)]
    pub item_shipping_addresses: Vec<AddressDraft>,
    pub payment_info: Option<PaymentInfo>,
    pub payment_state: Option<PaymentState>,
    pub shipment_state: Option<ShipmentState>,
    #[serde(default)]
    pub order_state: OrderState,
    pub state: Option<ResourceIdentifier>,
    pub country: Option<String>,
    #[serde(default)]
    pub origin: CartOrigin,
    pub completed_at: Option<Timestamp>,
    pub custom: Option<CustomFieldsDraft>,
}

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

/// A taxed price of an imported order.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxedPriceDraft {
    pub total_net: Money,
    pub total_gross: Money,
    #[serde(default)]
    pub tax_portions: Vec<crate::cart::TaxPortionDraft>,
}

/// The order a draft describes.
pub(super) fn import(
    draft: OrderImportDraft,
    context: &mut Context<'_>,
) -> Result<Order, DomainError> {
    if draft.line_items.is_empty() && draft.custom_line_items.is_empty() {
        return Err(DomainError::operation(
            "an order needs `lineItems` or `customLineItems`",
        ));
    }
    if let Some(country) = &draft.country {
        check_country("country", country)?;
    }
    check_order_number(draft.order_number.as_deref(), context)?;
    let total_price = draft.total_price.typed_cents()?;
    let currency = total_price.currency_code;
    let customer_group = customer_group(&draft, context)?;
    let store = draft
        .store
        .map(|named| context.world.key_reference(Kind::Store, &named))
        .transpose()?;
    let mut line_items = Vec::with_capacity(draft.line_items.len());
    for line in draft.line_items {
        line_items.push(line.resolve(currency, draft.price_rounding_mode, context)?);
    }
    let mut custom_line_items = Vec::with_capacity(draft.custom_line_items.len());
    for line in draft.custom_line_items {
        custom_line_items.push(line.resolve(currency, draft.price_rounding_mode, context)?);
    }
    let mut address =
        |draft: Option<AddressDraft>| draft.map(|address| address.resolve(context)).transpose();
    let billing_address = address(draft.billing_address)?;
    let shipping_address = address(draft.shipping_address)?;
    let item_shipping_addresses = draft
        .item_shipping_addresses
        .into_iter()
        .map(|address| address.resolve(context))
        .collect::<Result<_, _>>()?;
    let state = draft
        .state
        .map(|named| context.world.reference(Kind::State, &named))
        .transpose()?;
    let custom = draft
        .custom
        .map(|custom| custom.resolve("order", context))
        .transpose()?;
    let order = Order {
        id: String::new(),
        version: 1,
        created_at: unborn(),
        last_modified_at: unborn(),
        created_by: None,
        last_modified_by: None,
        order_number: draft.order_number,
        purchase_order_number: draft.purchase_order_number,
        customer_id: draft.customer_id,
        customer_email: draft.customer_email,
        customer_group,
        anonymous_id: None,
        store,
        line_items,
        custom_line_items,
        total_price,
        taxed_price: draft
            .taxed_price
            .map(|taxed| taxed.resolve(currency))
            .transpose()?,
        taxed_shipping_price: None,
        discount_on_total_price: None,
        tax_mode: TaxMode::Platform,
        price_rounding_mode: draft.price_rounding_mode,
        tax_rounding_mode: draft.tax_rounding_mode,
        tax_calculation_mode: draft.tax_calculation_mode,
        inventory_mode: draft.inventory_mode,
        billing_address,
        shipping_address,
        shipping_mode: ShippingMode::Single,
        shipping_key: None,
        shipping_info: None,
        shipping_rate_input: None,
        shipping_custom_fields: None,
        shipping: Vec::new(),
        item_shipping_addresses,
        discount_codes: Vec::new(),
        direct_discounts: Vec::new(),
        refused_gifts: Vec::new(),
        payment_info: draft.payment_info,
        country: draft.country,
        locale: None,
        origin: draft.origin,
        cart: None,
        order_state: draft.order_state,
        shipment_state: draft.shipment_state,
        payment_state: draft.payment_state,
        state,
        sync_info: Vec::new(),
        return_info: Vec::new(),
        discount_type_combination: None,
        custom,
        completed_at: draft.completed_at,
    };
    context.emit(Message::new("OrderImported").with_document("order", &order)?);
    Ok(order)
}

/// The group follows the customer, if one is named.
fn customer_group(
    draft: &OrderImportDraft,
    context: &mut Context<'_>,
) -> Result<Option<Reference>, DomainError> {
    let Some(id) = &draft.customer_id else {
        return draft
            .customer_group
            .as_ref()
            .map(|named| context.world.reference(Kind::CustomerGroup, named))
            .transpose();
    };
    let customer = context
        .world
        .require::<Customer>(&ResourceIdentifier::by_id(id.as_str()))?;
    Ok(customer.customer_group.clone())
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

    fn resolve(
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
    fn resolve(
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

impl TaxedPriceDraft {
    fn resolve(self, currency: Currency) -> Result<TaxedPrice, DomainError> {
        let total_net = self.total_net.typed_cents()?.in_currency(currency)?;
        let total_gross = self.total_gross.typed_cents()?.in_currency(currency)?;
        let tax = total_gross.cent_amount.sub(total_net.cent_amount)?;
        let tax_portions = self
            .tax_portions
            .into_iter()
            .map(|portion| portion.portion(currency))
            .collect::<Result<Vec<TaxPortion>, _>>()?;
        Ok(TaxedPrice {
            total_net,
            total_gross,
            tax_portions,
            total_tax: Some(TypedMoney::cents(currency, tax)),
        })
    }
}
