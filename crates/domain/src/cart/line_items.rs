//! Finding lines, and making lines of product variants.

use std::sync::Arc;

use crate::{
    cart::{
        Cart, CustomLineItem, ItemState, LineItem, LineItemDraft, LineItemMode, LineItemPriceMode,
        MAX_LINE_ITEMS,
        draft_parts::{ExternalPrices, ItemShippingDetailsDraft, MethodExternalTaxRateDraft},
        pricing,
    },
    catalog::{
        channel::{ChannelRole, channel_with_role},
        shape::check_optional_key,
    },
    context::Context,
    custom_fields::CustomFields,
    error::DomainError,
    money::TypedMoney,
    product::{Product, ProductData, ProductVariant},
    reference::{Reference, ResourceIdentifier},
    tax::ExternalTaxRateDraft,
    world::By,
};

/// How an action names a line: by id or by key.
#[derive(Clone, Debug)]
pub(super) struct ItemName {
    pub id: Option<String>,
    pub key: Option<String>,
}

impl ItemName {
    pub(super) const fn new(id: Option<String>, key: Option<String>) -> Self {
        Self { id, key }
    }

    /// The position of the one item that has this id or key.
    fn position<T>(
        &self,
        items: &[T],
        member: &str,
        identity: impl Fn(&T) -> (&str, Option<&str>),
    ) -> Result<usize, DomainError> {
        let (found, field, value) = match (&self.id, &self.key) {
            (Some(id), None) => (
                items.iter().position(|item| identity(item).0 == id),
                format!("{member}Id"),
                id,
            ),
            (None, Some(key)) => (
                items.iter().position(|item| identity(item).1 == Some(key)),
                format!("{member}Key"),
                key,
            ),
            _ => {
                return Err(DomainError::input(format!(
                    "exactly one of `{member}Id` and `{member}Key` must be given"
                )));
            }
        };
        found.ok_or_else(|| DomainError::field(field, value.as_str()))
    }

    /// The position of a line item.
    pub(super) fn line_item(&self, lines: &[LineItem]) -> Result<usize, DomainError> {
        self.position(lines, "lineItem", |line| (&line.id, line.key.as_deref()))
    }

    /// The position of a custom line item.
    pub(super) fn custom_line_item(&self, lines: &[CustomLineItem]) -> Result<usize, DomainError> {
        self.position(lines, "customLineItem", |line| {
            (&line.id, line.key.as_deref())
        })
    }
}

/// The line item an action names.
pub(super) fn line_mut<'a>(
    lines: &'a mut [LineItem],
    name: &ItemName,
) -> Result<&'a mut LineItem, DomainError> {
    let at = name.line_item(lines)?;
    lines.get_mut(at).ok_or_else(missing)
}

/// The custom line item an action names.
pub(super) fn custom_line_mut<'a>(
    lines: &'a mut [CustomLineItem],
    name: &ItemName,
) -> Result<&'a mut CustomLineItem, DomainError> {
    let at = name.custom_line_item(lines)?;
    lines.get_mut(at).ok_or_else(missing)
}

fn missing() -> DomainError {
    DomainError::operation("the line item is not in the cart")
}

/// A published product with one of its variants.
pub(super) struct Offer {
    pub product: Arc<Product>,
    pub variant_id: i64,
}

impl Offer {
    /// What the product says now.
    pub(super) fn data(&self) -> &ProductData {
        &self.product.master_data.current
    }

    /// The variant.
    pub(super) fn variant(&self) -> Result<&ProductVariant, DomainError> {
        self.data()
            .find_variant(self.variant_id)
            .ok_or_else(|| unknown_variant(&self.product.id, self.variant_id))
    }

    /// What a draft names, if it can be sold.
    fn of(draft: &LineItemDraft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        let offer = match (&draft.sku, &draft.product_id) {
            (Some(sku), None) => Self::by_sku(sku, context)?,
            (None, Some(id)) => {
                let identifier = ResourceIdentifier::by_id(id.as_str());
                Self {
                    product: context.world.require::<Product>(&identifier)?,
                    variant_id: draft.variant_id.unwrap_or(1),
                }
            }
            _ => {
                return Err(DomainError::input(
                    "a line item needs either `sku`, or `productId` and `variantId`",
                ));
            }
        };
        if !offer.product.master_data.published {
            return Err(DomainError::operation(format!(
                "the product `{}` is not published",
                offer.product.id
            )));
        }
        offer.variant()?;
        Ok(offer)
    }

    fn by_sku(sku: &str, context: &mut Context<'_>) -> Result<Self, DomainError> {
        let unknown = || DomainError::field("sku", sku);
        let product = context
            .world
            .get::<Product>(By::Unique("sku", sku))?
            .ok_or_else(unknown)?;
        let variant_id = product
            .master_data
            .current
            .find_variant_by_sku(sku)
            .ok_or_else(unknown)?
            .id;
        Ok(Self {
            product,
            variant_id,
        })
    }

    /// What a line stands for, if it can still be sold.
    pub(super) fn still(
        line: &LineItem,
        context: &mut Context<'_>,
    ) -> Result<Option<Self>, DomainError> {
        let product = context.world.get::<Product>(By::Id(&line.product_id))?;
        Ok(product
            .filter(|product| product.master_data.published)
            .map(|product| Self {
                product,
                variant_id: line.variant.id,
            })
            .filter(|offer| offer.variant().is_ok()))
    }
}

