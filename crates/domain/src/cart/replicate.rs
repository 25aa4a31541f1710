//! A new cart with the content of a cart or an order.

use crate::{
    cart::{Cart, CartOrigin, CartState, ItemState, LineItemMode, recalculate::recalculate},
    catalog::shape::check_optional_key,
    context::Context,
    error::DomainError,
    identity::principal::Subject,
    order::Order,
    resource::unborn,
};

/// What is replicated.
#[derive(Clone, Copy, Debug)]
pub enum Original<'a> {
    /// A cart, in any state.
    Cart(&'a Cart),
    /// An order.
    Order(&'a Order),
}

/// A new active cart with the content of another one or of an order: lines, custom lines, custom fields, codes,
/// addresses and settings, for the same owner. Payments and deliveries stay behind, lines that cannot be sold any more
/// too; prices, taxes and product data are those of now.
///
/// The envelope is left to the caller.
///
/// # Errors
/// [`DomainError::InvalidField`] for a malformed key, and whatever the recalculation refuses.
///
/// Source: <https://docs.commercetools.com/api/projects/carts#replicate-cart>.
pub fn replicate(
    original: Original<'_>,
    key: Option<String>,
    context: &mut Context<'_>,
) -> Result<Cart, DomainError> {
    check_optional_key("key", key.as_deref())?;
    let mut cart = match original {
        Original::Cart(cart) => cart.clone(),
        Original::Order(order) => content_of(order, context),
    };
    cart.id = String::new();
    cart.version = 1;
    cart.created_at = unborn();
    cart.last_modified_at = unborn();
    cart.created_by = None;
    cart.last_modified_by = None;
    cart.key = key;
    cart.cart_state = CartState::Active;
    cart.freeze_strategy = None;
    cart.payment_info = None;
    cart.lock = None;
    if matches!(cart.origin, CartOrigin::Quote | CartOrigin::RecurringOrder) {
        cart.origin = CartOrigin::Customer;
    }
    match context.acting_for {
        Subject::Client => {}
        Subject::Anonymous(_) => cart.customer_id = None,
        Subject::Customer(_) => cart.anonymous_id = None,
    }
    renew_items(&mut cart, context);
    cart.pending.refresh(true);
    recalculate(&mut cart, context)?;
    Ok(cart)
}

/// New ids and first states; gifts come from discounts, not from copies, and what an imported order took back is not
/// bought.
fn renew_items(cart: &mut Cart, context: &mut Context<'_>) {
    cart.line_items
        .retain(|line| line.line_item_mode == LineItemMode::Standard && line.quantity > 0);
    cart.custom_line_items.retain(|line| line.quantity > 0);
    for line in &mut cart.line_items {
        line.id = context.ids.uuid();
        line.state = ItemState::initial(line.quantity);
        line.discounted_price_per_quantity = Vec::new();
        line.added_at = Some(context.now);
        line.last_modified_at = Some(context.now);
    }
    for line in &mut cart.custom_line_items {
        line.id = context.ids.uuid();
        line.state = ItemState::initial(line.quantity);
        line.discounted_price_per_quantity = Vec::new();
    }
    cart.discount_on_total_price = None;
    if let Some(info) = &mut cart.shipping_info {
        info.deliveries = Vec::new();
        info.discounted_price = None;
    }
    for shipping in &mut cart.shipping {
        shipping.shipping_info.deliveries = Vec::new();
        shipping.shipping_info.discounted_price = None;
    }
}

fn content_of(order: &Order, context: &Context<'_>) -> Cart {
    let order = order.clone();
    Cart {
        customer_id: order.customer_id,
        customer_email: order.customer_email,
        customer_group: order.customer_group,
        anonymous_id: order.anonymous_id,
        store: order.store,
        line_items: order.line_items,
        custom_line_items: order.custom_line_items,
        tax_mode: order.tax_mode,
        price_rounding_mode: order.price_rounding_mode,
        tax_rounding_mode: order.tax_rounding_mode,
        tax_calculation_mode: order.tax_calculation_mode,
        inventory_mode: order.inventory_mode,
        billing_address: order.billing_address,
        shipping_address: order.shipping_address,
        shipping_mode: order.shipping_mode,
        shipping_key: order.shipping_key,
        shipping_info: order.shipping_info,
        shipping_rate_input: order.shipping_rate_input,
        shipping_custom_fields: order.shipping_custom_fields,
        shipping: order.shipping,
        item_shipping_addresses: order.item_shipping_addresses,
        discount_codes: order.discount_codes,
        direct_discounts: order.direct_discounts,
        refused_gifts: order.refused_gifts,
        country: order.country,
        locale: order.locale,
        origin: order.origin,
        custom: order.custom,
        purchase_order_number: order.purchase_order_number,
        ..Cart::blank(order.total_price.currency_code, &context.project.carts)
    }
}
