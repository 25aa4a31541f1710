//! Two carts become one: what a guest put together joins what the customer already had.

use std::collections::BTreeMap;

use crate::{
    cart::{
        Cart, CartState, ItemShippingDetails, ItemState, LineItem, LineItemMode, LineItemPriceMode,
        MAX_LINE_ITEMS, recalculate::recalculate, shipping_price,
    },
    catalog::shipping_method::ShippingMethod,
    context::Context,
    error::DomainError,
    tax::TaxMode,
    world::By,
};

/// How quantities of the same thing in both carts become one; the dialects differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MergeRule {
    /// The higher quantity: the guest most likely collected the same things again.
    #[default]
    Max,
    /// The sum.
    Sum,
}

impl MergeRule {
    fn combine(self, target: i64, source: i64) -> Result<i64, DomainError> {
        match self {
            Self::Max => Ok(target.max(source)),
            Self::Sum => target.checked_add(source).ok_or(DomainError::MoneyOverflow),
        }
    }
}

/// Whether names and variants of lines are taken from the products again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProductData {
    /// They stay as they are.
    #[default]
    Keep,
    /// They are brought up to date.
    Update,
}

impl ProductData {
    /// From `updateProductData`.
    #[must_use]
    pub const fn from_flag(update: bool) -> Self {
        if update { Self::Update } else { Self::Keep }
    }

    /// Whether they are brought up to date.
    #[must_use]
    pub const fn updates(self) -> bool {
        matches!(self, Self::Update)
    }
}

/// Both carts after a merge.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// The guest's cart: state Merged, owned by the customer, its lines as they were.
    pub source: Cart,
    /// The customer's cart with everything in it, recalculated. To be saved last, so that it is the active one.
    pub target: Cart,
}

/// Whether two carts can be merged as far as their shipping methods go.
///
/// # Errors
/// [`DomainError::InvalidOperation`] if one has a shipping method that is not active or belongs to other stores.
pub fn check_mergeable(
    source: &Cart,
    target: &Cart,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    for cart in [source, target] {
        let method = cart
            .shipping_info
            .as_ref()
            .and_then(|info| info.shipping_method.as_ref());
        let Some(method) = method else { continue };
        if let Some(method) = context.world.get::<ShippingMethod>(By::Id(&method.id))? {
            shipping_price::check_open(cart, &method)?;
        }
    }
    Ok(())
}

/// Merges a guest's cart into the customer's.
///
/// A line of the source joins the line of the target with the same key, or else the one with equal variant, custom
/// fields and channels; its quantity follows the rule, everything else stays the target's. A key that means another thing
/// in the target keeps the line in the source. Every other standard line is appended with a new id. Custom lines, custom
/// fields, addresses, shipping, payments, codes and settings of the source are not taken over.
///
/// Envelopes are left to the caller.
///
/// # Errors
/// [`DomainError::MatchingPriceNotFound`] and [`DomainError::MissingTaxRateForCountry`] from the recalculation;
/// [`DomainError::MoneyOverflow`].
///
/// Source: <https://docs.commercetools.com/api/customers-overview#cart-merge-during-sign-in-and-sign-up>.
pub fn merge(
    source: &Cart,
    mut target: Cart,
    rule: MergeRule,
    product_data: ProductData,
    context: &mut Context<'_>,
) -> Result<Merged, DomainError> {
    let places = Places::of(&target.line_items);
    let address_keys: Vec<String> = target
        .item_shipping_addresses
        .iter()
        .filter_map(|address| address.key.clone())
        .collect();
    for line in &source.line_items {
        if line.line_item_mode == LineItemMode::GiftLineItem {
            continue;
        }
        match places.find(line, &target.line_items) {
            Place::Same(at) => join(&mut target, at, line, rule, context)?,
            Place::Taken => {}
            Place::New if target.line_items.len() >= MAX_LINE_ITEMS => {}
            Place::New => {
                let line = moved(line, &target, &address_keys, context);
                target.line_items.push(line);
            }
        }
    }
    target.pending.refresh(product_data.updates());
    recalculate(&mut target, context)?;
    let mut source = source.clone();
    source.cart_state = CartState::Merged;
    source.customer_id.clone_from(&target.customer_id);
    source.customer_group.clone_from(&target.customer_group);
    Ok(Merged { source, target })
}