fn unknown_variant(product: &str, variant: i64) -> DomainError {
    DomainError::input(format!(
        "the product `{product}` has no variant with the id {variant}"
    ))
}

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
        let mut targets = line
            .shipping_details
            .take()
            .map(|details| details.targets)
            .unwrap_or_default();
        for target in added.targets {
            let known = targets.iter_mut().find(|known| {
                known.address_key == target.address_key
                    && known.shipping_method_key == target.shipping_method_key
            });
            match known {
                Some(known) => {
                    known.quantity = sum(known.quantity, target.quantity)?;
                }
                None => targets.push(target),
            }
        }
        line.shipping_details = Some(ItemShippingDetailsDraft { targets }.details(line.quantity));
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
            limit: 500,
        });
    }
    refuse_used_key(cart, incoming.key.as_deref())?;
    check_distribution(cart, incoming.distribution_channel.as_ref(), context)?;
    if let Some(mode) = draft.inventory_mode {
        super::draft::refuse_reservation(mode)?;
    }
    let price = pricing::price_for(
        cart,
        offer,
        &incoming.prices,
        &pricing::Sale {
            quantity: incoming.quantity,
            distribution_channel: incoming.distribution_channel.as_ref(),
        },
        context,
    )?;
    let data = offer.data();
    let line = LineItem {
        id: context.ids.uuid(),
        key: incoming.key,
        product_id: offer.product.id.clone(),
        product_key: offer.product.key.clone(),
        name: data.name.clone(),
        product_slug: Some(data.slug.clone()),
        product_type: offer.product.product_type.clone(),
        variant: Arc::new(offer.variant()?.clone()),
        price: price.price,
        quantity: incoming.quantity,
        total_price: TypedMoney::cents(cart.total_price.currency_code, price.total),
        discounted_price_per_quantity: Vec::new(),
        taxed_price: None,
        taxed_price_portions: Vec::new(),
        state: ItemState::initial(incoming.quantity),
        tax_rate: draft
            .external_tax_rate
            .map(ExternalTaxRateDraft::resolve)
            .transpose()?,
        per_method_tax_rate: draft
            .per_method_external_tax_rate
            .unwrap_or_default()
            .into_iter()
            .map(MethodExternalTaxRateDraft::rate)
            .collect::<Result<_, _>>()?,
        supply_channel: incoming.supply_channel,
        distribution_channel: incoming.distribution_channel,
        price_mode: price.mode,
        line_item_mode: LineItemMode::Standard,
        inventory_mode: draft
            .inventory_mode
            .filter(|mode| *mode != cart.inventory_mode),
        shipping_details: incoming
            .shipping_details
            .map(|details| details.details(incoming.quantity)),
        custom: incoming.custom,
        added_at: Some(draft.added_at.unwrap_or(context.now)),
        last_modified_at: Some(context.now),
    };
    cart.line_items.push(line);
    pricing::check_limits(cart, cart.line_items.len().saturating_sub(1), context)?;
    cart.pending.change();
    Ok(())
}

/// A quantity of at least one.
pub(super) fn positive(quantity: i64) -> Result<i64, DomainError> {
    if quantity >= 1 {
        Ok(quantity)
    } else {
        Err(DomainError::field("quantity", quantity))
    }
}

fn sum(one: i64, other: i64) -> Result<i64, DomainError> {
    one.checked_add(other).ok_or(DomainError::MoneyOverflow)
}

/// Keys are unique among the lines of a cart.
pub(super) fn refuse_used_key(cart: &Cart, key: Option<&str>) -> Result<(), DomainError> {
    let Some(key) = key else { return Ok(()) };
    let used = cart
        .line_items
        .iter()
        .map(|line| line.key.as_deref())
        .chain(
            cart.custom_line_items
                .iter()
                .map(|line| line.key.as_deref()),
        )
        .any(|used| used == Some(key));
    if used {
        return Err(DomainError::DuplicateField {
            field: "key".to_owned(),
            value: key.into(),
        });
    }
    Ok(())
}

/// The channel that is named, if one is; it must have the role.
pub(super) fn channel(
    identifier: Option<&ResourceIdentifier>,
    role: ChannelRole,
    context: &mut Context<'_>,
) -> Result<Option<Reference>, DomainError> {
    identifier
        .map(|identifier| channel_with_role(identifier, role, context))
        .transpose()
}

/// A store that sells through channels sells through no other.
pub(super) fn check_distribution(
    cart: &Cart,
    channel: Option<&Reference>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let (Some(store), Some(channel)) = (&cart.store, channel) else {
        return Ok(());
    };
    let Some(store) = pricing::store(&store.key, context)? else {
        return Ok(());
    };
    let allowed = &store.distribution_channels;
    if allowed.is_empty() || allowed.contains(channel) {
        return Ok(());
    }
    Err(DomainError::operation(format!(
        "the distribution channel `{}` does not belong to the store `{}` of the cart",
        channel.id, store.key
    )))
}

/// Targets name item shipping addresses that exist.
pub(super) fn check_targets(
    cart: &Cart,
    details: Option<&ItemShippingDetailsDraft>,
) -> Result<(), DomainError> {
    for target in details
        .map(|details| details.targets.as_slice())
        .unwrap_or_default()
    {
        let known = cart
            .item_shipping_addresses
            .iter()
            .any(|address| address.key.as_deref() == Some(&target.address_key));
        if !known {
            return Err(DomainError::operation(format!(
                "the cart has no item shipping address with the key `{}`",
                target.address_key
            )));
        }
    }
    Ok(())
}
