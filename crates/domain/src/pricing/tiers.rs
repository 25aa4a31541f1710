//! What one unit costs: product discount, quantity tiers, value.

use crate::{money::TypedMoney, product::price::Price};

/// The price of one unit when `quantity` are bought.
///
/// A product discount's value wins and tiers are ignored; else the tier with the greatest minimum quantity that `quantity`
/// reaches; else the price's own value.
#[must_use]
pub fn unit_price(price: &Price, quantity: i64) -> &TypedMoney {
    match &price.discounted {
        Some(discounted) => &discounted.value,
        None => tier_value(price, quantity),
    }
}

/// The price as a line item shows it for `quantity`: its value is the reached tier's.
///
/// A discounted price is returned as it is, because tiers do not apply to it.
#[must_use]
pub fn price_for_quantity(price: &Price, quantity: i64) -> Price {
    let mut shown = price.clone();
    if price.discounted.is_none() {
        shown.value = tier_value(price, quantity).clone();
    }
    shown
}

fn tier_value(price: &Price, quantity: i64) -> &TypedMoney {
    price
        .tiers
        .iter()
        .filter(|tier| tier.minimum_quantity <= quantity)
        .max_by_key(|tier| tier.minimum_quantity)
        .map_or(&price.value, |tier| &tier.value)
}
