//! Putting units of a variant into a cart.

use std::sync::Arc;

use crate::{
    cart::{
        Cart, ItemState, LineItem, LineItemDraft, LineItemMode, LineItemPriceMode, MAX_LINE_ITEMS,
        draft::refuse_reservation,
        draft_parts::{ExternalPrices, ItemShippingDetailsDraft, MethodExternalTaxRateDraft},
        line_items::{
            channel, check_distribution, check_targets, missing, positive, refuse_used_key,
        },
        offer::Offer,
        pricing,
    },
    catalog::{channel::ChannelRole, shape::check_optional_key},
    context::Context,
    custom_fields::CustomFields,
    error::DomainError,
    money::TypedMoney,
    reference::Reference,
    tax::{ExternalTaxRateDraft, TaxMode},
};

/// A line to be added, with everything that decides which line it joins.
struct Incoming {
    key: Option<String>,
    quantity: i64,
    supply_channel: Option<Reference>,
    distribution_channel: Option<Reference>,
    custom: Option<CustomFields>,
    prices: ExternalPrices,
    shipping_details: Option<ItemShippingDetailsDraft>,
}

impl Incoming {
    fn joins(&self, line: &LineItem, offer: &Offer) -> bool {
        line.product_id == offer.product.id
            && line.variant.id == offer.variant_id
            && line.line_item_mode == LineItemMode::Standard
            && line.price_mode == LineItemPriceMode::Platform
            && self.prices.is_empty()
            && (self.key.is_none() || self.key == line.key)
            && line.supply_channel == self.supply_channel
            && line.distribution_channel == self.distribution_channel
            && line.custom == self.custom
    }
}

/// Adds units of a variant: to the line that is equal in everything that matters, else as a new line.
pub(super) fn add(
    cart: &mut Cart,
    mut draft: LineItemDraft,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    check_optional_key("key", draft.key.as_deref())?;
    if draft.recurrence_info.is_some() {
        return Err(DomainError::unsupported("recurrenceInfo"));
    }
    let offer = Offer::of(&draft, context)?;
    let incoming = Incoming {
        key: draft.key.take(),
        quantity: positive(draft.quantity.unwrap_or(1))?,
        supply_channel: channel(
            draft.supply_channel.as_ref(),
            ChannelRole::InventorySupply,
            context,
        )?,
        distribution_channel: channel(
            draft.distribution_channel.as_ref(),
            ChannelRole::ProductDistribution,
            context,
        )?,
        custom: draft
            .custom
            .take()
            .map(|custom| custom.resolve("line-item", context))
            .transpose()?,
        prices: ExternalPrices {
            unit: draft.external_price.take(),
            total: draft.external_total_price.take(),
        },
        shipping_details: draft.shipping_details.take(),
    };
    check_targets(cart, incoming.shipping_details.as_ref())?;
    let joined = cart
        .line_items
        .iter()
        .position(|line| incoming.joins(line, &offer));
    match joined {
        Some(at) => join(cart, at, incoming, &offer, context),
        None => append(cart, draft, incoming, &offer, context),
    }
}

fn join(
    cart: &mut Cart,
    at: usize,
    incoming: Incoming,
    offer: &Offer,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let line = cart.line_items.get_mut(at).ok_or_else(missing)?;
    if let Some(added) = incoming.shipping_details {
        let joined = added.joined_with(line.shipping_details.take())?;
        line.shipping_details = Some(joined.details(line.quantity));
    }
    let quantity = sum(line.quantity, incoming.quantity)?;
    line.set_quantity(quantity);
    line.last_modified_at = Some(context.now);
    pricing::check_limits(cart, at, context)?;
    pricing::price_line(cart, at, offer, context)?;
    cart.pending.change();
    Ok(())
}

fn append(
    cart: &mut Cart,
    draft: LineItemDraft,
    incoming: Incoming,
    offer: &Offer,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    if cart.line_items.len() >= MAX_LINE_ITEMS {
        return Err(DomainError::MaxResourceLimitExceeded {
            exceeded: "line items",
            limit: i64::try_from(MAX_LINE_ITEMS).unwrap_or(i64::MAX),
        });
    }
    refuse_used_key(cart, incoming.key.as_deref())?;
    check_distribution(cart, incoming.distribution_channel.as_ref(), context)?;
    if let Some(mode) = draft.inventory_mode {
        refuse_reservation(mode)?;
    }
    let sale = pricing::Sale {
        quantity: incoming.quantity,
        distribution_channel: incoming.distribution_channel.as_ref(),
    };
    let priced = pricing::price_for(cart, offer, &incoming.prices, &sale, context)?;
    let mut line = new_line(cart, incoming, offer, priced, context)?;
    set_own_terms(&mut line, draft, cart)?;
    cart.line_items.push(line);
    pricing::check_limits(cart, cart.line_items.len().saturating_sub(1), context)?;
    cart.taxed_price = None;
    cart.pending.add_item();
    Ok(())
}

/// What the draft says about tax, stock and time of this line.
fn set_own_terms(
    line: &mut LineItem,
    draft: LineItemDraft,
    cart: &Cart,
) -> Result<(), DomainError> {
    // Rates of the client count in one tax mode only; in the others they would be taken for the platform's.
    if cart.tax_mode == TaxMode::External {
        line.tax_rate = draft
            .external_tax_rate
            .map(ExternalTaxRateDraft::resolve)
            .transpose()?;
        line.per_method_tax_rate = draft
            .per_method_external_tax_rate
            .unwrap_or_default()
            .into_iter()
            .map(MethodExternalTaxRateDraft::rate)
            .collect::<Result<_, _>>()?;
    }
    line.inventory_mode = draft
        .inventory_mode
        .filter(|mode| *mode != cart.inventory_mode);
    if draft.added_at.is_some() {
        line.added_at = draft.added_at;
    }
    Ok(())
}

fn new_line(
    cart: &Cart,
    incoming: Incoming,
    offer: &Offer,
    priced: pricing::Priced,
    context: &mut Context<'_>,
) -> Result<LineItem, DomainError> {
    let data = offer.data();
    Ok(LineItem {
        id: context.ids.uuid(),
        key: incoming.key,
        product_id: offer.product.id.clone(),
        product_key: offer.product.key.clone(),
        name: data.name.clone(),
        product_slug: Some(data.slug.clone()),
        product_type: offer.product.product_type.clone(),
        variant: Arc::new(offer.variant()?.clone()),
        price: priced.price,
        quantity: incoming.quantity,
        total_price: TypedMoney::cents(cart.total_price.currency_code, priced.total),
        discounted_price_per_quantity: Vec::new(),
        taxed_price: None,
        taxed_price_portions: Vec::new(),
        state: ItemState::initial(incoming.quantity),
        tax_rate: None,
        per_method_tax_rate: Vec::new(),
        supply_channel: incoming.supply_channel,
        distribution_channel: incoming.distribution_channel,
        price_mode: priced.mode,
        line_item_mode: LineItemMode::Standard,
        inventory_mode: None,
        shipping_details: incoming
            .shipping_details
            .map(|details| details.details(incoming.quantity)),
        custom: incoming.custom,
        added_at: Some(context.now),
        last_modified_at: Some(context.now),
    })
}

fn sum(one: i64, other: i64) -> Result<i64, DomainError> {
    one.checked_add(other).ok_or(DomainError::MoneyOverflow)
}
