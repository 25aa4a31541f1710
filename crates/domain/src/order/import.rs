//! Orders that were placed elsewhere.

use serde::Deserialize;

use crate::{
    address::AddressDraft,
    cart::{CartOrigin, InventoryMode, PaymentInfo, TaxPortionDraft},
    catalog::shape::check_country,
    context::Context,
    custom_fields::CustomFieldsDraft,
    customer::Customer,
    error::DomainError,
    kind::Kind,
    message::Message,
    money::{Currency, Money, RoundingMode, TypedMoney},
    order::{
        Order, OrderState, PaymentState, ShipmentState,
        checks::check_order_number,
        import_lines::{CustomLineItemImportDraft, LineItemImportDraft},
    },
    reference::{Reference, ResourceIdentifier},
    tax::{TaxCalculationMode, TaxPortion, TaxedPrice},
    timestamp::Timestamp,
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

/// A taxed price of an imported order.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxedPriceDraft {
    pub total_net: Money,
    pub total_gross: Money,
    #[serde(default)]
    pub tax_portions: Vec<TaxPortionDraft>,
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
    check_order_number(draft.order_number.as_deref(), context)?;
    let total_price = draft.total_price.typed_cents()?;
    let currency = total_price.currency_code;
    let mut order = Order::blank(total_price);
    order.country = country(draft.country.as_deref())?;
    order.customer_group = customer_group(&draft, context)?;
    order.store = draft
        .store
        .map(|named| context.world.key_reference(Kind::Store, &named))
        .transpose()?;
    for line in draft.line_items {
        let line = line.resolve(currency, draft.price_rounding_mode, context)?;
        order.line_items.push(line);
    }
    for line in draft.custom_line_items {
        let line = line.resolve(currency, draft.price_rounding_mode, context)?;
        order.custom_line_items.push(line);
    }
    let mut address =
        |draft: Option<AddressDraft>| draft.map(|address| address.resolve(context)).transpose();
    order.billing_address = address(draft.billing_address)?;
    order.shipping_address = address(draft.shipping_address)?;
    for item in draft.item_shipping_addresses {
        order.item_shipping_addresses.extend(address(Some(item))?);
    }
    order.state = draft
        .state
        .map(|named| context.world.reference(Kind::State, &named))
        .transpose()?;
    order.custom = draft
        .custom
        .map(|custom| custom.resolve("order", context))
        .transpose()?;
    order.taxed_price = draft
        .taxed_price
        .map(|taxed| taxed.resolve(currency))
        .transpose()?;
    order.order_number = draft.order_number;
    order.purchase_order_number = draft.purchase_order_number;
    order.customer_id = draft.customer_id;
    order.customer_email = draft.customer_email;
    order.price_rounding_mode = draft.price_rounding_mode;
    order.tax_rounding_mode = draft.tax_rounding_mode;
    order.tax_calculation_mode = draft.tax_calculation_mode;
    order.inventory_mode = draft.inventory_mode;
    order.payment_info = draft.payment_info;
    order.origin = draft.origin;
    order.order_state = draft.order_state;
    order.shipment_state = draft.shipment_state;
    order.payment_state = draft.payment_state;
    order.completed_at = draft.completed_at;
    context.emit(Message::new("OrderImported").with_document("order", &order)?);
    Ok(order)
}

fn country(country: Option<&str>) -> Result<Option<String>, DomainError> {
    if let Some(country) = country {
        check_country("country", country)?;
    }
    Ok(country.map(str::to_owned))
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
