//! From cart to order: every check that can refuse, then the copy.

use serde::Deserialize;

use crate::{
    cart::{
        Cart, CartState, DiscountCodeState, LineItem, LineItemPriceMode, ShippingInfo,
        ShippingMethodState, recalculate::recalculate,
    },
    catalog::shipping_method::ShippingMethod,
    context::Context,
    custom_fields::{CustomFields, CustomFieldsDraft},
    error::DomainError,
    kind::Kind,
    message::Message,
    order::{ORDER_NUMBERS, Order, OrderState, PaymentState, ShipmentState},
    product::Product,
    reference::{Reference, ResourceIdentifier},
    resource::{Envelope, unborn},
    tax::{TaxMode, TaxedItemPrice},
    world::By,
};

/// What a back end sends to order a cart.
///
/// Source: <https://docs.commercetools.com/api/projects/orders#orderfromcartdraft>.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderFromCartDraft {
    /// Id of the cart; the older way to name it.
    pub id: Option<String>,
    /// The cart.
    pub cart: Option<ResourceIdentifier>,
    /// The version of the cart that is ordered.
    pub version: i64,
    pub order_number: Option<String>,
    pub purchase_order_number: Option<String>,
    pub payment_state: Option<PaymentState>,
    pub shipment_state: Option<ShipmentState>,
    /// `Open` if absent.
    pub order_state: Option<OrderState>,
    pub state: Option<ResourceIdentifier>,
    /// Merged over the cart's custom fields; must be of the same type.
    pub custom: Option<CustomFieldsDraft>,
}

impl OrderFromCartDraft {
    /// How the draft names the cart.
    ///
    /// # Errors
    /// [`DomainError::InvalidJson`] unless exactly one of `id` and `cart` is given.
    pub fn cart(&self) -> Result<ResourceIdentifier, DomainError> {
        match (&self.id, &self.cart) {
            (Some(id), None) => Ok(ResourceIdentifier::by_id(id.as_str())),
            (None, Some(cart)) => Ok(cart.clone()),
            _ => Err(DomainError::json(
                "exactly one of `cart` and `id` must name the cart",
            )),
        }
    }
}

/// What a shopper sends to order a cart.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MyOrderFromCartDraft {
    /// Id of the cart.
    pub id: String,
    /// The version of the cart that is ordered.
    pub version: i64,
}

impl From<MyOrderFromCartDraft> for OrderFromCartDraft {
    fn from(mine: MyOrderFromCartDraft) -> Self {
        Self {
            id: Some(mine.id),
            version: mine.version,
            ..Self::default()
        }
    }
}

/// Makes an order of a cart and closes the cart. Both are to be saved in one transaction.
///
/// The envelope of the order is filled here, because the message `OrderCreated` contains the order. The cart's envelope
/// is left to the caller. Stock is left to the caller too, see [`crate::order::stock_demand`].
///
/// # Errors
/// The first of these that applies: [`DomainError::ConcurrentModification`] for another version,
/// [`DomainError::InvalidOperation`] for a closed or empty cart, one without shipping address, with incomplete taxes or
/// with products that are not sold any more, [`DomainError::PriceChanged`], [`DomainError::DiscountCodeNonApplicable`],
/// [`DomainError::ShippingMethodDoesNotMatchCart`], [`DomainError::InvalidItemShippingDetails`],
/// [`DomainError::DuplicateField`] for the order number.
///
/// Source: <https://docs.commercetools.com/api/projects/orders#create-order-from-cart>.
pub fn place(
    cart: &Cart,
    draft: OrderFromCartDraft,
    context: &mut Context<'_>,
) -> Result<(Order, Cart), DomainError> {
    check_version(cart, draft.version)?;
    check_orderable(cart)?;
    check_products(cart, context)?;
    let shipping_state = check_prices(cart, context)?;
    check_codes(cart)?;
    check_shipping(cart, shipping_state, context)?;
    check_shipping_details(cart)?;
    check_order_number(draft.order_number.as_deref(), context)?;

    let mut order = copy(cart, draft, context)?;
    order.born(context.ids.uuid(), context.author, context.now);
    context.emit(Message::new("OrderCreated").with_document("order", &order)?);
    let mut ordered = cart.clone();
    ordered.cart_state = CartState::Ordered;
    ordered.freeze_strategy = None;
    Ok((order, ordered))
}

fn check_version(cart: &Cart, expected: i64) -> Result<(), DomainError> {
    if cart.version == expected {
        return Ok(());
    }
    Err(DomainError::ConcurrentModification {
        id: cart.id.clone(),
        expected,
        actual: cart.version,
    })
}

