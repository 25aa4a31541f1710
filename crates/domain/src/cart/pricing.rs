//! What lines cost: the selected or given price and the total before discounts.

use std::sync::Arc;

use crate::{
    cart::{
        Cart, LineItem, LineItemMode, LineItemPriceMode,
        draft_parts::{ExternalPrices, cents_in, money_in},
        offer::Offer,
        pending::replace,
    },
    catalog::{
        customer_group::CustomerGroup,
        inventory::{self, InventoryEntry},
        store::Store,
    },
    context::Context,
    customer::Customer,
    error::DomainError,
    money::{CentAmount, RoundingMode, TypedMoney},
    pricing::{PriceScope, price_for_quantity, select_price},
    product::{Price, PriceMode},
    reference::Reference,
    world::By,
};

/// How much is sold, and where.
pub(super) struct Sale<'a> {
    pub quantity: i64,
    pub distribution_channel: Option<&'a Reference>,
}

/// A price with where it comes from and what the quantity costs.
pub(super) struct Priced {
    pub price: Price,
    pub total: CentAmount,
    pub mode: LineItemPriceMode,
}

/// The price of a sale: the client's if it gives one, else the product's.
pub(super) fn price_for(
    cart: &Cart,
    offer: &Offer,
    given: &ExternalPrices,
    sale: &Sale<'_>,
    context: &mut Context<'_>,
) -> Result<Priced, DomainError> {
    match external_price(cart, given, sale.quantity, context)? {
        Some(priced) => Ok(priced),
        None => platform_price(cart, offer, sale, context),
    }
}

/// The price that the client gives, if it gives one.
pub(super) fn external_price(
    cart: &Cart,
    given: &ExternalPrices,
    quantity: i64,
    context: &mut Context<'_>,
) -> Result<Option<Priced>, DomainError> {
    let currency = cart.total_price.currency_code;
    let (money, total, mode) = match (&given.total, &given.unit) {
        (Some(total), _) => {
            let sum = cents_in(&total.total_price, currency)?.cent_amount;
            let unit = money_in(&total.price, currency)?;
            (unit, sum, LineItemPriceMode::ExternalTotal)
        }
        (None, Some(unit)) => {
            let unit = money_in(unit, currency)?;
            // The API rounds prices that come from outside half to even, whatever the cart's own mode is.
            let sum = unit.times(quantity, RoundingMode::HalfEven)?;
            (unit, sum, LineItemPriceMode::ExternalPrice)
        }
        (None, None) => return Ok(None),
    };
    Ok(Some(Priced {
        price: Price {
            id: context.ids.uuid(),
            key: None,
            value: money,
            country: None,
            customer_group: None,
            channel: None,
            valid_from: None,
            valid_until: None,
            discounted: None,
            tiers: Vec::new(),
            custom: None,
        },
        total,
        mode,
    }))
}

fn platform_price(
    cart: &Cart,
    offer: &Offer,
    sale: &Sale<'_>,
    context: &mut Context<'_>,
) -> Result<Priced, DomainError> {
    let scope = scope(cart, sale.distribution_channel, context)?;
    select(cart, offer, sale, &scope, context)
}

fn select(
    cart: &Cart,
    offer: &Offer,
    sale: &Sale<'_>,
    scope: &PriceScope,
    context: &Context<'_>,
) -> Result<Priced, DomainError> {
    let variant = offer.variant()?;
    let prices = match offer.product.price_mode {
        PriceMode::Embedded => variant.prices.as_slice(),
        // Standalone prices are resources of their own, which this release does not have.
        PriceMode::Standalone => &[],
    };
    let Some(price) = select_price(prices, scope, context.now) else {
        return Err(DomainError::MatchingPriceNotFound {
            product_id: offer.product.id.clone(),
            variant_id: offer.variant_id,
            currency: scope.currency.code().to_owned(),
            country: scope.country.clone(),
            customer_group: scope.customer_groups.first().cloned(),
            channel: scope.channel.clone(),
        });
    };
    let price = price_for_quantity(price, sale.quantity);
    let unit = price
        .discounted
        .as_ref()
        .map_or(&price.value, |discounted| &discounted.value);
    let total = unit.times(sale.quantity, cart.price_rounding_mode)?;
    Ok(Priced {
        price,
        total,
        mode: LineItemPriceMode::Platform,
    })
}

