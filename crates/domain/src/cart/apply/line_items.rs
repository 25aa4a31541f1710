//! Quantity, price and place of line items.

use std::collections::BTreeMap;

use crate::{
    cart::{
        Cart, InventoryMode, LineItem, LineItemMode, LineItemPriceMode,
        draft::refuse_reservation,
        draft_parts::{ExternalPrices, ItemShippingDetailsDraft},
        line_items::{ItemName, channel, check_distribution, check_targets, line_mut, positive},
        pending::replace,
        pricing,
    },
    catalog::channel::ChannelRole,
    context::Context,
    error::DomainError,
    money::TypedMoney,
    reference::ResourceIdentifier,
};

/// What is to be taken from a line.
pub(super) struct Removal {
    /// How many units; all if absent.
    pub quantity: Option<i64>,
    pub prices: ExternalPrices,
    /// From which targets.
    pub shipping_details: Option<ItemShippingDetailsDraft>,
}

pub(super) fn remove(
    cart: &mut Cart,
    name: &ItemName,
    removal: Removal,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    check_targets(cart, removal.shipping_details.as_ref())?;
    let line = line_mut(&mut cart.line_items, name)?;
    let left = match removal.quantity {
        Some(quantity) => line.quantity.saturating_sub(positive(quantity)?).max(0),
        None => 0,
    };
    if let (Some(details), Some(removed)) = (&mut line.shipping_details, removal.shipping_details)
        && left > 0
    {
        for target in removed.targets {
            for known in &mut details.targets {
                if known.address_key == target.address_key {
                    known.quantity = known.quantity.saturating_sub(target.quantity).max(0);
                }
            }
        }
        details.targets.retain(|target| target.quantity > 0);
    }
    change_quantity(cart, name, left, &removal.prices, context)
}

pub(super) fn change_quantity(
    cart: &mut Cart,
    name: &ItemName,
    quantity: i64,
    prices: &ExternalPrices,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let at = name.line_item(&cart.line_items)?;
    if quantity == 0 {
        let line = cart.line_items.remove(at);
        refuse_gift_again(cart, &line);
        cart.taxed_price = None;
        cart.pending.change();
        return Ok(());
    }
    positive(quantity)?;
    let line = line_mut(&mut cart.line_items, name)?;
    refuse_gift(line)?;
    if line.quantity == quantity
        && prices.is_empty()
        && line.price_mode == LineItemPriceMode::Platform
    {
        return Ok(());
    }
    if line.price_mode == LineItemPriceMode::ExternalPrice && prices.is_empty() {
        return Err(DomainError::required("externalPrice"));
    }
    if line.quantity != quantity {
        line.set_quantity(quantity);
        line.last_modified_at = Some(context.now);
    }
    pricing::check_limits(cart, at, context)?;
    price(cart, at, prices, context)
}

pub(super) fn set_price(
    cart: &mut Cart,
    name: &ItemName,
    prices: &ExternalPrices,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let at = name.line_item(&cart.line_items)?;
    refuse_gift(line_mut(&mut cart.line_items, name)?)?;
    price(cart, at, prices, context)
}

/// The client's price for a line, or the product's.
fn price(
    cart: &mut Cart,
    at: usize,
    prices: &ExternalPrices,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    cart.pending.change();
    let Some(line) = cart.line_items.get(at) else {
        return Ok(());
    };
    let Some(mut priced) = pricing::external_price(cart, prices, line.quantity, context)? else {
        return pricing::reprice_line(cart, at, context);
    };
    let currency = cart.total_price.currency_code;
    if let Some(line) = cart.line_items.get_mut(at) {
        if line.price_mode == priced.mode && line.price.value == priced.price.value {
            priced.price.id.clone_from(&line.price.id);
        }
        line.price = priced.price;
        line.price_mode = priced.mode;
        // Tax amounts that were given for another price mean nothing any more.
        if replace(
            &mut line.total_price,
            TypedMoney::cents(currency, priced.total),
        ) {
            line.taxed_price = None;
            cart.taxed_price = None;
        }
    }
    Ok(())
}

pub(super) fn reorder(cart: &mut Cart, order: &[String]) -> Result<(), DomainError> {
    let wrong = || {
        DomainError::operation(
            "`lineItemOrder` must contain the id of every line item of the cart exactly once",
        )
    };
    if order.len() != cart.line_items.len() {
        return Err(wrong());
    }
    let before: Vec<String> = cart.line_items.iter().map(|line| line.id.clone()).collect();
    let mut lines: BTreeMap<String, LineItem> = std::mem::take(&mut cart.line_items)
        .into_iter()
        .map(|line| (line.id.clone(), line))
        .collect();
    for id in order {
        cart.line_items.push(lines.remove(id).ok_or_else(wrong)?);
    }
    cart.pending.note(before.as_slice() != order);
    Ok(())
}

pub(super) fn set_supply_channel(
    cart: &mut Cart,
    name: &ItemName,
    named: Option<&ResourceIdentifier>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let named = channel(named, ChannelRole::InventorySupply, context)?;
    let at = name.line_item(&cart.line_items)?;
    let line = line_mut(&mut cart.line_items, name)?;
    if replace(&mut line.supply_channel, named) {
        line.last_modified_at = Some(context.now);
        cart.pending.change();
        pricing::check_limits(cart, at, context)?;
    }
    Ok(())
}

pub(super) fn set_distribution_channel(
    cart: &mut Cart,
    name: &ItemName,
    named: Option<&ResourceIdentifier>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let named = channel(named, ChannelRole::ProductDistribution, context)?;
    check_distribution(cart, named.as_ref(), context)?;
    let at = name.line_item(&cart.line_items)?;
    let line = line_mut(&mut cart.line_items, name)?;
    if !replace(&mut line.distribution_channel, named) {
        return Ok(());
    }
    line.last_modified_at = Some(context.now);
    let platform = line.price_mode == LineItemPriceMode::Platform;
    cart.pending.change();
    if platform {
        pricing::reprice_line(cart, at, context)?;
    }
    Ok(())
}

pub(super) fn set_inventory_mode(
    cart: &mut Cart,
    name: &ItemName,
    mode: Option<InventoryMode>,
) -> Result<(), DomainError> {
    if let Some(mode) = mode {
        refuse_reservation(mode)?;
    }
    let mode = mode.filter(|mode| *mode != cart.inventory_mode);
    let line = line_mut(&mut cart.line_items, name)?;
    cart.pending.note(replace(&mut line.inventory_mode, mode));
    Ok(())
}

fn refuse_gift(line: &LineItem) -> Result<(), DomainError> {
    match line.line_item_mode {
        LineItemMode::Standard => Ok(()),
        LineItemMode::GiftLineItem => Err(DomainError::operation(format!(
            "the line item `{}` is a gift: it can only be removed",
            line.id
        ))),
    }
}

/// A removed gift does not come back.
fn refuse_gift_again(cart: &mut Cart, line: &LineItem) {
    if line.line_item_mode == LineItemMode::Standard {
        return;
    }
    let discounts = line
        .discounted_price_per_quantity
        .iter()
        .flat_map(|portion| &portion.discounted_price.included_discounts)
        .map(|included| &included.discount);
    for discount in discounts {
        if !cart.refused_gifts.contains(discount) {
            cart.refused_gifts.push(discount.clone());
        }
    }
}
