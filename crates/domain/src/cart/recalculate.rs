//! The pipeline: prices, line totals, discounts, shipping, tax, totals. Each step works on the results of those before.

use crate::{
    cart::{Cart, CartState, Pending, pricing, shipping_price, taxing, totals},
    context::Context,
    error::DomainError,
};

/// Does what [`Cart::pending`] asks for and brings everything that follows up to date.
///
/// Prices and rates are selected again only where that is asked for: a stored line keeps its price when the product
/// changes, until it is repriced.
///
/// # Errors
/// [`DomainError::MatchingPriceNotFound`], [`DomainError::MissingTaxRateForCountry`], [`DomainError::MoneyOverflow`].
///
/// Source: <https://docs.commercetools.com/api/projects/carts#recalculate>.
pub fn recalculate(cart: &mut Cart, context: &mut Context<'_>) -> Result<(), DomainError> {
    if cart.pending.is_empty() {
        return Ok(());
    }
    let pending = cart.pending;
    pricing::reprice(cart, context)?;
    if cart.cart_state != CartState::Frozen {
        pricing::total_lines(cart)?;
    }
    // Line-item discounts come here: they change line totals and `discountedPricePerQuantity`.
    shipping_price::update(cart, pending.shipping_rate(), context)?;
    // Shipping discounts come here: they set `shippingInfo.discountedPrice`.
    taxing::update(cart, pending.tax_rates(), context)?;
    totals::update(cart)?;
    // Total-price discounts come here: they set `discountOnTotalPrice` and scale the taxed prices.
    cart.pending = Pending::default();
    Ok(())
}