fn check_orderable(cart: &Cart) -> Result<(), DomainError> {
    if cart.cart_state.is_closed() {
        return Err(DomainError::operation(format!(
            "the cart `{}` cannot be ordered, its state is {}",
            cart.id,
            cart.cart_state.name()
        )));
    }
    if cart.line_items.is_empty() && cart.custom_line_items.is_empty() {
        return Err(DomainError::operation("an empty cart cannot be ordered"));
    }
    if cart.shipping_address.is_none() {
        return Err(DomainError::operation(
            "a cart without shipping address cannot be ordered",
        ));
    }
    if cart.tax_mode != TaxMode::Disabled && cart.taxed_price.is_none() {
        return Err(DomainError::operation(
            "a cart with items or shipping that are not taxed cannot be ordered",
        ));
    }
    Ok(())
}

fn check_products(cart: &Cart, context: &mut Context<'_>) -> Result<(), DomainError> {
    for line in &cart.line_items {
        let product = context.world.get::<Product>(By::Id(&line.product_id))?;
        let sold = product.is_some_and(|product| {
            let data = &product.master_data;
            data.published && data.current.find_variant(line.variant.id).is_some()
        });
        if !sold {
            return Err(DomainError::operation(format!(
                "the product `{}` of the line item `{}` is not sold any more",
                line.product_id, line.id
            )));
        }
    }
    Ok(())
}

/// Compares the cart with what a recalculation would make of it now; returns the state its shipping method is in now.
fn check_prices(
    cart: &Cart,
    context: &mut Context<'_>,
) -> Result<Option<ShippingMethodState>, DomainError> {
    let state_of = |cart: &Cart| {
        cart.shipping_info
            .as_ref()
            .map(|info| info.shipping_method_state)
    };
    if cart.cart_state == CartState::Frozen {
        return Ok(state_of(cart));
    }
    let mut fresh = cart.clone();
    fresh.pending.refresh(false);
    recalculate(&mut fresh, context)?;
    let line_items: Vec<String> = cart
        .line_items
        .iter()
        .zip(&fresh.line_items)
        .filter(|(old, new)| line_changed(old, new))
        .map(|(old, _)| old.id.clone())
        .collect();
    let custom = cart
        .custom_line_items
        .iter()
        .zip(&fresh.custom_line_items)
        .filter(|(old, new)| amounts(old.taxed_price.as_ref()) != amounts(new.taxed_price.as_ref()))
        .map(|(old, _)| old.id.clone());
    let line_items: Vec<String> = line_items.into_iter().chain(custom).collect();
    let shipping = shipping_changed(cart.shipping_info.as_ref(), fresh.shipping_info.as_ref());
    if line_items.is_empty() && !shipping {
        return Ok(state_of(&fresh));
    }
    Err(DomainError::PriceChanged {
        line_items,
        shipping,
    })
}

fn line_changed(old: &LineItem, new: &LineItem) -> bool {
    let price = old.price_mode == LineItemPriceMode::Platform
        && (old.unit_price() != new.unit_price() || old.total_price != new.total_price);
    price || amounts(old.taxed_price.as_ref()) != amounts(new.taxed_price.as_ref())
}

fn shipping_changed(old: Option<&ShippingInfo>, new: Option<&ShippingInfo>) -> bool {
    match (old, new) {
        (None, None) => false,
        (Some(old), Some(new)) => {
            old.price != new.price
                || amounts(old.taxed_price.as_ref()) != amounts(new.taxed_price.as_ref())
        }
        (Some(_), None) | (None, Some(_)) => true,
    }
}

/// What the tax comes to, whatever its rates are called.
fn amounts(taxed: Option<&TaxedItemPrice>) -> Option<(i64, i64)> {
    taxed.map(|taxed| {
        (
            taxed.total_net.cent_amount.get(),
            taxed.total_gross.cent_amount.get(),
        )
    })
}

fn check_codes(cart: &Cart) -> Result<(), DomainError> {
    let broken = cart.discount_codes.iter().find(|info| {
        !matches!(
            info.state,
            DiscountCodeState::MatchesCart | DiscountCodeState::ApplicationStoppedByGroupBestDeal
        )
    });
    match broken {
        None => Ok(()),
        Some(info) => Err(DomainError::DiscountCodeNonApplicable {
            code: info.discount_code.id.clone(),
            reason: None,
            id: Some(info.discount_code.id.clone()),
        }),
    }
}

fn check_shipping(
    cart: &Cart,
    state: Option<ShippingMethodState>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    if state == Some(ShippingMethodState::DoesNotMatchCart) {
        return Err(DomainError::ShippingMethodDoesNotMatchCart);
    }
    let chosen = cart
        .shipping_info
        .as_ref()
        .and_then(|info| info.shipping_method.as_ref());
    let Some(chosen) = chosen else { return Ok(()) };
    let method = context.world.get::<ShippingMethod>(By::Id(&chosen.id))?;
    let Some(method) = method else {
        return Err(DomainError::operation(format!(
            "the shipping method `{}` of the cart does not exist any more",
            chosen.id
        )));
    };
    crate::cart::check_method_open(cart, &method)
}