/// For whom prices of the cart are selected.
fn scope(
    cart: &Cart,
    channel: Option<&Reference>,
    context: &mut Context<'_>,
) -> Result<PriceScope, DomainError> {
    Ok(PriceScope {
        currency: cart.total_price.currency_code,
        country: cart.country.clone(),
        customer_groups: customer_groups(cart, context)?,
        channel: channel.map(|channel| channel.id.clone()),
    })
}

/// The cart's group, then the customer's further ones.
fn customer_groups(cart: &Cart, context: &mut Context<'_>) -> Result<Vec<String>, DomainError> {
    let mut groups: Vec<String> = cart
        .customer_group
        .iter()
        .map(|group| group.id.clone())
        .collect();
    let Some(customer_id) = &cart.customer_id else {
        return Ok(groups);
    };
    // Groups are cached, customers are not: a project without groups is spared the query for the customer.
    if context.world.all::<CustomerGroup>()?.is_empty() {
        return Ok(groups);
    }
    if let Some(customer) = context.world.get::<Customer>(By::Id(customer_id))? {
        for assignment in &customer.customer_group_assignments {
            if !groups.contains(&assignment.customer_group.id) {
                groups.push(assignment.customer_group.id.clone());
            }
        }
    }
    Ok(groups)
}

/// Selects the price of one platform line again.
pub(super) fn price_line(
    cart: &mut Cart,
    at: usize,
    offer: &Offer,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let Some(line) = cart.line_items.get(at) else {
        return Ok(());
    };
    let sale = Sale {
        quantity: line.quantity,
        distribution_channel: line.distribution_channel.as_ref(),
    };
    let priced = platform_price(cart, offer, &sale, context)?;
    if let Some(line) = cart.line_items.get_mut(at) {
        line.price_mode = priced.mode;
        line.price = priced.price;
    }
    Ok(())
}

/// As [`price_line`], for a line whose product is looked up; a product that is gone leaves the price of a unit as it is.
pub(super) fn reprice_line(
    cart: &mut Cart,
    at: usize,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let Some(line) = cart.line_items.get(at) else {
        return Ok(());
    };
    match Offer::still(line, context)? {
        Some(offer) => price_line(cart, at, &offer, context),
        None => {
            // A total that was given for another quantity must not stay.
            if let Some(line) = cart.line_items.get_mut(at) {
                line.price_mode = LineItemPriceMode::Platform;
            }
            Ok(())
        }
    }
}

/// Selects the prices of all platform lines again.
///
/// # Errors
/// [`DomainError::MatchingPriceNotFound`] if a line has no price any more and `pending` demands one.
pub(super) fn reprice(cart: &mut Cart, context: &mut Context<'_>) -> Result<(), DomainError> {
    let pending = cart.pending;
    let lines = std::mem::take(&mut cart.line_items);
    let mut buyer = None;
    let mut kept = Vec::with_capacity(lines.len());
    for mut line in lines {
        match Offer::still(&line, context)? {
            None if pending.availability() => continue,
            None => {}
            Some(offer) => {
                if follows_catalog(&line) {
                    let scope = match buyer.take() {
                        Some(known) => known,
                        None => scope(cart, None, context)?,
                    };
                    buyer = Some(renew_price(cart, &mut line, &offer, scope, context)?);
                }
                if pending.product_data() {
                    refresh_product_data(&mut line, &offer)?;
                }
            }
        }
        kept.push(line);
    }
    cart.line_items = kept;
    Ok(())
}