/// Where a line of the source belongs.
enum Place {
    /// The line at this position of the target is the same.
    Same(usize),
    /// Its key means something else in the target.
    Taken,
    /// Nowhere yet.
    New,
}

/// The lines of the target by key and by variant, so that finding one does not mean walking through all.
struct Places {
    by_key: BTreeMap<String, usize>,
    by_variant: BTreeMap<(String, i64), Vec<usize>>,
}

impl Places {
    fn of(lines: &[LineItem]) -> Self {
        let mut by_key = BTreeMap::new();
        let mut by_variant: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (at, line) in lines.iter().enumerate() {
            if let Some(key) = &line.key {
                by_key.insert(key.clone(), at);
            }
            let variant = (line.product_id.clone(), line.variant.id);
            by_variant.entry(variant).or_default().push(at);
        }
        Self { by_key, by_variant }
    }

    fn find(&self, line: &LineItem, lines: &[LineItem]) -> Place {
        let by_key = line.key.as_ref().and_then(|key| self.by_key.get(key));
        if let Some(at) = by_key.copied() {
            return match lines.get(at) {
                Some(known) if is_same_thing(known, line) => Place::Same(at),
                Some(_) | None => Place::Taken,
            };
        }
        let variant = (line.product_id.clone(), line.variant.id);
        let same = self.by_variant.get(&variant).and_then(|places| {
            places.iter().copied().find(|at| {
                lines.get(*at).is_some_and(|known| {
                    is_same_thing(known, line)
                        && known.price_mode == LineItemPriceMode::Platform
                        && line.price_mode == LineItemPriceMode::Platform
                })
            })
        });
        same.map_or(Place::New, Place::Same)
    }
}

fn is_same_thing(known: &LineItem, line: &LineItem) -> bool {
    known.line_item_mode == LineItemMode::Standard
        && known.product_id == line.product_id
        && known.variant.id == line.variant.id
        && known.custom == line.custom
        && known.supply_channel == line.supply_channel
        && known.distribution_channel == line.distribution_channel
}

fn join(
    target: &mut Cart,
    at: usize,
    line: &LineItem,
    rule: MergeRule,
    context: &Context<'_>,
) -> Result<(), DomainError> {
    let Some(known) = target.line_items.get_mut(at) else {
        return Ok(());
    };
    let quantity = rule.combine(known.quantity, line.quantity)?;
    if quantity == known.quantity {
        return Ok(());
    }
    known.set_quantity(quantity);
    known.last_modified_at = Some(context.now);
    // A total that was given for another quantity means nothing any more.
    if known.price_mode == LineItemPriceMode::ExternalTotal {
        known.price_mode = LineItemPriceMode::Platform;
    }
    Ok(())
}

/// The line as a new line of the target.
fn moved(
    line: &LineItem,
    target: &Cart,
    address_keys: &[String],
    context: &mut Context<'_>,
) -> LineItem {
    let mut line = line.clone();
    line.id = context.ids.uuid();
    line.state = ItemState::initial(line.quantity);
    line.taxed_price = None;
    line.taxed_price_portions = Vec::new();
    line.discounted_price_per_quantity = Vec::new();
    line.last_modified_at = Some(context.now);
    line.inventory_mode = line
        .inventory_mode
        .filter(|mode| *mode != target.inventory_mode);
    if target.tax_mode != TaxMode::External {
        line.tax_rate = None;
        line.per_method_tax_rate = Vec::new();
    }
    let reachable = |details: &ItemShippingDetails| {
        details
            .targets
            .iter()
            .all(|item| address_keys.contains(&item.address_key))
    };
    line.shipping_details = line.shipping_details.filter(reachable);
    line
}
