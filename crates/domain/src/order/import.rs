//! Orders that were placed elsewhere.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    address::{Address, AddressDraft},
    cart::{CartOrigin, InventoryMode, PaymentInfo, refuse_reservation},
    catalog::{shape::check_country, store::binding},
    context::Context,
    custom_fields::CustomFieldsDraft,
    error::DomainError,
    kind::Kind,
    message::Message,
    money::{Money, RoundingMode},
    order::{
        Order, OrderState, PaymentState, ShipmentState,
        checks::check_order_number,
        import_lines::{CustomLineItemImportDraft, LineItemImportDraft},
        import_shipping::ShippingInfoImportDraft,
        import_tax::{TaxedPriceDraft, Terms, taxed_parts},
    },
    reference::{Reference, ResourceIdentifier},
    tax::TaxCalculationMode,
    timestamp::Timestamp,
};

/// An order to import. What is given is what was paid: the total is no sum of the lines, prices and quantities may be
/// negative. Taxed prices that are not given are computed with the tax rates that are.
///
/// Source: <https://docs.commercetools.com/api/projects/order-import>.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderImportDraft {
    pub order_number: Option<String>,
    pub purchase_order_number: Option<String>,
    pub customer_id: Option<String>,
    pub customer_email: Option<String>,
    /// The customer's if absent.
    pub customer_group: Option<ResourceIdentifier>,
    /// Refused: there are no business units.
    pub business_unit: Option<Value>,
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
    pub shipping_info: Option<ShippingInfoImportDraft>,
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

/// The order a draft describes.
pub(super) fn import(
    mut draft: OrderImportDraft,
    context: &mut Context<'_>,
) -> Result<Order, DomainError> {
    check(&draft, context)?;
    let mut order = Order::blank(draft.total_price.typed_cents()?);
    order.country = country(draft.country.as_deref())?;
    order.customer_group = customer_group(&draft, context)?;
    order.store = binding::of_new(draft.store.as_ref(), context)?;
    order.inventory_mode = draft.inventory_mode;
    add_parts(&mut order, &mut draft, context)?;
    let mut address = |draft: Option<AddressDraft>| {
        draft
            .map(|address| address.resolve_in_place_of(None, context))
            .transpose()
    };
    order.billing_address = address(draft.billing_address)?;
    order.shipping_address = address(draft.shipping_address)?;
    order.payment_info = payments(draft.payment_info, context)?;
    order.state = draft
        .state
        .map(|named| context.world.reference(Kind::State, &named))
        .transpose()?;
    order.custom = draft
        .custom
        .map(|custom| custom.resolve("order", context))
        .transpose()?;
    order.order_number = draft.order_number;
    order.purchase_order_number = draft.purchase_order_number;
    order.customer_id = draft.customer_id;
    order.customer_email = draft.customer_email;
    order.price_rounding_mode = draft.price_rounding_mode;
    order.tax_rounding_mode = draft.tax_rounding_mode;
    order.tax_calculation_mode = draft.tax_calculation_mode;
    order.origin = draft.origin;
    order.order_state = draft.order_state;
    order.shipment_state = draft.shipment_state;
    order.payment_state = draft.payment_state;
    order.completed_at = draft.completed_at;
    context.emit(Message::new("OrderImported").with_document("order", &order)?);
    Ok(order)
}

fn check(draft: &OrderImportDraft, context: &mut Context<'_>) -> Result<(), DomainError> {
    if draft.line_items.is_empty() && draft.custom_line_items.is_empty() {
        return Err(DomainError::operation(
            "an order needs `lineItems` or `customLineItems`",
        ));
    }
    if draft.business_unit.is_some() {
        return Err(DomainError::unsupported("businessUnit"));
    }
    refuse_reservation(draft.inventory_mode)?;
    check_order_number(draft.order_number.as_deref(), context)
}

/// Lines, where they go, how they were shipped, and the tax on all of it.
fn add_parts(
    order: &mut Order,
    draft: &mut OrderImportDraft,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let terms = Terms {
        currency: order.total_price.currency_code,
        price_rounding: draft.price_rounding_mode,
        tax_rounding: draft.tax_rounding_mode,
        calculation: draft.tax_calculation_mode,
    };
    let addresses = std::mem::take(&mut draft.item_shipping_addresses);
    order.item_shipping_addresses = item_addresses(addresses, context)?;
    for line in std::mem::take(&mut draft.line_items) {
        let line = line.resolve(order, terms, context)?;
        order.line_items.push(line);
    }
    for line in std::mem::take(&mut draft.custom_line_items) {
        let line = line.resolve(order, terms, context)?;
        order.custom_line_items.push(line);
    }
    if let Some(info) = draft.shipping_info.take() {
        let info = info.resolve(terms, context)?;
        order.taxed_shipping_price.clone_from(&info.taxed_price);
        order.shipping_info = Some(info);
    }
    order.taxed_price = match draft.taxed_price.take() {
        Some(given) => Some(given.resolve(terms.currency)?),
        None => taxed_parts(order, terms.currency)?,
    };
    Ok(())
}

/// Each has a key that lines name it by.
fn item_addresses(
    drafts: Vec<AddressDraft>,
    context: &mut Context<'_>,
) -> Result<Vec<Address>, DomainError> {
    let mut addresses: Vec<Address> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let address = draft.resolve_in_place_of(None, context)?;
        let Some(key) = &address.key else {
            return Err(DomainError::required("itemShippingAddresses.key"));
        };
        if addresses
            .iter()
            .any(|known| known.key.as_ref() == Some(key))
        {
            return Err(DomainError::DuplicateField {
                field: "itemShippingAddresses.key".to_owned(),
                value: key.as_str().into(),
            });
        }
        addresses.push(address);
    }
    Ok(addresses)
}

/// Payments exist, and each is named once.
fn payments(
    given: Option<PaymentInfo>,
    context: &mut Context<'_>,
) -> Result<Option<PaymentInfo>, DomainError> {
    let mut payments: Vec<Reference> = Vec::new();
    for named in given.unwrap_or_default().payments {
        let identifier = ResourceIdentifier {
            type_id: Some(named.type_id),
            ..ResourceIdentifier::by_id(named.id.as_str())
        };
        let payment = context.world.reference(Kind::Payment, &identifier)?;
        if !payments.contains(&payment) {
            payments.push(payment);
        }
    }
    Ok((!payments.is_empty()).then_some(PaymentInfo { payments }))
}

fn country(country: Option<&str>) -> Result<Option<String>, DomainError> {
    if let Some(country) = country {
        check_country("country", country)?;
    }
    Ok(country.map(str::to_owned))
}

/// The group that is given, else the customer's.
fn customer_group(
    draft: &OrderImportDraft,
    context: &mut Context<'_>,
) -> Result<Option<Reference>, DomainError> {
    let of_customer = match &draft.customer_id {
        Some(id) => {
            let customer = context.world.new_owner(id)?;
            let customer = customer.ok_or_else(|| DomainError::ReferencedResourceNotFound {
                kind: Kind::Customer,
                identifier: ResourceIdentifier::by_id(id.as_str()),
            })?;
            customer.customer_group.clone()
        }
        None => None,
    };
    match &draft.customer_group {
        Some(named) => context
            .world
            .reference(Kind::CustomerGroup, named)
            .map(Some),
        None => Ok(of_customer),
    }
}