fn follows_catalog(line: &LineItem) -> bool {
    line.price_mode == LineItemPriceMode::Platform && line.line_item_mode == LineItemMode::Standard
}

/// Selects the price of a line for the buyer of `scope`, which comes back for the next line.
fn renew_price(
    cart: &Cart,
    line: &mut LineItem,
    offer: &Offer,
    mut scope: PriceScope,
    context: &Context<'_>,
) -> Result<PriceScope, DomainError> {
    scope.channel = line
        .distribution_channel
        .as_ref()
        .map(|channel| channel.id.clone());
    let sale = Sale {
        quantity: line.quantity,
        distribution_channel: line.distribution_channel.as_ref(),
    };
    match select(cart, offer, &sale, &scope, context) {
        Ok(priced) => line.price = priced.price,
        Err(DomainError::MatchingPriceNotFound { .. }) if !cart.pending.prices() => {}
        Err(error) => return Err(error),
    }
    Ok(scope)
}

fn refresh_product_data(line: &mut LineItem, offer: &Offer) -> Result<(), DomainError> {
    let data = offer.data();
    line.name.clone_from(&data.name);
    line.product_slug = Some(data.slug.clone());
    line.product_key.clone_from(&offer.product.key);
    line.product_type.clone_from(&offer.product.product_type);
    line.variant = Arc::new(offer.variant()?.clone());
    Ok(())
}

/// What each line costs before discounts.
pub(super) fn total_lines(cart: &mut Cart) -> Result<(), DomainError> {
    let currency = cart.total_price.currency_code;
    for line in &mut cart.line_items {
        let rounding = match (line.line_item_mode, line.price_mode) {
            (LineItemMode::GiftLineItem, _) => {
                line.total_price = TypedMoney::zero(currency);
                continue;
            }
            (LineItemMode::Standard, LineItemPriceMode::ExternalTotal) => continue,
            (LineItemMode::Standard, LineItemPriceMode::ExternalPrice) => RoundingMode::HalfEven,
            (LineItemMode::Standard, LineItemPriceMode::Platform) => cart.price_rounding_mode,
        };
        let total = line.unit_price().times(line.quantity, rounding)?;
        // Tax amounts that were given for another price mean nothing any more.
        if replace(&mut line.total_price, TypedMoney::cents(currency, total)) {
            line.taxed_price = None;
            cart.taxed_price = None;
        }
    }
    for line in &mut cart.custom_line_items {
        let total = line.money.times(line.quantity, cart.price_rounding_mode)?;
        if replace(&mut line.total_price, TypedMoney::cents(currency, total)) {
            line.taxed_price = None;
            cart.taxed_price = None;
        }
    }
    Ok(())
}

/// The inventory entry of a line may limit how many units one cart may have.
pub(super) fn check_limits(
    cart: &Cart,
    at: usize,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let Some(line) = cart.line_items.get(at) else {
        return Ok(());
    };
    let Some(sku) = line.variant.sku.as_deref() else {
        return Ok(());
    };
    let channel = line
        .supply_channel
        .as_ref()
        .map(|channel| channel.id.as_str());
    let name = InventoryEntry::unique_name(sku, channel);
    let Some(entry) = context
        .world
        .get::<InventoryEntry>(By::Unique(inventory::NAMESPACE, &name))?
    else {
        return Ok(());
    };
    let quantity = line.quantity;
    if let Some(maximum) = entry
        .max_cart_quantity
        .filter(|maximum| quantity > *maximum)
    {
        return Err(DomainError::LineItemQuantityAboveLimit { quantity, maximum });
    }
    if let Some(minimum) = entry
        .min_cart_quantity
        .filter(|minimum| quantity < *minimum)
    {
        return Err(DomainError::LineItemQuantityBelowLimit { quantity, minimum });
    }
    Ok(())
}

/// The store with this key.
pub(super) fn store(
    key: &str,
    context: &mut Context<'_>,
) -> Result<Option<Arc<Store>>, DomainError> {
    context.world.get::<Store>(By::Key(key))
}
