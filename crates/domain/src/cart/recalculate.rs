//! The pipeline: prices, line totals, discounts, shipping, tax, totals. Each step works on the results of those before.

use crate::{
    cart::{Cart, CartState, Pending, pricing, shipping_price, taxing, totals},
    context::Context,
    error::DomainError,
    product::Product,
};

/// Does what [`Cart::pending`] asks for and brings everything that follows up to date.
///
/// An active cart gets the prices, shipping rates and tax rates of now, whatever was done to it. What the catalog does
/// not have any more stays as it was, unless [`Cart::pending`] demands it: somebody who changes another thing is not
/// stopped by it, ordering is. A frozen cart keeps what it has.
///
/// # Errors
/// [`DomainError::MatchingPriceNotFound`], [`DomainError::MissingTaxRateForCountry`], [`DomainError::MoneyOverflow`].
///
/// Source: <https://docs.commercetools.com/api/projects/carts#recalculate>.
pub fn recalculate(cart: &mut Cart, context: &mut Context<'_>) -> Result<(), DomainError> {
    if cart.pending.is_empty() {
        return Ok(());
    }
    if cart.cart_state != CartState::Frozen {
        let products: Vec<&str> = cart
            .line_items
            .iter()
            .map(|line| line.product_id.as_str())
            .collect();
        context.world.read_ahead::<Product>(&products)?;
        pricing::reprice(cart, context)?;
        pricing::total_lines(cart)?;
    }
    // Line-item discounts come here: they change line totals and `discountedPricePerQuantity`.
    shipping_price::update(cart, context)?;
    // Shipping discounts come here: they set `shippingInfo.discountedPrice`.
    taxing::update(cart, context)?;
    totals::update(cart)?;
    // Total-price discounts come here: they set `discountOnTotalPrice` and scale the taxed prices.
    shipping_price::judge(cart, context)?;
    cart.pending = Pending::default();
    Ok(())
}
