//! Everything that can keep a cart from being ordered.

use crate::{
    cart::{
        Cart, CartState, DiscountCodeState, LineItem, LineItemPriceMode, ShippingInfo,
        ShippingMethodState, check_method_open, recalculate::recalculate,
    },
    catalog::shipping_method::ShippingMethod,
    context::Context,
    error::DomainError,
    kind::Kind,
    order::ORDER_NUMBERS,
    product::Product,
    tax::{TaxMode, TaxedItemPrice},
    world::By,
};

pub(super) fn check_version(cart: &Cart, expected: i64) -> Result<(), DomainError> {
    if cart.version == expected {
        return Ok(());
    }
    Err(DomainError::ConcurrentModification {
        id: cart.id.clone(),
        expected,
        actual: cart.version,
    })
}

pub(super) fn check_orderable(cart: &Cart) -> Result<(), DomainError> {
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

pub(super) fn check_products(cart: &Cart, context: &mut Context<'_>) -> Result<(), DomainError> {
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
pub(super) fn check_prices(
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

pub(super) fn check_codes(cart: &Cart) -> Result<(), DomainError> {
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

pub(super) fn check_shipping(
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
    check_method_open(cart, &method)
}

pub(super) fn check_shipping_details(cart: &Cart) -> Result<(), DomainError> {
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