fn check_shipping_details(cart: &Cart) -> Result<(), DomainError> {
    let lines = cart
        .line_items
        .iter()
        .map(|line| ("LineItem", &line.id, line.quantity, &line.shipping_details));
    let custom = cart.custom_line_items.iter().map(|line| {
        (
            "CustomLineItem",
            &line.id,
            line.quantity,
            &line.shipping_details,
        )
    });
    for (subject, id, quantity, details) in lines.chain(custom) {
        if let Some(details) = details
            && !details.targets.is_empty()
            && !details.valid
        {
            return Err(DomainError::InvalidItemShippingDetails {
                subject,
                item_id: id.clone(),
                quantity,
                sum: details.total().unwrap_or(i64::MAX),
            });
        }
    }
    Ok(())
}

/// The number must be free; the database says so again when the order is stored.
pub(super) fn check_order_number(
    number: Option<&str>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let Some(number) = number else { return Ok(()) };
    let taken = context
        .world
        .identify(Kind::Order, By::Unique(ORDER_NUMBERS, number))?;
    match taken {
        None => Ok(()),
        Some(_) => Err(DomainError::DuplicateField {
            field: "orderNumber".to_owned(),
            value: number.into(),
        }),
    }
}

/// The cart's custom fields with the draft's over them.
fn custom_of(
    cart: &Cart,
    draft: Option<CustomFieldsDraft>,
    context: &mut Context<'_>,
) -> Result<Option<CustomFields>, DomainError> {
    let Some(mut draft) = draft else {
        return Ok(cart.custom.clone());
    };
    let Some(custom) = &cart.custom else {
        return draft.resolve("order", context).map(Some);
    };
    let named = context
        .world
        .reference(Kind::Type, &draft.type_identifier)?;
    if named != custom.type_reference {
        return Err(DomainError::operation(
            "`custom` must be of the same type as the custom fields of the cart",
        ));
    }
    for (name, value) in &custom.fields {
        if !draft.fields.contains_key(name) {
            draft.fields.insert(name.clone(), value.clone());
        }
    }
    draft.resolve("order", context).map(Some)
}

fn copy(
    cart: &Cart,
    draft: OrderFromCartDraft,
    context: &mut Context<'_>,
) -> Result<Order, DomainError> {
    let custom = custom_of(cart, draft.custom, context)?;
    let state = draft
        .state
        .map(|named| context.world.reference(Kind::State, &named))
        .transpose()?;
    let cart_copy = cart.clone();
    Ok(Order {
        id: String::new(),
        version: 1,
        created_at: unborn(),
        last_modified_at: unborn(),
        created_by: None,
        last_modified_by: None,
        order_number: draft.order_number,
        purchase_order_number: draft
            .purchase_order_number
            .or(cart_copy.purchase_order_number),
        customer_id: cart_copy.customer_id,
        customer_email: cart_copy.customer_email,
        customer_group: cart_copy.customer_group,
        anonymous_id: cart_copy.anonymous_id,
        store: cart_copy.store,
        line_items: cart_copy.line_items,
        custom_line_items: cart_copy.custom_line_items,
        total_price: cart_copy.total_price,
        taxed_price: cart_copy.taxed_price,
        taxed_shipping_price: cart_copy.taxed_shipping_price,
        discount_on_total_price: cart_copy.discount_on_total_price,
        tax_mode: cart_copy.tax_mode,
        price_rounding_mode: cart_copy.price_rounding_mode,
        tax_rounding_mode: cart_copy.tax_rounding_mode,
        tax_calculation_mode: cart_copy.tax_calculation_mode,
        inventory_mode: cart_copy.inventory_mode,
        billing_address: cart_copy.billing_address,
        shipping_address: cart_copy.shipping_address,
        shipping_mode: cart_copy.shipping_mode,
        shipping_key: cart_copy.shipping_key,
        shipping_info: cart_copy.shipping_info,
        shipping_rate_input: cart_copy.shipping_rate_input,
        shipping_custom_fields: cart_copy.shipping_custom_fields,
        shipping: cart_copy.shipping,
        item_shipping_addresses: cart_copy.item_shipping_addresses,
        discount_codes: cart_copy.discount_codes,
        direct_discounts: cart_copy.direct_discounts,
        refused_gifts: cart_copy.refused_gifts,
        payment_info: cart_copy.payment_info,
        country: cart_copy.country,
        locale: cart_copy.locale,
        origin: cart_copy.origin,
        cart: Some(Reference::new(Kind::Cart, cart_copy.id)),
        order_state: draft.order_state.unwrap_or_default(),
        shipment_state: draft.shipment_state,
        payment_state: draft.payment_state,
        state,
        sync_info: Vec::new(),
        return_info: Vec::new(),
        discount_type_combination: cart_copy.discount_type_combination,
        custom,
        completed_at: None,
    })
}
