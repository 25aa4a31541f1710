//! What shipping costs, and whether the chosen method still fits the cart.

use std::sync::Arc;

use crate::{
    cart::{
        Cart, CartState, ShippingMethodState, ShippingRateInput, ShippingRateInputType,
        pending::replace, totals,
    },
    cart_predicate::CartPredicate,
    catalog::{
        shipping_method::{RateInput, ShippingMethod, ShippingRate, price_for_input},
        zone::Zone,
    },
    context::Context,
    error::DomainError,
    world::By,
};

/// Whether the method can be used at all: active, and for the cart's store.
///
/// # Errors
/// [`DomainError::InvalidOperation`].
pub(crate) fn check_open(cart: &Cart, method: &ShippingMethod) -> Result<(), DomainError> {
    if !method.active {
        return Err(DomainError::operation(format!(
            "the shipping method `{}` is not active",
            method.name
        )));
    }
    if !method.serves_store(cart.store.as_ref().map(|store| store.key.as_str())) {
        return Err(DomainError::operation(format!(
            "the shipping method `{}` is not for the store of the cart",
            method.name
        )));
    }
    Ok(())
}

/// As [`check_open`], and the method's predicate must hold.
pub(super) fn check_usable(
    cart: &Cart,
    method: &ShippingMethod,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    check_open(cart, method)?;
    match state(cart, method, context)? {
        ShippingMethodState::MatchesCart => Ok(()),
        ShippingMethodState::DoesNotMatchCart => Err(DomainError::operation(format!(
            "the predicate of the shipping method `{}` does not match the cart",
            method.name
        ))),
    }
}

/// Whether the method's predicate holds. One that cannot be read never does, so that nothing is shipped on terms that
/// nobody checked.
fn state(
    cart: &Cart,
    method: &ShippingMethod,
    context: &mut Context<'_>,
) -> Result<ShippingMethodState, DomainError> {
    let holds = match method.predicate.as_deref().map(CartPredicate::parse) {
        None => true,
        Some(Ok(predicate)) => predicate.holds(cart, context)?,
        Some(Err(_)) => false,
    };
    Ok(if holds {
        ShippingMethodState::MatchesCart
    } else {
        ShippingMethodState::DoesNotMatchCart
    })
}

/// The rate of a method for the cart's shipping address and currency.
pub(super) fn rate_for(
    cart: &Cart,
    method: &ShippingMethod,
    context: &mut Context<'_>,
) -> Result<Option<ShippingRate>, DomainError> {
    let Some(address) = &cart.shipping_address else {
        return Ok(None);
    };
    let zones = context.world.all::<Zone>()?;
    let currency = cart.total_price.currency_code;
    Ok(method
        .rate_for(
            zones.iter().map(AsRef::as_ref),
            &address.country,
            address.state.as_deref(),
            currency,
        )
        .cloned())
}

/// The chosen method as it is now. On a frozen cart only a change of the place asks for it.
fn method_now(
    cart: &Cart,
    context: &mut Context<'_>,
) -> Result<Option<Arc<ShippingMethod>>, DomainError> {
    let chosen = cart
        .shipping_info
        .as_ref()
        .and_then(|info| info.shipping_method.as_ref());
    match chosen {
        Some(chosen) if cart.cart_state != CartState::Frozen || cart.pending.shipping_rate() => {
            context.world.get::<ShippingMethod>(By::Id(&chosen.id))
        }
        Some(_) | None => Ok(None),
    }
}

/// Brings rate and price of the chosen method up to date; a method that does not ship there any more is removed.
pub(super) fn update(cart: &mut Cart, context: &mut Context<'_>) -> Result<(), DomainError> {
    if let Some(method) = method_now(cart, context)? {
        let Some(rate) = rate_for(cart, &method, context)? else {
            cart.remove_shipping_method();
            return Ok(());
        };
        if let Some(info) = &mut cart.shipping_info {
            info.shipping_rate = rate;
            info.tax_category = Some(method.tax_category.clone());
        }
    }
    if cart.shipping_info.is_none() {
        return Ok(());
    }
    let goods = totals::goods(cart)?;
    let input = cart.shipping_rate_input.as_ref();
    if let Some(info) = &mut cart.shipping_info {
        let price = price_for_input(&info.shipping_rate, goods, input_of(input));
        if replace(&mut info.price, price) {
            info.taxed_price = None;
        }
    }
    Ok(())
}

/// Says whether the chosen method still matches the cart, whose totals are up to date.
pub(super) fn judge(cart: &mut Cart, context: &mut Context<'_>) -> Result<(), DomainError> {
    let Some(method) = method_now(cart, context)? else {
        return Ok(());
    };
    let state = state(cart, &method, context)?;
    if let Some(info) = &mut cart.shipping_info {
        info.shipping_method_state = state;
    }
    Ok(())
}

fn input_of(input: Option<&ShippingRateInput>) -> RateInput<'_> {
    match input {
        Some(input) => match input.input_type {
            ShippingRateInputType::Score => input.score.map_or(RateInput::None, RateInput::Score),
            ShippingRateInputType::Classification => input
                .key
                .as_deref()
                .map_or(RateInput::None, RateInput::Classification),
        },
        None => RateInput::None,
    }
}
